//! Traces and evidence.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::sample::{after, assertion, authorizing, contract_id, new_payment, payment_id, provider, start};
use crate::stores::Stores;

pub(crate) async fn traces_never_repeat_in_parallel_or_after_restarts(stores: &dyn Stores) {
    let mut seen = HashSet::new();
    for _ in 0..3 {
        let ports = stores.open();
        let mut tasks = JoinSet::new();
        for _ in 0..2_500 {
            let records = Arc::clone(&ports.records);
            tasks.spawn(async move { records.next_trace(&provider("card-a")).await.unwrap().number });
        }
        for number in tasks.join_all().await {
            assert!(number > 0);
            assert!(seen.insert(number), "{number} came twice");
        }
    }
    assert_eq!(seen.len(), 7_500);
}

pub(crate) async fn each_provider_has_traces_of_its_own(stores: &dyn Stores) {
    let records = stores.open().records;
    let first = records.next_trace(&provider("card-a")).await.unwrap().number;
    assert_eq!(records.next_trace(&provider("bank-y")).await.unwrap().number, first);
    assert_eq!(records.next_trace(&provider("card-a")).await.unwrap().number, first + 1);
}

pub(crate) async fn evidence_is_found_by_its_own_contract_alone(stores: &dyn Stores) {
    let ports = stores.open();
    for (number, contract) in [(1, "bank-y-cash"), (2, "clinic-z")] {
        ports.journal.open(&new_payment(number), start()).await.unwrap();
        let mut sent = authorizing(number);
        sent.contract = contract_id(contract);
        sent.evidence = Some(format!("sealed for {contract}").into_bytes());
        assert!(ports.journal.authorize(payment_id(number), &sent, after(1)).await.unwrap());
    }
    drop(ports);
    let records = stores.open().records;
    for contract in ["bank-y-cash", "clinic-z", "nobody"] {
        for number in [1, 2, 3] {
            let found = records.evidence(&contract_id(contract), assertion(number)).await.unwrap();
            let expected = match (contract, number) {
                ("bank-y-cash", 1) | ("clinic-z", 2) => Some(format!("sealed for {contract}").into_bytes()),
                _ => None,
            };
            assert_eq!(found, expected, "{contract} {number}");
        }
    }
}

pub(crate) async fn the_same_evidence_may_come_again_and_other_evidence_may_not(stores: &dyn Stores) {
    let ports = stores.open();
    let mut sent = authorizing(1);
    sent.evidence = Some(b"sealed".to_vec());
    // The payment is not there: the evidence alone is harmless, and does not stand in the way of the next attempt.
    assert_eq!(ports.journal.authorize(payment_id(1), &sent, start()).await, Ok(false));
    ports.journal.open(&new_payment(1), start()).await.unwrap();
    assert_eq!(ports.journal.authorize(payment_id(1), &sent, start()).await, Ok(true));
    ports.journal.open(&new_payment(2), start()).await.unwrap();
    sent.evidence = Some(b"other".to_vec());
    assert!(ports.journal.authorize(payment_id(2), &sent, start()).await.is_err());
    assert_eq!(ports.records.evidence(&sent.contract, assertion(1)).await, Ok(Some(b"sealed".to_vec())));
}
