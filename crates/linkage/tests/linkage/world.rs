//! Contracts, links and holders.

use std::sync::atomic::{AtomicU64, Ordering};

use enishi_jpki::{Challenge, Context, EnrolContext, Nonce, Origin, PayContext, Ticket};
use enishi_linkage::{
    Accreditation, AccreditationGround, AmountPolicy, AnyCandidate, AnyContract, AnyLink, Ask, Candidates,
    Contract, ContractPolicy, ContractTerms, Contracts, IndexKeys, Label, Link, LinkState, LinkageError,
    LookupMethod, NewLink, Offer, PinPolicy, Platform, Register,
};
use enishi_party::{
    ConsentId, ContractId, Entropy, InstrumentRef, IntentId, LinkId, Money, PairwiseId, PaymentType,
    ProviderId, RefusalCode, SurrogatePan, Text, Timestamp,
};
use enishi_testkit::{Counting, Town, Who, at, now};
use enishi_verify::ProvenHolder;

use crate::shelf::Shelf;

pub(crate) const DAY: i64 = 24 * 3_600;

pub(crate) fn provider(name: &str) -> ProviderId {
    name.parse().unwrap()
}

pub(crate) fn accreditation(ground: AccreditationGround, from: i64, until: i64) -> Accreditation {
    Accreditation { ground, number: "SANDBOX-1".to_owned(), valid_from: at(from), valid_until: at(until) }
}

pub(crate) fn terms(id: &str, lookup: LookupMethod) -> ContractTerms {
    ContractTerms {
        id: id.parse().unwrap(),
        provider: provider(id.split_once('-').unwrap().0),
        name: Text::new("架空カード", "Invented Card"),
        policy: ContractPolicy { lookup, amount: AmountPolicy::Bound, pin: PinPolicy::Never },
    }
}

pub(crate) fn proxy_until(id: &str, until: i64) -> AnyContract {
    let accreditation = accreditation(AccreditationGround::Certified, -DAY, until);
    let platform = Platform { id: provider("platform"), accreditation };
    AnyContract::Proxy(Contract::proxy(terms(id, LookupMethod::Crl), &platform).unwrap())
}

pub(crate) fn entrusted_until(id: &str, until: i64) -> AnyContract {
    let accreditation = accreditation(AccreditationGround::Statutory, -DAY, until);
    AnyContract::Entrusted(Contract::entrusted(terms(id, LookupMethod::Ocsp), accreditation).unwrap())
}

pub(crate) struct World {
    pub(crate) contracts: Contracts,
    pub(crate) links: Shelf,
    pub(crate) keys: IndexKeys,
    pub(crate) entropy: Counting,
}

pub(crate) const PROXY: &str = "sakura-credit";
pub(crate) const ENTRUSTED: &str = "minato-credit";
pub(crate) const LAPSED: &str = "kasumi-credit";

impl World {
    pub(crate) fn new() -> Self {
        let contracts =
            vec![proxy_until(PROXY, DAY), entrusted_until(ENTRUSTED, DAY), proxy_until(LAPSED, 0)];
        let keys = IndexKeys::derived(&[7; 32], contracts.iter().map(AnyContract::id));
        let contracts = Contracts::new(contracts);
        Self { contracts, links: Shelf::default(), keys, entropy: Counting::default() }
    }

    pub(crate) fn contract(&self, id: &str) -> &AnyContract {
        self.contracts.get(&id.parse().unwrap()).unwrap()
    }

    pub(crate) fn register(&self) -> Register<'_> {
        Register { contracts: &self.contracts, links: &self.links, keys: &self.keys }
    }

    pub(crate) fn octets<const N: usize>(&self) -> [u8; N] {
        let entropy: &dyn Entropy = &self.entropy;
        entropy.octets()
    }

    /// Puts a link on the shelf, as a store would have it.
    pub(crate) fn link(&self, who: Who, contract: &str, state: LinkState, offer: Offer) -> LinkId {
        let link = self.link_of(contract, state, offer);
        self.put(who, contract, link)
    }

    pub(crate) fn active(&self, who: Who, contract: &str, offer: Offer) -> LinkId {
        let instrument = InstrumentRef::from_random(self.octets());
        self.link(who, contract, LinkState::Active(instrument), offer)
    }

    /// A link in the contract's own model.
    pub(crate) fn link_of(&self, contract: &str, state: LinkState, offer: Offer) -> AnyLink {
        let (id, label) = (LinkId::from_random(self.octets()), Label::new("架空 ••1234").unwrap());
        let consent = ConsentId::from_random(self.octets());
        let name: ContractId = contract.parse().unwrap();
        match self.contract(contract) {
            AnyContract::Proxy(_) => {
                let subject = PairwiseId::from_random(self.octets());
                AnyLink::Proxy(Link { id, contract: name, subject, state, label, offer, consent })
            }
            AnyContract::Entrusted(_) => {
                let subject = "customer-1".parse().unwrap();
                AnyLink::Entrusted(Link { id, contract: name, subject, state, label, offer, consent })
            }
        }
    }

    pub(crate) fn put(&self, who: Who, contract: &str, link: AnyLink) -> LinkId {
        let certificate = Town::get().card(who).certificate();
        let name = contract.parse().unwrap();
        let index = self.keys.in_contract(&name, &certificate).unwrap();
        let platform = self.keys.on_platform(&certificate);
        let id = link.id();
        // Also a link that is offered alone gets a route here: that it never serves a joint request is for ② to see.
        let sealed = self.keys.seal_route(&platform, &name, id, &self.entropy).unwrap();
        self.links.put(&name, NewLink { link, index, route: Some((platform, sealed)) });
        id
    }

    pub(crate) async fn gather(&self, who: Who, ask: Ask<'_>) -> Result<Candidates, LinkageError> {
        Candidates::gather(paying(who), ask, self.register(), now()).await
    }

    pub(crate) async fn gather_in(&self, who: Who, contract: &str) -> Result<Candidates, LinkageError> {
        let contract = contract.parse().unwrap();
        self.gather(who, Ask::Contract(&contract)).await
    }

    /// The only candidate in a contract.
    pub(crate) async fn candidate(&self, who: Who, contract: &str) -> AnyCandidate {
        self.gather_in(who, contract).await.unwrap().only().unwrap()
    }
}

fn challenge(context: &Context) -> Challenge {
    static TAPS: AtomicU64 = AtomicU64::new(0);
    let mut ticket = [0x42; 56];
    ticket[2..8].copy_from_slice(&now().as_millisecond().to_be_bytes()[2..]);
    ticket[8..16].copy_from_slice(&TAPS.fetch_add(1, Ordering::SeqCst).to_be_bytes());
    Challenge::new(
        Origin::parse("https://pos.enishi.example").unwrap(),
        Nonce::new(&Ticket::from_octets(ticket), context),
    )
}

fn proven(who: Who, context: Context, when: Timestamp) -> ProvenHolder {
    Town::get().prove(who, &challenge(&context), context, when)
}

/// A holder who tapped to pay.
pub(crate) fn paying(who: Who) -> ProvenHolder {
    let context = Context::Pay(PayContext {
        relay: "urn:enishi:sandbox:relay:relay".parse().unwrap(),
        terminal: "4980000000012".parse().unwrap(),
        merchant: "SHOP-1".parse().unwrap(),
        slip: "0042".parse().unwrap(),
        amount: Money::yen(1_980).unwrap(),
        payment_type: PaymentType::LumpSum,
        surrogate_pan: SurrogatePan::from_random(1),
    });
    proven(who, context, now())
}

/// A holder who tapped to consent.
pub(crate) fn consenting(who: Who, intent: IntentId, digest: &str) -> ProvenHolder {
    let context = Context::Enrol(EnrolContext {
        relay: "urn:enishi:sandbox:relay:relay".parse().unwrap(),
        terminal: "4980000000012".parse().unwrap(),
        intent,
        consent_sha256: digest.to_owned(),
    });
    proven(who, context, now())
}

/// The refusal, where it is one.
pub(crate) fn refusal<T>(result: Result<T, LinkageError>) -> Option<RefusalCode> {
    match result {
        Err(LinkageError::Refused(code)) => Some(code),
        Err(LinkageError::Store(_)) | Ok(_) => None,
    }
}

/// The store's fault, where it is one.
pub(crate) fn fault<T>(result: Result<T, LinkageError>) -> Option<String> {
    match result {
        Err(LinkageError::Store(fault)) => Some(fault.reason),
        Err(LinkageError::Refused(_)) | Ok(_) => None,
    }
}
