//! A relay with two shops and three companies.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use enishi_jpki::{Origin, Profile, Ticket, TicketKeys};
use enishi_linkage::{
    Accreditation, AccreditationGround, AmountPolicy, AnyContract, AnyLink, Contract, ContractPolicy,
    ContractTerms, Contracts, IndexKeys, Label, Link, LinkState, LinkStore, LookupMethod, NewLink, Offer,
    PinPolicy, Platform,
};
use enishi_party::{
    ConsentId, ContractId, Entropy, InstrumentRef, LinkId, Money, PairwiseId, ProviderId, SurrogatePan, Text,
};
use enishi_pinblock::PinKey;
use enishi_relay::{
    Caller, Journal, Limits, Outcome, PaymentState, Ports, ProviderEntry, Register, Relay, Secrets, Stop,
    TerminalEntry,
};
use enishi_store::Store;
use enishi_testkit::{Counting, Lookups, Standstill, Town, Who, at};
use enishi_verify::OpeningKey;
use enishi_wire::{AssertionKey, CancelOutcome, ContinueRequest, PaymentAnswer};
use tempfile::TempDir;

use crate::company::Company;
use crate::journalling::{Log, Watched};
use crate::observing::Notebook;
use crate::purchase::Purchase;
use crate::quarantine::Quarantine;

/// 代行, no PIN, the amount must be signed, revocation by list.
pub(crate) const A: &str = "sakura-credit";
/// 委託, a PIN from 10,000 yen on, unsigned amounts up to 5,000 yen, revocation by OCSP.
pub(crate) const B: &str = "minato-credit";
/// 代行, and its accreditation has ended.
pub(crate) const LAPSED: &str = "kasumi-credit";

pub(crate) const TERMINAL: &str = "4980000000012";
pub(crate) const OTHER_TERMINAL: &str = "4980000000029";
pub(crate) const MERCHANT: &str = "SHOP-1";
pub(crate) const PIN_FROM: u64 = 10_000;
pub(crate) const UNBOUND_UP_TO: u64 = 5_000;

const MASTER: [u8; 32] = [7; 32];
const TICKET_KEY: [u8; 32] = [9; 32];
pub(crate) const TERMINAL_PIN_KEY: [u8; 16] = [0x11; 16];
pub(crate) const ZONE_KEY: [u8; 32] = [0x22; 32];

pub(crate) fn provider(contract: &str) -> ProviderId {
    contract.split_once('-').unwrap().0.parse().unwrap()
}

fn accreditation(until: i64) -> Accreditation {
    Accreditation {
        ground: AccreditationGround::Certified,
        number: "SANDBOX-1".to_owned(),
        valid_from: at(-1_000_000),
        valid_until: at(until),
    }
}

/// Ten years, so that clocks may run.
const LONG: i64 = 10 * 366 * 24 * 3_600;

fn contract(id: &str, b_until: i64) -> AnyContract {
    let policy = match id {
        B => ContractPolicy {
            lookup: LookupMethod::Ocsp,
            amount: AmountPolicy::UnboundUpTo(Money::yen(UNBOUND_UP_TO).unwrap()),
            pin: PinPolicy::From(Money::yen(PIN_FROM).unwrap()),
        },
        _ => ContractPolicy { lookup: LookupMethod::Crl, amount: AmountPolicy::Bound, pin: PinPolicy::Never },
    };
    let name = Text::new("架空カード", "Invented Card");
    let terms = ContractTerms { id: id.parse().unwrap(), provider: provider(id), name, policy };
    if id == B {
        return AnyContract::Entrusted(Contract::entrusted(terms, accreditation(b_until)).unwrap());
    }
    let until = if id == LAPSED { 0 } else { LONG };
    let platform = Platform { id: "platform".parse().unwrap(), accreditation: accreditation(until) };
    AnyContract::Proxy(Contract::proxy(terms, &platform).unwrap())
}

pub(crate) fn caller_at(terminal: &str) -> Caller {
    let digit = terminal.as_bytes()[12];
    Caller { terminal: terminal.parse().unwrap(), key_sha256: [digit; 32] }
}

pub(crate) fn caller() -> Caller {
    caller_at(TERMINAL)
}

pub(crate) fn opening_key() -> OpeningKey {
    OpeningKey::from_random([0x31; 32]).0
}

fn register(b_until: i64) -> Register {
    let terminal = |digits: &str| {
        let entry = TerminalEntry {
            merchant: MERCHANT.parse().unwrap(),
            kid: "123".parse().unwrap(),
            pin_key: PinKey::from_bytes(&TERMINAL_PIN_KEY).unwrap(),
        };
        (digits.parse().unwrap(), entry)
    };
    let company = |id: &str| {
        let entrusted = id == B;
        let entry = ProviderEntry {
            zone_key: entrusted.then(|| PinKey::from_bytes(&ZONE_KEY).unwrap()),
            sealing_key: entrusted.then(|| OpeningKey::from_random([0x31; 32]).1),
        };
        (provider(id), entry)
    };
    Register {
        relay: "urn:enishi:sandbox:relay:relay".parse().unwrap(),
        origin: Origin::parse("https://pos.enishi.example").unwrap(),
        profile: Profile::SANDBOX,
        anchors: Town::get().anchors().clone(),
        contracts: Contracts::new([A, B, LAPSED].map(|id| contract(id, b_until)).to_vec()),
        terminals: HashMap::from([terminal(TERMINAL), terminal(OTHER_TERMINAL)]),
        providers: HashMap::from([A, B, LAPSED].map(company)),
    }
}

/// One key for the whole binary: receipts and assertions are checked against it.
pub(crate) fn assertion_key() -> AssertionKey {
    static KEY: LazyLock<Vec<u8>> = LazyLock::new(|| AssertionKey::generate().unwrap().1);
    AssertionKey::from_pkcs8(&KEY).unwrap()
}

fn index_keys() -> IndexKeys {
    let contracts: [ContractId; 3] = [A, B, LAPSED].map(|id| id.parse().unwrap());
    IndexKeys::derived(&MASTER, &contracts)
}

pub(crate) struct World {
    pub(crate) relay: Arc<Relay>,
    pub(crate) store: Arc<Store>,
    pub(crate) journal: Arc<Watched>,
    pub(crate) quarantine: Arc<Quarantine>,
    pub(crate) company: Arc<Company>,
    pub(crate) lookups: Arc<Lookups>,
    pub(crate) clock: Arc<Standstill>,
    pub(crate) log: Log,
    pub(crate) notebook: Arc<Notebook>,
    entropy: Arc<Counting>,
    folder: TempDir,
    b_until: i64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_b_until(LONG)
    }

    /// A world in which B's accreditation ends so many seconds from now.
    pub(crate) fn with_b_until(b_until: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Standstill::default());
        Self::open(folder, clock, Arc::new(Lookups::default()), 0, b_until)
    }

    fn open(folder: TempDir, clock: Arc<Standstill>, lookups: Arc<Lookups>, from: u64, b_until: i64) -> Self {
        let (log, entropy) = (Log::default(), Arc::new(Counting::from(from)));
        let store = Store::sqlite(&folder.path().join("store")).unwrap();
        let journal = Arc::new(Watched::new(store.clone(), log.clone()));
        let quarantine = Arc::new(Quarantine::new(store.clone()));
        let company = Arc::new(Company::new(log.clone()));
        let notebook = Arc::new(Notebook::default());
        let relay = Relay {
            register: register(b_until),
            secrets: Secrets {
                tickets: TicketKeys::new(1, TICKET_KEY),
                indexes: index_keys(),
                assertions: assertion_key(),
            },
            limits: Limits::default(),
            ports: Ports {
                journal: journal.clone(),
                reversals: quarantine.clone(),
                records: store.clone(),
                links: store.clone(),
                intents: store.clone(),
                meter: lookups.clone(),
                revocation: lookups.clone(),
                pairing: lookups.clone(),
                switch: company.clone(),
                clock: clock.clone(),
                entropy: entropy.clone(),
                observer: notebook.clone(),
            },
        };
        Self {
            relay: Arc::new(relay),
            store,
            journal,
            quarantine,
            company,
            lookups,
            clock,
            log,
            notebook,
            entropy,
            folder,
            b_until,
        }
    }

    /// The process ends and another begins on the same folder.
    pub(crate) fn restart(self) -> Self {
        let Self { relay, store, journal, quarantine, lookups, clock, entropy, folder, b_until, .. } = self;
        drop((relay, store, journal, quarantine));
        let entropy: &dyn Entropy = &*entropy;
        let from = u64::from_be_bytes(entropy.octets());
        Self::open(folder, clock, lookups, from, b_until)
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.pass(Duration::from_secs(seconds));
    }

    pub(crate) fn octets<const N: usize>(&self) -> [u8; N] {
        let entropy: &dyn Entropy = &*self.entropy;
        entropy.octets()
    }

    /// Links a card in a contract, confirmed, under that label.
    pub(crate) async fn link(&self, who: Who, id: &str, label: &str, offer: Offer) -> LinkId {
        let contract = contract(id, self.b_until);
        let (keys, certificate) = (index_keys(), Town::get().card(who).certificate());
        let (link, label) = (LinkId::from_random(self.octets()), Label::new(label).unwrap());
        let (consent, state) = (ConsentId::from_random(self.octets()), LinkState::PendingConfirm);
        let name = contract.id().clone();
        let row = match &contract {
            AnyContract::Proxy(_) => {
                let subject = PairwiseId::from_random(self.octets());
                AnyLink::Proxy(Link { id: link, contract: name, subject, state, label, offer, consent })
            }
            AnyContract::Entrusted(_) => {
                let subject = CUSTOMER.parse().unwrap();
                AnyLink::Entrusted(Link { id: link, contract: name, subject, state, label, offer, consent })
            }
        };
        let index = keys.in_contract(contract.id(), &certificate).unwrap();
        let platform = keys.on_platform(&certificate);
        let route = match offer {
            Offer::Alone => None,
            Offer::Jointly => {
                let sealed = keys.seal_route(&platform, contract.id(), link, &*self.entropy).unwrap();
                Some((platform, sealed))
            }
        };
        self.store.insert(&contract, NewLink { link: row, index, route }, at(0)).await.unwrap();
        let instrument = InstrumentRef::from_random(self.octets());
        assert!(self.store.activate(&contract, link, instrument, at(0)).await.unwrap());
        link
    }

    /// The first citizen with a link in one contract.
    pub(crate) async fn linked(&self, contract: &str) -> LinkId {
        self.link(Who::First, contract, "架空 ••1234", Offer::Alone).await
    }

    /// The first citizen with links at both companies, offered together.
    pub(crate) async fn linked_jointly(&self) -> [LinkId; 2] {
        [
            self.link(Who::First, A, "さくら ••普段", Offer::Jointly).await,
            self.link(Who::First, B, "みなと ••旅行", Offer::Jointly).await,
        ]
    }

    pub(crate) fn ticket(&self, caller: &Caller) -> (Ticket, SurrogatePan) {
        let issued = self.relay.tickets(caller, 1).unwrap().tickets.remove(0);
        (Ticket::from_octets(issued.ticket.0.try_into().unwrap()), issued.surrogate_pan)
    }

    pub(crate) async fn pay(&self, purchase: &Purchase) -> Result<Outcome, Stop> {
        let Purchase { caller, key, request, .. } = purchase;
        self.relay.pay(caller, key.clone(), request.clone()).await
    }

    /// The same in a task of its own.
    pub(crate) fn paying(&self, purchase: &Purchase) -> tokio::task::JoinHandle<Result<Outcome, Stop>> {
        let (relay, purchase) = (self.relay.clone(), purchase.clone());
        tokio::spawn(async move { relay.pay(&purchase.caller, purchase.key, purchase.request).await })
    }

    pub(crate) async fn cancel(&self, purchase: &Purchase) -> CancelOutcome {
        self.relay.cancel(&purchase.key).await.unwrap()
    }

    pub(crate) async fn go_on(
        &self,
        answer: &PaymentAnswer,
        continuation: ContinueRequest,
    ) -> Result<Outcome, Stop> {
        self.relay.go_on(&caller(), answer.payment, continuation).await
    }

    /// Sends what is due to a company.
    pub(crate) async fn drain(&self, contract: &str) -> enishi_relay::Drained {
        self.relay.drain_reversals(&provider(contract)).await.unwrap()
    }

    pub(crate) async fn pending(&self) -> u64 {
        enishi_relay::Reversals::pending(&*self.store).await.unwrap()
    }

    /// Where a purchase is.
    pub(crate) async fn stage(&self, purchase: &Purchase) -> &'static str {
        match self.journal.find(&purchase.key).await.unwrap().map(|row| row.state) {
            None => "none",
            Some(PaymentState::Proven) => "proven",
            Some(PaymentState::Awaiting(_)) => "awaiting",
            Some(PaymentState::Authorizing(_)) => "authorizing",
            Some(PaymentState::Closed(_)) => "closed",
        }
    }
}

/// The customer of every link under 委託.
pub(crate) const CUSTOMER: &str = "planted-customer-0917";

/// All octets of all files in a folder.
pub(crate) fn octets_below(folder: &Path) -> Vec<u8> {
    let mut octets = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            octets.extend(octets_below(&path));
        } else {
            octets.extend(std::fs::read(&path).unwrap());
        }
    }
    octets
}

pub(crate) fn holds(octets: &[u8], planted: &[u8]) -> bool {
    octets.windows(planted.len()).any(|window| window == planted)
}
