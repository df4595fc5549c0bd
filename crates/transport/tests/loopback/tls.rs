//! Who gets in: certificates, names, environments, files.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use enishi_party::{Environment, PartyRole, PartyUri};
use enishi_transport::{
    Address, CancellationToken, HttpClientLimits, HttpError, HttpLimits, HttpsClient, Identity, NotSent,
    Request, SandboxCa, SetupError, TrustedCa, serve_https,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{
    Running, World, bank, forged_config, listen, mode, now, party, raw_client, raw_config, raw_connect,
    read_to_close, relay, terminal, try_raw_accept,
};

/// A relay that counts what reaches its handler.
async fn counting_relay(world: &World) -> (Running, Arc<AtomicUsize>) {
    let (listener, address) = listen().await;
    let handled = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&handled);
    let router = Router::new()
        .route("/", get(move || async move { counter.fetch_add(1, Ordering::SeqCst).to_string() }));
    let (identity, ca) = (world.identity(&relay()), world.trusted());
    let shutdown = CancellationToken::new();
    let stopping = shutdown.clone();
    let task = tokio::spawn(async move {
        serve_https(listener, &identity, &ca, router, HttpLimits::default(), None, stopping).await.unwrap();
    });
    (Running { address, shutdown, task }, handled)
}

fn client(server: &Running, expected: PartyUri, identity: &Identity, ca: &TrustedCa) -> HttpsClient {
    HttpsClient::new(Address::from(server.address), expected, identity, ca, HttpClientLimits::default(), None)
        .unwrap()
}

#[tokio::test]
async fn two_parties_of_one_sandbox_meet() {
    let world = World::new();
    let (server, handled) = counting_relay(&world).await;
    let client = client(&server, relay(), &world.identity(&terminal()), &world.trusted());
    assert_eq!(client.send(Request::get("/")).await.unwrap().status, 200);
    assert_eq!(handled.load(Ordering::SeqCst), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_server_of_another_ca_is_refused_before_anything_is_sent() {
    let (world, other) = (World::new(), World::new());
    let (server, handled) = counting_relay(&other).await;
    let client = client(&server, relay(), &other.identity(&terminal()), &world.trusted());
    let error = client.send(Request::get("/")).await.unwrap_err();
    assert!(matches!(error, HttpError::NotSent(NotSent::Handshake(_))), "{error}");
    assert_eq!(handled.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_server_that_is_another_party_is_refused_before_anything_is_sent() {
    let world = World::new();
    let (server, handled) = counting_relay(&world).await;
    for expected in [party(PartyRole::Relay, "relay-2"), party(PartyRole::Provider, "relay-1")] {
        let client = client(&server, expected, &world.identity(&terminal()), &world.trusted());
        let error = client.send(Request::get("/")).await.unwrap_err();
        assert!(
            matches!(&error, HttpError::NotSent(NotSent::Handshake(text)) if text.contains("expected")),
            "{error}"
        );
    }
    assert_eq!(handled.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_client_of_another_ca_reaches_no_handler() {
    let (world, other) = (World::new(), World::new());
    let (server, handled) = counting_relay(&world).await;
    let client = client(&server, relay(), &other.identity(&terminal()), &world.trusted());
    assert!(client.send(Request::get("/")).await.is_err());
    assert_eq!(handled.load(Ordering::SeqCst), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_certificate_of_the_right_ca_that_names_no_one_party_of_this_environment_reaches_no_handler() {
    let world = World::new();
    let (server, handled) = counting_relay(&world).await;
    for uris in [
        &["urn:enishi:production:terminal:4980000000012"][..],
        &["urn:enishi:sandbox:terminal:1", "urn:enishi:sandbox:terminal:2"],
        &["https://terminal.example/"],
        &[],
    ] {
        let config = forged_config(&world, uris);
        if let Ok(mut stream) = raw_connect(&config, server.address).await {
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
            assert_eq!(read_to_close(&mut stream).await, b"", "{uris:?}");
        }
    }
    assert_eq!(handled.load(Ordering::SeqCst), 0);
    // The same forgery with one good name gets in: it was the names that were refused.
    let config = forged_config(&world, &["urn:enishi:sandbox:terminal:1"]);
    let mut stream = raw_connect(&config, server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(read_to_close(&mut stream).await.starts_with(b"HTTP/1.1 200"));
    server.stop().await;
}

#[tokio::test]
async fn a_client_without_a_certificate_reaches_no_handler() {
    let world = World::new();
    let (server, handled) = counting_relay(&world).await;
    // In TLS 1.3 the client's part of the handshake ends before the server has judged it.
    if let Ok(mut stream) = raw_client(&world, None, server.address).await {
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert_eq!(read_to_close(&mut stream).await, b"");
    }
    assert_eq!(handled.load(Ordering::SeqCst), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_certificate_with_a_dns_name_besides_serves_callers_that_check_host_names() {
    let world = World::new();
    let (server, handled) = counting_relay(&world).await;
    let mut stream = raw_client(&world, Some(&world.identity(&terminal())), server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(read_to_close(&mut stream).await.starts_with(b"HTTP/1.1 200"));
    assert_eq!(handled.load(Ordering::SeqCst), 1);
    server.stop().await;
}

#[tokio::test]
async fn no_session_is_ever_resumed() {
    let world = World::new();
    let (server, _) = counting_relay(&world).await;
    let config = raw_config(&world, Some(&world.identity(&terminal())));
    for _ in 0..3 {
        let mut stream = raw_connect(&config, server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        assert!(read_to_close(&mut stream).await.starts_with(b"HTTP/1.1 200"));
        let (_, session) = stream.get_ref();
        assert_eq!(session.handshake_kind(), Some(rustls::HandshakeKind::Full));
        assert_eq!(session.tls13_tickets_received(), 0);
    }
    server.stop().await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused_on_either_side() {
    let world = World::new();
    let long_ago = now() - std::time::Duration::from_secs(2 * 366 * 24 * 60 * 60);
    let (server, handled) = counting_relay(&world).await;
    let expired = world.ca.issue(&terminal(), &[], long_ago).unwrap();
    assert!(client(&server, relay(), &expired, &world.trusted()).send(Request::get("/")).await.is_err());
    assert_eq!(handled.load(Ordering::SeqCst), 0);
    server.stop().await;

    let (listener, address) = listen().await;
    let expired = world.ca.issue(&relay(), &["localhost"], long_ago).unwrap();
    let accepting = tokio::spawn(async move { try_raw_accept(&listener, &expired).await.is_err() });
    let limits = HttpClientLimits::default();
    let identity = world.identity(&terminal());
    let client =
        HttpsClient::new(address.into(), relay(), &identity, &world.trusted(), limits, None).unwrap();
    let error = client.send(Request::get("/")).await.unwrap_err();
    assert!(matches!(error, HttpError::NotSent(NotSent::Handshake(_))), "{error}");
    assert!(accepting.await.unwrap());
}

#[tokio::test]
async fn plain_http_to_a_tls_port_gets_no_http_answer() {
    let world = World::new();
    let (server, handled) = counting_relay(&world).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let answer = read_to_close(&mut stream).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    assert_eq!(handled.load(Ordering::SeqCst), 0);
    server.stop().await;
}

#[tokio::test]
async fn tls_1_2_is_refused_with_a_protocol_version_alert() {
    let world = World::new();
    let (server, handled) = counting_relay(&world).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&client_hello_of_tls_1_2()).await.unwrap();
    let mut alert = [0; 7];
    stream.read_exact(&mut alert).await.unwrap();
    // RFC 8446 §6: record type 21, and at its end fatal (2), protocol_version (70).
    assert_eq!((alert[0], &alert[5..]), (21, &[2, 70][..]));
    assert_eq!(handled.load(Ordering::SeqCst), 0);
    server.stop().await;
}

/// RFC 5246 §7.4.1.2: version 1.2, ECDHE-ECDSA with AES-GCM, P-256, ECDSA with SHA-256, no supported_versions.
fn client_hello_of_tls_1_2() -> Vec<u8> {
    let extensions: &[u8] = &[
        0, 10, 0, 4, 0, 2, 0, 23, // supported_groups: secp256r1
        0, 11, 0, 2, 1, 0, // ec_point_formats: uncompressed
        0, 13, 0, 4, 0, 2, 4, 3, // signature_algorithms: ecdsa_secp256r1_sha256
    ];
    let mut body = vec![3, 3];
    body.extend([7; 32]); // random
    body.push(0); // no session id
    body.extend([0, 2, 0xc0, 0x2b]); // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    body.extend([1, 0]); // no compression
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let mut handshake = vec![1, 0];
    handshake.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    handshake.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(handshake.len()).unwrap().to_be_bytes());
    record.extend(handshake);
    record
}

#[tokio::test]
async fn a_party_of_another_environment_is_no_party_to_talk_to() {
    let world = World::new();
    let production = PartyUri::new(Environment::Production, PartyRole::Relay, "relay-1").unwrap();
    let made = HttpsClient::new(
        "127.0.0.1:1".parse().unwrap(),
        production.clone(),
        &world.identity(&terminal()),
        &world.trusted(),
        HttpClientLimits::default(),
        None,
    );
    assert!(matches!(made, Err(SetupError::ProductionInSandbox { .. })));
    assert!(matches!(world.ca.issue(&production, &[], now()), Err(SetupError::ProductionInSandbox { .. })));
}

#[test]
fn an_identity_reads_back_what_it_saved_and_is_closed_to_others() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("bank-a");
    let identity = world.identity(&bank());
    identity.save(&home).unwrap();
    assert_eq!(mode(&home), 0o700);
    assert_eq!(mode(&home.join("party.key.pem")), 0o600);
    let loaded = Identity::load(&home, Environment::Sandbox).unwrap();
    assert_eq!((loaded.party(), loaded.key_sha256()), (identity.party(), identity.key_sha256()));
    assert_eq!(format!("{loaded:?}"), "Identity(urn:enishi:sandbox:provider:bank-a)");
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    world.identity(&bank()).save(folder.path()).unwrap();
    let key = folder.path().join("party.key.pem");
    for mode in [0o640, 0o604, 0o620, 0o601] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = Identity::load(folder.path(), Environment::Sandbox).unwrap_err();
        assert!(matches!(error, SetupError::KeyReadableByOthers { .. }), "{mode:o}: {error}");
    }
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let world = World::new();
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    world.identity(&bank()).save(one.path()).unwrap();
    world.identity(&bank()).save(two.path()).unwrap();
    std::fs::copy(one.path().join("party.key.pem"), two.path().join("party.key.pem")).unwrap();
    assert!(matches!(Identity::load(two.path(), Environment::Sandbox), Err(SetupError::Tls(_))));
}

#[test]
fn sandbox_keys_and_authorities_are_refused_in_production() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    world.identity(&bank()).save(folder.path()).unwrap();
    world.ca.save(folder.path()).unwrap();
    let identity = Identity::load(folder.path(), Environment::Production).unwrap_err();
    let ca = TrustedCa::load(&folder.path().join("ca.crt.pem"), Environment::Production).unwrap_err();
    for error in [identity, ca] {
        assert!(matches!(error, SetupError::SandboxInProduction { .. }), "{error}");
        assert!(error.to_string().contains("the configuration says production"), "{error}");
    }
    assert!(TrustedCa::load(&folder.path().join("ca.crt.pem"), Environment::Sandbox).is_ok());
}

#[tokio::test]
async fn a_saved_ca_goes_on_issuing_for_the_same_world() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    world.ca.save(folder.path()).unwrap();
    assert_eq!(mode(&folder.path().join("ca.key.pem")), 0o600);
    let later = World { ca: SandboxCa::load(folder.path()).unwrap() };
    let (server, _) = counting_relay(&world).await;
    let client = client(&server, relay(), &later.identity(&terminal()), &later.trusted());
    assert_eq!(client.send(Request::get("/")).await.unwrap().status, 200);
    server.stop().await;
}

#[test]
fn a_ca_key_of_another_ca_is_refused() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    World::new().ca.save(one.path()).unwrap();
    World::new().ca.save(two.path()).unwrap();
    std::fs::copy(one.path().join("ca.key.pem"), two.path().join("ca.key.pem")).unwrap();
    assert!(matches!(SandboxCa::load(two.path()), Err(SetupError::Malformed { .. })));
}

#[test]
fn a_file_that_is_no_pem_or_too_large_is_refused_without_repeating_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.crt.pem");
    std::fs::write(&file, "canary").unwrap();
    let error = TrustedCa::load(&file, Environment::Sandbox).unwrap_err();
    assert!(
        matches!(error, SetupError::Malformed { .. }) && !format!("{error:?}").contains("canary"),
        "{error:?}"
    );
    std::fs::write(&file, vec![b'-'; 70_000]).unwrap();
    assert!(matches!(TrustedCa::load(&file, Environment::Sandbox), Err(SetupError::FileTooLarge { .. })));
    assert!(matches!(
        TrustedCa::load(&folder.path().join("none"), Environment::Sandbox),
        Err(SetupError::File { .. })
    ));
}
