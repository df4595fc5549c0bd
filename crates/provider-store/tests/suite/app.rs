//! The company's app: logging in, linking a card through the relay, the statement.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use enishi_party::{Timestamp, VerifierModel};
use enishi_provider::{
    AppError, CustomerState, EnrolmentEvidence, Recheck, RecheckRefused, SESSION_LIFE, serve_app,
};
use enishi_transport::{CancellationToken, HttpLimits};
use enishi_wire::{Assertion, Octets, Subject};
use serde_json::json;
use tokio::net::TcpListener;

use crate::company::Company;
use crate::http::call;
use crate::relay::{Confirm, Receipt};
use crate::world::{HANAKO, PASSWORD, TARO, World, customer};

#[tokio::test]
async fn a_linked_card_pays_and_its_holder_reads_it_on_the_statement() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    let cards = company.get("/app/cards", &session).await.body;
    assert_eq!(cards["cards"][0], json!({ "card": 0, "label": "縁カード ••1111" }));
    let linked = company.link(&session, 0).await;
    assert_eq!((linked.status, &linked.body), (200, &json!({ "label": "縁カード ••1111" })));
    assert!(linked.head.contains("cache-control: no-store"));
    company.relay.get(|script| {
        let asked = script.intents.last().unwrap();
        assert_eq!(asked.customer, None, "under 代行 the relay hears no name of the customer");
        assert_eq!(asked.contract.as_str(), "card-a-credit");
        assert_eq!(asked.label, "縁カード ••1111");
        assert!(asked.offer_jointly && asked.state.len() == 64);
    });
    assert_eq!(company.confirmed(), ["confirmed"]);
    assert_eq!(company.purchase(company.pairwise()).await, "00");
    let statement = company.get("/app/statement", &session).await.body;
    let entry = &statement["entries"][0];
    assert_eq!(entry["kind"], "purchase");
    assert_eq!(entry["amount"], json!({ "minor": 1980, "currency": "JPY" }));
    assert_eq!((&entry["merchant"], &entry["approval_number"]), (&json!("KAMEIDO-7"), &json!("000001")));
    let other = company.get("/app/statement", &company.login(TARO).await).await.body;
    assert_eq!(other, json!({ "entries": [] }));
}

#[tokio::test]
async fn nobody_learns_whether_name_or_password_was_wrong() {
    let company = Company::start().await;
    let wrong = company.try_login(HANAKO, "another password").await;
    let unknown = company.try_login("NOBODY-1", "another password").await;
    assert_eq!(wrong.code(), (401, "not_logged_in"));
    assert_eq!((unknown.status, &unknown.body), (wrong.status, &wrong.body));
    company.world.store.set_customer_state(&customer(TARO), CustomerState::Suspended).await.unwrap();
    assert_eq!(company.try_login(TARO, PASSWORD).await.body, wrong.body);
}

#[tokio::test]
async fn five_failures_close_the_login_for_a_quarter_of_an_hour() {
    let company = Company::start().await;
    for name in [HANAKO, "NOBODY-1"] {
        for _ in 0..5 {
            assert_eq!(company.try_login(name, "another password").await.status, 401, "{name}");
        }
        assert_eq!(company.try_login(name, "another password").await.code(), (429, "too_many_logins"));
    }
    assert_eq!(company.try_login(HANAKO, PASSWORD).await.status, 429, "the right one is not looked at");
    company.login(TARO).await;
    company.world.clock.advance(Duration::from_secs(15 * 60));
    company.login(HANAKO).await;
    for _ in 0..5 {
        assert_eq!(company.try_login(HANAKO, "another password").await.status, 401, "a success forgets them");
    }
}

#[tokio::test]
async fn without_a_session_that_lives_nothing_is_served() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    for path in ["/app/cards", "/app/statement"] {
        for session in ["", "00", &"0".repeat(64), &session[1..], &format!("{session}0")] {
            assert_eq!(company.get(path, session).await.code(), (401, "not_logged_in"));
        }
    }
    assert_eq!(company.post("/app/links", None, json!({})).await.status, 401);
    company.world.clock.advance(SESSION_LIFE - Duration::from_secs(1));
    assert_eq!(company.get("/app/cards", &session).await.status, 200);
    company.world.clock.advance(Duration::from_secs(1));
    assert_eq!(company.get("/app/cards", &session).await.status, 401);
    let session = company.login(HANAKO).await;
    company.world.store.set_customer_state(&customer(HANAKO), CustomerState::Suspended).await.unwrap();
    assert_eq!(company.get("/app/cards", &session).await.status, 401, "at once");
}

#[tokio::test]
async fn bodies_of_another_form_are_refused_without_an_echo() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    for (path, body) in [
        ("/app/login", r#"{"customer":"C","password":"canary-echo","more":1}"#),
        ("/app/login", r#"{"customer":["canary-echo"],"password":"12345678"}"#),
        ("/app/links", r#"{"card":"canary-echo","offer_jointly":true}"#),
        ("/app/link-callback", r#"{"state":"canary-echo"}"#),
        ("/app/link-callback", "canary-echo"),
        ("/app/link-callback", ""),
    ] {
        let answer = call(company.app, &format!("POST {path}"), Some(&session), body).await;
        assert_eq!(answer.code(), (400, "malformed_request"), "{path} {body}");
        assert!(!answer.body.to_string().contains("canary-echo"));
    }
    let none = company.post("/app/links", Some(&session), json!({ "card": 2, "offer_jointly": false })).await;
    assert_eq!(none.code(), (404, "no_such_card"));
}

#[tokio::test]
async fn only_the_session_that_began_a_link_can_finish_it_and_only_once() {
    let company = Company::start().await;
    let (hanako, again, taro) =
        (company.login(HANAKO).await, company.login(HANAKO).await, company.login(TARO).await);
    let state = company.begin(&hanako, 0).await;
    for (session, state) in
        [(&taro, &state), (&again, &state), (&hanako, &"ab".repeat(32)), (&hanako, &"x".into())]
    {
        assert_eq!(company.finish(session, state).await.code(), (404, "intent_invalid"));
    }
    assert_eq!(company.relay.get(|script| script.redeemed), 0, "the relay was not even asked");
    assert_eq!(company.finish(&hanako, &state).await.status, 200);
    assert_eq!(company.finish(&hanako, &state).await.code(), (404, "intent_invalid"));
    assert_eq!(company.confirmed(), ["confirmed"]);
}

#[tokio::test]
async fn another_name_or_birth_date_is_an_identity_mismatch() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    for (name, birth_date) in [("縁 花代", "1990-02-28"), ("縁 花子", "1990-03-01"), ("", "")] {
        company.relay.set(|script| {
            script.holder.name = name.to_owned();
            script.holder.birth_date = birth_date.to_owned();
        });
        assert_eq!(company.link(&session, 0).await.code(), (403, "identity_mismatch"));
    }
    assert_eq!(company.confirmed(), ["identity_mismatch"; 3]);
}

#[tokio::test]
async fn a_person_who_is_another_customer_already_is_a_conflict() {
    let company = Company::start().await;
    let hanako = company.login(HANAKO).await;
    assert_eq!(company.link(&hanako, 0).await.status, 200);
    let first = company.instrument();
    company.new_link(None);
    company.relay.set(|script| {
        script.holder.name = "縁太郎".to_owned();
        script.holder.birth_date = "1985-12-01".to_owned();
    });
    let taro = company.login(TARO).await;
    assert_eq!(company.link(&taro, 0).await.code(), (409, "link_conflict"));
    assert_eq!(company.confirmed(), ["confirmed", "conflict"]);
    let buy = company.world.buy(company.pairwise(), first);
    assert_eq!(company.world.purchase(&buy).await, "00", "the first tie stands");
}

#[tokio::test]
async fn a_second_card_of_the_same_person_is_tied_beside_the_first() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    assert_eq!(company.link(&session, 0).await.status, 200);
    let first = company.instrument();
    company.new_link(None);
    assert_eq!(company.link(&session, 1).await.status, 200);
    assert_ne!(company.instrument(), first);
    assert_eq!(company.purchase(company.pairwise()).await, "00");
    assert_eq!(company.world.purchase(&company.world.buy(company.pairwise(), first)).await, "00");
}

#[tokio::test]
async fn a_new_pairwise_id_of_the_customer_replaces_the_old_one() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    assert_eq!(company.link(&session, 0).await.status, 200);
    let (old, old_instrument) = (company.pairwise(), company.instrument());
    company.new_link(Some(0x72));
    assert_eq!(company.link(&session, 0).await.status, 200);
    assert_eq!(company.purchase(company.pairwise()).await, "00");
    for (subject, instrument) in
        [(old.clone(), old_instrument), (old, company.instrument()), (company.pairwise(), old_instrument)]
    {
        assert_eq!(company.world.purchase(&company.world.buy(subject, instrument)).await, "14");
    }
    company.new_link(Some(0x71));
    assert_eq!(company.link(&session, 0).await.code(), (409, "link_conflict"), "an old one never comes back");
}

#[tokio::test]
async fn what_the_relay_does_not_confirm_leaves_no_tie_and_the_former_one_counts() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    assert_eq!(company.link(&session, 0).await.status, 200);
    let (old, old_instrument) = (company.pairwise(), company.instrument());
    for confirm in [Confirm::RolledBack, Confirm::Refuse] {
        company.new_link(Some(0x72));
        company.relay.set(|script| script.confirm = vec![confirm]);
        assert_eq!(company.link(&session, 0).await.code(), (404, "intent_invalid"));
        assert_eq!(company.purchase(company.pairwise()).await, "14");
        let buy = company.world.buy(old.clone(), old_instrument);
        assert_eq!(company.world.purchase(&buy).await, "00");
    }
}

#[tokio::test]
async fn a_confirmation_that_may_have_been_heard_leaves_the_tie() {
    for (answers, status, tries) in [
        (vec![Confirm::Fail, Confirm::Active], 200, 2),
        (vec![Confirm::Fail], 503, 3),
        // The first was heard, its answer lost; then there is nothing left to confirm.
        (vec![Confirm::Fail, Confirm::Refuse], 503, 2),
    ] {
        let company = Company::start().await;
        company.relay.set(|script| script.confirm = answers);
        let session = company.login(HANAKO).await;
        assert_eq!(company.link(&session, 0).await.status, status);
        assert_eq!(company.confirmed().len(), tries);
        assert_eq!(company.purchase(company.pairwise()).await, "00");
    }
}

#[tokio::test]
async fn a_receipt_that_is_not_of_this_consent_is_believed_by_nobody() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    for receipt in [Receipt::Forged, Receipt::OfAnotherContract, Receipt::OfAnotherLabel] {
        company.relay.set(|script| script.receipt = receipt);
        assert_eq!(company.link(&session, 0).await.code(), (503, "fault"));
    }
    company.relay.set(|script| script.receipt = Receipt::True);
    company.relay.set(|script| script.evidence = Some(Octets(vec![1])));
    assert_eq!(company.link(&session, 0).await.status, 503, "evidence has no place under 代行");
    company.relay.set(|script| {
        script.evidence = None;
        script.pairwise = None;
    });
    assert_eq!(company.link(&session, 0).await.status, 503, "under 代行 a pairwise ID must come");
    assert!(company.confirmed().is_empty());
}

#[tokio::test]
async fn a_relay_that_is_away_is_a_fault_and_another_code_is_refused() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    let state = company.begin(&session, 0).await;
    let body = json!({ "state": state, "code": "another" });
    assert_eq!(
        company.post("/app/link-callback", Some(&session), body).await.code(),
        (404, "intent_invalid")
    );
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = listener.local_addr().unwrap();
    let provider = Arc::clone(&world.provider);
    tokio::spawn(async move {
        serve_app(listener, &provider, HttpLimits::default(), None, CancellationToken::new()).await
    });
    let away =
        Company { world, relay: company.relay.clone(), relay_address: company.relay_address.clone(), app };
    let session = away.login(HANAKO).await;
    let answer = away.post("/app/links", Some(&session), json!({ "card": 0, "offer_jointly": false })).await;
    assert_eq!(answer.code(), (503, "fault"));
}

/// Keeps what it was shown at enrolment, and answers as it is told.
struct Keeper(Result<(), RecheckRefused>, Mutex<Vec<EnrolmentEvidence>>);

#[async_trait]
impl Recheck for Keeper {
    async fn recheck(&self, _: &Assertion, _: &[u8], _: Timestamp) -> Result<(), RecheckRefused> {
        Ok(())
    }

    async fn enrolled(&self, evidence: &EnrolmentEvidence, _: Timestamp) -> Result<(), RecheckRefused> {
        self.1.lock().unwrap().push(evidence.clone());
        self.0
    }
}

#[tokio::test]
async fn under_entrustment_the_evidence_of_a_link_is_looked_at_before_it_is_confirmed() {
    for (told, status, confirmed, code) in [
        (Ok(()), 200, vec!["confirmed"], "00"),
        (Err(RecheckRefused::Disproved), 403, vec!["identity_mismatch"], "14"),
        (Err(RecheckRefused::Unavailable), 503, vec![], "14"),
    ] {
        let keeper = Arc::new(Keeper(told, Mutex::default()));
        let company = Company::with(VerifierModel::Entrusted, keeper.clone()).await;
        let session = company.login(HANAKO).await;
        assert_eq!(company.link(&session, 0).await.status, status);
        assert_eq!(company.confirmed(), confirmed);
        let shown = keeper.1.lock().unwrap().pop().unwrap();
        assert_eq!(shown.customer, customer(HANAKO));
        assert_eq!(shown.sealed, Octets(vec![0xEE; 40]));
        let asked = company.relay.get(|script| script.intents.last().unwrap().customer.clone());
        assert_eq!(asked, Some(customer(HANAKO)));
        let buy = company.world.buy(Subject::Customer(customer(HANAKO)), shown.instrument);
        assert_eq!(company.world.purchase(&buy).await, code);
    }
}

#[tokio::test]
async fn the_app_listens_on_this_machine_alone() {
    let world = World::new().await;
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let served =
        serve_app(listener, &world.provider, HttpLimits::default(), None, CancellationToken::new()).await;
    assert!(matches!(served, Err(AppError::NotLoopback { .. })));
}

#[tokio::test]
async fn sessions_and_links_are_forgotten_when_they_are_over() {
    let company = Company::start().await;
    let session = company.login(HANAKO).await;
    let state = company.begin(&session, 0).await;
    company.world.clock.advance(SESSION_LIFE);
    company.world.provider.forget().await.unwrap();
    let session = company.login(HANAKO).await;
    assert_eq!(company.finish(&session, &state).await.code(), (404, "intent_invalid"));
}
