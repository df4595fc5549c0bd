//! Opening payments and burying keys.

use std::sync::Arc;

use enishi_party::RefusalCode;
use enishi_relay::{Closing, Opened, Outcome, PaymentState};
use tokio::task::JoinSet;

use crate::sample::{after, new_payment, other_payment, payment_id, request, stage, start};
use crate::stores::{Ports, Stores};

pub(crate) async fn a_fresh_payment_is_found_by_key_and_by_name(stores: &dyn Stores) {
    let journal = stores.open().journal;
    assert!(journal.find(&request(1)).await.unwrap().is_none());
    assert!(journal.get(payment_id(1)).await.unwrap().is_none());
    assert_eq!(journal.open(&new_payment(1), start()).await, Ok(Opened::Fresh));
    for row in [journal.find(&request(1)).await, journal.get(payment_id(1)).await] {
        let row = row.unwrap().unwrap();
        assert_eq!((row.id, &row.request), (payment_id(1), &request(1)));
        assert_eq!(row.body_sha256, new_payment(1).body_sha256);
        assert!(matches!(row.state, PaymentState::Proven));
    }
}

async fn open_all(ports: &Ports, news: impl IntoIterator<Item = enishi_relay::NewPayment>) -> Vec<Opened> {
    let mut tasks = JoinSet::new();
    for new in news {
        let journal = Arc::clone(&ports.journal);
        tasks.spawn(async move { journal.open(&new, start()).await.unwrap() });
    }
    tasks.join_all().await
}

fn count(all: &[Opened], one: Opened) -> usize {
    all.iter().filter(|opened| **opened == one).count()
}

pub(crate) async fn of_a_thousand_parallel_requests_with_one_ticket_one_is_fresh(stores: &dyn Stores) {
    let ports = stores.open();
    let ticket_sha256 = new_payment(0).ticket_sha256;
    let news = (1..=1_000).map(|n| other_payment(n, |new| new.ticket_sha256 = ticket_sha256));
    let opened = open_all(&ports, news).await;
    assert_eq!((count(&opened, Opened::Fresh), count(&opened, Opened::TicketReused)), (1, 999));
    assert_eq!(ports.journal.unfinished().await.unwrap().len(), 1);
}

pub(crate) async fn of_a_thousand_parallel_requests_under_one_key_one_is_fresh(stores: &dyn Stores) {
    let ports = stores.open();
    let news = (1..=1_000).map(|n| other_payment(n, |new| new.request = request(0)));
    let opened = open_all(&ports, news).await;
    assert_eq!((count(&opened, Opened::Fresh), count(&opened, Opened::KeyTaken)), (1, 999));
    assert_eq!(ports.journal.unfinished().await.unwrap().len(), 1);
}

pub(crate) async fn a_taken_key_precedes_everything_and_consumes_nothing(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    assert_eq!(journal.open(&new_payment(1), start()).await, Ok(Opened::KeyTaken));
    let again = other_payment(2, |new| new.request = request(1));
    assert_eq!(journal.open(&again, start()).await, Ok(Opened::KeyTaken));
    assert_eq!(
        journal.open(&new_payment(2), start()).await,
        Ok(Opened::Fresh),
        "its ticket was not consumed"
    );
}

pub(crate) async fn a_cancelled_key_precedes_a_reused_ticket(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    assert_eq!(journal.bury(&request(2), start()).await, Ok(true));
    let (ticket_sha256, slip) = (new_payment(1).ticket_sha256, new_payment(1).slip);
    let late = other_payment(2, |new| (new.ticket_sha256, new.slip) = (ticket_sha256, slip));
    assert_eq!(journal.open(&late, start()).await, Ok(Opened::Cancelled));
    assert!(journal.find(&request(2)).await.unwrap().is_none());
}

pub(crate) async fn a_cancelled_key_consumes_the_ticket_that_was_shown(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.bury(&request(1), start()).await.unwrap();
    assert_eq!(journal.open(&new_payment(1), start()).await, Ok(Opened::Cancelled));
    let ticket_sha256 = new_payment(1).ticket_sha256;
    let replay = other_payment(2, |new| new.ticket_sha256 = ticket_sha256);
    assert_eq!(journal.open(&replay, start()).await, Ok(Opened::TicketReused));
}

pub(crate) async fn a_reused_ticket_precedes_a_reused_slip(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    let (ticket_sha256, slip) = (new_payment(1).ticket_sha256, new_payment(1).slip);
    let new = other_payment(2, |new| (new.ticket_sha256, new.slip) = (ticket_sha256, slip));
    assert_eq!(journal.open(&new, start()).await, Ok(Opened::TicketReused));
}

pub(crate) async fn a_reused_slip_consumes_its_ticket(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    let same_slip = other_payment(2, |new| new.slip = new_payment(1).slip);
    assert_eq!(journal.open(&same_slip, start()).await, Ok(Opened::SlipReused));
    assert!(journal.find(&request(2)).await.unwrap().is_none());
    assert_eq!(journal.open(&new_payment(2), start()).await, Ok(Opened::TicketReused));
}

pub(crate) async fn the_same_slip_on_another_day_or_at_another_terminal_is_fresh(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    let slip = new_payment(1).slip;
    let tomorrow =
        other_payment(2, |new| (new.slip, new.business_date) = (slip.clone(), "2025-06-16".to_owned()));
    assert_eq!(journal.open(&tomorrow, start()).await, Ok(Opened::Fresh));
    let elsewhere = other_payment(3, |new| {
        new.slip = slip.clone();
        new.request.terminal = "4980000000029".parse().unwrap();
    });
    assert_eq!(journal.open(&elsewhere, start()).await, Ok(Opened::Fresh));
}

pub(crate) async fn a_key_belongs_to_its_terminal(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    let mut other = request(1);
    other.terminal = "4980000000029".parse().unwrap();
    assert!(journal.find(&other).await.unwrap().is_none());
    assert_eq!(journal.bury(&other, start()).await, Ok(true));
    let served = other_payment(2, |new| new.request.terminal = other.terminal.clone());
    assert_eq!(journal.open(&served, start()).await, Ok(Opened::Fresh));
}

pub(crate) async fn a_key_with_a_payment_cannot_be_buried(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    assert_eq!(journal.bury(&request(1), start()).await, Ok(false));
    let outcome = Outcome::Refused(RefusalCode::Cancelled);
    journal.close(payment_id(1), &outcome, Closing::Unsent, start()).await.unwrap();
    assert_eq!(journal.bury(&request(1), start()).await, Ok(false));
}

pub(crate) async fn a_key_may_be_buried_twice(stores: &dyn Stores) {
    let journal = stores.open().journal;
    assert_eq!(journal.bury(&request(1), start()).await, Ok(true));
    assert_eq!(journal.bury(&request(1), after(1)).await, Ok(true));
}

pub(crate) async fn of_burying_and_opening_at_once_one_wins(stores: &dyn Stores) {
    let journal = stores.open().journal;
    for number in 1..=200 {
        let new = new_payment(number);
        let (open, bury) = (journal.open(&new, start()), journal.bury(&new.request, start()));
        // Which of the two is polled first alternates.
        let (opened, buried) = if number % 2 == 0 {
            tokio::join!(open, bury)
        } else {
            let (buried, opened) = tokio::join!(bury, open);
            (opened, buried)
        };
        match (opened.unwrap(), buried.unwrap()) {
            (Opened::Fresh, false) | (Opened::Cancelled, true) => {}
            both => panic!("{both:?}"),
        }
    }
}

pub(crate) async fn what_was_opened_and_buried_survives_a_restart(stores: &dyn Stores) {
    let ports = stores.open();
    ports.journal.open(&new_payment(1), start()).await.unwrap();
    ports.journal.bury(&request(2), start()).await.unwrap();
    drop(ports);
    let journal = stores.open().journal;
    assert_eq!(stage(&journal.find(&request(1)).await.unwrap().unwrap()), "proven");
    assert_eq!(journal.open(&new_payment(1), start()).await, Ok(Opened::KeyTaken));
    assert_eq!(journal.open(&new_payment(2), start()).await, Ok(Opened::Cancelled));
    let ticket_sha256 = new_payment(1).ticket_sha256;
    let replay = other_payment(3, |new| new.ticket_sha256 = ticket_sha256);
    assert_eq!(journal.open(&replay, start()).await, Ok(Opened::TicketReused));
}
