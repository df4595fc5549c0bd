//! A whole day at the shops, with everything that can be approved, refused, lost and said again.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enishi_authority::RevocationReason;
use enishi_jpki::CertKind;
use enishi_party::Clock;
use enishi_sandbox::demo::Citizen;
use enishi_sandbox::sandbox::{
    CARD_AUTH_PIN, CableMode, Company, Enrolled, Item, Needle, Party, Person, PersonKey, Recording, Shop,
    Town,
};
use enishi_transport::{Direction, SystemClock};
use enishi_wire::AmountBinding;
use memchr::memmem;

use crate::world::{account, enrol, sale, until};

/// How long the relay may take to fetch a list that was published.
const LIST_WAIT: Duration = Duration::from_secs(20);

/// What the day brought to light beside the cards' own needles.
pub(crate) struct Day {
    /// The signatures that any card made for a payment or an enrolment.
    pub(crate) signatures: Needle,
    /// The pairwise IDs that company A was given.
    pub(crate) pairwise: Vec<(PersonKey, Needle)>,
    /// The PIN of the card, as the command that carries it.
    pub(crate) card_pin: Needle,
}

/// Lives the day; nothing that was captured is forgotten.
pub(crate) async fn live(town: &mut Town) -> Day {
    let mut pairwise = Vec::new();
    for person in Person::ALL.iter().filter(|person| person.key != PersonKey::Sachi) {
        for account in person.accounts {
            let before = pairwise_ids(town);
            enrol(town, person.key, account.company).await;
            let new: Vec<_> = pairwise_ids(town).difference(&before).cloned().collect();
            assert_eq!(new.len(), usize::from(account.company == Company::A), "{:?}", account.company);
            pairwise.extend(new.iter().map(|id| (person.key, pairwise_needle(id))));
        }
    }
    approvals(town).await;
    refusals(town).await;
    losses(town).await;
    // The citizens look at their statements.
    for person in Person::ALL {
        for account in person.accounts {
            town.app(account).await.unwrap().statement().await.unwrap();
        }
    }
    let verify = [&[0x00, 0x20, 0x00, 0x80, 0x04], CARD_AUTH_PIN.as_bytes()].concat();
    Day { signatures: signatures(town), pairwise, card_pin: Needle::octets(Item::CardPin, &verify) }
}

async fn approvals(town: &mut Town) {
    let mut citizen = Citizen::new();
    expect(town, Shop::Books, PersonKey::Taro, (1_980, Some(Company::A)), &mut citizen, "approved").await;
    expect(town, Shop::Coffee, PersonKey::Hanako, (4_980, Some(Company::B)), &mut citizen, "approved").await;
    expect(town, Shop::Books, PersonKey::Hanako, (2_480, Some(Company::A)), &mut citizen, "approved").await;
    let mut chooses = Citizen::new().choosing("旅行用");
    expect(town, Shop::Coffee, PersonKey::Hanako, (880, None), &mut chooses, "approved").await;
    let pin = account(PersonKey::Hanako, Company::B).pin;
    let mut knows = Citizen::new().with_company_pin(pin);
    expect(town, Shop::Books, PersonKey::Hanako, (12_000, Some(Company::B)), &mut knows, "approved").await;
    let unbound =
        enishi_terminal::Sale { amount_binding: AmountBinding::Unbound, ..sale(1_500, Some(Company::B)) };
    let sold = town.pay(Shop::Books, PersonKey::Hanako, unbound, &mut citizen).await.unwrap();
    assert_eq!(sold.came, "approved");
}

async fn refusals(town: &mut Town) {
    let a = Some(Company::A);
    let mut citizen = Citizen::new();
    expect(town, Shop::Books, PersonKey::Yuki, (1_200, a), &mut citizen, "refused not_linked").await;
    expect(town, Shop::Books, PersonKey::Taro, (60_000, a), &mut citizen, "declined 61").await;
    let mut forgets = Citizen::new().with_company_pin("649201847735");
    let b = Some(Company::B);
    expect(town, Shop::Books, PersonKey::Hanako, (12_500, b), &mut forgets, "declined 55").await;
    let mut wrong = Citizen::new().with_card_pin("9998");
    for came in ["card: wrong PIN, 2 left", "card: wrong PIN, 1 left", "card: PIN locked"] {
        expect(town, Shop::Coffee, PersonKey::Ken, (700, a), &mut wrong, came).await;
    }
    let mut unbound = sale(1_500, a);
    unbound.amount_binding = AmountBinding::Unbound;
    let sold = town.pay(Shop::Books, PersonKey::Hanako, unbound, &mut citizen).await.unwrap();
    assert_eq!(sold.came, "refused unbound_not_allowed");

    let enrolled =
        town.enrol(account(PersonKey::Sachi, Company::A), PersonKey::Yuki, &mut citizen).await.unwrap();
    assert!(matches!(&enrolled, Enrolled::Refused(code) if code == "identity_mismatch"), "{enrolled:?}");

    // The same signature once more, under another key.
    let prepared = town.prepare(Shop::Books, PersonKey::Taro, &sale(3_300, a), &mut citizen).await.unwrap();
    assert_eq!(town.submit(Shop::Books).await.unwrap(), "approved");
    let again = Recording { key: "replayed-signature-1".parse().unwrap(), ..prepared };
    assert_eq!(town.send_as(Shop::Books, &again).await.unwrap(), "refused challenge_reused");

    let (registry, serial) = (town.registry(), town.serial(PersonKey::Jiro).unwrap().clone());
    let now = SystemClock.now();
    registry.revoke(CertKind::Authentication, &serial, RevocationReason::CertificateHold, now).unwrap();
    expect(town, Shop::Books, PersonKey::Jiro, (2_400, a), &mut citizen, "refused cert_revoked").await;
    registry.publish(SystemClock.now()).unwrap();
    assert!(town.relay_has_published_lists(LIST_WAIT).await.unwrap());
    expect(town, Shop::Books, PersonKey::Jiro, (2_600, b), &mut citizen, "refused cert_revoked").await;
}

async fn losses(town: &mut Town) {
    let a = Some(Company::A);
    town.company_a_cable.set(CableMode::AnswersHeld);
    expect(town, Shop::Books, PersonKey::Taro, (2_100, a), &mut Citizen::new(), "declined 91").await;
    town.company_a_cable.set(CableMode::Whole);
    until("the reversal is answered", async || town.pending_reversals().await.unwrap() == 0).await;

    town.refill(Shop::Books).await.unwrap();
    town.books_cable.set(CableMode::CutAtNextAnswer);
    expect(town, Shop::Books, PersonKey::Taro, (1_234, a), &mut Citizen::new(), "approved").await;
}

async fn expect(
    town: &mut Town,
    shop: Shop,
    person: PersonKey,
    (yen, company): (u64, Option<Company>),
    citizen: &mut Citizen,
    outcome: &str,
) {
    let sold = town.pay(shop, person, sale(yen, company), citizen).await.unwrap();
    assert_eq!(sold.came, outcome, "{person:?} pays {yen}");
    assert_eq!(sold.receipt.is_some(), outcome == "approved");
    if let Some(receipt) = &sold.receipt {
        assert!(receipt.of(town.language).contains(shop.name().of(town.language)));
    }
}

/// Every pairwise ID that company A has been given so far.
fn pairwise_ids(town: &Town) -> BTreeSet<String> {
    let received = town.seen(Party::CompanyA).unwrap().stream(Direction::Received, "");
    let found = memmem::find_iter(&received, b"cnv_").filter_map(|at| received.get(at..at + 36));
    found.map(|octets| String::from_utf8(octets.to_vec()).unwrap()).collect()
}

/// As messages write it, and as stores do.
fn pairwise_needle(id: &str) -> Needle {
    let octets = hex::decode(id.trim_start_matches("cnv_")).unwrap();
    Needle::any(
        Item::PairwiseId,
        [Needle::text(Item::PairwiseId, id), Needle::octets(Item::PairwiseId, &octets)],
    )
}

/// The signatures of every token that the terminals sent.
fn signatures(town: &Town) -> Needle {
    let sent = town.seen(Party::Terminal).unwrap().stream(Direction::Sent, "");
    let marker = br#""signature":""#;
    let found = memmem::find_iter(&sent, marker).map(|at| {
        let text = &sent[at + marker.len()..];
        let end = memchr::memchr(b'"', text).unwrap();
        Needle::octets(Item::Signature, &STANDARD.decode(&text[..end]).unwrap())
    });
    let found: Vec<_> = found.collect();
    assert!(found.len() > 15, "only {} signatures seen", found.len());
    Needle::any(Item::Signature, found)
}
