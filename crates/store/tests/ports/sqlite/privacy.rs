//! What the tables refuse to hold, and what the files do not hold any more.

use enishi_linkage::{Intents, LinkStore};
use enishi_relay::{Closing, Journal};
use rusqlite::Connection;

use super::{SqliteStores, contains, octets_below};
use crate::sample::{
    after, authorizing, awaiting, consent_record, consented, customer, declined, entrusted, intent,
    intent_id, new_link, new_payment, payment_id, proxy, start,
};

fn refused(shell: &Connection, sql: &str) {
    let error = shell.execute(sql, ()).unwrap_err();
    assert!(error.to_string().contains("constraint failed"), "{sql}: {error}");
}

fn columns(shell: &Connection) -> Vec<String> {
    let sql = "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
               WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*'";
    let mut statement = shell.prepare(sql).unwrap();
    statement.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn the_relays_file_has_no_column_for_a_customer_a_card_or_a_serial() {
    let stores = SqliteStores::new();
    let _store = stores.store();
    let columns = columns(&stores.shell("relay.sqlite"));
    assert!(columns.contains(&"links.subject".to_owned()));
    for word in ["customer", "card", "account", "serial", "pan", "pin", "name", "certificate"] {
        let found: Vec<_> =
            columns.iter().filter(|column| column.split(['.', '_']).any(|part| part == word)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

#[tokio::test]
async fn under_proxy_no_customer_and_no_card_number_fit_into_a_link() {
    let stores = SqliteStores::new();
    let store = stores.store();
    let contract = proxy("card-a-credit");
    store.insert(&contract, new_link(&contract, 1), start()).await.unwrap();
    let shell = stores.shell("relay.sqlite");
    for subject in [
        "customer-1",
        "4980123456789012",
        "cnv_4980123456789012",
        "CNV_30313233343536373839616263646566",
        "cnv_3031323334353637383961626364656X",
        "cnvx30313233343536373839616263646566",
    ] {
        refused(&shell, &format!("UPDATE links SET subject = '{subject}'"));
    }
    for instrument in ["4980123456789012", "ins_4980123456789012", "ins_3031323334353637383961626364656G"] {
        refused(&shell, &format!("UPDATE links SET state = 'active', instrument = '{instrument}'"));
    }
    refused(&shell, "UPDATE links SET state = 'active'");
    refused(&shell, "UPDATE links SET route = x'01'");
}

#[tokio::test]
async fn a_partition_takes_no_row_of_another_contract() {
    let stores = SqliteStores::new();
    let store = stores.store();
    let contract = entrusted("bank-y-cash");
    store.insert(&contract, new_link(&contract, 1), start()).await.unwrap();
    let shell = stores.shell("entrusted/bank-y-cash.sqlite");
    shell.pragma_update(None, "foreign_keys", true).unwrap();
    refused(&shell, "UPDATE links SET contract = 'clinic-z'");
    refused(&shell, "INSERT INTO owner (contract, only) VALUES ('clinic-z', 1)");
    refused(&shell, "INSERT INTO owner (contract, only) VALUES ('clinic-z', 2)");
}

#[tokio::test]
async fn no_stage_keeps_what_it_must_not_have() {
    let stores = SqliteStores::new();
    let store = stores.store();
    store.open(&new_payment(1), start()).await.unwrap();
    store.create(&intent(&proxy("card-a-credit"), 1), start()).await.unwrap();
    store.consent(intent_id(1), &consented(1), &consent_record(1), start()).await.unwrap();
    let shell = stores.shell("relay.sqlite");
    refused(&shell, "UPDATE payments SET state = 'closed', outcome = '{}', closed_at = 1");
    refused(&shell, "UPDATE payments SET body = NULL");
    refused(&shell, "UPDATE payments SET state = 'authorizing', body = NULL");
    refused(&shell, "UPDATE payments SET outcome = '{}'");
    refused(&shell, "UPDATE payments SET message = x'00'");
    refused(&shell, "UPDATE intents SET stage = 'redeemed'");
    refused(&shell, "UPDATE intents SET stage = 'redeemed', code_sha256 = NULL, code_expires_at = NULL");
    refused(&shell, "UPDATE intents SET sealed_answer = NULL");
    refused(&shell, "UPDATE intents SET stage = 'closed'");
}

#[tokio::test]
async fn an_erased_token_is_nowhere_in_the_files() {
    let stores = SqliteStores::new();
    let store = stores.store();
    // Small ones beside each other in a page, and one that needs pages of its own.
    for number in 1..=40 {
        let mut new = new_payment(number);
        if number == 7 {
            new.body = b"planted-token-large ".repeat(2_000);
        }
        store.open(&new, start()).await.unwrap();
    }
    let before = octets_below(&stores.folder());
    assert!(contains(&before, "planted-token-6") && contains(&before, "planted-token-large"));
    for number in 1..=40 {
        let id = payment_id(number);
        if number % 3 == 0 {
            store.await_input(id, &awaiting(number), after(1)).await.unwrap();
        }
        let mut closing = Closing::Unsent;
        if number % 2 == 0 {
            store.authorize(id, &authorizing(number), after(2)).await.unwrap();
            closing = Closing::Answered;
        }
        assert!(Journal::close(&*store, id, &declined(number), closing, after(3)).await.unwrap());
    }
    store.create(&intent(&proxy("card-a-credit"), 1), start()).await.unwrap();
    store.consent(intent_id(1), &consented(1), &consent_record(1), start()).await.unwrap();
    store.redeem(intent_id(1), start()).await.unwrap();
    drop(store);
    let octets = octets_below(&stores.folder());
    for planted in ["planted-token", "planted-body", "planted-answer"] {
        assert!(!contains(&octets, planted), "{planted}");
    }
    assert!(contains(&octets, "0100 of 2"), "the files were searched at all");
}

#[tokio::test]
async fn a_token_is_erased_as_soon_as_the_payment_is_sent() {
    let stores = SqliteStores::new();
    let store = stores.store();
    store.open(&new_payment(1), start()).await.unwrap();
    store.authorize(payment_id(1), &authorizing(1), start()).await.unwrap();
    drop(store);
    assert!(!contains(&octets_below(&stores.folder()), "planted-token"));
}

#[tokio::test]
async fn a_customer_stands_in_its_own_contracts_file_alone() {
    let stores = SqliteStores::new();
    let store = stores.store();
    for (number, contract) in [(31, entrusted("bank-y-cash")), (52, entrusted("clinic-z"))] {
        store.insert(&contract, new_link(&contract, number), start()).await.unwrap();
        store.create(&intent(&contract, number + 10), start()).await.unwrap();
    }
    drop(store);
    let read = |file: &str| std::fs::read(stores.file(file)).unwrap();
    let (relay, bank, clinic) =
        (read("relay.sqlite"), read("entrusted/bank-y-cash.sqlite"), read("entrusted/clinic-z.sqlite"));
    assert!(!contains(&relay, "planted-customer"));
    for (own, other, numbers) in [(&bank, &clinic, [31, 41]), (&clinic, &bank, [52, 62])] {
        for number in numbers {
            assert!(contains(own, &customer(number)));
            assert!(!contains(other, &customer(number)));
        }
    }
}

#[tokio::test]
async fn a_purged_intents_customer_is_gone_from_its_file() {
    let stores = SqliteStores::new();
    let store = stores.store();
    store.create(&intent(&entrusted("bank-y-cash"), 1), start()).await.unwrap();
    Intents::close(&*store, intent_id(1), start()).await.unwrap();
    store.purge(after(30 * crate::sample::DAY)).await.unwrap();
    drop(store);
    assert!(!contains(&octets_below(&stores.folder()), "planted-customer"));
}
