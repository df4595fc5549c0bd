//! One key is one act.

use std::sync::Arc;

use enishi_party::RefusalCode;
use enishi_testkit::Gate;

use crate::company::Act;
use crate::purchase::{approval, decline, need, refusal};
use crate::world::{A, B, World};

#[tokio::test]
async fn the_same_request_gets_the_same_answer_also_when_its_ticket_has_ended_and_after_a_restart() {
    let mut world = World::new();
    world.linked(A).await;
    world.company.does([Act::Approve, Act::Code("51"), Act::NotSent]);
    let purchases = [(); 3].map(|()| world.purchase(Some(A), 1_980));
    let unbound = {
        let mut refused = world.purchase(Some(A), 1_980);
        refused.request.contract = Some(crate::world::LAPSED.parse().unwrap());
        refused
    };
    let mut first = Vec::new();
    for purchase in purchases.iter().chain([&unbound]) {
        first.push(world.pay(purchase).await.unwrap());
    }
    assert_eq!(refusal(&Ok(first[3].clone())), Some(RefusalCode::ContractNotInForce));
    assert_eq!(world.company.take_types(), ["0100"; 3]);
    for _ in 0..2 {
        world.pass(24 * 3_600);
        for (purchase, first) in purchases.iter().chain([&unbound]).zip(&first) {
            assert_eq!(world.pay(purchase).await.unwrap(), *first);
        }
        assert!(world.company.take_heard().is_empty());
        world = world.restart();
    }
}

#[tokio::test]
async fn a_pin_entered_again_is_no_other_request() {
    let world = World::new();
    world.linked(B).await;
    let mut purchase = world.purchase(Some(B), 20_000);
    purchase.request.pin_block = Some(world.pin_block("402918365017", &purchase.ticket.1));
    let first = approval(world.pay(&purchase).await);
    purchase.request.pin_block = Some(world.pin_block("402918365017", &purchase.ticket.1));
    assert_eq!(approval(world.pay(&purchase).await), first);
    assert_eq!(world.company.take_types(), ["0100"]);
}

#[tokio::test]
async fn another_body_under_a_used_key_is_refused_and_the_first_stands() {
    let world = World::new();
    world.linked(A).await;
    let first = world.purchase(Some(A), 1_980);
    let stored = world.pay(&first).await.unwrap();
    let mut second = world.purchase(Some(A), 1_981);
    second.key = first.key.clone();
    assert_eq!(refusal(&world.pay(&second).await), Some(RefusalCode::IdempotencyMismatch));
    assert_eq!(world.pay(&first).await.unwrap(), stored);
    assert_eq!(world.company.take_types(), ["0100"]);
}

#[tokio::test]
async fn a_request_in_flight_is_not_served_twice() {
    let world = World::new();
    world.linked(A).await;
    let gate = Arc::new(Gate::default());
    world.company.does([Act::After(gate.clone())]);
    let purchase = world.purchase(Some(A), 1_980);
    let first = world.paying(&purchase);
    gate.reached().await;
    assert_eq!(refusal(&world.pay(&purchase).await), Some(RefusalCode::RequestInFlight));
    gate.open();
    let told = first.await.unwrap().unwrap();
    assert_eq!(world.pay(&purchase).await.unwrap(), told);
    assert_eq!(world.company.take_types(), ["0100"]);
}

#[tokio::test]
async fn a_question_is_repeated_as_it_was_asked() {
    let world = World::new();
    world.linked_jointly().await;
    let purchase = world.purchase(None, 1_980);
    let asked = need(world.pay(&purchase).await);
    world.pass(59);
    assert_eq!(need(world.pay(&purchase).await), asked);
}

#[tokio::test]
async fn a_refusal_before_the_proof_is_not_remembered() {
    let world = World::new();
    world.linked(A).await;
    let good = world.purchase(Some(A), 1_980);
    let mut bad = good.clone();
    bad.request.product_code = "x".to_owned();
    assert_eq!(refusal(&world.pay(&bad).await), Some(RefusalCode::MalformedRequest));
    approval(world.pay(&good).await);
}

#[tokio::test]
async fn a_fault_of_ours_is_declined_undone_and_remembered() {
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    world.journal.fails_at("authorize");
    assert_eq!(decline(world.pay(&purchase).await), "96");
    assert_eq!(decline(world.pay(&purchase).await), "96");
    assert_eq!((world.company.take_heard().len(), world.pending().await), (0, 0));
}
