//! A terminal takes its request back: in every state, before and after.

use std::sync::Arc;

use enishi_party::RefusalCode;
use enishi_relay::{Outcome, Reversals};
use enishi_testkit::Gate;
use enishi_wire::CancelOutcome::{Closed, NeverSeen, Reversing};

use crate::company::Act;
use crate::purchase::{approval, decline, need, refusal};
use crate::world::{A, World};

fn is_cancelled(told: &Result<Outcome, enishi_relay::Stop>) -> bool {
    refusal(told) == Some(RefusalCode::Cancelled)
}

#[tokio::test]
async fn a_key_that_was_never_seen_is_refused_when_its_request_arrives_late() {
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    for _ in 0..2 {
        assert_eq!(world.cancel(&purchase).await, NeverSeen);
    }
    let world = world.restart();
    for _ in 0..2 {
        assert!(is_cancelled(&world.pay(&purchase).await));
    }
    assert_eq!((world.company.take_heard().len(), world.pending().await), (0, 0));
    // Its proof was shown: it serves under no other key either.
    let mut other = purchase.clone();
    other.key.key = "another-key-00000001".parse().unwrap();
    assert_eq!(refusal(&world.pay(&other).await), Some(RefusalCode::ChallengeReused));
}

#[tokio::test]
async fn a_key_belongs_to_its_terminal() {
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    let mut foreign = purchase.clone();
    foreign.key.terminal = crate::world::OTHER_TERMINAL.parse().unwrap();
    approval(world.pay(&purchase).await);
    assert_eq!(world.cancel(&foreign).await, NeverSeen);
    approval(world.pay(&purchase).await);
    assert_eq!(world.pending().await, 0);
}

#[tokio::test]
async fn an_approved_purchase_is_reversed_once_and_its_approval_is_never_told_again() {
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    approval(world.pay(&purchase).await);
    for _ in 0..3 {
        assert_eq!(world.cancel(&purchase).await, Reversing, "the same answer however often");
        assert!(is_cancelled(&world.pay(&purchase).await));
        assert_eq!(world.pending().await, 1);
    }
    assert_eq!(world.drain(A).await.acknowledged, 1);
    assert_eq!(world.cancel(&purchase).await, Reversing);
    assert_eq!(world.drain(A).await, enishi_relay::Drained::default());
    assert_eq!(world.company.take_types(), ["0100", "0420"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_cancellations_at_once_one_reverses() {
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    approval(world.pay(&purchase).await);
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (relay, key) = (world.relay.clone(), purchase.key.clone());
            tokio::spawn(async move { relay.cancel(&key).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), Reversing);
    }
    assert_eq!(world.pending().await, 1);
}

#[tokio::test]
async fn what_moved_no_money_is_closed_without_a_reversal() {
    let world = World::new();
    world.linked_jointly().await;
    world.company.does([Act::Code("51"), Act::NotSent]);
    let [declined, unsent, refused, asked] =
        [Some(A), Some(A), Some(crate::world::LAPSED), None].map(|contract| world.purchase(contract, 1_980));
    assert_eq!(decline(world.pay(&declined).await), "51");
    assert_eq!(decline(world.pay(&unsent).await), "91");
    assert_eq!(refusal(&world.pay(&refused).await), Some(RefusalCode::ContractNotInForce));
    need(world.pay(&asked).await);
    for purchase in [&declined, &unsent, &refused, &asked] {
        for _ in 0..2 {
            assert_eq!(world.cancel(purchase).await, Closed);
        }
    }
    assert_eq!(decline(world.pay(&declined).await), "51", "a decline stays what it was");
    assert!(is_cancelled(&world.pay(&asked).await));
    assert_eq!(world.pending().await, 0);
}

#[tokio::test]
async fn a_cancelled_question_is_answered_by_nobody() {
    let world = World::new();
    world.linked_jointly().await;
    let purchase = world.purchase(None, 1_980);
    let (asked, need) = need(world.pay(&purchase).await);
    assert_eq!(world.cancel(&purchase).await, Closed);
    let choice = enishi_wire::ContinueRequest { choice: Some(need.choose[0].handle), pin_block: None };
    assert!(is_cancelled(&world.go_on(&asked, choice).await));
    assert!(world.company.take_heard().is_empty());
}

#[tokio::test]
async fn a_purchase_that_was_reversed_since_no_answer_came_is_not_reversed_again() {
    let world = World::new();
    world.linked(A).await;
    world.company.does([Act::Unanswered]);
    let purchase = world.purchase(Some(A), 1_980);
    assert_eq!(decline(world.pay(&purchase).await), "91");
    assert_eq!(world.cancel(&purchase).await, Closed);
    assert_eq!(world.pending().await, 1);
}

#[tokio::test]
async fn while_it_is_proven_a_cancellation_stops_it_before_anything_is_sent() {
    let world = World::new();
    world.linked(A).await;
    let gate = Arc::new(Gate::default());
    world.lookups.wait_at(&gate);
    let purchase = world.purchase(Some(A), 1_980);
    let paying = world.paying(&purchase);
    gate.reached().await;
    assert_eq!(world.stage(&purchase).await, "proven");
    assert_eq!(world.cancel(&purchase).await, Closed);
    gate.open();
    assert!(is_cancelled(&paying.await.unwrap()));
    assert_eq!((world.company.take_heard().len(), world.pending().await), (0, 0));
}

#[tokio::test]
async fn while_it_is_under_way_a_cancellation_reverses_it_and_the_late_approval_is_kept_from_the_shop() {
    for act in [Some(Act::Approve), None] {
        let world = World::new();
        world.linked(A).await;
        let gate = Arc::new(Gate::default());
        world.company.does([Act::After(gate.clone())]);
        let purchase = world.purchase(Some(A), 1_980);
        let paying = world.paying(&purchase);
        gate.reached().await;
        assert_eq!(world.stage(&purchase).await, "authorizing");
        assert_eq!(world.cancel(&purchase).await, Reversing);
        if act.is_some() {
            // The reversal may even be through before the approval comes.
            assert_eq!(world.drain(A).await.acknowledged, 1);
        }
        gate.open();
        assert!(is_cancelled(&paying.await.unwrap()));
        assert!(is_cancelled(&world.pay(&purchase).await));
        assert_eq!(world.pending().await, u64::from(act.is_none()));
        assert_eq!(world.quarantine.kept().len(), 1);
    }
}

/// The cancellation looked when nothing was sent, and writes when something was.
#[tokio::test]
async fn a_cancellation_never_forgets_what_was_sent_while_it_looked() {
    for approved_first in [true, false] {
        let world = World::new();
        world.linked(A).await;
        let (at_list, at_company, at_close) = Default::default();
        let gates: [&Arc<Gate>; 3] = [&at_list, &at_company, &at_close];
        world.lookups.wait_at(gates[0]);
        world.company.does([Act::After(at_company.clone())]);
        let purchase = world.purchase(Some(A), 1_980);
        let paying = world.paying(&purchase);
        at_list.reached().await;
        world.journal.hold_next_unsent_close(&at_close);
        let (relay, key) = (world.relay.clone(), purchase.key.clone());
        let cancelling = tokio::spawn(async move { relay.cancel(&key).await });
        at_close.reached().await;
        at_list.open();
        at_company.reached().await;
        let told = if approved_first {
            at_company.open();
            let told = paying.await.unwrap();
            at_close.open();
            assert_eq!(cancelling.await.unwrap().unwrap(), Reversing);
            told
        } else {
            at_close.open();
            assert_eq!(cancelling.await.unwrap().unwrap(), Reversing);
            at_company.open();
            paying.await.unwrap()
        };
        assert_eq!(is_cancelled(&told), !approved_first);
        assert!(is_cancelled(&world.pay(&purchase).await));
        assert_eq!(world.pending().await, 1, "what the company debited is taken back");
        assert_eq!(world.drain(A).await.acknowledged, 1);
    }
}

#[tokio::test]
async fn a_cancellation_outlives_a_restart() {
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    approval(world.pay(&purchase).await);
    world.cancel(&purchase).await;
    let world = world.restart();
    assert_eq!(world.relay.recover().await.unwrap(), 0);
    assert_eq!(world.store.pending().await.unwrap(), 1);
    assert!(is_cancelled(&world.pay(&purchase).await));
    assert_eq!(world.cancel(&purchase).await, Reversing);
}
