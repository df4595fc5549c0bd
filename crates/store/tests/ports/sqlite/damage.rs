//! Rows that no version of this program writes are faults, never a panic and never half an answer.

use enishi_linkage::{Intents, LinkStore, StoreFault};
use enishi_relay::{Closing, Journal, Reversals};
use rusqlite::Connection;

use super::SqliteStores;
use crate::sample::{
    after, approve, approved, authorizing, awaiting, consent_record, consented, entrusted, index, intent,
    intent_id, link_id, new_link, new_payment, payment_id, provider, proxy, request, reversal, start,
};

const GARBAGE: [&str; 8] = [
    "NULL",
    "''",
    "'x'",
    "'pay_0000000000000000000000000000000.'",
    "'{\"answered\":{}}'",
    "x''",
    "x'00ff'",
    "9223372036854775807",
];

/// Columns whose contents are anyone's, so that garbage of the right kind is no damage.
const FREE: [&str; 6] = ["body", "message", "callback", "session_state", "sealed_answer", "offered"];

fn columns(shell: &Connection, table: &str) -> Vec<String> {
    let mut statement = shell.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
    statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Puts garbage into each column of a table in turn, reads through the port, and puts the row back.
async fn each_damage<T>(
    shell: &Connection,
    table: &str,
    watched: &[&str],
    read: impl AsyncFn() -> Result<Vec<T>, StoreFault>,
) {
    shell.pragma_update(None, "ignore_check_constraints", true).unwrap();
    assert_eq!(read().await.unwrap().len(), 1, "{table} is sound before");
    let mut faults = 0;
    for column in columns(shell, table) {
        for garbage in GARBAGE {
            shell
                .execute_batch(&format!(
                    "DROP TABLE IF EXISTS temp.kept; CREATE TEMP TABLE kept AS SELECT * FROM main.{table}"
                ))
                .unwrap();
            // Some garbage is of a type that the column does not take at all.
            if shell.execute(&format!("UPDATE {table} SET {column} = {garbage}"), ()).is_err() {
                continue;
            }
            let answer = read().await;
            if answer.is_err() {
                faults += 1;
            }
            if watched.contains(&column.as_str()) && !FREE.contains(&column.as_str()) {
                let found = answer.map_or(0, |rows| rows.len());
                assert_eq!(found, 0, "{table}.{column} = {garbage}");
            }
            shell
                .execute_batch(&format!(
                    "DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM temp.kept"
                ))
                .unwrap();
        }
    }
    assert!(faults > 0);
    assert_eq!(read().await.unwrap().len(), 1, "{table} is sound after");
}

#[tokio::test]
async fn a_damaged_payment_is_a_fault() {
    for stage in 0..4 {
        let stores = SqliteStores::new();
        let store = stores.store();
        store.open(&new_payment(1), start()).await.unwrap();
        match stage {
            1 => assert!(store.await_input(payment_id(1), &awaiting(1), start()).await.unwrap()),
            2 => assert!(store.authorize(payment_id(1), &authorizing(1), start()).await.unwrap()),
            3 => {
                assert!(store.authorize(payment_id(1), &authorizing(1), start()).await.unwrap());
                assert!(
                    Journal::close(&*store, payment_id(1), &approved(1), Closing::Answered, start())
                        .await
                        .unwrap()
                );
            }
            _ => {}
        }
        let shell = stores.shell("relay.sqlite");
        let watched =
            ["id", "state", "terminal", "answer", "answer_until", "assertion", "outcome", "evidence"];
        let watched: Vec<_> = watched
            .into_iter()
            .filter(|column| {
                let sql = format!("SELECT {column} IS NOT NULL FROM payments");
                shell.query_row(&sql, (), |row| row.get(0)).unwrap()
            })
            .collect();
        // Found by name, by key, or as unfinished: whichever still finds the damaged row must not tell half of it.
        each_damage(&shell, "payments", &watched, async || {
            Ok(Journal::get(&*store, payment_id(1)).await?.into_iter().collect::<Vec<_>>())
        })
        .await;
        each_damage(&shell, "payments", &["state"], async || {
            Ok(Journal::find(&*store, &request(1)).await?.into_iter().collect::<Vec<_>>())
        })
        .await;
        if stage < 3 {
            each_damage(&shell, "payments", &[], async || store.unfinished().await).await;
        }
    }
}

#[tokio::test]
async fn a_damaged_reversal_is_a_fault() {
    let stores = SqliteStores::new();
    let store = stores.store();
    approve(&*store, 1, start()).await;
    store.queue(&reversal(1), start()).await.unwrap();
    let shell = stores.shell("relay.sqlite");
    shell.pragma_update(None, "foreign_keys", false).unwrap();
    let read = async || store.due(&provider("card-a"), 10, after(1)).await;
    each_damage(&shell, "reversals", &["provider", "state"], read).await;
}

#[tokio::test]
async fn a_damaged_link_is_a_fault() {
    for (file, contract) in
        [("relay.sqlite", proxy("card-a-credit")), ("entrusted/bank-y-cash.sqlite", entrusted("bank-y-cash"))]
    {
        let stores = SqliteStores::new();
        let store = stores.store();
        store.insert(&contract, new_link(&contract, 1), start()).await.unwrap();
        let instrument = enishi_party::InstrumentRef::from_random([1; 16]);
        store.activate(&contract, link_id(1), instrument, start()).await.unwrap();
        let shell = stores.shell(file);
        shell.pragma_update(None, "foreign_keys", false).unwrap();
        let watched = ["id", "contract", "state", "instrument", "offer", "consent"];
        each_damage(&shell, "links", &watched, async || {
            Ok(LinkStore::get(&*store, &contract, link_id(1)).await?.into_iter().collect::<Vec<_>>())
        })
        .await;
        each_damage(&shell, "links", &["state", "instrument"], async || {
            LinkStore::find(&*store, &contract, &index(1)).await
        })
        .await;
    }
}

#[tokio::test]
async fn a_damaged_intent_is_a_fault() {
    for stage in 0..3 {
        let stores = SqliteStores::new();
        let store = stores.store();
        store.create(&intent(&proxy("card-a-credit"), 1), start()).await.unwrap();
        if stage > 0 {
            store.consent(intent_id(1), &consented(1), &consent_record(1), start()).await.unwrap();
        }
        if stage > 1 {
            store.redeem(intent_id(1), start()).await.unwrap();
        }
        let shell = stores.shell("relay.sqlite");
        each_damage(&shell, "intents", &["id", "model", "offer", "stage"], async || {
            Ok(Intents::get(&*store, intent_id(1)).await?.into_iter().collect::<Vec<_>>())
        })
        .await;
    }
}
