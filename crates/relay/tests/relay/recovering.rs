//! What a stopped process or a fault left open.

use std::sync::Arc;

use enishi_party::RefusalCode;
use enishi_testkit::Gate;
use enishi_wire::ContinueRequest;

use crate::company::Act;
use crate::purchase::{Purchase, approval, decline, need, refusal};
use crate::world::{A, World, holds, octets_below};

/// A purchase that stopped at the look-up: proven.
async fn stopped_when_proven(world: &World) -> Purchase {
    let gate = Arc::new(Gate::default());
    world.lookups.wait_at(&gate);
    let purchase = world.purchase(Some(A), 1_980);
    let paying = world.paying(&purchase);
    gate.reached().await;
    paying.abort();
    assert!(paying.await.is_err());
    assert_eq!(world.stage(&purchase).await, "proven");
    purchase
}

/// A purchase that stopped while the company thought: authorizing.
async fn stopped_when_authorizing(world: &World) -> Purchase {
    let gate = Arc::new(Gate::default());
    world.company.does([Act::After(gate.clone())]);
    let purchase = world.purchase(Some(A), 1_980);
    let paying = world.paying(&purchase);
    gate.reached().await;
    paying.abort();
    assert!(paying.await.is_err());
    assert_eq!(world.stage(&purchase).await, "authorizing");
    purchase
}

#[tokio::test]
async fn a_new_process_closes_what_was_under_way_reverses_what_was_sent_and_leaves_questions_open() {
    let world = World::new();
    world.linked_jointly().await;
    let proven = stopped_when_proven(&world).await;
    let authorizing = stopped_when_authorizing(&world).await;
    let awaiting = world.purchase(None, 1_980);
    let (asked, offered) = need(world.pay(&awaiting).await);
    let answered = world.purchase(Some(A), 1_980);
    let kept = approval(world.pay(&answered).await);
    let world = world.restart();
    assert_eq!(world.relay.recover().await.unwrap(), 2);
    assert_eq!(world.relay.recover().await.unwrap(), 0, "once");
    assert_eq!(decline(world.pay(&proven).await), "91");
    assert_eq!(decline(world.pay(&authorizing).await), "91");
    assert_eq!(approval(world.pay(&answered).await), kept);
    assert_eq!(world.pending().await, 1, "of the one that was sent");
    assert_eq!(world.drain(A).await.acknowledged, 1);
    assert_eq!(world.company.take_types(), ["0420"], "a 0100 is never sent again");
    let choice = ContinueRequest { choice: Some(offered.choose[0].handle), pin_block: None };
    approval(world.go_on(&asked, choice).await);
}

#[tokio::test]
async fn a_process_that_stops_between_journal_and_wire_reverses_what_never_left() {
    let world = World::new();
    world.linked(A).await;
    world.journal.fails_at("close answered");
    let purchase = world.purchase(Some(A), 1_980);
    assert!(world.pay(&purchase).await.is_err(), "approved there, not written here: nobody is told");
    assert_eq!(world.stage(&purchase).await, "authorizing");
    assert_eq!(refusal(&world.pay(&purchase).await), Some(RefusalCode::RequestInFlight));
    let world = world.restart();
    assert_eq!(world.relay.recover().await.unwrap(), 1);
    assert_eq!((decline(world.pay(&purchase).await).as_str(), world.pending().await), ("91", 1));
}

#[tokio::test]
async fn questions_that_ended_are_closed_and_their_token_is_erased() {
    let world = World::new();
    world.linked_jointly().await;
    let ended = world.purchase(None, 1_980);
    let (asked, offered) = need(world.pay(&ended).await);
    world.pass(30);
    let open = world.purchase(None, 1_980);
    need(world.pay(&open).await);
    let token = enishi_jpki::Token::from_json(&ended.request.token).unwrap().to_json();
    let signature = token["signature"].as_str().unwrap().as_bytes()[..64].to_vec();
    assert!(holds(&octets_below(&world.folder()), &signature));
    world.pass(30);
    assert_eq!(world.relay.expire_questions().await.unwrap(), 0, "to the last moment");
    world.pass(1);
    assert_eq!(world.relay.expire_questions().await.unwrap(), 1);
    assert_eq!((world.stage(&ended).await, world.stage(&open).await), ("closed", "awaiting"));
    assert_eq!(refusal(&world.pay(&ended).await), Some(RefusalCode::ChallengeExpired));
    let choice = ContinueRequest { choice: Some(offered.choose[0].handle), pin_block: None };
    assert_eq!(refusal(&world.go_on(&asked, choice).await), Some(RefusalCode::ChallengeExpired));
    let world = world.restart();
    assert!(!holds(&octets_below(&world.folder()), &signature), "also from free pages and the log");
}

#[tokio::test]
async fn what_a_fault_left_behind_is_closed_once_no_flow_can_have_it_in_hand() {
    let world = World::new();
    world.linked(A).await;
    let proven = stopped_when_proven(&world).await;
    let authorizing = stopped_when_authorizing(&world).await;
    world.pass(60);
    assert_eq!(world.relay.expire_questions().await.unwrap(), 0);
    world.pass(1);
    assert_eq!(world.relay.expire_questions().await.unwrap(), 1);
    assert_eq!((world.stage(&proven).await, world.stage(&authorizing).await), ("closed", "authorizing"));
    world.pass(79);
    assert_eq!(world.relay.expire_questions().await.unwrap(), 0);
    world.pass(1);
    assert_eq!(world.relay.expire_questions().await.unwrap(), 1);
    assert_eq!(world.pending().await, 1);
    assert_eq!(decline(world.pay(&proven).await), "91");
    assert_eq!(decline(world.pay(&authorizing).await), "91");
}

#[tokio::test]
async fn the_sweep_and_a_flow_that_still_runs_agree_about_the_end() {
    let world = World::new();
    world.linked(A).await;
    let gate = Arc::new(Gate::default());
    world.company.does([Act::After(gate.clone())]);
    let purchase = world.purchase(Some(A), 1_980);
    let paying = world.paying(&purchase);
    gate.reached().await;
    world.pass(1_000);
    assert_eq!(world.relay.expire_questions().await.unwrap(), 1);
    gate.open();
    assert_eq!(decline(paying.await.unwrap()), "91", "the approval that came too late is not told");
    assert_eq!((world.pending().await, world.quarantine.kept().len()), (1, 1));
}
