//! Both routers over a real socket.

use std::{net::SocketAddr, sync::Arc};

use axum::{Extension, Router};
use base64::{Engine, engine::general_purpose::STANDARD};
use enishi_authority::{
    Authority, Clock, LookupOutcome, LookupPurpose, OcspAnswers, Relation, RevocationReason, ServiceConfig,
    public_router, verifier_router,
};
use enishi_jpki::{AuthCertificate, CaCertificate, CertKind, Profile};
use enishi_transport::Peer;
use enishi_verify::{Limits, OcspRequest, Standing, check_ocsp};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    partitions::point_sha256,
    responder::{nonce_extension, request, sha1},
    world::{NOW, World, at, config, keys, person},
};

const RELAY: &str = "urn:enishi:sandbox:relay:relay-1";

pub(crate) fn clock() -> Clock {
    Arc::new(|| at(NOW))
}

/// Serves the router on a loopback port until the runtime ends.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// One request on one connection.
async fn send(address: SocketAddr, method: &str, path: &str, media_type: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: authority\r\nConnection: close\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: answer[end + 4..].to_vec() }
}

fn authority() -> (TempDir, Arc<Authority>) {
    let folder = TempDir::new().unwrap();
    let authority = Authority::create(folder.path(), config(), at(NOW)).unwrap();
    (folder, Arc::new(authority))
}

#[tokio::test]
async fn lists_are_served_by_key_as_they_were_published() {
    let (_folder, authority) = authority();
    let address = serve(public_router(Arc::clone(&authority), clock())).await;
    let key_id = authority.authority_certificates()[0].key_id.clone();
    let path = format!("/crl/auth/{key_id}.crl");
    assert_eq!(send(address, "GET", &path, "text/plain", b"").await.status, 404);
    authority.publish(at(NOW)).unwrap();
    let answer = send(address, "GET", &path, "text/plain", b"").await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/pkix-crl"));
    assert!(answer.head.contains("cache-control: max-age=108000"));
    let published = authority.published_crl(CertKind::Authentication, &key_id).unwrap().unwrap();
    assert_eq!(answer.body, published.der);
    for other in [
        format!("/crl/sign/{key_id}.crl"),
        format!("/crl/auth/{key_id}"),
        format!("/crl/none/{key_id}.crl"),
        "/crl/auth/00.crl".to_owned(),
        format!("/crl/auth/{}.crl", "zz".repeat(20)),
    ] {
        let answer = send(address, "GET", &other, "text/plain", b"").await;
        assert_eq!(answer.status, 404, "{other}");
        assert!(answer.head.contains("application/problem+json"), "{other}");
    }
}

#[tokio::test]
async fn ocsp_is_answered_by_post_and_by_get() {
    let (_folder, authority) = authority();
    let address = serve(public_router(Arc::clone(&authority), clock())).await;
    let issued =
        authority.issue(&person("resident-1"), keys(0), enishi_jpki::Carrier::Card, at(NOW)).unwrap();
    let issuer = CaCertificate::parse(&issued.auth_ca_der, &Profile::SANDBOX).unwrap();
    let certificate = AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX).unwrap();
    let request = OcspRequest::new(&certificate, &issuer, [9; 32]);
    let der = request.to_der();
    let check = |body: &[u8]| {
        check_ocsp(body, &request, &issuer, &Limits::default(), at(NOW)).map(|answer| answer.standing())
    };
    let answer = send(address, "POST", "/ocsp", "application/ocsp-request", &der).await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/ocsp-response"));
    assert_eq!(check(&answer.body).unwrap(), Standing::Good);

    authority
        .revoke(CertKind::Authentication, &issued.auth_serial, RevocationReason::Superseded, at(NOW))
        .unwrap();
    let encoded = STANDARD.encode(&der).replace('+', "%2B").replace('=', "%3D");
    for text in [encoded.clone(), encoded.replace('/', "%2F")] {
        let answer = send(address, "GET", &format!("/ocsp/{text}"), "text/plain", b"").await;
        let revoked = Standing::Revoked { reason: RevocationReason::Superseded, at: at(NOW) };
        assert_eq!(check(&answer.body).unwrap(), revoked);
    }
    // Rubbish is answered in the protocol's own words, other media are not.
    let answer = send(address, "POST", "/ocsp", "application/ocsp-request", b"rubbish").await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, [0x30, 3, 0x0a, 1, 1].as_slice()));
    let answer = send(address, "GET", "/ocsp/!!!", "text/plain", b"").await;
    assert_eq!(answer.body, [0x30, 3, 0x0a, 1, 1]);
    assert_eq!(send(address, "POST", "/ocsp", "text/plain", &der).await.status, 415);
    let large = send(address, "POST", "/ocsp", "application/ocsp-request", &[0; 8_193]).await;
    assert_eq!(large.status, 413);
    assert!(large.head.contains("content-type: application/problem+json"), "{}", large.head);
    assert!(large.text().contains("body_too_large"));
}

#[tokio::test]
async fn a_presigned_answer_by_get_says_how_long_it_may_be_kept() {
    let (folder, world) = World::new().closed();
    let service = ServiceConfig { ocsp_answers: OcspAnswers::Presigned, ..ServiceConfig::default() };
    let authority = Arc::new(Authority::open_with(&folder, service).unwrap());
    let issued =
        authority.issue(&person("resident-1"), keys(0), enishi_jpki::Carrier::Card, at(NOW)).unwrap();
    let later: Clock = Arc::new(|| at("2026-11-20T03:01:00.5Z"));
    let address = serve(public_router(Arc::clone(&authority), clock())).await;
    let a_minute_later = serve(public_router(Arc::clone(&authority), later)).await;
    let question = request(&[sha1(&issued.auth_ca_der, &issued.auth_serial)], &[]);
    let path = |der: &[u8]| {
        let encoded = STANDARD.encode(der).replace('+', "%2B").replace('=', "%3D");
        format!("/ocsp/{encoded}")
    };
    let first = send(address, "GET", &path(&question), "text/plain", b"").await;
    let second = send(a_minute_later, "GET", &path(&question), "text/plain", b"").await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.body, second.body);
    for (answer, seconds) in [(&first, 450), (&second, 389)] {
        let control = format!("cache-control: max-age={seconds}, public, no-transform, must-revalidate");
        assert!(answer.head.contains(&control), "{}", answer.head);
        assert!(answer.head.contains("last-modified: fri, 20 nov 2026 03:00:00 gmt"), "{}", answer.head);
        assert!(answer.head.contains("expires: fri, 20 nov 2026 03:15:00 gmt"), "{}", answer.head);
    }
    let tag = first.head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let known = format!("text/plain\r\nIf-None-Match: {tag}");
    let unchanged = send(address, "GET", &path(&question), &known, b"").await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    // What is one caller's is nobody else's: over POST, and with a nonce.
    let posted = send(address, "POST", "/ocsp", "application/ocsp-request", &question).await;
    assert_eq!(posted.body, first.body);
    let ids = [sha1(&issued.auth_ca_der, &issued.auth_serial)];
    let own = request(&ids, &nonce_extension(&[7; 32]));
    let own = send(address, "GET", &path(&own), "text/plain", b"").await;
    for answer in [posted, own] {
        assert!(answer.head.contains("cache-control: no-store"), "{}", answer.head);
        assert!(!answer.head.contains("etag"), "{}", answer.head);
    }
    // Revoked, it is another answer under another tag.
    authority
        .revoke(CertKind::Authentication, &issued.auth_serial, RevocationReason::Superseded, at(NOW))
        .unwrap();
    let after = send(address, "GET", &path(&question), &known, b"").await;
    assert_eq!(after.status, 200);
    assert_ne!(after.body, first.body);
    drop(world);
}

#[tokio::test]
async fn partitions_are_served_by_key_and_by_the_digest_of_their_point() {
    let (_folder, authority) = authority();
    let address = serve(public_router(Arc::clone(&authority), clock())).await;
    let issued =
        authority.issue(&person("resident-1"), keys(0), enishi_jpki::Carrier::Card, at(NOW)).unwrap();
    authority.publish(at(NOW)).unwrap();
    let certificate = AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX).unwrap();
    let key_id = certificate.issuer_key_id().clone();
    let point = point_sha256(&certificate);
    let word = hex::encode(point);
    let answer = send(address, "GET", &format!("/crl/auth/{key_id}/{word}.crl"), "text/plain", b"").await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/pkix-crl"));
    assert!(answer.head.contains("cache-control: max-age=108000"));
    let published =
        authority.published_partition(CertKind::Authentication, &key_id, &point).unwrap().unwrap();
    assert_eq!(answer.body, published.der);
    for other in [
        format!("/crl/sign/{key_id}/{word}.crl"),
        format!("/crl/auth/{key_id}/{}.crl", "00".repeat(32)),
        format!("/crl/auth/{key_id}/{word}"),
        format!("/crl/auth/{}/{word}.crl", "00".repeat(20)),
        format!("/crl/auth/{key_id}/{}.crl", "0".repeat(63)),
    ] {
        let answer = send(address, "GET", &other, "text/plain", b"").await;
        assert_eq!(answer.status, 404, "{other}");
        assert!(answer.head.contains("application/problem+json"), "{other}");
    }
}

fn as_peer(router: Router, party: &str) -> Router {
    router.layer(Extension(Peer { party: party.parse().unwrap(), key_sha256: [0; 32] }))
}

#[tokio::test]
async fn pairings_are_for_registered_verifiers_and_every_look_up_is_written_down() {
    let (_folder, authority) = authority();
    let issued =
        authority.issue(&person("resident-1"), keys(0), enishi_jpki::Carrier::Card, at(NOW)).unwrap();
    let router = || verifier_router(Arc::clone(&authority), clock());
    let address = serve(as_peer(router(), RELAY)).await;
    let signing = hex::encode(issued.signing.unwrap().serial.expose_der_content());
    let auth = hex::encode(issued.auth_serial.expose_der_content());
    let question = format!(r#"{{"kind":"signing","serial":"{signing}"}}"#);
    let ask = async |address, body: &str| {
        send(address, "POST", "/v1/serial-pairings", "application/json", body.as_bytes()).await
    };

    let stranger = ask(address, &question).await;
    assert_eq!(stranger.status, 403);
    assert!(stranger.text().contains("not_a_verifier"));
    authority.register_verifier(&RELAY.parse().unwrap(), &[LookupPurpose::Enrolment]).unwrap();
    let answer = ask(address, &question).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), format!(r#"{{"kind":"authentication","serial":"{auth}"}}"#));
    let back = ask(address, &format!(r#"{{"kind":"authentication","serial":"{auth}"}}"#)).await;
    assert_eq!(back.text(), format!(r#"{{"kind":"signing","serial":"{signing}"}}"#));
    let unknown = ask(address, r#"{"kind":"signing","serial":"0102"}"#).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("no_pairing") && !unknown.text().contains("0102"));

    let lookups = authority.lookups_since(at("2026-01-01T00:00:00Z")).unwrap();
    let outcomes: Vec<_> = lookups.iter().map(|its| its.outcome).collect();
    assert_eq!(outcomes, [LookupOutcome::Found, LookupOutcome::Found, LookupOutcome::NotFound]);
    for lookup in &lookups {
        assert_eq!(lookup.party.to_string(), RELAY);
        assert_eq!((lookup.purpose, lookup.relation), (LookupPurpose::Enrolment, Relation::Counterpart));
        assert_eq!(lookup.at, at(NOW));
    }
    assert!(authority.lookups_since(at("2026-11-20T03:00:01Z")).unwrap().is_empty());

    // Without a mutual-TLS identity nobody is anybody.
    let anonymous = serve(router()).await;
    assert_eq!(ask(anonymous, &question).await.status, 403);
    // Another relay has not registered.
    let other = serve(as_peer(router(), "urn:enishi:sandbox:relay:relay-2")).await;
    assert_eq!(ask(other, &question).await.status, 403);
    assert_eq!(authority.lookups_since(at(NOW)).unwrap().len(), 3, "refusals cost nothing");
}

#[tokio::test]
async fn the_purpose_must_be_one_of_those_registered() {
    let (_folder, authority) = authority();
    let old = authority.issue(&person("resident-1"), keys(0), enishi_jpki::Carrier::Card, at(NOW)).unwrap();
    let new = authority.renew(&old.auth_serial, &person("resident-1"), keys(1), at(NOW)).unwrap();
    let (old, new) = (
        hex::encode(old.auth_serial.expose_der_content()),
        hex::encode(new.auth_serial.expose_der_content()),
    );
    let address = serve(as_peer(verifier_router(Arc::clone(&authority), clock()), RELAY)).await;
    let purposes = [LookupPurpose::Enrolment, LookupPurpose::Renewal];
    authority.register_verifier(&RELAY.parse().unwrap(), &purposes).unwrap();
    for (rest, status) in [
        (r#""relation":"successor","purpose":"renewal""#, 200),
        (r#""relation":"successor""#, 403),
        (r#""relation":"successor","purpose":"change_check""#, 403),
        (r#""relation":"successor","purpose":"curiosity""#, 400),
        (r#""relation":"neighbour","purpose":"renewal""#, 400),
        (r#""purpose":"renewal","more":1"#, 400),
    ] {
        let body = format!(r#"{{"kind":"authentication","serial":"{old}",{rest}}}"#);
        let answer = send(address, "POST", "/v1/serial-pairings", "application/json", body.as_bytes()).await;
        assert_eq!(answer.status, status, "{rest}: {}", answer.text());
        if status == 200 {
            assert_eq!(answer.text(), format!(r#"{{"kind":"authentication","serial":"{new}"}}"#));
        }
    }
    for serial in ["", "0", "00", "ff", "0001", "xx", &"01".repeat(21)] {
        let body = format!(r#"{{"kind":"authentication","serial":"{serial}","purpose":"renewal"}}"#);
        let answer = send(address, "POST", "/v1/serial-pairings", "application/json", body.as_bytes()).await;
        assert_eq!(answer.status, 400, "{serial}");
    }
    let large = send(address, "POST", "/v1/serial-pairings", "application/json", &[b' '; 1_025]).await;
    assert_eq!(large.status, 413);
    assert!(large.head.contains("content-type: application/problem+json"), "{}", large.head);
    assert!(large.text().contains("body_too_large"));
}

#[test]
fn only_relays_and_providers_can_be_verifiers() {
    let (_folder, authority) = authority();
    let register =
        |party: &str| authority.register_verifier(&party.parse().unwrap(), &[LookupPurpose::ChangeCheck]);
    assert!(register("urn:enishi:sandbox:provider:card-company").is_ok());
    assert!(register("urn:enishi:sandbox:terminal:4980000000012").is_err());
    assert!(register("urn:enishi:sandbox:operator:night-shift").is_err());
    assert!(register("urn:enishi:production:relay:relay-1").is_err());
}

#[tokio::test]
async fn a_path_or_method_that_is_not_there_is_refused_with_a_problem_document() {
    let folder = TempDir::new().unwrap();
    let authority = Arc::new(Authority::create(folder.path(), config(), at(NOW)).unwrap());
    let address = serve(public_router(authority, clock())).await;
    for (method, path, status) in [
        ("GET", "/nowhere", 404),
        ("POST", "/crl/auth/x.crl", 405),
        ("GET", "/ocsp", 405),
        ("GET", "/crl/%ff/%fe.crl", 404),
        ("GET", "/ocsp/%ff", 404),
    ] {
        let answer = send(address, method, path, "application/json", b"").await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert!(answer.head.contains("content-type: application/problem+json"), "{}", answer.head);
    }
}
