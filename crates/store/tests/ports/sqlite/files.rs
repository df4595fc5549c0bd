//! The folder, its modes, its lock, and files that are not what they should be.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use enishi_linkage::{Intents, LinkStore, Lookup, LookupMethod, Meter, Purpose};
use enishi_party::ProviderId;
use enishi_relay::{Journal, Records, Reversals};
use enishi_store::{OpenError, Store};

use super::SqliteStores;
use crate::sample::{
    after, approve, contract_id, entrusted, intent, intent_id, new_link, new_payment, payment_id, provider,
    reversal, start,
};

fn modes(folder: &Path) -> Vec<(String, u32)> {
    let mut modes =
        vec![(folder.display().to_string(), fs::metadata(folder).unwrap().permissions().mode() & 0o777)];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            modes.extend(self::modes(&path));
        } else {
            modes.push((
                path.display().to_string(),
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            ));
        }
    }
    modes
}

#[tokio::test]
async fn the_folder_and_every_file_in_it_are_the_owners_alone() {
    let stores = SqliteStores::new();
    fs::create_dir(stores.folder()).unwrap();
    fs::set_permissions(stores.folder(), Permissions::from_mode(0o755)).unwrap();
    let store = stores.store();
    store.open(&new_payment(1), start()).await.unwrap();
    let contract = entrusted("bank-y-cash");
    store.insert(&contract, new_link(&contract, 1), start()).await.unwrap();
    let modes = modes(&stores.folder());
    let files: Vec<_> = modes.iter().filter(|(path, _)| path.contains(".sqlite")).collect();
    assert_eq!(files.len(), 6, "two files, each with its log and its shared memory: {modes:?}");
    for (path, mode) in &modes {
        let expected = if Path::new(path).is_dir() { 0o700 } else { 0o600 };
        assert_eq!(*mode, expected, "{path}");
    }
}

#[tokio::test]
async fn a_folder_is_open_in_one_store_at_a_time() {
    let stores = SqliteStores::new();
    let store = stores.store();
    let error = Store::sqlite(&stores.folder()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    drop(store);
    drop(stores.store());
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let stores = SqliteStores::new();
    drop(stores.store());
    stores.shell("relay.sqlite").pragma_update(None, "user_version", 1_000).unwrap();
    let error = Store::sqlite(&stores.folder()).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 1_000, .. }), "{error}");
    assert!(error.to_string().contains("start the newer program"), "{error}");
    let version: i64 =
        stores.shell("relay.sqlite").query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap();
    assert_eq!(version, 1_000);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let stores = SqliteStores::new();
    fs::create_dir(stores.folder()).unwrap();
    fs::write(
        stores.file("relay.sqlite"),
        b"not a database, but long enough to be taken for the header of one......",
    )
    .unwrap();
    let error = Store::sqlite(&stores.folder()).unwrap_err();
    assert!(matches!(error, OpenError::Database { .. }), "{error}");
}

#[tokio::test]
async fn a_partition_under_another_contracts_name_is_refused() {
    let stores = SqliteStores::new();
    let store = stores.store();
    let (bank, clinic) = (entrusted("bank-y-cash"), entrusted("clinic-z"));
    store.insert(&bank, new_link(&bank, 1), start()).await.unwrap();
    drop(store);
    fs::rename(stores.file("entrusted/bank-y-cash.sqlite"), stores.file("entrusted/clinic-z.sqlite"))
        .unwrap();
    let store = stores.store();
    let fault = store.insert(&clinic, new_link(&clinic, 2), start()).await.unwrap_err();
    assert!(fault.reason.contains("the partition of another contract"), "{fault}");
}

#[tokio::test]
async fn asking_for_evidence_makes_no_file() {
    let stores = SqliteStores::new();
    let store = stores.store();
    let asked = store.evidence(&contract_id("anybody"), crate::sample::assertion(1)).await;
    assert_eq!(asked, Ok(None));
    assert!(!stores.file("entrusted/anybody.sqlite").exists());
}

#[tokio::test]
async fn an_idle_stores_log_is_cut_to_nothing() {
    let stores = SqliteStores::new();
    let store = stores.store();
    store.open(&new_payment(1), start()).await.unwrap();
    let log = stores.file("relay.sqlite-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0);
    // It happens when it happens; what never happens fails the test.
    for _ in 0..1_000 {
        if fs::metadata(&log).unwrap().len() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the log was never cut");
}

#[tokio::test]
async fn the_meter_counts_by_verifier_hour_purpose_and_method() {
    let stores = SqliteStores::new();
    let store = stores.store();
    let record = async |verifier: ProviderId, purpose, method, seconds| {
        store.record(&Lookup { verifier, purpose, method }, after(seconds)).await.unwrap();
    };
    record(provider("bank-y"), Purpose::Payment, LookupMethod::Crl, 0).await;
    record(provider("bank-y"), Purpose::Payment, LookupMethod::Crl, 1).await;
    record(provider("bank-y"), Purpose::Payment, LookupMethod::Crl, 3_600).await;
    record(provider("bank-y"), Purpose::Payment, LookupMethod::Ocsp, 0).await;
    record(provider("bank-y"), Purpose::Enrolment, LookupMethod::Ocsp, 0).await;
    record(provider("platform"), Purpose::Payment, LookupMethod::Crl, 0).await;
    let shell = stores.shell("relay.sqlite");
    let sql =
        "SELECT verifier || ' ' || hour || ' ' || purpose || ' ' || method || ' ' || count FROM lookups";
    let mut statement = shell.prepare(sql).unwrap();
    let rows: Vec<String> = statement.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let hour = start().as_second() / 3_600;
    let expected = [
        format!("bank-y {hour} enrolment ocsp 1"),
        format!("bank-y {hour} payment crl 2"),
        format!("bank-y {hour} payment ocsp 1"),
        format!("bank-y {} payment crl 1", hour + 1),
        format!("platform {hour} payment crl 1"),
    ];
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn stray_answers_and_rejections_are_kept_for_people() {
    let stores = SqliteStores::new();
    let store = stores.store();
    store.quarantine(&provider("card-a"), b"0110", start()).await.unwrap();
    approve(&*store, 1, start()).await;
    store.queue(&reversal(1), start()).await.unwrap();
    store.rejected(payment_id(1), "25", after(1)).await.unwrap();
    let shell = stores.shell("relay.sqlite");
    let stray: (String, Vec<u8>) = shell
        .query_row("SELECT provider, message FROM quarantine", (), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(stray, ("card-a".to_owned(), b"0110".to_vec()));
    let code: String = shell.query_row("SELECT response_code FROM reversals", (), |row| row.get(0)).unwrap();
    assert_eq!(code, "25");
}

#[tokio::test]
async fn a_link_left_half_taken_away_is_no_link_and_goes_with_the_next() {
    let stores = SqliteStores::new();
    let store = stores.store();
    let contract = entrusted("bank-y-cash");
    store.insert(&contract, crate::sample::joint_link(&contract, 1, 9), start()).await.unwrap();
    // As a process leaves it that stopped between the partition and the relay's file.
    stores.shell("entrusted/bank-y-cash.sqlite").execute("UPDATE links SET state = 'leaving'", ()).unwrap();
    assert!(LinkStore::find(&*store, &contract, &crate::sample::index(1)).await.unwrap().is_empty());
    assert!(LinkStore::get(&*store, &contract, crate::sample::link_id(1)).await.unwrap().is_none());
    assert_eq!(store.routes(&crate::sample::index(9)).await.unwrap().len(), 1);
    assert_eq!(store.expire_pending(&contract, start()).await, Ok(0));
    assert!(store.routes(&crate::sample::index(9)).await.unwrap().is_empty());
    let left: i64 = stores
        .shell("entrusted/bank-y-cash.sqlite")
        .query_row("SELECT count(*) FROM links", (), |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn an_intent_whose_customer_is_gone_is_a_fault() {
    let stores = SqliteStores::new();
    let store = stores.store();
    store.create(&intent(&entrusted("bank-y-cash"), 1), start()).await.unwrap();
    stores.shell("entrusted/bank-y-cash.sqlite").execute("DELETE FROM intent_customers", ()).unwrap();
    let fault = Intents::get(&*store, intent_id(1)).await.unwrap_err();
    assert_eq!(fault.reason, "an intent whose customer is not in its partition");
}
