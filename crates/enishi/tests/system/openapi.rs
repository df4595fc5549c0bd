//! The published descriptions against the live parties: what is said on the wire is what is described, and nothing else.

use std::collections::BTreeSet;

use enishi_sandbox::demo::{Citizen, of_outcome};
use enishi_sandbox::sandbox::{Company, Party, PersonKey, RelayPlace, Shop, Town};
use enishi_testkit::{Contract, Described};
use enishi_transport::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use enishi_transport::{Direction, HttpsClient, Method, Request};
use memchr::memmem;
use serde_json::{Value, json};

use crate::honest::requests;
use crate::world::{account, alone, client, enrol, pay, root, sale, town};

const RELAY: &str = "urn:enishi:sandbox:relay:relay";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_relay_and_the_app_say_on_an_honest_day_is_what_is_described() {
    let _alone = alone();
    let folder = root();
    let mut town = town(folder.path(), RelayPlace::InProcess).await;
    day(&mut town).await;

    let relay = Contract::new(enishi_server::openapi());
    let mut seen = BTreeSet::new();
    for caller in ["terminal:", "provider:"] {
        let capture = town.seen(Party::Relay).unwrap();
        let exchanges =
            exchanges(&capture.stream(Direction::Received, caller), &capture.stream(Direction::Sent, caller));
        seen.extend(agree(&relay, exchanges));
    }
    for said in [
        "tickets 200",
        "pay 200",
        "pay 404",
        "continue 200",
        "createLinkIntent 200",
        "viewLinkIntent 200",
        "redeem 200",
        "enrol 200",
        "confirmLink 200",
    ] {
        assert!(seen.contains(said), "{said} was not said: {seen:?}");
    }

    let app = Contract::new(enishi_provider::openapi());
    let capture = town.seen(Party::CompanyA).unwrap();
    let exchanges = exchanges(
        &capture.stream(Direction::Received, "127.0.0.1"),
        &capture.stream(Direction::Sent, "127.0.0.1"),
    );
    let seen = agree(&app, exchanges);
    for said in ["logIn 200", "beginLink 201", "finishLink 200", "statement 200"] {
        assert!(seen.contains(said), "{said} was not said: {seen:?}");
    }
    town.stop().await;
}

/// Links, purchases, a choice, a company's PIN, a card that is not linked, and a statement.
async fn day(town: &mut Town) {
    enrol(town, PersonKey::Taro, Company::A).await;
    enrol(town, PersonKey::Hanako, Company::A).await;
    enrol(town, PersonKey::Hanako, Company::B).await;
    let pin = account(PersonKey::Hanako, Company::B).pin;
    let mut citizen = Citizen::new().choosing("旅行用").with_company_pin(pin);
    let (a, b) = (Some(Company::A), Some(Company::B));
    for (person, what, outcome) in [
        (PersonKey::Taro, sale(1_980, a), "approved"),
        (PersonKey::Hanako, sale(880, None), "approved"),
        (PersonKey::Hanako, sale(12_000, b), "approved"),
        (PersonKey::Jiro, sale(1_000, a), "refused not_linked"),
    ] {
        let report = pay(town, Shop::Books, person, what, &mut citizen).await;
        assert_eq!(of_outcome(&report.outcome), outcome, "{person:?}");
    }
    town.app(account(PersonKey::Taro, Company::A)).await.unwrap().statement().await.unwrap();
}

/// One request and its answer.
struct Exchange {
    method: String,
    path: String,
    request: Vec<u8>,
    status: u16,
    media: Option<String>,
    answer: Vec<u8>,
}

/// Holds every exchange to its description, and names what was said.
fn agree(contract: &Contract, exchanges: Vec<Exchange>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for its in exchanges {
        let place = format!("{} {}", its.method, its.path);
        let described =
            contract.find(&its.method, &its.path).unwrap_or_else(|| panic!("{place} is not described"));
        let complaint = contract.answer(described, its.status, its.media.as_deref(), &its.answer);
        assert_eq!(complaint, None, "{place}");
        if described.operation.get("requestBody").is_some() {
            let body: Value = serde_json::from_slice(&its.request).unwrap();
            assert_eq!(contract.request(described, &body), None, "{place}");
        }
        seen.insert(format!("{} {}", described.operation["operationId"].as_str().unwrap(), its.status));
    }
    seen
}

/// Requests and answers in the order in which they passed, on connections of one caller at a time.
fn exchanges(received: &[u8], sent: &[u8]) -> Vec<Exchange> {
    let (asked, answered) = (requests(received), answers(sent));
    assert_eq!(asked.len(), answered.len(), "every request was answered");
    let pair = |(asked, (status, media, answer)): (crate::honest::Honest, (u16, Option<String>, Vec<u8>))| {
        Exchange {
            method: asked.method.to_string(),
            path: asked.path,
            request: asked.body,
            status,
            media,
            answer,
        }
    };
    asked.into_iter().zip(answered).map(pair).collect()
}

/// The HTTP/1.1 answers in a stream.
fn answers(stream: &[u8]) -> Vec<(u16, Option<String>, Vec<u8>)> {
    memmem::find_iter(stream, b"HTTP/1.1 ")
        .filter(|at| stream[*at + 9..*at + 12].iter().all(u8::is_ascii_digit))
        .map(|at| {
            let head_end = at + memmem::find(&stream[at..], b"\r\n\r\n").unwrap() + 4;
            let head = String::from_utf8(stream[at..head_end].to_vec()).unwrap();
            let field = |name: &str| {
                let line = head.lines().find(|line| line.to_lowercase().starts_with(name));
                line.and_then(|line| line.split_once(": ")).map(|(_, value)| value.trim().to_owned())
            };
            let length: usize = field("content-length").map_or(0, |length| length.parse().unwrap());
            let status = head[9..12].parse().unwrap();
            (status, field("content-type"), stream[head_end..head_end + length].to_vec())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_relay_answers_as_described_to_every_kind_of_caller() {
    let _alone = alone();
    let folder = root();
    let town = town(folder.path(), RelayPlace::InProcess).await;
    let relay = Contract::new(enishi_server::openapi());
    let mut statuses = BTreeSet::new();
    for name in ["terminal-coffee", "company-a", "company-b"] {
        let folder = town.plan.root.join(name);
        let client = client(&folder, &town.plan.places.relay.to_string(), RELAY);
        for its in relay.operations() {
            for body in bodies(&relay, its) {
                let status = asked(&relay, &client, its, body).await;
                statuses.insert((its.operation["operationId"].as_str().unwrap().to_owned(), status));
            }
            only_described_methods(&client, its).await;
        }
        let nowhere = client.send(Request::get("/v1/nowhere")).await.unwrap();
        assert_eq!(nowhere.status.as_u16(), 404);
    }
    println!("{statuses:?}");
    for its in relay.operations() {
        let operation = its.operation["operationId"].as_str().unwrap();
        for status in [400, 403] {
            let provoked = statuses.contains(&(operation.to_owned(), status));
            assert!(provoked || its.method == "GET", "{operation} never answered {status}");
        }
    }
    town.stop().await;
}

/// The examples, and each of them spoilt; one empty body where there is none.
fn bodies(contract: &Contract, its: Described<'_>) -> Vec<Vec<u8>> {
    let content = &its.operation["requestBody"]["content"]["application/json"];
    let mut bodies: Vec<Vec<u8>> = vec![Vec::new()];
    for (_, example) in contract.examples(content) {
        bodies.push(example.to_string().into_bytes());
        let mut more = example.clone();
        more["a_field_of_nobody"] = json!(1);
        bodies.push(more.to_string().into_bytes());
        for field in example.as_object().unwrap().keys() {
            let mut other = example.clone();
            other[field] = json!({ "of": "another kind" });
            bodies.push(other.to_string().into_bytes());
        }
    }
    bodies
}

async fn asked(contract: &Contract, client: &HttpsClient, its: Described<'_>, body: Vec<u8>) -> u16 {
    let path = concrete(its);
    let mut request = Request::get(path.clone());
    request.method = its.method.parse().unwrap();
    request.body = body.clone().into();
    request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let key = HeaderName::from_static("idempotency-key");
    request = request.header(key, HeaderValue::from_static("0123456789abcdef0123456789abcdef"));
    let answer = client.send(request).await.unwrap();
    let status = answer.status.as_u16();
    let media = answer.headers.get(CONTENT_TYPE).map(|media| media.to_str().unwrap());
    assert_eq!(contract.answer(its, status, media, &answer.body), None, "{} {path}", its.method);
    let described = serde_json::from_slice(&body).is_ok_and(|body| contract.request(its, &body).is_none());
    assert!(
        described || status >= 400 || its.method == "GET",
        "{} {path} took what is not described",
        its.method
    );
    status
}

/// Every other method is refused: the document names all of them.
async fn only_described_methods(client: &HttpsClient, its: Described<'_>) {
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        if method.as_str() == its.method {
            continue;
        }
        let mut request = Request::get(concrete(its));
        request.method = method.clone();
        let answer = client.send(request).await.unwrap();
        assert_eq!(answer.status.as_u16(), 405, "{method} {}", its.path);
        assert_eq!(answer.headers[CONTENT_TYPE], "application/problem+json");
    }
}

/// The path with the examples of its parameters.
fn concrete(its: Described<'_>) -> String {
    let parameters = its.operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|parameter| parameter["in"] == "path").fold(its.path.to_owned(), |path, parameter| {
        let name = format!("{{{}}}", parameter["name"].as_str().unwrap());
        path.replace(&name, parameter["example"].as_str().unwrap())
    })
}
