//! Links that the company begins with an invitation: nobody is logged in when their result comes.

use std::time::Duration;

use enishi_provider::{CustomerState, INVITATION_LIFE_MAX, InviteError, JointOffer};
use serde_json::json;

use crate::company::Company;
use crate::http::Answer;
use crate::relay::CODE;
use crate::world::{HANAKO, TARO, customer, slot};

/// Invites, and returns the state that the relay was told.
async fn invite(company: &Company, id: &str, card: u8) -> String {
    let invited = company.world.provider.invite(&customer(id), slot(card), JointOffer::No).await.unwrap();
    assert_eq!(invited.life, Duration::from_secs(600));
    company.relay.get(|script| script.intents.last().unwrap().state.clone())
}

async fn bring(company: &Company, state: &str) -> Answer {
    company.post("/app/invitation-callback", None, json!({ "state": state, "code": CODE })).await
}

#[tokio::test]
async fn an_invited_card_is_linked_without_a_session_and_pays() {
    let company = Company::start().await;
    let state = invite(&company, HANAKO, 1).await;
    let code = company.world.provider.invite(&customer(HANAKO), slot(0), JointOffer::Yes).await.unwrap().code;
    company.relay.get(|script| {
        let [first, second] = script.intents.as_slice() else { panic!("two intents") };
        assert_eq!(first.callback, "https://card-a.example/app/invitation-callback");
        assert_eq!((first.customer.as_ref(), first.label.as_str()), (None, "縁ゴールド ••0000"));
        assert!(first.state.len() == 64 && first.state != second.state, "each state is a secret of its own");
        assert!(!first.offer_jointly && second.offer_jointly);
        assert_eq!(code.intent().as_octets(), &[2; 16], "the code is the intent's");
    });
    // The relay of these tests knows the newest intent alone.
    company.relay.set(|script| drop(script.intents.pop()));
    let linked = bring(&company, &state).await;
    assert_eq!((linked.status, &linked.body), (200, &json!({ "label": "縁ゴールド ••0000" })));
    assert_eq!(company.confirmed(), ["confirmed"]);
    assert_eq!(company.purchase(company.pairwise()).await, "00");
}

#[tokio::test]
async fn a_state_is_taken_once_and_an_unknown_one_never() {
    let company = Company::start().await;
    let state = invite(&company, HANAKO, 0).await;
    for other in ["ab".repeat(32), "x".into(), String::new(), state[..62].to_owned(), format!("{state}00")] {
        assert_eq!(bring(&company, &other).await.code(), (404, "intent_invalid"), "{other}");
    }
    assert_eq!(company.relay.get(|script| script.redeemed), 0, "the relay was not even asked");
    assert_eq!(bring(&company, &state).await.status, 200);
    assert_eq!(bring(&company, &state).await.code(), (404, "intent_invalid"), "a replay");
    assert_eq!(company.relay.get(|script| script.redeemed), 1);
    assert_eq!(company.confirmed(), ["confirmed"]);
}

#[tokio::test]
async fn of_two_that_race_with_one_state_one_is_linked() {
    let company = Company::start().await;
    for _ in 0..8 {
        let state = invite(&company, HANAKO, 0).await;
        let before = company.confirmed().len();
        let answers = tokio::join!(bring(&company, &state), bring(&company, &state), bring(&company, &state));
        let mut statuses = [answers.0.status, answers.1.status, answers.2.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404, 404]);
        assert_eq!(company.confirmed().len(), before + 1);
        company.new_link(None);
    }
}

#[tokio::test]
async fn a_session_s_state_and_an_invitation_s_are_not_taken_for_each_other() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    let of_session = company.begin(&session, 0).await;
    assert_eq!(bring(&company, &of_session).await.code(), (404, "intent_invalid"));
    assert_eq!(company.finish(&session, &of_session).await.status, 200, "and it is not lost by that");
    let of_invitation = invite(&company, HANAKO, 0).await;
    assert_eq!(company.finish(&session, &of_invitation).await.code(), (404, "intent_invalid"));
    company.new_link(None);
    assert_eq!(bring(&company, &of_invitation).await.status, 200);
}

#[tokio::test]
async fn somebody_else_s_tap_on_an_invitation_is_an_identity_mismatch_and_spends_it() {
    let company = Company::start().await;
    let state = invite(&company, TARO, 0).await;
    // The holder whom the relay names is Hanako.
    assert_eq!(bring(&company, &state).await.code(), (403, "identity_mismatch"));
    assert_eq!(company.confirmed(), ["identity_mismatch"]);
    assert_eq!(bring(&company, &state).await.code(), (404, "intent_invalid"));
    assert_eq!(company.purchase(company.pairwise()).await, "14", "nothing was tied");
}

#[tokio::test]
async fn an_invitation_ends_with_its_intent_and_a_minute_for_the_code() {
    let company = Company::start().await;
    let (late, last) = (invite(&company, HANAKO, 0).await, invite(&company, HANAKO, 1).await);
    company.world.clock.advance(Duration::from_secs(600 + 59));
    assert_eq!(bring(&company, &last).await.status, 200, "the tap was in time, the code is on its way");
    company.world.clock.advance(Duration::from_secs(1));
    assert_eq!(bring(&company, &late).await.code(), (404, "intent_invalid"));
    company.world.provider.forget().await.unwrap();
    assert_eq!(bring(&company, &late).await.code(), (404, "intent_invalid"));
    assert!(INVITATION_LIFE_MAX > Duration::from_secs(600));
}

#[tokio::test]
async fn whoever_is_no_customer_any_more_is_neither_invited_nor_linked() {
    let company = Company::start().await;
    let provider = &company.world.provider;
    let state = invite(&company, HANAKO, 0).await;
    company.world.store.set_customer_state(&customer(HANAKO), CustomerState::Suspended).await.unwrap();
    assert_eq!(bring(&company, &state).await.code(), (404, "intent_invalid"));
    for (id, card) in [(HANAKO, 0), ("NOBODY-1", 0)] {
        let refused = provider.invite(&customer(id), slot(card), JointOffer::No).await;
        assert!(matches!(refused, Err(InviteError::NoCustomer)), "{id}");
    }
    let refused = provider.invite(&customer(TARO), slot(5), JointOffer::No).await;
    assert!(matches!(refused, Err(InviteError::NoCard { cards: 1 })), "{refused:?}");
    assert_eq!(company.relay.get(|script| script.intents.len()), 1, "the relay heard of none of these");
}

#[tokio::test]
async fn an_invitation_s_callback_of_another_form_is_refused_without_an_echo() {
    let company = Company::start().await;
    for body in [
        json!({ "state": "canary-echo" }),
        json!({ "state": "canary-echo", "code": "x", "more": 1 }),
        json!({ "state": ["canary-echo"], "code": "x" }),
        json!({ "state": "canary-echo", "code": "" }),
        json!({ "state": "canary-echo", "code": "x".repeat(257) }),
    ] {
        let answer = company.post("/app/invitation-callback", None, body.clone()).await;
        assert_eq!(answer.code(), (400, "malformed_request"), "{body}");
        assert!(!answer.body.to_string().contains("canary-echo"));
    }
}

#[tokio::test]
async fn an_invitation_of_one_process_is_taken_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("provider.sqlite");
    let company = Company::start().await;
    let setting = || crate::world::Setting { relay: company.relay_address.clone(), ..Default::default() };
    let open = || enishi_provider_store::ProviderStore::open(&file).unwrap();
    let serving = crate::world::World::over(open(), setting()).await;
    let operator = crate::world::World::over(open(), setting()).await;
    operator.provider.invite(&customer(HANAKO), slot(0), JointOffer::No).await.unwrap();
    drop(operator);
    let state = company.relay.get(|script| script.intents.last().unwrap().state.clone());
    let served = company.beside(serving).await;
    assert_eq!(bring(&served, &state).await.status, 200);
}
