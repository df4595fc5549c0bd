//! `enishi terminal enrol`: the terms, the two secrets, and the way back to the company.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use enishi_party::{IntentId, InvitationCode, RefusalCode};
use enishi_provider::LinkCallback;
use enishi_sandbox::sandbox::{AppClient, CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, Company, PersonKey, Shop};
use enishi_transport::Request;
use enishi_transport::header::{HeaderName, HeaderValue};
use enishi_wire::{IntentAnswer, IntentRequest, Problem};

use crate::cli_terminal::Counter;
use crate::console::{Console, Said, piped};
use crate::world::{account, alone, client};

/// A company's callback of the tests: notes what is brought and answers as it is told.
#[derive(Clone)]
struct Callback {
    brought: Arc<Mutex<Vec<serde_json::Value>>>,
    refuse: Arc<Mutex<Option<RefusalCode>>>,
    origin: String,
}

impl Callback {
    async fn serve() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let callback = Self { brought: Arc::default(), refuse: Arc::default(), origin };
        let router = Router::new().route("/back", post(bring)).with_state(callback.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        callback
    }
}

async fn bring(State(callback): State<Callback>, body: Bytes) -> axum::response::Response {
    callback.brought.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    match *callback.refuse.lock().unwrap() {
        None => {
            ([(header::CONTENT_TYPE, "application/json")], r#"{"label":"さくら ••1234"}"#).into_response()
        }
        Some(code) => {
            let body = serde_json::to_vec(&Problem::refusal(code)).unwrap();
            let status = StatusCode::from_u16(code.http_status()).unwrap();
            (status, [(header::CONTENT_TYPE, Problem::CONTENT_TYPE)], body).into_response()
        }
    }
}

/// An intent in company A's name, as its invitations make them.
async fn intent(counter: &Counter, callback: &str) -> IntentId {
    let plan = &counter.town.plan;
    let folder = plan.company(Company::A).parent().unwrap().to_owned();
    let relay = client(&folder, &plan.places.relay.to_string(), "urn:enishi:sandbox:relay:relay");
    let request = IntentRequest {
        contract: Company::A.contract().parse().unwrap(),
        customer: None,
        callback: callback.parse().unwrap(),
        state: "5a".repeat(32),
        label: "さくら ••1234".to_owned(),
        offer_jointly: false,
    };
    let key = HeaderValue::from_str(&format!("cli-{}", callback.len())).unwrap();
    let request =
        Request::post("/v1/link-intents", "application/json", serde_json::to_vec(&request).unwrap())
            .header(HeaderName::from_static("idempotency-key"), key);
    let response = relay.send(request).await.unwrap();
    let answer: IntentAnswer = serde_json::from_slice(&response.body).unwrap();
    answer.intent
}

fn allow(counter: &Counter, origin: &str) {
    let file = counter.config();
    let text = std::fs::read_to_string(&file).unwrap();
    let at = text.find("callbacks = [").unwrap() + "callbacks = [".len();
    std::fs::write(&file, format!("{}\"{origin}\", {}", &text[..at], &text[at..])).unwrap();
}

fn order<'a>(config: &'a str, card: &'a str, code: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["terminal", "enrol", "--config", config, "--card", card, "--code", code], more].concat()
}

fn enrol(counter: &Counter, person: PersonKey, code: &str, more: &[&str], lines: &str) -> Said {
    let (config, card) = (counter.config(), counter.card(person));
    piped(&order(&config, &card, code, more), lines)
}

fn answers() -> String {
    format!("y\n{CARD_AUTH_PIN}\n{CARD_SIGNING_PASSWORD}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_the_terms_are_read_and_the_holder_is_taken_back_where_that_is_allowed() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let callback = Callback::serve().await;
    allow(&counter, &callback.origin);
    let intent = intent(&counter, &format!("{}/back", callback.origin)).await;
    let code = InvitationCode::of(intent).to_string().to_lowercase().replace('-', " ");
    let (config, card) = (counter.config(), counter.card(PersonKey::Taro));
    let mut console = Console::start(&order(&config, &card, &code, &["--lang", "ja"]));
    for words in ["登録先: さくらカード", "登録するもの: さくら ••1234", "同意しますか"]
    {
        console.until(words);
    }
    console.enter("maybe");
    console.until("y か n");
    console.enter("はい");
    console.until("暗証番号(");
    assert!(!console.echoes());
    console.enter(CARD_AUTH_PIN);
    console.until("残り回数: 5回");
    console.until("署名用パスワード");
    assert!(!console.echoes());
    console.enter(CARD_SIGNING_PASSWORD);
    console.until("登録されました: さくら ••1234");
    let (code, said) = console.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains(CARD_SIGNING_PASSWORD) && !said.contains(CARD_AUTH_PIN), "{said}");
    let brought = callback.brought.lock().unwrap().clone();
    assert_eq!(brought.len(), 1);
    assert_eq!(brought[0]["state"], "5a".repeat(32));
    assert!(!said.contains(brought[0]["code"].as_str().unwrap()), "the code is the holder's alone");
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_sends_nothing_and_a_refusal_says_what_to_do() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let callback = Callback::serve().await;
    allow(&counter, &callback.origin);
    let intent = intent(&counter, &format!("{}/back", callback.origin)).await.to_string();
    for no in ["n\n", "いいえ\n", "", "what?\n", "y\n\n", "y\n4071\n\n"] {
        let said = enrol(&counter, PersonKey::Taro, &intent, &["--json", "--lang", "en"], no);
        let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!((said.code, &told["outcome"]), (Some(1), &"withdrawn".into()), "{no:?}: {said:?}");
        assert!(said.err.contains("Nothing was sent."), "{said:?}");
    }
    let wrong = enrol(&counter, PersonKey::Taro, &intent, &["--json"], "y\n4071\nWRONG99\n");
    assert!(wrong.code == Some(1) && wrong.out.contains("pin_wrong"), "{wrong:?}");
    assert!(callback.brought.lock().unwrap().is_empty());

    *callback.refuse.lock().unwrap() = Some(RefusalCode::IdentityMismatch);
    let said = enrol(&counter, PersonKey::Taro, &intent, &["--lang", "en"], &answers());
    assert_eq!(said.code, Some(1), "{said:?}");
    let expected = Problem::refusal(RefusalCode::IdentityMismatch);
    assert!(said.out.contains(&expected.user_message.en), "{said:?}");
    assert!(said.out.contains(&expected.clerk_action.en), "{said:?}");

    // The intent has served; a mistyped code is told from one that is over.
    let said = enrol(&counter, PersonKey::Taro, &intent, &["--json"], &answers());
    assert!(said.code == Some(1) && said.out.contains("refused"), "{said:?}");
    let mistyped = enrol(&counter, PersonKey::Taro, "0000-0000-0000-0000-0000-0000-0001", &[], "");
    assert!(mistyped.code == Some(2) && mistyped.err.contains("mistyped"), "{mistyped:?}");
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_elsewhere_becomes_a_link_that_finishes_on_the_holders_own_phone() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let account = account(PersonKey::Taro, Company::A);
    let app = counter.town.plan.places.app[0].to_string();
    let phone = AppClient::log_in(&app, account.customer, &account.password()).await.unwrap();
    let started = phone.start_link(false).await.unwrap();
    let said = enrol(&counter, PersonKey::Taro, &started.intent.to_string(), &["--json"], &answers());
    assert_eq!(said.code, Some(0), "{said:?}");
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let link = told["link"].as_str().unwrap();
    assert!(link.starts_with("https://app.sakura-card.example/"), "{link}");
    let field = |name: &str| {
        let (_, rest) = link.split_once(&format!("{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    let callback = LinkCallback { state: field("state"), code: field("code") };
    assert_eq!(phone.finish_link(&callback).await.unwrap().label, account.label);
    let (config, card) = (counter.config(), counter.card(PersonKey::Taro));
    let paid = piped(
        &[
            "terminal",
            "pay",
            "--config",
            &config,
            "--card",
            &card,
            "--yen",
            "300",
            "--lang",
            "en",
            "--contract",
            "sakura-card-credit",
        ],
        "4071\n",
    );
    assert!(paid.code == Some(0) && paid.out.contains("Approval: "), "{paid:?}");
    assert!(counter.town.plan.terminal(Shop::Books).is_file());
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_does_not_answer_leaves_the_holder_a_sentence_and_exit_3() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    allow(&counter, &gone);
    let intent = intent(&counter, &format!("{gone}/back")).await.to_string();
    let said = enrol(&counter, PersonKey::Taro, &intent, &["--lang", "en"], &answers());
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.out.contains("The company does not answer"), "{said:?}");
    counter.town.stop().await;
}
