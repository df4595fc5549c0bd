//! Truncated, oversized and random bytes into every socket: a clear refusal, never a panic, and business goes on.

use std::collections::BTreeMap;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use enishi_sandbox::demo::{Citizen, of_outcome};
use enishi_sandbox::sandbox::{AppClient, Company, Party, PersonKey, RelayPlace, Shop, Town};
use enishi_transport::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use enishi_transport::{Direction, HttpError, HttpsClient, Method, Request};
use memchr::memmem;

use crate::enemy::{End, Heard, connector, in_the_clear, over_tls};
use crate::honest::{Honest, frames, requests};
use crate::random::Random;
use crate::world::{account, alone, client, enrol, pay, root, sale, town};

/// Every so many octets a message is cut off.
const CUT_EVERY: usize = 7;
/// More than any server takes as a body.
const OVERSIZED: usize = 300 * 1024;
/// How many bodies of random octets each endpoint gets.
const RANDOM_BODIES: usize = 24;
/// RFC 6960 §4.2.1: OCSPResponse { malformedRequest }.
const OCSP_MALFORMED: [u8; 5] = [0x30, 0x03, 0x0a, 0x01, 0x01];

static PANICS: AtomicUsize = AtomicUsize::new(0);
static HOOK: Once = Once::new();

/// Counts every panic of this process but those of the tests themselves.
fn count_panics() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.location().is_none_or(|place| !place.file().contains("tests/system")) {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            before(info);
        }));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_refuses_what_is_cut_off_oversized_or_random_and_business_goes_on() {
    let _alone = alone();
    count_panics();
    let mut random = Random::seeded("hostile");
    let folder = root();
    let mut town = town(folder.path(), RelayPlace::InProcess).await;
    honest_day(&mut town).await;
    let relay = honest(&town, &[Party::Terminal, Party::CompanyA]);
    let paths: Vec<_> = relay.keys().map(|(_, path)| path.as_str()).collect();
    for endpoint in [
        "/v1/tickets",
        "/v1/payments",
        "/v1/payments/ID/continue",
        "/v1/link-intents",
        "/v1/link-intents/ID",
        "/v1/link-intents/ID/redeem",
        "/v1/enrolments",
        "/v1/links/ID/confirm",
    ] {
        assert!(paths.contains(&endpoint), "an honest {endpoint} was recorded: {paths:?}");
    }
    let mut relay: Vec<_> = relay.into_values().collect();
    // No honest day takes anything back.
    relay.push(Honest {
        method: Method::POST,
        path: "/v1/payment-cancellations".to_owned(),
        content_type: Some("application/json".to_owned()),
        body: br#"{"idempotency_key":"0123456789abcdef0123456789abcdef"}"#.to_vec(),
    });
    let mut sent = 0;
    for name in ["terminal-coffee", "company-a", "company-b"] {
        let folder = town.plan.root.join(name);
        let client = client(&folder, &town.plan.places.relay.to_string(), "urn:enishi:sandbox:relay:relay");
        for honest in &relay {
            sent += over_http(&client, honest, &mut random).await;
        }
    }
    println!("relay: {sent} requests");
    assert!(sent > 2_000);
    authority(&town, &mut random).await;
    app(&town, &mut random).await;
    company_a_iso(&town, &mut random).await;
    strangers(&town, &mut random).await;

    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "something panicked");
    let mut citizen = Citizen::new();
    for (person, company) in [(PersonKey::Taro, Company::A), (PersonKey::Hanako, Company::B)] {
        let report = pay(&mut town, Shop::Books, person, sale(1_500, Some(company)), &mut citizen).await;
        assert_eq!(of_outcome(&report.outcome), "approved", "{company:?}");
    }
    let taro = town.app(account(PersonKey::Taro, Company::A)).await.unwrap().statement().await.unwrap();
    assert_eq!(taro.entries.len(), 2, "what was hostile debited nobody");
    town.stop().await;
}

/// Every endpoint has been used once in earnest.
async fn honest_day(town: &mut Town) {
    enrol(town, PersonKey::Taro, Company::A).await;
    enrol(town, PersonKey::Hanako, Company::A).await;
    enrol(town, PersonKey::Hanako, Company::B).await;
    let a = Some(Company::A);
    let mut citizen = Citizen::new().choosing("旅行用");
    for (person, what) in [(PersonKey::Taro, sale(1_000, a)), (PersonKey::Hanako, sale(1_100, None))] {
        let report = pay(town, Shop::Coffee, person, what, &mut citizen).await;
        assert_eq!(of_outcome(&report.outcome), "approved");
    }
}

/// The requests that these parties sent to the relay, one for each endpoint.
fn honest(town: &Town, parties: &[Party]) -> BTreeMap<(String, String), Honest> {
    let streams = parties.iter().map(|party| town.seen(*party).unwrap().stream(Direction::Sent, "relay"));
    streams
        .flat_map(|stream| requests(&stream))
        .map(|honest| {
            let words = honest.path.split('/').map(|word| if word.contains('_') { "ID" } else { word });
            ((honest.method.to_string(), words.collect::<Vec<_>>().join("/")), honest)
        })
        .collect()
}

/// The body, mistreated.
fn mistreated(body: &[u8], random: &mut Random) -> Vec<Vec<u8>> {
    let mut all: Vec<_> = (0..body.len()).step_by(CUT_EVERY).map(|length| body[..length].to_vec()).collect();
    for _ in 0..RANDOM_BODIES {
        let length = usize::try_from(random.below(2_000)).unwrap() + 1;
        all.push(random.octets(length));
    }
    all.push("[".repeat(20_000).into_bytes());
    all.push(br#"{"a":"#.repeat(5_000));
    all.push(vec![0; body.len().max(1)]);
    // One octet too many at the end of what is right.
    all.push([body, b"}"].concat());
    all
}

/// Sends everything to one endpoint over mutual TLS, and counts it.
async fn over_http(client: &HttpsClient, honest: &Honest, random: &mut Random) -> usize {
    let mut sent = 0;
    if honest.method == Method::GET {
        for _ in 0..RANDOM_BODIES {
            let strange =
                hex::encode(random.octets(8)).replace("a", "%00").replace("b", "%ff").replace("c", "../");
            let path = format!("{}{strange}", &honest.path[..honest.path.len() / 2]);
            sent += 1;
            check(client.send(Request::get(path)).await, &honest.path, b"");
        }
        return sent;
    }
    for body in mistreated(&honest.body, random).into_iter().chain([vec![b'{'; OVERSIZED]]) {
        let mut request = Request::get(honest.path.clone());
        request.method = honest.method.clone();
        request.body = body.clone().into();
        if let Some(content_type) = &honest.content_type {
            request = request.header(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
        }
        // A key of its own each time: nothing is answered from what is stored.
        let key = hex::encode(random.octets(16));
        let name = HeaderName::from_static("idempotency-key");
        request = request.header(name, HeaderValue::from_str(&key).unwrap());
        sent += 1;
        check(client.send(request).await, &honest.path, &body);
    }
    sent
}

fn check(answered: Result<enishi_transport::Response, HttpError>, path: &str, body: &[u8]) {
    let response = match answered {
        Ok(response) => response,
        // Closed while the oversized body was still on its way.
        Err(HttpError::Unanswered(_)) if body.len() >= OVERSIZED => return,
        Err(error) => panic!("{path}, {} octets: {error}", body.len()),
    };
    let status = response.status.as_u16();
    assert!(response.status.is_client_error(), "{path}, {} octets: {status}", body.len());
    assert_eq!(response.headers[CONTENT_TYPE], "application/problem+json", "{path}: {status}");
    is_problem(&response.body, status);
}

fn is_problem(body: &[u8], status: u16) {
    let problem: serde_json::Value = serde_json::from_slice(body).unwrap();
    assert_eq!(problem["status"], status, "{problem}");
    assert!(problem["code"].as_str().is_some_and(|code| !code.is_empty()), "{problem}");
}

/// Lists and OCSP in the clear, pairing over mutual TLS.
async fn authority(town: &Town, random: &mut Random) {
    let sent = town.seen(Party::Relay).unwrap().stream(Direction::Sent, "");
    let all = requests(&sent);
    let of = |path: &str| all.iter().find(|honest| honest.path == path).unwrap().clone();
    let (ocsp, pairing) = (of("/ocsp"), of("/v1/serial-pairings"));
    let places = &town.plan.places;
    let relay = town.plan.root.join("relay");
    let verifiers =
        client(&relay, &places.authority_verifiers.to_string(), "urn:enishi:sandbox:authority:jlis");
    let count = over_http(&verifiers, &pairing, random).await;
    let address = places.authority_public.to_string();
    let mut clear = 0;
    for body in mistreated(&ocsp.body, random) {
        let heard =
            in_the_clear(&address, &http("POST", "/ocsp", "application/ocsp-request", &body), End::Waits)
                .await;
        let (status, answer) = response(&heard);
        assert!(
            status == 200 && answer == OCSP_MALFORMED || (400..500).contains(&status),
            "{status} {answer:?}"
        );
        clear += 1;
    }
    let mut paths: Vec<_> =
        (0..RANDOM_BODIES).map(|_| format!("/crl/auth/{}", hex::encode(random.octets(9)))).collect();
    paths.extend([
        "/crl/auth/..%2f..%2fregister".to_owned(),
        format!("/ocsp/{}", "A".repeat(9_000)),
        "/ocsp/%00".to_owned(),
    ]);
    for path in paths {
        let (status, answer) =
            response(&in_the_clear(&address, &http("GET", &path, "text/plain", b""), End::Waits).await);
        assert!(
            status == 200 && answer == OCSP_MALFORMED || (400..500).contains(&status),
            "{path}: {status}"
        );
        clear += 1;
    }
    println!("authority: {count} questions for pairings, {clear} for lists and OCSP");
}

/// The app of company A.
async fn app(town: &Town, random: &mut Random) {
    let address = town.plan.places.app[0].to_string();
    let taro = account(PersonKey::Taro, Company::A);
    let login = serde_json::json!({ "customer": taro.customer, "password": taro.password() }).to_string();
    let link = r#"{"card":0,"offer_jointly":false}"#;
    let callback = format!(r#"{{"state":"{}","code":"{}"}}"#, "0".repeat(64), "0".repeat(64));
    // Bad log-ins count, so those that are well formed come from nobody.
    let mut count = 0;
    for (path, body) in
        [("/app/login", login.as_str()), ("/app/links", link), ("/app/link-callback", &callback)]
    {
        for body in mistreated(body.as_bytes(), random).into_iter().chain([vec![b' '; OVERSIZED]]) {
            let heard =
                in_the_clear(&address, &http("POST", path, "application/json", &body), End::Waits).await;
            count += 1;
            if body.len() >= OVERSIZED && heard.said.is_empty() {
                assert!(heard.closed);
                continue;
            }
            let (status, answer) = response(&heard);
            assert!((400..500).contains(&status), "{path}: {status}");
            is_problem(&answer, status);
        }
    }
    let no_statement =
        in_the_clear(&address, &http("GET", "/app/statement", "text/plain", b""), End::Waits).await;
    assert_eq!(response(&no_statement).0, 401);
    assert!(AppClient::log_in(&address, taro.customer, "not the password").await.is_err());
    println!("app: {count} requests");
}

/// The company's ISO 8583 socket, as the relay: nothing that is no message is answered, and the connection ends.
async fn company_a_iso(town: &Town, random: &mut Random) {
    let address = town.plan.places.iso[0].to_string();
    let as_relay = connector(Some(&town.plan.root.join("relay")));
    let received = town.seen(Party::CompanyA).unwrap().stream(Direction::Received, "relay");
    let frames = frames(&received);
    let sign_on = *frames.iter().find(|frame| frame[2..].starts_with(b"0800")).unwrap();
    let purchase = *frames.iter().find(|frame| frame[2..].starts_with(b"0100")).unwrap();
    let heard_to_sign_on = over_tls(&as_relay, &address, sign_on, End::Closes).await.said;
    assert!(heard_to_sign_on[2..].starts_with(b"0810"), "the enemy signs on as the relay does");

    let mut hostile = Vec::new();
    for frame in [sign_on, purchase] {
        for length in (0..frame.len()).step_by(CUT_EVERY) {
            // Cut off with the length it had; and with the length that it has now.
            hostile.push((frame[..length].to_vec(), End::Closes));
            let body = frame.get(2..length).unwrap_or_default();
            hostile.push((framed(body), End::Waits));
        }
    }
    for _ in 0..RANDOM_BODIES {
        let length = usize::try_from(random.below(600)).unwrap() + 1;
        let octets = random.octets(length);
        hostile.push((framed(&octets), End::Waits));
        hostile.push((octets, End::Closes));
    }
    hostile.push((vec![0xff; 70_000], End::Waits));
    let mut doubled_bitmap = purchase.to_vec();
    doubled_bitmap[6..22].fill(0xff);
    hostile.push((doubled_bitmap, End::Waits));
    let count = hostile.len();
    for (octets, end) in hostile {
        for before in [&[][..], sign_on] {
            let heard = over_tls(&as_relay, &address, &[before, &octets].concat(), end).await;
            assert!(heard.closed, "still held after {} octets", octets.len());
            let answered =
                heard.said.len().saturating_sub(if before.is_empty() { 0 } else { heard_to_sign_on.len() });
            assert_eq!(answered, 0, "{} octets that are no message were answered", octets.len());
        }
    }
    println!("company A, ISO 8583: {} connections", count * 2);
}

/// Those who are not to be heard at all.
async fn strangers(town: &Town, random: &mut Random) {
    let places = &town.plan.places;
    let doors = [places.relay, places.authority_verifiers, places.iso[0], places.iso[1]];
    for door in doors.map(|door| door.to_string()) {
        for _ in 0..4 {
            let heard = in_the_clear(&door, &random.octets(200), End::Closes).await;
            assert!(heard.closed && !heard.said.starts_with(b"HTTP"), "{door}");
        }
        let nobody =
            over_tls(&connector(None), &door, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", End::Closes).await;
        assert!(nobody.closed && nobody.said.is_empty(), "{door}: without a certificate");
    }
    let terminal = connector(Some(&town.plan.root.join("terminal-coffee")));
    let frame = town.seen(Party::CompanyA).unwrap().stream(Direction::Received, "relay");
    let heard = over_tls(&terminal, &places.iso[0].to_string(), frames(&frame)[0], End::Waits).await;
    assert!(heard.closed && heard.said.is_empty(), "a terminal is not the relay");
    // What is not HTTP, over mutual TLS.
    for length in [1, 100, 10_000, 100_000] {
        let heard = over_tls(&terminal, &places.relay.to_string(), &random.octets(length), End::Closes).await;
        assert!(heard.closed && (heard.said.is_empty() || response(&heard).0 >= 400));
    }
    let huge = b"POST /v1/tickets HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{";
    assert_eq!(response(&over_tls(&terminal, &places.relay.to_string(), huge, End::Waits).await).0, 413);
}

fn http(method: &str, path: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Status and body of what was heard.
fn response(heard: &Heard) -> (u16, Vec<u8>) {
    let said = &heard.said;
    let text = String::from_utf8_lossy(said);
    assert!(text.starts_with("HTTP/1.1 "), "no HTTP answer: {text:?}, closed: {}", heard.closed);
    let status = text[9..12].parse().unwrap();
    let body = memmem::find(said, b"\r\n\r\n").map_or(said.len(), |end| end + 4);
    (status, said[body..].to_vec())
}

fn framed(body: &[u8]) -> Vec<u8> {
    [&u16::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
}
