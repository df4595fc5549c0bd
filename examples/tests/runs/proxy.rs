//! 代行: the company of `proxy_provider` and the till of `terminal`.

use std::path::Path;
use std::process::Command;

use enishi_iso8583::Amount;
use enishi_party::{InstrumentRef, Money, PairwiseId};
use enishi_sandbox::sandbox::{Company, PersonKey};
use enishi_wire::{AmountBinding, Assertion, AssertionKey, Subject};

use crate::line::{Line, random};
use crate::world::{PIN, World, text};

/// The link is not offered beside other companies': the customer names the brand.
const NAMED: &[&str] = &["--contract", "sakura-card-credit"];

fn holder(world: &World) -> (Subject, InstrumentRef) {
    let sql = "SELECT subject, instrument FROM tie";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let (subject, instrument) = world.books().query_row(sql, [], row).unwrap();
    (Subject::Pairwise(subject.parse().unwrap()), instrument.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_linked_pays_at_the_till_and_is_debited_once() {
    let world = World::start(Company::A, env!("CARGO_BIN_EXE_proxy_provider")).await;
    let unlinked = world.pay(PersonKey::Taro, "1980", &[], PIN);
    assert_eq!(unlinked.status.code(), Some(1), "{unlinked:?}");
    assert!(text(&unlinked.stdout).contains("Refused: not_linked"), "{unlinked:?}");

    assert_eq!(world.enrol("sakura-000952", PersonKey::Sachi).await.unwrap_err(), "identity_mismatch");
    assert_eq!(world.enrol("sakura-000417", PersonKey::Taro).await.unwrap(), "さくらカード ••ゴールド");

    let paid = world.pay(PersonKey::Taro, "1980", &[NAMED, &["--wire"]].concat(), PIN);
    assert_eq!(paid.status.code(), Some(0), "{paid:?}");
    let receipt = text(&paid.stdout);
    assert!(receipt.contains("Enmusubi Books") && receipt.contains("Amount: ¥1,980"), "{receipt}");
    assert!(text(&paid.stderr).contains("> POST /v1/payments "), "{paid:?}");
    assert_eq!(world.debits(), 1);
    a_second_opinion_agrees(text(&paid.stderr));

    let wrong = world.pay(PersonKey::Taro, "300", &["--wire"], "0000\n");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stdout).contains("Tries left: 2"), "{wrong:?}");
    assert!(!text(&wrong.stderr).contains("/v1/payments"), "nothing is sent without a proof");
    assert_eq!(world.pay(PersonKey::Taro, "300", &[], "").status.code(), Some(1), "no PIN is no purchase");

    let over = world.pay(PersonKey::Taro, "29000", NAMED, PIN);
    assert!(text(&over.stdout).contains("Response code 51"), "{over:?}");
    assert_eq!(world.debits(), 1);
    what_a_relay_may_not_do(&world).await;
    a_silent_company_costs_nothing(world).await;
}

/// Python's hashes and OpenSSL's signature check, over the bytes that the till sent.
fn a_second_opinion_agrees(wire: &str) {
    let folder = tempfile::tempdir().unwrap();
    let keep = |name: &str, begins: &str| {
        let line = wire.lines().find(|line| line.starts_with(begins)).unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, &line[2..]).unwrap();
        file
    };
    let tickets = keep("tickets.json", r#"< {"relay""#);
    let request = keep("request.json", r#"> {"token""#);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/signed_bytes.py");
    let has = |tool: &str, flag: &str| Command::new(tool).arg(flag).output().is_ok();
    if !has("python3", "--version") || !has("openssl", "version") {
        println!("NOT RUN: python3 or openssl is missing");
        return;
    }
    let judge =
        |request: &Path| Command::new("python3").arg(script).arg(&tickets).arg(request).output().unwrap();
    let agreed = judge(&request);
    assert!(agreed.status.success() && text(&agreed.stdout).contains("Verified OK"), "{agreed:?}");
    let altered = std::fs::read_to_string(&request).unwrap().replace(r#""minor":1980"#, r#""minor":19800"#);
    std::fs::write(&request, altered).unwrap();
    assert!(text(&judge(&request).stderr).contains("does not end with the context's digest"));
}

/// The relay's keys do not help: the company looks at every field, and at each purchase once.
async fn what_a_relay_may_not_do(world: &World) {
    let line = Line::to(world).await;
    let (subject, instrument) = holder(world);
    let made = || line.assertion(subject.clone(), instrument);
    let debits = world.debits();

    type Spoil = fn(&mut Assertion);
    let spoils: [(&str, Spoil); 8] = [
        ("63", |it| it.amount = Money::yen(501).unwrap()),
        ("63", |it| it.merchant = "SBX-OTHER-01".parse().unwrap()),
        ("63", |it| it.terminal = "4980000000029".parse().unwrap()),
        ("63", |it| it.slip = "00991".parse().unwrap()),
        ("63", |it| it.audience = "minato-card-credit".parse().unwrap()),
        ("63", |it| it.issued_at -= 61),
        ("57", |it| it.amount_binding = AmountBinding::Unbound),
        ("14", |it| it.subject = Subject::Pairwise(PairwiseId::from_random(random()))),
    ];
    for (trace, (code, spoil)) in (100..).zip(spoils) {
        let mut assertion = made();
        spoil(&mut assertion);
        assert_eq!(line.say(&line.purchase(&assertion, trace)).await, (code.to_owned(), None), "{trace}");
    }
    let mut altered = line.purchase(&made(), 120);
    altered.set_amount(Amount::new(50_000).unwrap());
    assert_eq!(line.say(&altered).await.0, "63");
    let (stranger, _) = AssertionKey::generate().unwrap();
    let mut forged = line.purchase(&made(), 121);
    forged.set_assertion(&stranger.seal(&made()).unwrap());
    assert_eq!(line.say(&forged).await.0, "63");
    assert_eq!(world.debits(), debits, "nothing of this moved money");

    let assertion = made();
    let purchase = line.purchase(&assertion, 130);
    let approved = line.say(&purchase).await;
    assert!(approved.0 == "00" && approved.1.is_some(), "{approved:?}");
    assert_eq!(line.say(&purchase).await, approved, "the same request twice: the same answer");
    assert_eq!(world.debits(), debits + 1, "and one debit");
    assert_eq!(line.say(&line.purchase(&assertion, 131)).await.0, "94", "an assertion is good once");
    let mut other = purchase.clone();
    other.set_amount(Amount::new(501).unwrap());
    assert_eq!(line.say(&other).await.0, "94", "a key is one message's");

    let mut differs = line.reversal(&purchase, 132);
    differs.set_amount(Amount::new(400).unwrap());
    assert_eq!(line.say(&differs).await.0, "77");
    let reversal = line.reversal(&purchase, 133);
    assert_eq!(line.say(&reversal).await.0, "00");
    assert_eq!(line.say(&reversal.repeat().unwrap()).await.0, "00");
    assert_eq!(world.debits(), debits, "undone, once");
    assert_eq!(line.say(&purchase).await.0, "12", "and not done again");

    let late = line.purchase(&made(), 140);
    assert_eq!(line.say(&line.reversal(&late, 141)).await.0, "00", "a reversal of what was never seen");
    assert_eq!(line.say(&late).await.0, "12", "what arrives after its reversal is declined");
    assert_eq!(world.debits(), debits);
}

async fn a_silent_company_costs_nothing(world: World) {
    let debits = world.debits();
    // Whoever holds the books' write lock keeps the company from answering in time.
    let books = world.books();
    books.execute_batch("BEGIN IMMEDIATE").unwrap();
    let silent = world.pay(PersonKey::Taro, "700", NAMED, PIN);
    assert_eq!(silent.status.code(), Some(1), "{silent:?}");
    assert!(text(&silent.stdout).contains("Response code 91"), "{silent:?}");
    books.execute_batch("ROLLBACK").unwrap();
    drop(books);
    let reversed =
        "SELECT count(*) FROM booking WHERE yen = 700 AND state IN ('taken back', 'tombstone', 'declined')";
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    while world.books().query_row(reversed, [], |row| row.get::<_, i64>(0)).unwrap() == 0 {
        assert!(tokio::time::Instant::now() < deadline, "no reversal came");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(world.debits(), debits);
    world.stop().await;
}
