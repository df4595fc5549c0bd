//! What the shops were told beside what the company's books say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use enishi_provider_store::ProviderStore;
use enishi_sandbox::sandbox::{Blueprint, Company, Shop};
use enishi_terminal::{Recorded, SaleRecord};
use rusqlite::{Connection, OpenFlags};

/// One approved purchase, as both sides name it: merchant, approval number, amount.
type Name = (String, String, u64);

/// Both sides' records at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Books {
    /// What the shops were told is approved, and how often they wrote it down.
    told: BTreeMap<Name, usize>,
    /// The debits that stand at company A, reversed ones taken off.
    standing: BTreeMap<Name, usize>,
    /// What no single terminal may have written.
    contradictions: Vec<String>,
}

impl Books {
    /// Reads the terminals' sales and company A's ledger.
    pub(crate) fn read(plan: &Blueprint) -> Self {
        let mut books = Self::default();
        for shop in Shop::ALL {
            let folder = plan.terminal(shop).parent().unwrap().join("journal");
            books.read_sales(shop, &folder.join("sales.jsonl"));
        }
        let file = plan.company(Company::A).parent().unwrap().join("provider.sqlite");
        books.standing = standing(&file);
        books
    }

    fn read_sales(&mut self, shop: Shop, file: &Path) {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        // The last line may be half written, if its process was killed just now.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let (mut approved, mut others) = (BTreeSet::new(), BTreeSet::new());
        for line in whole.lines() {
            let record: SaleRecord = serde_json::from_str(line).unwrap();
            let Some(key) = record.key.as_ref().map(|key| key.as_str().to_owned()) else { continue };
            if let Recorded::Approved { approval_number, .. } = &record.what {
                let name = (shop.merchant().to_owned(), approval_number.clone(), record.amount.minor());
                *self.told.entry(name).or_default() += 1;
                approved.insert(key);
            } else {
                others.insert(key);
            }
        }
        self.contradictions
            .extend(approved.intersection(&others).map(|key| format!("{key} has two outcomes at {shop:?}")));
    }

    /// How many purchases the shops were told are approved.
    pub(crate) fn approved(&self) -> usize {
        self.told.values().sum()
    }

    /// What is wrong: nothing, if every approved sale stands exactly once and nothing else stands.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = self.contradictions.clone();
        for name in self.told.keys().chain(self.standing.keys()).collect::<BTreeSet<_>>() {
            let (told, stands) = (self.told.get(name), self.standing.get(name));
            match (told.copied().unwrap_or(0), stands.copied().unwrap_or(0)) {
                (1, 1) => {}
                (1, 0) => faults.push(format!("lost: {name:?}")),
                (0, 1) => faults.push(format!("orphaned: {name:?} stands, and no shop was told")),
                (told, stands) => {
                    faults.push(format!("doubled: {name:?}, told {told} times, stands {stands} times"))
                }
            }
        }
        faults
    }
}

fn standing(file: &Path) -> BTreeMap<Name, usize> {
    let books = read_only(file);
    let mut statement = books
        .prepare(
            "SELECT leg.merchant, coalesce(answer.approval_number, '?'), leg.minor
             FROM entry
             JOIN leg ON leg.entry = entry.id AND leg.account = 'merchant_payable'
             LEFT JOIN book_transaction AS answer ON answer.entry = entry.id
             WHERE entry.kind = 'purchase'
               AND NOT EXISTS (SELECT 1 FROM entry AS reversal WHERE reversal.reverses = entry.id)",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?))).unwrap();
    let mut standing = BTreeMap::new();
    for row in rows {
        let (merchant, number, minor): (String, String, i64) = row.unwrap();
        *standing.entry((merchant, number, u64::try_from(minor).unwrap())).or_default() += 1;
    }
    standing
}

/// Entries without a counterpart in the company's whole ledger. The company must have stopped.
pub(crate) async fn check_ledger(plan: &Blueprint) {
    let file = plan.company(Company::A).parent().unwrap().join("provider.sqlite");
    let check = ProviderStore::open(&file).unwrap().check_ledger().await.unwrap();
    assert_eq!(check.unbalanced, 0, "{check:?}");
    assert!(check.entries > 0, "an empty ledger shows nothing");
    for (currency, total) in &check.totals {
        assert_eq!(total.debits, total.credits, "{currency:?}");
    }
}

/// What the relay has not ended yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OpenAtRelay {
    pub(crate) payments: u64,
    pub(crate) queued: u64,
    pub(crate) rejected: u64,
}

/// Reads the relay's journal; the relay must run, for only it may repair its log.
pub(crate) fn open_at_relay(plan: &Blueprint) -> OpenAtRelay {
    let journal = read_only(&plan.relay().parent().unwrap().join("store/relay.sqlite"));
    let count = |sql: &str| journal.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap().into();
    OpenAtRelay {
        payments: count("SELECT count(*) FROM payments WHERE state IN ('proven', 'authorizing')"),
        queued: count("SELECT count(*) FROM reversals WHERE state = 'queued'"),
        rejected: count("SELECT count(*) FROM reversals WHERE state = 'rejected'"),
    }
}

/// How many reversals the relay ever queued.
pub(crate) fn reversals_at_relay(plan: &Blueprint) -> u32 {
    let journal = read_only(&plan.relay().parent().unwrap().join("store/relay.sqlite"));
    journal.query_row("SELECT count(*) FROM reversals", [], |row| row.get(0)).unwrap()
}

fn read_only(file: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    connection
}

#[test]
fn the_check_of_the_books_can_fail() {
    let sale = |number: &str| ("SBX-BOOKS-01".to_owned(), number.to_owned(), 100);
    let books = |told: &[&str], standing: &[&str]| {
        let mut books = Books::default();
        for number in told {
            *books.told.entry(sale(number)).or_default() += 1;
        }
        for number in standing {
            *books.standing.entry(sale(number)).or_default() += 1;
        }
        books.faults()
    };
    assert!(books(&["000001", "000002"], &["000002", "000001"]).is_empty());
    assert!(books(&["000001"], &[])[0].starts_with("lost"));
    assert!(books(&[], &["000001"])[0].starts_with("orphaned"));
    assert!(books(&["000001"], &["000001", "000001"])[0].starts_with("doubled"));
    assert!(books(&["000001", "000001"], &["000001"])[0].starts_with("doubled"));
    assert_eq!(books(&["000001"], &["000002"]).len(), 2);
}
