//! Canaries over a whole day.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use enishi_card::Session;
use enishi_party::Entropy;
use enishi_sandbox::sandbox::{
    Blueprint, Company, Item, Needle, Party, Person, PersonKey, RelayPlace, Shop, Town,
};
use enishi_transport::SystemEntropy;
use memchr::memmem;

use crate::day::{Day, live};
use crate::haystack::{Haystack, files, scan, wire};
use crate::log::{WholeLog, logs_of};
use crate::operator_pages::operator_pages;
use crate::privacy_matrix::Matrix;
use crate::world::{alone, root, town, town_of_processes};

#[tokio::test(flavor = "multi_thread")]
async fn no_datum_is_where_it_must_not_be() {
    let _alone = alone();
    let folder = root();
    let log = folder.path().join("whole.log");
    let whole_log = WholeLog::into_file(&log);
    let mut town = town(folder.path(), RelayPlace::InProcess).await;
    let day = live(&mut town).await;
    let examined = Examined::of(&town, &day).await;
    town.stop().await;
    drop(whole_log);
    let log = Haystack::new("log", std::fs::read(&log).unwrap());
    let lines = String::from_utf8(log.bytes.clone()).unwrap();
    for expected in
        ["relay serves", "purchase", "reversal", "payment concluded", "request served", "provider signed on"]
    {
        assert!(lines.contains(expected), "the log was captured: {expected}");
    }
    examined.expect_nothing_amiss(&[log]);
}

/// The same with every party as a process of its own: each log is one party's, at the finest level. The matrix is the
/// reviewed one, its column of logs by party.
#[tokio::test(flavor = "multi_thread")]
async fn no_datum_is_where_it_must_not_be_with_every_party_as_a_process() {
    let _alone = alone();
    let folder = root();
    let (mut town, processes) = town_of_processes(folder.path(), "trace").await;
    let day = live(&mut town).await;
    let examined = Examined::of(&town, &day).await;
    let matrix = Matrix::begin(&town, &day);
    assert_eq!(town.stop().await, Vec::<String>::new(), "every party stops in order");
    assert!(processes.ended().is_none());
    let logs = Party::ALL.map(|party| logs_of(folder.path(), party));
    for (party, words) in [
        (Party::Relay, "relay serves"),
        (Party::Relay, "payment concluded"),
        (Party::Relay, "reversal"),
        (Party::CompanyA, "provider serves"),
        (Party::CompanyB, "provider serves"),
        (Party::Authority, "authority serves"),
        (Party::Terminal, "terminal takes orders"),
    ] {
        let its = &logs[Party::ALL.iter().position(|one| *one == party).unwrap()];
        assert!(
            its.iter().all(|log| memmem::find(&log.bytes, words.as_bytes()).is_some()),
            "{party:?}: {words}"
        );
    }
    examined.expect_nothing_amiss(&logs.concat());
    matrix.expect_as_reviewed(&logs);
}

/// What is searched and for what, taken before the parties stop.
struct Examined {
    company_a: Vec<Haystack>,
    others: Vec<Haystack>,
    pages: Vec<Haystack>,
    needles: Needles,
    plan: Blueprint,
}

impl Examined {
    async fn of(town: &Town, day: &Day) -> Self {
        Self {
            company_a: company_a(town),
            others: [Party::Terminal, Party::Relay].map(|party| wire(town, party)).concat(),
            pages: operator_pages(town).await,
            needles: Needles::of(town, day),
            plan: town.plan.clone(),
        }
    }

    fn expect_nothing_amiss(&self, logs: &[Haystack]) {
        let Self { company_a, others, pages, needles, plan } = self;
        // What the scan relies on is there: it does not search in empty rooms.
        assert!(
            company_a.iter().any(|it| it.name.ends_with("provider.sqlite-wal") && it.bytes.len() > 1_000)
        );
        let seen = scan(company_a, &needles.ids);
        assert!(
            seen.iter().any(|hit| hit.contains("PairwiseId"))
                && seen.iter().any(|hit| hit.contains("CustomerId"))
        );
        let seen = scan(others, &needles.holder);
        for expected in [
            "Serial  in Relay",
            "Certificate certificate in Relay",
            "Certificate expiry in Terminal",
            "Signature  in Relay",
        ] {
            assert!(seen.iter().any(|hit| hit.starts_with(expected)), "{expected}: {seen:?}");
        }

        // 代行: company A knows nobody by card, certificate or signature.
        assert_eq!(scan(company_a, &needles.holder), none(), "company A");

        // No card number and no company PIN at terminal and relay.
        let folders: Vec<_> = ["relay", "terminal-books", "terminal-coffee"]
            .iter()
            .flat_map(|name| files(&plan.root.join(name)))
            .collect();
        assert!(folders.iter().any(|it| it.name.ends_with("relay.sqlite") && it.bytes.len() > 10_000));
        assert_eq!(scan(others.iter().chain(&folders), &needles.numbers), none(), "terminal and relay");

        // Once every purchase is closed, not even erased pages or the database's log at the relay have a token in them. What
        // is left is public: the serial numbers in J-LIS's lists of the revoked.
        let store: Vec<_> = files(&plan.root.join("relay/store"))
            .into_iter()
            .filter(|file| !file.name.ends_with(".crl"))
            .collect();
        assert_eq!(scan(&store, &needles.holder), none(), "the relay's store");

        // The terminal keeps nothing by which a holder is known.
        let shops: Vec<_> =
            Shop::ALL.iter().flat_map(|shop| files(plan.terminal(*shop).parent().unwrap())).collect();
        assert!(shops.iter().any(|it| it.name.ends_with("sales.jsonl") && it.bytes.len() > 1_000));
        assert_eq!(scan(&shops, &needles.holder), none(), "the terminals' folders");
        assert_eq!(scan(&shops, &needles.ids), none(), "the terminals' folders");

        // The logs know nobody at all.
        for needles in [&needles.holder, &needles.numbers, &needles.ids, &needles.names] {
            assert_eq!(scan(logs, needles), none(), "log");
        }

        // Nor do the pages that everyone with an account on the machine can read.
        let counted = b"enishi_relay_payments_total{contract=";
        assert!(pages.iter().any(|page| memmem::find(&page.bytes, counted).is_some()));
        for needles in [&needles.holder, &needles.numbers, &needles.ids, &needles.names] {
            assert_eq!(scan(pages, needles), none(), "operators' pages");
        }
    }
}

/// The scan can fail: what is planted in a copy of the very bytes that it searches, it finds.
#[tokio::test(flavor = "multi_thread")]
async fn a_planted_datum_is_found_in_every_form() {
    let _alone = alone();
    let folder = root();
    let mut town = town(folder.path(), RelayPlace::InProcess).await;
    crate::world::enrol(&mut town, PersonKey::Taro, Company::A).await;
    let clean = company_a(&town);
    let needles = town.needles(PersonKey::Taro).to_vec();
    let serial = town.serial(PersonKey::Taro).unwrap().expose_der_content().to_vec();
    let reader = town.reader(PersonKey::Taro).unwrap();
    let der = Session::open(reader.connect().unwrap()).unwrap().auth_certificate().unwrap();
    town.stop().await;

    let holder = only(&needles, &[Item::Serial, Item::SigningSerial, Item::Certificate]);
    assert_eq!(scan(&clean, &holder), none());
    let number = u128::from_be_bytes(padded(&serial));
    let entropy: &dyn Entropy = &SystemEntropy;
    let noise: [u8; 7] = entropy.octets();
    let mut planted = vec![
        ("serial as octets", serial.clone()),
        ("serial in DER", [&[0x02, u8::try_from(serial.len()).unwrap()], serial.as_slice()].concat()),
        ("serial in hex", format!("{{\"card\":\"{}\"}}", hex::encode(&serial)).into_bytes()),
        ("serial in upper-case hex", hex::encode_upper(&serial).into_bytes()),
        ("serial in decimal", number.to_string().into_bytes()),
        ("serial reversed", serial.iter().rev().copied().collect()),
        ("certificate", der.clone()),
        ("certificate in PEM's alphabet", STANDARD.encode(&der).into_bytes()),
    ];
    for offset in 0..3 {
        let within = [&noise[..offset], &serial, &noise].concat();
        planted.push(("serial in base64", STANDARD.encode(&within).into_bytes()));
        planted.push(("serial in base64url", URL_SAFE_NO_PAD.encode(&within).into_bytes()));
    }
    for (what, octets) in planted {
        for haystack in &clean {
            let hits = scan([&haystack.with_planted(&octets)], &holder);
            assert!(!hits.is_empty(), "{what} in {}", haystack.name);
        }
    }
    let account = crate::world::account(PersonKey::Taro, Company::A);
    let numbers = only(&needles, &[Item::CardNumber, Item::CompanyPin]);
    for octets in
        [account.pan(), account.pin.to_owned(), hex::encode(account.pan()), STANDARD.encode(account.pin)]
    {
        assert!(
            !scan([&Haystack::new("log", Vec::new()).with_planted(octets.as_bytes())], &numbers).is_empty()
        );
    }
}

/// Everything that company A received, sent or keeps.
fn company_a(town: &Town) -> Vec<Haystack> {
    let mut all = wire(town, Party::CompanyA);
    all.extend(files(town.plan.company(Company::A).parent().unwrap()));
    all
}

struct Needles {
    /// Whatever a holder's card can be known by.
    holder: Vec<Needle>,
    /// Card numbers and the companies' PINs.
    numbers: Vec<Needle>,
    /// The names that relay and companies have for a holder.
    ids: Vec<Needle>,
    names: Vec<Needle>,
}

impl Needles {
    fn of(town: &Town, day: &Day) -> Self {
        let all: Vec<_> = Person::ALL.iter().flat_map(|person| town.needles(person.key)).cloned().collect();
        let mut holder = only(&all, &[Item::Serial, Item::SigningSerial, Item::Certificate]);
        holder.extend([day.signatures.clone(), day.card_pin.clone()]);
        let mut ids = only(&all, &[Item::CustomerId]);
        ids.extend(day.pairwise.iter().map(|(_, needle)| needle.clone()));
        let mut names = only(&all, &[Item::Name]);
        names.extend(
            Person::ALL.iter().map(|person| Needle::text(Item::Name, person.address).called("address")),
        );
        Self { holder, numbers: only(&all, &[Item::CardNumber, Item::CompanyPin]), ids, names }
    }
}

fn only(needles: &[Needle], items: &[Item]) -> Vec<Needle> {
    needles.iter().filter(|needle| items.contains(&needle.item)).cloned().collect()
}

fn padded(octets: &[u8]) -> [u8; 16] {
    let mut padded = [0; 16];
    padded[16 - octets.len()..].copy_from_slice(octets);
    padded
}

fn none() -> std::collections::BTreeSet<String> {
    std::collections::BTreeSet::new()
}
