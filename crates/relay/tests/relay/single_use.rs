//! A ticket, a slip, a signature: each serves once, and for what it was made.

use std::sync::Arc;

use enishi_jpki::Token;
use enishi_party::{Money, RefusalCode};
use enishi_relay::{Outcome, RequestKey};
use enishi_testkit::{Who, at};
use enishi_wire::AmountBinding;

use crate::purchase::{Purchase, Tap, approval, refusal};
use crate::world::{A, B, UNBOUND_UP_TO, World};

/// The same proof under a new key.
fn again(purchase: &Purchase, number: u32) -> Purchase {
    let mut again = purchase.clone();
    let key = format!("replayed-key-{number:08}").parse().unwrap();
    again.key = RequestKey { key, ..purchase.key.clone() };
    again
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_parallel_requests_with_one_proof_exactly_one_goes_on() {
    let world = Arc::new(World::new());
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    let tasks: Vec<_> = (0..200).map(|number| world.paying(&again(&purchase, number))).collect();
    let (mut approved, mut reused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(Outcome::Answered(_)) => approved += 1,
            other => {
                assert_eq!(refusal(&other), Some(RefusalCode::ChallengeReused));
                reused += 1;
            }
        }
    }
    assert_eq!((approved, reused), (1, 199));
    assert_eq!(world.company.take_types(), ["0100"]);
}

#[tokio::test]
async fn a_proof_is_not_used_twice_after_a_restart_either_nor_when_it_is_old() {
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    approval(world.pay(&purchase).await);
    let world = world.restart();
    assert_eq!(refusal(&world.pay(&again(&purchase, 1)).await), Some(RefusalCode::ChallengeReused));
    world.store.purge(at(0)).await.unwrap();
    world.pass(60);
    assert_eq!(refusal(&world.pay(&again(&purchase, 2)).await), Some(RefusalCode::ChallengeReused));
    world.pass(61);
    world.store.purge(at(121)).await.unwrap();
    assert_eq!(refusal(&world.pay(&again(&purchase, 3)).await), Some(RefusalCode::ChallengeExpired));
}

#[tokio::test]
async fn a_proof_is_consumed_whatever_follows() {
    let world = World::new();
    let purchase = world.purchase(Some(A), 1_980);
    assert_eq!(refusal(&world.pay(&purchase).await), Some(RefusalCode::NotLinked));
    world.linked(A).await;
    assert_eq!(refusal(&world.pay(&again(&purchase, 1)).await), Some(RefusalCode::ChallengeReused));
}

#[tokio::test]
async fn a_slip_serves_once_a_day() {
    let world = World::new();
    world.linked(A).await;
    let tap = || Tap { contract: Some(A.to_owned()), slip: Some("77".to_owned()), ..Tap::default() };
    approval(world.pay(&world.tap(&tap())).await);
    assert_eq!(refusal(&world.pay(&world.tap(&tap())).await), Some(RefusalCode::SlipReused));
    let mut tomorrow = world.tap(&tap());
    tomorrow.request.business_date = "2026-11-21".to_owned();
    approval(world.pay(&tomorrow).await);
    let terminal = crate::world::OTHER_TERMINAL;
    approval(world.pay(&world.tap(&Tap { terminal, ..tap() })).await);
}

#[tokio::test]
async fn a_signature_serves_the_facts_that_were_signed_and_no_others() {
    let world = World::new();
    world.linked(A).await;
    type Change = fn(&mut Purchase);
    let changes: [(Change, RefusalCode); 7] = [
        (|its| its.request.amount = Money::yen(1_981).unwrap(), RefusalCode::ContextMismatch),
        (|its| its.request.slip = "999".parse().unwrap(), RefusalCode::ContextMismatch),
        (|its| its.request.payment_type = enishi_party::PaymentType::Revolving, RefusalCode::ContextMismatch),
        (|its| its.request.amount_binding = AmountBinding::Unbound, RefusalCode::ContextMismatch),
        (|its| its.request.merchant = "SHOP-2".parse().unwrap(), RefusalCode::ClientNotAllowed),
        (|its| its.request.terminal = "4980000000029".parse().unwrap(), RefusalCode::ClientNotAllowed),
        (
            |its| {
                // The whole request at another terminal: its ticket is not that terminal's.
                its.caller = crate::world::caller_at(crate::world::OTHER_TERMINAL);
                its.key.terminal = its.caller.terminal.clone();
                its.request.terminal = its.caller.terminal.clone();
            },
            RefusalCode::ChallengeExpired,
        ),
    ];
    for (number, (change, expected)) in changes.into_iter().enumerate() {
        let mut purchase = world.purchase(Some(A), 1_980);
        change(&mut purchase);
        assert_eq!(refusal(&world.pay(&purchase).await), Some(expected), "change {number}");
    }
    assert!(world.company.take_heard().is_empty());
}

#[tokio::test]
async fn another_persons_certificate_or_signature_proves_nothing() {
    let world = World::new();
    for who in [Who::First, Who::Second] {
        world.link(who, A, "架空 ••1234", enishi_linkage::Offer::Alone).await;
    }
    let mut purchase = world.purchase(Some(A), 1_980);
    let own = Token::from_json(&purchase.request.token).unwrap();
    let other = enishi_testkit::Town::get().card(Who::Second).certificate();
    let swapped = Token::new(other.der().to_vec(), own.algorithm(), own.signature().to_vec()).unwrap();
    purchase.request.token = swapped.to_json();
    assert_eq!(refusal(&world.pay(&purchase).await), Some(RefusalCode::SignatureInvalid));
}

#[tokio::test]
async fn an_unsigned_amount_is_taken_only_where_and_up_to_what_the_contract_says() {
    let world = World::new();
    world.linked(A).await;
    world.linked(B).await;
    let cases = [
        (A, 1, Some(RefusalCode::UnboundNotAllowed)),
        (B, UNBOUND_UP_TO, None),
        (B, UNBOUND_UP_TO + 1, Some(RefusalCode::UnboundNotAllowed)),
    ];
    for (contract, yen, expected) in cases {
        let binding = AmountBinding::Unbound;
        let tap = Tap { contract: Some(contract.to_owned()), yen, binding, ..Tap::default() };
        assert_eq!(refusal(&world.pay(&world.tap(&tap)).await), expected, "{contract} {yen}");
    }
    let (_, message) = world.company.take_heard().remove(0);
    let said = crate::world::assertion_key().verifying_key().open(message.assertion().unwrap()).unwrap();
    assert_eq!(said.amount_binding, AmountBinding::Unbound);
}
