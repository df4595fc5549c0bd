//! The code, and the provider's last word.

use enishi_party::{InstrumentRef, IntentId, LinkId, ProviderId, RefusalCode};
use enishi_relay::{Redeemed, Stop};
use enishi_testkit::{Who, at};
use enishi_wire::{ConfirmOutcome, ConfirmationAnswer, RedeemRequest};

use crate::enrolling::{STATE, enrol, enrolled, intent, tap};
use crate::purchase::{Tap, approval, refusal, refused};
use crate::world::{A, B, World, opening_key, provider};

async fn redeem(
    world: &World,
    caller: &ProviderId,
    id: IntentId,
    code: &str,
    state: &str,
) -> Result<Redeemed, Stop> {
    let request = RedeemRequest { code: code.to_owned(), state: state.to_owned() };
    world.relay.redeem(caller, id, request).await
}

fn confirmation(number: u8) -> ConfirmOutcome {
    ConfirmOutcome::Confirmed { instrument: InstrumentRef::from_random([number; 16]) }
}

async fn confirm(
    world: &World,
    contract: &str,
    link: LinkId,
    outcome: ConfirmOutcome,
) -> Result<ConfirmationAnswer, Stop> {
    world.relay.confirm(&provider(contract), link, outcome).await
}

/// Redeems and confirms.
pub(crate) async fn confirmed(world: &World, contract: &str, id: IntentId, code: &str) -> LinkId {
    let link = redeem(world, &provider(contract), id, code, STATE).await.unwrap().link;
    let answer = confirm(world, contract, link, confirmation(1)).await.unwrap();
    assert!(matches!(answer, ConfirmationAnswer::Active));
    link
}

async fn pays(world: &World, who: Who, contract: &str) -> Option<RefusalCode> {
    let tap = Tap { who, contract: Some(contract.to_owned()), ..Tap::default() };
    refusal(&world.pay(&world.tap(&tap)).await)
}

#[tokio::test]
async fn a_confirmed_link_serves_and_an_unconfirmed_one_does_not() {
    for contract in [A, B] {
        let world = World::new();
        let (id, answer) = enrolled(&world, contract, Who::First).await;
        assert_eq!(pays(&world, Who::First, contract).await, Some(RefusalCode::NotLinked));
        confirmed(&world, contract, id, &answer.code).await;
        assert_eq!(pays(&world, Who::First, contract).await, None);
        assert_eq!(pays(&world, Who::Second, contract).await, Some(RefusalCode::NotLinked));
    }
}

#[tokio::test]
async fn the_code_gives_each_model_what_is_its_own() {
    let world = World::new();
    let (id, answer) = enrolled(&world, A, Who::First).await;
    let proxy = redeem(&world, &provider(A), id, &answer.code, STATE).await.unwrap();
    assert!(proxy.pairwise.is_some() && proxy.evidence.is_none());
    assert_eq!(
        (proxy.holder.name.as_str(), proxy.holder.birth_date.as_str()),
        (Who::First.name(), "1980-02-17")
    );
    assert_eq!(proxy.receipt, answer.receipt);
    let (id, answer) = enrolled(&world, B, Who::First).await;
    let entrusted = redeem(&world, &provider(B), id, &answer.code, STATE).await.unwrap();
    assert!(entrusted.pairwise.is_none());
    let sealed = entrusted.evidence.unwrap();
    assert_eq!(opening_key().open(&sealed.0, &B.parse().unwrap()).unwrap().checked_at(), at(0));
}

#[tokio::test]
async fn a_code_serves_its_own_provider_session_and_minute_once() {
    let world = World::new();
    let (id, answer) = enrolled(&world, A, Who::First).await;
    let code = answer.code.as_str();
    let own = provider(A);
    let invalid = Some(RefusalCode::IntentInvalid);
    let unknown = IntentId::from_random([9; 16]);
    let cases = [
        (provider(B), id, code, STATE),
        ("nobody".parse().unwrap(), id, code, STATE),
        (own.clone(), unknown, code, STATE),
        (own.clone(), id, "", STATE),
        (own.clone(), id, &code[1..], STATE),
        (own.clone(), id, code, "state-of-another-session"),
        (own.clone(), id, code, ""),
    ];
    for (number, (caller, id, code, state)) in cases.into_iter().enumerate() {
        assert_eq!(refused(redeem(&world, &caller, id, code, state).await), invalid, "case {number}");
    }
    world.pass(60);
    assert!(redeem(&world, &own, id, code, STATE).await.is_ok(), "to the last moment");
    assert_eq!(refused(redeem(&world, &own, id, code, STATE).await), invalid, "once");
    let (id, answer) = enrolled(&world, A, Who::Second).await;
    world.pass(61);
    assert_eq!(refused(redeem(&world, &own, id, &answer.code, STATE).await), invalid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_bring_the_code_one_is_served() {
    let world = World::new();
    let (id, answer) = enrolled(&world, A, Who::First).await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (relay, code) = (world.relay.clone(), answer.code.clone());
            let request = RedeemRequest { code, state: STATE.to_owned() };
            tokio::spawn(async move { relay.redeem(&provider(A), id, request).await })
        })
        .collect();
    let mut served = 0;
    for task in tasks {
        served += usize::from(task.await.unwrap().is_ok());
    }
    assert_eq!(served, 1);
}

#[tokio::test]
async fn an_open_intent_has_no_code() {
    let world = World::new();
    let id = intent(&world, A).await;
    let refused = refused(redeem(&world, &provider(A), id, "", STATE).await);
    assert_eq!(refused, Some(RefusalCode::IntentInvalid));
}

#[tokio::test]
async fn only_the_links_own_provider_has_a_word_and_only_after_redeeming() {
    let world = World::new();
    let (id, answer) = enrolled(&world, A, Who::First).await;
    let invalid = Some(RefusalCode::IntentInvalid);
    let unknown = LinkId::from_random([9; 16]);
    assert_eq!(refused(confirm(&world, A, unknown, confirmation(1)).await), invalid);
    let link = redeem(&world, &provider(A), id, &answer.code, STATE).await.unwrap().link;
    for outcome in [confirmation(1), ConfirmOutcome::IdentityMismatch, ConfirmOutcome::Conflict] {
        assert_eq!(refused(confirm(&world, B, link, outcome).await), invalid);
    }
    assert!(confirm(&world, A, link, confirmation(1)).await.is_ok());
}

#[tokio::test]
async fn a_confirmation_may_be_said_again_and_a_rollback_not_after_it() {
    let mut world = World::new();
    let (id, answer) = enrolled(&world, A, Who::First).await;
    let link = confirmed(&world, A, id, &answer.code).await;
    for _ in 0..2 {
        let again = confirm(&world, A, link, confirmation(1)).await.unwrap();
        assert!(matches!(again, ConfirmationAnswer::Active), "its answer may have been lost");
        let others = [
            confirm(&world, A, link, confirmation(2)).await,
            confirm(&world, B, link, confirmation(1)).await,
            confirm(&world, A, link, ConfirmOutcome::IdentityMismatch).await,
        ];
        for other in others {
            assert_eq!(refused(other), Some(RefusalCode::IntentInvalid));
        }
        world = world.restart();
    }
    assert_eq!(pays(&world, Who::First, A).await, None);
}

#[tokio::test]
async fn a_link_that_its_provider_refuses_never_was_and_a_new_try_is_free() {
    for contract in [A, B] {
        for outcome in [ConfirmOutcome::IdentityMismatch, ConfirmOutcome::Conflict] {
            let world = World::new();
            let (id, answer) = enrolled(&world, contract, Who::First).await;
            let first = redeem(&world, &provider(contract), id, &answer.code, STATE).await.unwrap();
            let told = confirm(&world, contract, first.link, outcome).await.unwrap();
            assert!(matches!(told, ConfirmationAnswer::RolledBack));
            let gone = confirm(&world, contract, first.link, confirmation(1)).await;
            assert_eq!(refused(gone), Some(RefusalCode::IntentInvalid));
            assert_eq!(pays(&world, Who::First, contract).await, Some(RefusalCode::NotLinked));
            // A new intent, and a new identifier.
            let (id, answer) = enrolled(&world, contract, Who::First).await;
            let second = redeem(&world, &provider(contract), id, &answer.code, STATE).await.unwrap();
            assert!(second.pairwise.is_none() || second.pairwise != first.pairwise);
            assert!(confirm(&world, contract, second.link, confirmation(1)).await.is_ok());
            assert_eq!(pays(&world, Who::First, contract).await, None);
        }
    }
}

#[tokio::test]
async fn a_used_intent_takes_no_second_tap() {
    let world = World::new();
    let id = intent(&world, A).await;
    let (first, second) =
        (tap(&world, id, Who::First, Who::First).await, tap(&world, id, Who::First, Who::First).await);
    assert!(enrol(&world, &first).await.is_ok());
    for again in [&first, &second] {
        assert_eq!(refused(enrol(&world, again).await), Some(RefusalCode::IntentInvalid));
    }
}

#[tokio::test]
async fn of_two_sessions_that_link_one_card_in_one_contract_the_first_to_confirm_wins() {
    for contract in [A, B] {
        let world = World::new();
        let mut links = Vec::new();
        for _ in 0..2 {
            let (id, answer) = enrolled(&world, contract, Who::First).await;
            let redeemed = redeem(&world, &provider(contract), id, &answer.code, STATE).await.unwrap();
            links.push(redeemed.link);
        }
        assert!(confirm(&world, contract, links[1], confirmation(1)).await.is_ok());
        let second = confirm(&world, contract, links[0], confirmation(2)).await;
        assert_eq!(refused(second), Some(RefusalCode::LinkConflict));
        let again = confirm(&world, contract, links[0], confirmation(2)).await;
        assert_eq!(refused(again), Some(RefusalCode::IntentInvalid), "it never was");
        assert_eq!(pays(&world, Who::First, contract).await, None);
    }
}

#[tokio::test]
async fn a_link_that_nobody_confirms_for_a_day_is_gone() {
    let world = World::new();
    for contract in [A, B] {
        let (id, answer) = enrolled(&world, contract, Who::First).await;
        redeem(&world, &provider(contract), id, &answer.code, STATE).await.unwrap();
    }
    world.pass(24 * 3_600);
    assert_eq!(world.relay.expire_links().await.unwrap(), 0);
    world.pass(1);
    assert_eq!(world.relay.expire_links().await.unwrap(), 2);
    assert_eq!(world.relay.expire_links().await.unwrap(), 0);
}

#[tokio::test]
async fn a_link_offered_jointly_serves_joint_requests_from_its_confirmation_on() {
    let world = World::new();
    world.link(Who::First, B, "みなと", enishi_linkage::Offer::Jointly).await;
    let mut request = crate::enrolling::intent_request(A);
    request.offer_jointly = true;
    let id = world.relay.create_intent(&provider(A), request).await.unwrap().intent;
    let tapped = tap(&world, id, Who::First, Who::First).await;
    let answer = enrol(&world, &tapped).await.unwrap();
    assert!(answer.receipt.terms.offer_jointly);
    assert!(approval(world.pay(&world.purchase(None, 1_980)).await).label.starts_with("みなと"));
    confirmed(&world, A, id, &answer.code).await;
    let (_, need) = crate::purchase::need(world.pay(&world.purchase(None, 1_980)).await);
    assert_eq!(need.choose.len(), 2);
}
