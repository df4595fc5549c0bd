//! A card company with two customers, and how a relay speaks to it.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use enishi_iso8583::{Message, japan_credit};
use enishi_party::{
    AssertionId, Clock, ConsentId, CustomerId, Environment, InstrumentRef, IntentId, LinkId, Money,
    PairwiseId, PartyRole, PartyUri, PaymentType, SurrogatePan, Text, Timestamp, VerifierModel,
};
use enishi_pinblock::PinKey;
use enishi_provider::{
    CardSlot, Conversions, NewTie, NoRecheck, PinVerificationKey, Policy, Ports, Provider, ProviderConfig,
    Recheck, RelayClient, TieOutcome, Trust,
};
use enishi_provider_store::{ProviderStore, SampleBook};
use enishi_transport::{
    Address, HttpClientLimits, HttpsClient, Identity, IsoHandler, Peer, SandboxCa, SystemEntropy,
};
use enishi_wire::{
    AmountBinding, Assertion, AssertionKey, Assurance, ConsentReceipt, ConsentTerms, Octets,
    RevocationMethod, Subject,
};

use crate::pen::{Buy, Pen};

/// What the tests search for in what must not hold it.
pub(crate) const HANAKO: &str = "HANAKO-CANARY-77";
pub(crate) const TARO: &str = "TARO-CANARY-88";
pub(crate) const PASSWORD: &str = "canary-password-6411";
pub(crate) const PIN: &str = "918273645546";
pub(crate) const PAN: &str = "4111111111111111";

const SAMPLE: &str = r#"
[[customers]]
id = "HANAKO-CANARY-77"
name = "縁　花子"
birth_date = "1990-02-28"
password = "canary-password-6411"

[[customers.cards]]
pan = "4111111111111111"
label = "縁カード ••1111"
credit_limit_yen = 300000
transaction_limit_yen = 100000
pin = "918273645546"

[[customers.cards]]
pan = "3530111333300000"
label = "縁ゴールド ••0000"
credit_limit_yen = 1000000
transaction_limit_yen = 500000
pin = "2468"

[[customers]]
id = "TARO-CANARY-88"
name = "縁 太郎"
birth_date = "1985-12-01"
password = "canary-password-6411"

[[customers.cards]]
pan = "5555555555554444"
label = "縁カード ••4444"
credit_limit_yen = 300000
transaction_limit_yen = 100000
pin = "1357"
"#;

/// A clock whose hand the test holds.
#[derive(Clone)]
pub(crate) struct Hand(Arc<Mutex<Timestamp>>);

impl Hand {
    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Mutual TLS of the tests, made once.
pub(crate) struct Certified {
    pub(crate) ca: SandboxCa,
    pub(crate) relay: Identity,
    pub(crate) provider: Identity,
}

pub(crate) fn certified() -> &'static Certified {
    static CERTIFIED: OnceLock<Certified> = OnceLock::new();
    CERTIFIED.get_or_init(|| {
        // Certificates are judged by the machine's own clock.
        let now = Clock::now(&enishi_transport::SystemClock);
        let ca = SandboxCa::create(now).unwrap();
        let identity = |role, name| ca.issue(&party(role, name), &[], now).unwrap();
        let relay = identity(PartyRole::Relay, "relay");
        let provider = identity(PartyRole::Provider, "card-a");
        Certified { ca, relay, provider }
    })
}

pub(crate) fn party(role: PartyRole, name: &str) -> PartyUri {
    PartyUri::new(Environment::Sandbox, role, name).unwrap()
}

pub(crate) fn yen(yen: u64) -> Money {
    Money::yen(yen).unwrap()
}

pub(crate) fn customer(id: &str) -> CustomerId {
    id.parse().unwrap()
}

pub(crate) fn slot(number: u8) -> CardSlot {
    number.try_into().unwrap()
}

/// How a world differs from the usual one.
pub(crate) struct Setting {
    pub(crate) model: VerifierModel,
    pub(crate) policy: Policy,
    pub(crate) recheck: Arc<dyn Recheck>,
    pub(crate) relay: Address,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            model: VerifierModel::Proxy,
            policy: Policy::default(),
            recheck: Arc::new(NoRecheck),
            // Nobody listens there: most tests never call the relay.
            relay: "127.0.0.1:9".parse().unwrap(),
        }
    }
}

pub(crate) struct World {
    pub(crate) store: ProviderStore,
    pub(crate) provider: Arc<Provider>,
    pub(crate) clock: Hand,
    pub(crate) pen: Pen,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Setting::default()).await
    }

    pub(crate) async fn with(setting: Setting) -> Self {
        Self::over(ProviderStore::open_in_memory().unwrap(), setting).await
    }

    pub(crate) async fn at(file: &Path) -> Self {
        Self::over(ProviderStore::open(file).unwrap(), Setting::default()).await
    }

    pub(crate) async fn over(store: ProviderStore, setting: Setting) -> Self {
        crate::logs::listen();
        let rounds = NonZeroU32::new(10).unwrap();
        let pin_key = || PinVerificationKey::from_octets(&[0x5A; 32]);
        let book = SampleBook::from_toml(SAMPLE).unwrap();
        store.load_sample(&book, &pin_key(), rounds, &SystemEntropy).await.unwrap();
        let clock = Hand(Arc::new(Mutex::new("2026-11-30T03:00:00Z".parse().unwrap())));
        let pen = Pen::new(assertion_key(), clock.clone());
        let certified = certified();
        let trusted = certified.ca.trusted().unwrap();
        let client = HttpsClient::new(
            setting.relay,
            party(PartyRole::Relay, "relay"),
            &certified.provider,
            &trusted,
            HttpClientLimits::default(),
            None,
        );
        let config = ProviderConfig {
            trust: Trust {
                relay: party(PartyRole::Relay, "relay"),
                relay_key: pen.key.verifying_key(),
                contract: "card-a-credit".parse().unwrap(),
                model: setting.model,
            },
            policy: setting.policy,
            zone_key: zone_key(),
            pin_key: pin_key(),
            callback: "https://card-a.example/links".parse().unwrap(),
            invitation_callback: "https://card-a.example/app/invitation-callback".parse().unwrap(),
            password_rounds: rounds,
        };
        let ports = Ports {
            books: Arc::new(store.clone()),
            register: Arc::new(store.clone()),
            conversions: Arc::new(store.clone()),
            sessions: Arc::new(store.clone()),
            relay: RelayClient::new(client.unwrap()),
            recheck: setting.recheck,
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SystemEntropy),
        };
        Self { store, provider: Provider::new(config, ports), clock, pen }
    }

    /// Ties a card of a customer as enrolment would, and returns a purchase with it.
    pub(crate) async fn tied(&self, id: &str, card: u8) -> Buy {
        let pairwise = PairwiseId::from_random(named(id, 1));
        let instrument = InstrumentRef::from_random(named(id, 2 + card));
        let tie = NewTie {
            instrument,
            customer: customer(id),
            slot: slot(card),
            link: LinkId::from_random(named(id, 40 + card)),
            pairwise: Some(pairwise),
            receipt: receipt(),
        };
        assert_eq!(self.store.tie(tie, self.clock.now()).await.unwrap(), TieOutcome::Tied);
        self.buy(Subject::Pairwise(pairwise), instrument)
    }

    /// A sound purchase of ¥1,980, with keys and an assertion of its own.
    pub(crate) fn buy(&self, subject: Subject, instrument: InstrumentRef) -> Buy {
        Buy {
            assertion: Assertion {
                id: AssertionId::from_random([0; 16]),
                issuer: party(PartyRole::Relay, "relay"),
                audience: "card-a-credit".parse().unwrap(),
                issued_at: self.clock.now().as_second(),
                model: match subject {
                    Subject::Pairwise(_) => VerifierModel::Proxy,
                    Subject::Customer(_) => VerifierModel::Entrusted,
                },
                subject,
                instrument,
                terminal: "4980000000012".parse().unwrap(),
                merchant: "KAMEIDO-7".parse().unwrap(),
                slip: "00012".parse().unwrap(),
                amount: yen(1_980),
                payment_type: PaymentType::LumpSum,
                surrogate_pan: SurrogatePan::from_random(77),
                amount_binding: AmountBinding::Bound,
                assurance: Assurance::PinByProxy,
                revocation: RevocationMethod::Crl { age_h: 3 },
                verifier: "platform".parse().unwrap(),
            },
            pin: None,
        }
        .again(&self.pen)
    }

    /// What the relay hears; through the dialect's bytes both ways, as on the wire.
    pub(crate) async fn send(&self, message: &Message) -> Option<Message> {
        self.send_as("relay", message).await
    }

    pub(crate) async fn send_as(&self, relay: &str, message: &Message) -> Option<Message> {
        let bytes = message.encode(japan_credit()).unwrap();
        let read = Message::decode(japan_credit(), &bytes).unwrap();
        let peer = Peer { party: party(PartyRole::Relay, relay), key_sha256: [0; 32] };
        let answer = self.provider.handle(&peer, read).await?;
        Some(Message::decode(japan_credit(), &answer.encode(japan_credit()).unwrap()).unwrap())
    }

    pub(crate) async fn code(&self, message: &Message) -> String {
        let answer = self.send(message).await.expect("an answer");
        answer.response_code().unwrap().as_str().to_owned()
    }

    pub(crate) async fn purchase(&self, buy: &Buy) -> String {
        self.code(&self.pen.write(buy)).await
    }

    /// Amounts on the customer's statement, reversals negative.
    pub(crate) async fn statement(&self, id: &str) -> Vec<i64> {
        use enishi_provider::{Books, LineKind};
        let lines = self.store.statement(&customer(id), 100).await.unwrap();
        let signed = |line: &enishi_provider::StatementLine| {
            let minor = i64::try_from(line.amount.minor()).unwrap();
            if line.kind == LineKind::Purchase { minor } else { -minor }
        };
        lines.iter().rev().map(signed).collect()
    }

    pub(crate) async fn assert_sound(&self, entries: u64) {
        let check = self.store.check_ledger().await.unwrap();
        assert!(check.is_sound(), "{check:?}");
        assert_eq!(check.entries, entries);
    }
}

pub(crate) fn zone_key() -> PinKey {
    PinKey::from_bytes(&[0x2B; 32]).unwrap()
}

pub(crate) fn assertion_key() -> AssertionKey {
    static DOCUMENT: OnceLock<Vec<u8>> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| AssertionKey::generate().unwrap().1);
    AssertionKey::from_pkcs8(document).unwrap()
}

/// Sixteen octets that belong to a customer and a purpose.
pub(crate) fn named(id: &str, purpose: u8) -> [u8; 16] {
    let mut octets = [purpose; 16];
    octets[..4].copy_from_slice(&id.as_bytes()[..4]);
    octets
}

fn receipt() -> ConsentReceipt {
    let terms = ConsentTerms {
        intent: IntentId::from_random([1; 16]),
        contract: "card-a-credit".parse().unwrap(),
        provider: Text::new("甲カード", "Card A"),
        model: VerifierModel::Proxy,
        label: "縁カード ••1111".to_owned(),
        offer_jointly: false,
        statement: Text::new("文", "text"),
    };
    ConsentReceipt {
        consent: ConsentId::from_random([2; 16]),
        terms,
        given_at: "2026-11-30T03:00:00Z".to_owned(),
        signature: Octets(vec![0; 64]),
    }
}

impl World {
    /// Ties the customer's first card as enrolment under 委託 would.
    pub(crate) async fn tie_entrusted(&self, id: &str) -> InstrumentRef {
        let instrument = InstrumentRef::from_random(named(id, 30));
        let tie = NewTie {
            instrument,
            customer: customer(id),
            slot: slot(0),
            link: LinkId::from_random(named(id, 31)),
            pairwise: None,
            receipt: receipt(),
        };
        assert_eq!(self.store.tie(tie, self.clock.now()).await.unwrap(), TieOutcome::Tied);
        instrument
    }
}
