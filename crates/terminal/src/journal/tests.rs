use std::path::Path;
use std::sync::Arc;

use enishi_party::{Entropy, Money, PaymentType};
use enishi_wire::Octets;
use proptest::prelude::*;

use super::seal::SealKey;
use super::{Journal, Pending, Recorded, SaleRecord, Stage};
use crate::pay_request::Facts;
use crate::{JournalFault, TerminalError};

struct SystemRandom;

impl Entropy for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer).unwrap();
    }
}

fn open(folder: &Path) -> Result<Journal, TerminalError> {
    Journal::open(folder, &"4980000000012".parse().unwrap(), Arc::new(SystemRandom))
}

fn facts(slip: &str) -> Facts {
    Facts {
        slip: slip.parse().unwrap(),
        business_date: "2026-04-01".to_owned(),
        at: "2026-04-01T03:00:00Z".parse().unwrap(),
        amount: Money::yen(100).unwrap(),
        payment_type: PaymentType::LumpSum,
    }
}

fn record(slip: &str, what: Recorded) -> SaleRecord {
    SaleRecord::new(&facts(slip), None, what)
}

#[test]
fn a_slip_number_is_never_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path()).unwrap();
    assert_eq!(journal.next_slip().unwrap().as_str(), "000001");
    drop(journal);
    let mut journal = open(folder.path()).unwrap();
    assert_eq!(journal.next_slip().unwrap().as_str(), "000002");
    drop(journal);
    let counter = folder.path().join("counter.json");
    std::fs::write(&counter, r#"{"terminal":"4980000000012","next_slip":999999}"#).unwrap();
    let mut journal = open(folder.path()).unwrap();
    assert_eq!(journal.next_slip().unwrap().as_str(), "999999");
    assert_eq!(journal.next_slip().unwrap().as_str(), "000001");
}

#[test]
fn a_line_that_was_cut_off_is_dropped_and_the_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path()).unwrap();
    journal.record(&record("000001", Recorded::CardRefused)).unwrap();
    drop(journal);
    let path = folder.path().join("sales.jsonl");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&whole[..], &whole[..whole.len() / 2]].concat()).unwrap();
    let mut journal = open(folder.path()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), whole);
    journal.record(&record("000002", Recorded::NotCompleted)).unwrap();
    assert_eq!(journal.last_sale().unwrap().unwrap().slip.as_str(), "000002");
    std::fs::write(&path, &whole[..10]).unwrap();
    drop(journal);
    assert_eq!(open(folder.path()).unwrap().last_sale().unwrap(), None);
}

#[test]
fn the_last_sale_is_found_in_a_long_book() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sales.jsonl");
    let lines: Vec<_> = (1..=1000)
        .map(|slip| record(&format!("{slip:06}"), Recorded::CardRefused).to_line().unwrap())
        .collect();
    std::fs::write(&path, lines.concat()).unwrap();
    let last = open(folder.path()).unwrap().last_sale().unwrap().unwrap();
    assert_eq!(last, record("001000", Recorded::CardRefused));
}

#[test]
fn a_counter_key_or_book_of_another_form_is_refused() {
    for (file, content, expected) in [
        ("counter.json", "{}".to_owned(), JournalFault::Malformed),
        ("counter.json", r#"{"terminal":"4980000000012","next_slip":0}"#.to_owned(), JournalFault::Malformed),
        ("counter.json", "9".repeat(300), JournalFault::TooLarge),
        ("journal.key", "short".to_owned(), JournalFault::Malformed),
        ("journal.key", "k".repeat(33), JournalFault::Malformed),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(file), content).unwrap();
        let Err(TerminalError::Journal { fault, .. }) = open(folder.path()) else {
            panic!("{file} accepted")
        };
        assert_eq!(fault, expected);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sales.jsonl"), "not json\n").unwrap();
    let journal = open(folder.path()).unwrap();
    assert!(matches!(journal.last_sale(), Err(TerminalError::Journal { .. })));
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("terminal");
    let mut journal = open(&folder).unwrap();
    journal.record(&record("000001", Recorded::CardRefused)).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in ["journal.key", "counter.json", "sales.jsonl"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
}

proptest! {
    #[test]
    fn a_pending_request_reads_back_and_its_truncation_does_not(
        body in prop::collection::vec(any::<u8>(), 0..1024),
        nonce in any::<[u8; 12]>(),
        cut in 0..1024_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let seal_key = SealKey::open(&folder.path().join("journal.key"), &SystemRandom).unwrap();
        let (terminal, key) = ("4980000000012".parse().unwrap(), "0123456789abcdef".parse().unwrap());
        let pending = Pending::new(&facts("000007"), Stage::Asked { body: Octets(body.clone()) });
        let sealed = seal_key.seal(&pending.to_json().unwrap(), &terminal, &key, nonce).unwrap();
        let clear = seal_key.open_sealed(&sealed, &terminal, &key).unwrap();
        let back = Pending::from_json(&clear).unwrap();
        prop_assert_eq!(back.facts(), facts("000007"));
        let Stage::Asked { body: read } = back.stage else { panic!("another stage") };
        prop_assert_eq!(&read.0, &body);
        prop_assert!(seal_key.open_sealed(&sealed[..cut.min(sealed.len() - 1)], &terminal, &key).is_none());
        prop_assert!(Pending::from_json(&clear[..cut.min(clear.len() - 1)]).is_none());
        prop_assert!(Pending::from_json(&body).is_none());
    }
}
