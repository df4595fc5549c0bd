//! Pairings over mutual TLS.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use enishi_authority::{LookupPurpose, verifier_router};
use enishi_jpki::Serial;
use enishi_linkage::{PairingUnavailable, SerialPairing};
use enishi_party::{Clock, Environment, PartyRole, PartyUri, Timestamp};
use enishi_revocation::AuthorityPairing;
use enishi_transport::{
    CancellationToken, HttpClientLimits, HttpLimits, HttpsClient, SandboxCa, SystemClock, serve_https,
};
use tokio::net::TcpListener;

use crate::world::{World, now};

fn party(role: PartyRole, name: &str) -> PartyUri {
    PartyUri::new(Environment::Sandbox, role, name).unwrap()
}

/// A relay's client to an authority that serves this router.
async fn pairing(router: Router) -> AuthorityPairing {
    // The TLS library holds certificates against the machine's clock.
    let machine: Timestamp = SystemClock.now();
    let ca = SandboxCa::create(machine).unwrap();
    let trusted = ca.trusted().unwrap();
    let (relay, jlis) = (party(PartyRole::Relay, "relay-1"), party(PartyRole::Authority, "jlis"));
    let server = ca.issue(&jlis, &["localhost"], machine).unwrap();
    let client = ca.issue(&relay, &[], machine).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string().parse().unwrap();
    let trusted_by_server = ca.trusted().unwrap();
    tokio::spawn(async move {
        let limits = HttpLimits::default();
        let shutdown = CancellationToken::new();
        serve_https(listener, &server, &trusted_by_server, router, limits, None, shutdown).await.unwrap();
    });
    let limits = HttpClientLimits::default();
    AuthorityPairing::new(HttpsClient::new(address, jlis, &client, &trusted, limits, None).unwrap())
}

async fn ask(pairing: &AuthorityPairing, signing: &Serial) -> Result<Option<Serial>, PairingUnavailable> {
    let answer = pairing.auth_serial_of(signing, now()).await;
    if let Err(error) = &answer {
        let hex: String = signing.expose_der_content().iter().map(|it| format!("{it:02x}")).collect();
        assert!(!format!("{error} {error:?}").contains(&hex));
    }
    answer
}

#[tokio::test]
async fn the_authority_pairs_the_two_certificates_of_a_card_for_a_registered_verifier() {
    let world = World::new();
    let authority = Arc::clone(&world.authority);
    let pairing = pairing(verifier_router(authority, Arc::new(now))).await;
    let signing = &world.card.signing.as_ref().unwrap().serial;
    let refused = ask(&pairing, signing).await.unwrap_err();
    assert!(refused.reason.contains("403"), "{}", refused.reason);

    let relay = party(PartyRole::Relay, "relay-1");
    let purposes = [LookupPurpose::Enrolment, LookupPurpose::ChangeCheck];
    world.authority.register_verifier(&relay, &purposes).unwrap();
    assert_eq!(ask(&pairing, signing).await.unwrap(), Some(world.card.auth_serial.clone()));
    let nobodys = Serial::from_der_content(&[0x55; 16]).unwrap();
    assert_eq!(ask(&pairing, &nobodys).await.unwrap(), None);
    let lookups = world.authority.lookups_since(Timestamp::UNIX_EPOCH).unwrap();
    assert!(lookups.len() == 2 && lookups.iter().all(|it| it.purpose == LookupPurpose::Enrolment));
}

#[tokio::test]
async fn an_authority_that_answers_something_else_gives_no_pairing() {
    let asked = Serial::from_der_content(&[0x55; 16]).unwrap();
    let good = r#"{"kind":"authentication","serial":"0102"}"#;
    let long = format!(r#"{{"kind":"authentication","serial":"0102"}}{}"#, " ".repeat(2048));
    for (status, body) in [
        (StatusCode::OK, ""),
        (StatusCode::OK, r#"{"kind":"signing","serial":"0102"}"#),
        (StatusCode::OK, r#"{"kind":"authentication","serial":""}"#),
        (StatusCode::OK, long.as_str()),
        (StatusCode::CREATED, good),
        (StatusCode::FOUND, good),
        (StatusCode::NOT_FOUND, r#"{"code":"not_found"}"#),
        (StatusCode::NOT_FOUND, "<html>"),
        (StatusCode::INTERNAL_SERVER_ERROR, good),
    ] {
        let answer = (status, [(header::CONTENT_TYPE, "application/json")], body.to_owned());
        let pairing = pairing(Router::new().fallback(move || async move { answer.into_response() })).await;
        assert!(ask(&pairing, &asked).await.is_err(), "{status} {body}");
    }
}
