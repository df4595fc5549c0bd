//! Store and forward.

use std::sync::Arc;

use enishi_party::RefusalCode;
use enishi_relay::{Closing, Outcome, PaymentState, Reversals};
use tokio::task::JoinSet;

use crate::sample::{after, approve, authorizing, new_payment, payment_id, provider, reversal, stage, start};
use crate::stores::Stores;

async fn due(reversals: &dyn Reversals, limit: usize, seconds: u64) -> Vec<(enishi_party::PaymentId, u32)> {
    let due = reversals.due(&provider("card-a"), limit, after(seconds)).await.unwrap();
    due.into_iter().map(|queued| (queued.reversal.payment, queued.attempts)).collect()
}

pub(crate) async fn a_queued_reversal_takes_the_approval_back(stores: &dyn Stores) {
    let ports = stores.open();
    approve(&*ports.journal, 1, start()).await;
    assert_eq!(ports.reversals.queue(&reversal(1), after(1)).await, Ok(true));
    let row = ports.journal.get(payment_id(1)).await.unwrap().unwrap();
    let PaymentState::Closed(closed) = row.state else { panic!("{row:?}") };
    assert_eq!(closed.outcome, Outcome::Refused(RefusalCode::Cancelled));
    assert!(closed.sent.is_some());
    assert_eq!(ports.reversals.pending().await, Ok(1));
}

pub(crate) async fn a_payment_has_one_reversal_however_many_try(stores: &dyn Stores) {
    let ports = stores.open();
    approve(&*ports.journal, 1, start()).await;
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let reversals = Arc::clone(&ports.reversals);
        tasks.spawn(async move { reversals.queue(&reversal(1), after(1)).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|queued| *queued).count(), 1);
    assert_eq!(ports.reversals.pending().await, Ok(1));
}

pub(crate) async fn a_payment_that_is_not_closed_is_not_reversed(stores: &dyn Stores) {
    let ports = stores.open();
    assert!(ports.reversals.queue(&reversal(1), start()).await.is_err(), "there is no such payment");
    ports.journal.open(&new_payment(1), start()).await.unwrap();
    assert!(ports.reversals.queue(&reversal(1), start()).await.is_err());
    ports.journal.authorize(payment_id(1), &authorizing(1), start()).await.unwrap();
    assert!(ports.reversals.queue(&reversal(1), start()).await.is_err());
    assert_eq!(stage(&ports.journal.get(payment_id(1)).await.unwrap().unwrap()), "authorizing");
    assert_eq!(ports.reversals.pending().await, Ok(0));
}

pub(crate) async fn reversals_are_due_oldest_first_and_by_provider(stores: &dyn Stores) {
    let ports = stores.open();
    for number in [5, 3, 4] {
        approve(&*ports.journal, number, start()).await;
        assert!(ports.reversals.queue(&reversal(number), after(number)).await.unwrap());
    }
    ports.journal.open(&new_payment(6), start()).await.unwrap();
    let mut sent = authorizing(6);
    sent.provider = provider("bank-y");
    ports.journal.authorize(payment_id(6), &sent, start()).await.unwrap();
    let mut elsewhere = reversal(6);
    elsewhere.provider = provider("bank-y");
    ports
        .journal
        .close(
            payment_id(6),
            &Outcome::Refused(RefusalCode::Cancelled),
            Closing::Reversed(&elsewhere),
            start(),
        )
        .await
        .unwrap();
    let reversals = &*ports.reversals;
    let all = [(payment_id(5), 0), (payment_id(3), 0), (payment_id(4), 0)];
    assert_eq!(due(reversals, 10, 10).await, all, "in the order of queueing");
    assert_eq!(due(reversals, 2, 10).await, all[..2]);
    assert_eq!(due(reversals, 0, 10).await, []);
    assert_eq!(due(reversals, 10, 4).await, [(payment_id(3), 0), (payment_id(4), 0)]);
    assert_eq!(reversals.due(&provider("bank-y"), 10, after(10)).await.unwrap()[0].reversal, elsewhere);
    assert_eq!(reversals.pending().await, Ok(4));
}

pub(crate) async fn an_attempt_is_counted_and_postpones(stores: &dyn Stores) {
    let ports = stores.open();
    let reversals = &*ports.reversals;
    for number in [1, 2] {
        approve(&*ports.journal, number, start()).await;
        reversals.queue(&reversal(number), start()).await.unwrap();
    }
    reversals.attempted(payment_id(1), after(10), after(1)).await.unwrap();
    assert_eq!(due(reversals, 10, 9).await, [(payment_id(2), 0)]);
    assert_eq!(due(reversals, 10, 10).await, [(payment_id(1), 1), (payment_id(2), 0)]);
    reversals.attempted(payment_id(1), after(30), after(10)).await.unwrap();
    assert_eq!(due(reversals, 10, 30).await, [(payment_id(1), 2), (payment_id(2), 0)]);
    assert_eq!(reversals.pending().await, Ok(2));
}

pub(crate) async fn an_answered_reversal_leaves_the_queue_for_good(stores: &dyn Stores) {
    let ports = stores.open();
    let reversals = &*ports.reversals;
    for number in [1, 2, 3] {
        approve(&*ports.journal, number, start()).await;
        reversals.queue(&reversal(number), start()).await.unwrap();
    }
    reversals.acknowledged(payment_id(1), after(1)).await.unwrap();
    reversals.rejected(payment_id(2), "25", after(1)).await.unwrap();
    // What comes after the end changes nothing.
    reversals.attempted(payment_id(1), after(2), after(2)).await.unwrap();
    reversals.rejected(payment_id(1), "25", after(2)).await.unwrap();
    reversals.acknowledged(payment_id(2), after(2)).await.unwrap();
    assert_eq!(due(reversals, 10, 99).await, [(payment_id(3), 0)]);
    assert_eq!(reversals.pending().await, Ok(1));
    for number in [1, 2] {
        assert_eq!(reversals.queue(&reversal(number), after(3)).await, Ok(false));
    }
    assert_eq!(reversals.pending().await, Ok(1));
    // An answer without a response code is no acknowledgement either.
    reversals.rejected(payment_id(3), "", after(3)).await.unwrap();
    assert_eq!(reversals.pending().await, Ok(0));
}

pub(crate) async fn the_queue_survives_a_restart(stores: &dyn Stores) {
    let ports = stores.open();
    for number in [2, 1] {
        approve(&*ports.journal, number, start()).await;
        ports.reversals.queue(&reversal(number), start()).await.unwrap();
    }
    ports.reversals.attempted(payment_id(2), after(5), start()).await.unwrap();
    drop(ports);
    let reversals = stores.open().reversals;
    assert_eq!(due(&*reversals, 10, 5).await, [(payment_id(2), 1), (payment_id(1), 0)]);
    assert_eq!(reversals.due(&provider("card-a"), 1, after(5)).await.unwrap()[0].reversal, reversal(2));
}

pub(crate) async fn stray_answers_are_taken(stores: &dyn Stores) {
    let reversals = stores.open().reversals;
    for _ in 0..2 {
        reversals.quarantine(&provider("card-a"), b"0110 that nobody waits for", start()).await.unwrap();
    }
    assert_eq!(reversals.pending().await, Ok(0));
}
