//! What the public types print: never a card number, PIN, name, customer ID or secret.
#![expect(
    clippy::unwrap_used,
    reason = "a test says so by stopping; helpers of integration tests count as no tests to the lint"
)]

use std::num::NonZeroU32;

use enishi_party::{
    AssertionId, ConsentId, CustomerId, Entropy, Environment, InstrumentRef, IntentId, LinkId, Money,
    PairwiseId, PartyRole, PartyUri, Text, Timestamp, VerifierModel,
};
use enishi_pinblock::{IssuerPin, PinKey};
use enishi_provider::*;
use enishi_wire::{AmountBinding, AssertionKey, ConsentReceipt, ConsentTerms, Octets, Subject};

const PAN: &str = "4111111111111111";
const PIN: &str = "918273645546";
const NAME: &str = "寿限無寿限無五劫の擦り切れ";
const CUSTOMER: &str = "KAIJARISUIGYO-0042";
const PASSWORD: &str = "unraimatsu-furaimatsu";
const LABEL: &str = "海砂利カード ••4242";

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0xA7);
    }
}

fn card(key: &PinVerificationKey) -> Card {
    let pan: Pan = PAN.parse().unwrap();
    Card {
        customer: CUSTOMER.parse().unwrap(),
        slot: CardSlot::try_from(3).unwrap(),
        pin: PinRecord { value: key.value(&pan, &IssuerPin::parse(PIN).unwrap()), wrong_tries: 1 },
        pan,
        label: LABEL.parse().unwrap(),
        state: CardState::Active,
        credit_limit: Money::yen(100).unwrap(),
        transaction_limit: Money::yen(100).unwrap(),
    }
}

fn receipt() -> ConsentReceipt {
    let terms = ConsentTerms {
        intent: IntentId::from_random([1; 16]),
        contract: "card-a".parse().unwrap(),
        provider: Text::new("甲", "A"),
        model: VerifierModel::Proxy,
        label: "Card A".to_owned(),
        offer_jointly: false,
        statement: Text::new("文", "text"),
    };
    let signature = Octets(vec![0xA7; 64]);
    ConsentReceipt { consent: ConsentId::from_random([2; 16]), terms, given_at: String::new(), signature }
}

fn books_types(card: &Card, customer: &Customer) -> String {
    let id = customer.id.clone();
    let standing =
        Standing { customer: customer.clone(), card: card.clone(), owed_minor: 0, unreadable_blocks: 0 };
    let purchase = Purchase {
        assertion: AssertionId::from_random([1; 16]),
        subject: Subject::Customer(id.clone()),
        instrument: InstrumentRef::from_random([3; 16]),
        merchant: "SHOP".parse().unwrap(),
        amount: Money::yen(100).unwrap(),
        amount_binding: AmountBinding::Bound,
        evidence: Ok(()),
        pin: PinEntry::Entered(card.pin.value.clone()),
        policy: Policy::default(),
    };
    let facts = Facts { assertion: AssertionUse::Fresh, standing: Some(standing) };
    let line = StatementLine {
        at: Timestamp::UNIX_EPOCH,
        kind: LineKind::Purchase,
        card: card.label.clone(),
        merchant: "SHOP".parse().unwrap(),
        amount: purchase.amount,
        approval_number: "000001".to_owned(),
    };
    let (inquiry, verdict) = (
        Inquiry {
            assertion: purchase.assertion,
            subject: purchase.subject.clone(),
            instrument: purchase.instrument,
        },
        purchase.decide(&facts),
    );
    let look = Look::New(facts.clone());
    format!(
        "{facts:?} {look:?} {line:?} {inquiry:?} {verdict:?} {:?}",
        Proposal::Purchase(Box::new(purchase))
    )
}

fn session_types(customer: &CustomerId, card: &Card) -> String {
    let secret = BearerSecret::from_random([0xA7; 32]);
    let pending = PendingLink {
        bringer: Bringer::Session(secret.digest()),
        state: secret.digest(),
        intent: IntentId::from_random([1; 16]),
        customer: customer.clone(),
        slot: card.slot,
        until: Timestamp::UNIX_EPOCH,
    };
    let tie = NewTie {
        instrument: InstrumentRef::from_random([3; 16]),
        customer: customer.clone(),
        slot: card.slot,
        link: LinkId::from_random([4; 16]),
        pairwise: Some(PairwiseId::from_random([0xA7; 16])),
        receipt: receipt(),
    };
    let evidence = EnrolmentEvidence {
        customer: customer.clone(),
        instrument: tie.instrument,
        link: tie.link,
        intent: pending.intent,
        consent_sha256: "5a".repeat(32),
        sealed: Octets(vec![0xA7; 9]),
    };
    let login = LoginRequest { customer: CUSTOMER.to_owned(), password: Password::parse(PASSWORD).unwrap() };
    let callback = LinkCallback { state: secret.expose(), code: secret.expose() };
    let answer = LoginAnswer { session: secret.expose(), life_s: 900 };
    let link = LinkAnswer { label: LABEL.to_owned() };
    let view = CardView { card: 0, label: LABEL.to_owned() };
    format!("{secret:?} {pending:?} {tie:?} {evidence:?} {login:?} {callback:?} {answer:?} {link:?} {view:?}")
}

#[test]
fn no_public_type_prints_what_it_keeps() {
    let key = PinVerificationKey::from_octets(&[0xA7; 32]);
    let card = card(&key);
    let customer = Customer {
        id: CUSTOMER.parse().unwrap(),
        name: NAME.parse().unwrap(),
        birth_date: "1987-06-05".parse().unwrap(),
        state: CustomerState::Active,
    };
    let password = Password::parse(PASSWORD).unwrap();
    let hash = PasswordHash::new(&password, NonZeroU32::MIN, &Fixed);
    let config = ProviderConfig {
        trust: Trust {
            relay: PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay").unwrap(),
            relay_key: AssertionKey::generate().unwrap().0.verifying_key(),
            contract: "card-a".parse().unwrap(),
            model: VerifierModel::Proxy,
        },
        policy: Policy::default(),
        zone_key: PinKey::from_bytes(&[0xA7; 16]).unwrap(),
        pin_key: key,
        callback: "https://card-a.example".parse().unwrap(),
        invitation_callback: "https://card-a.example".parse().unwrap(),
        password_rounds: NonZeroU32::MIN,
    };
    let printed = [
        format!("{card:?} {customer:?} {password:?} {hash:?} {config:?} {:?}", card.label),
        books_types(&card, &customer),
        session_types(&customer.id, &card),
        Legs::purchase(customer.id, card.slot, "SHOP".parse().unwrap(), card.credit_limit)
            .as_slice()
            .iter()
            .map(|leg| format!("{leg:?}"))
            .collect(),
    ]
    .concat();
    for planted in [PAN, PIN, NAME, CUSTOMER, PASSWORD, LABEL, "1987", "a7a7", "A7A7", "167, 167"] {
        assert!(!printed.contains(planted), "{planted} in {printed}");
    }
    assert!(printed.contains("Card(3, Active)"), "{printed}");
}
