//! What is taken away when its time is over.

use enishi_relay::{Closing, Opened};
use enishi_store::Purged;

use crate::sample::{
    DAY, after, approve, approved, consent_record, consented, declined, entrusted, intent, intent_id,
    new_payment, other_payment, payment_id, proxy, request, reversal, start,
};
use crate::stores::Stores;

pub(crate) async fn a_consumed_ticket_is_forgotten_when_nobody_would_accept_it(stores: &dyn Stores) {
    let ports = stores.open();
    ports.journal.open(&new_payment(1), start()).await.unwrap();
    let ticket_sha256 = new_payment(1).ticket_sha256;
    let replay = |number| other_payment(number, |new| new.ticket_sha256 = ticket_sha256);
    assert_eq!(ports.purge.purge(after(65)).await, Purged::default(), "its last moment");
    assert_eq!(ports.journal.open(&replay(2), after(65)).await, Ok(Opened::TicketReused));
    assert_eq!(ports.purge.purge(after(66)).await, Purged { tickets: 1, ..Purged::default() });
    assert_eq!(ports.journal.open(&replay(3), after(66)).await, Ok(Opened::Fresh));
    // Without a purge, too, each new payment forgets some.
    assert_eq!(ports.journal.open(&new_payment(4), after(200)).await, Ok(Opened::Fresh));
    assert_eq!(ports.journal.open(&replay(5), start()).await, Ok(Opened::Fresh));
}

pub(crate) async fn a_tombstone_stands_for_seven_days(stores: &dyn Stores) {
    let ports = stores.open();
    ports.journal.bury(&request(1), start()).await.unwrap();
    assert_eq!(ports.purge.purge(after(7 * DAY)).await, Purged::default());
    assert_eq!(ports.journal.open(&new_payment(1), after(7 * DAY)).await, Ok(Opened::Cancelled));
    // The payment that came too late consumed its ticket, which is forgotten with the rest.
    assert_eq!(
        ports.purge.purge(after(7 * DAY + 1)).await,
        Purged { tickets: 1, tombstones: 1, ..Purged::default() }
    );
    assert_eq!(ports.journal.open(&new_payment(1), after(7 * DAY + 1)).await, Ok(Opened::Fresh));
}

pub(crate) async fn a_stored_answer_stands_for_seven_days(stores: &dyn Stores) {
    let ports = stores.open();
    approve(&*ports.journal, 1, after(10)).await;
    approve(&*ports.journal, 2, after(20)).await;
    ports.reversals.queue(&reversal(1), after(30)).await.unwrap();
    ports.reversals.acknowledged(payment_id(1), after(40)).await.unwrap();
    let purged = ports.purge.purge(after(7 * DAY + 10)).await;
    assert_eq!(purged, Purged { tickets: 2, ..Purged::default() });
    assert_eq!(ports.purge.purge(after(7 * DAY + 11)).await, Purged { payments: 1, ..Purged::default() });
    assert!(ports.journal.find(&request(1)).await.unwrap().is_none());
    assert!(ports.journal.find(&request(2)).await.unwrap().is_some());
}

pub(crate) async fn open_payments_and_unanswered_reversals_stay(stores: &dyn Stores) {
    let ports = stores.open();
    for number in [1, 2] {
        approve(&*ports.journal, number, start()).await;
        ports.reversals.queue(&reversal(number), start()).await.unwrap();
    }
    ports.reversals.rejected(payment_id(2), "25", after(1)).await.unwrap();
    ports.journal.open(&new_payment(3), start()).await.unwrap();
    let purged = ports.purge.purge(after(30 * DAY)).await;
    assert_eq!(purged, Purged { tickets: 3, ..Purged::default() });
    for number in [1, 2, 3] {
        assert!(ports.journal.get(payment_id(number)).await.unwrap().is_some(), "{number}");
    }
    assert_eq!(ports.reversals.pending().await, Ok(1));
}

pub(crate) async fn intents_go_seven_days_after_their_end(stores: &dyn Stores) {
    let ports = stores.open();
    for (number, contract) in [(1, entrusted("bank-y-cash")), (2, proxy("card-a-credit"))] {
        ports.intents.create(&intent(&contract, number), start()).await.unwrap();
    }
    ports.intents.consent(intent_id(2), &consented(2), &consent_record(2), after(DAY)).await.unwrap();
    assert_eq!(ports.purge.purge(after(7 * DAY + 900)).await, Purged::default());
    assert_eq!(ports.purge.purge(after(7 * DAY + 901)).await, Purged { intents: 1, ..Purged::default() });
    assert!(ports.intents.get(intent_id(1)).await.unwrap().is_none());
    assert!(ports.intents.get(intent_id(2)).await.unwrap().is_some(), "it moved later");
    assert_eq!(ports.purge.purge(after(8 * DAY + 1)).await, Purged { intents: 1, ..Purged::default() });
}

pub(crate) async fn a_purge_takes_more_than_one_batch(stores: &dyn Stores) {
    let ports = stores.open();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=1_100 {
        let journal = std::sync::Arc::clone(&ports.journal);
        tasks.spawn(async move {
            journal.open(&new_payment(number), start()).await.unwrap();
            let outcome = if number % 2 == 0 { approved(number) } else { declined(number) };
            journal.close(payment_id(number), &outcome, Closing::Unsent, start()).await.unwrap();
            journal.bury(&request(number + 10_000), start()).await.unwrap();
        });
    }
    tasks.join_all().await;
    let purged = ports.purge.purge(after(8 * DAY)).await;
    assert_eq!(purged, Purged { tickets: 1_100, tombstones: 1_100, payments: 1_100, intents: 0 });
    assert_eq!(ports.purge.purge(after(8 * DAY)).await, Purged::default());
}
