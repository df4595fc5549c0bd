//! The HTTP server under honest and hostile callers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use axum::{Extension, body::Bytes as AxumBytes};
use enishi_transport::{
    Address, CancellationToken, HttpClientLimits, HttpError, HttpLimits, HttpsClient, Peer, Request,
    Response, SetupError, Unanswered, serve_https,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

use crate::support::{LONG, Running, SHORT, World, listen, raw_client, read_to_close, relay, terminal};

async fn serve(world: &World, router: Router, limits: HttpLimits) -> Running {
    let (listener, address) = listen().await;
    let (identity, ca) = (world.identity(&relay()), world.trusted());
    let shutdown = CancellationToken::new();
    let stopping = shutdown.clone();
    let task = tokio::spawn(async move {
        serve_https(listener, &identity, &ca, router, limits, None, stopping).await.unwrap();
    });
    Running { address, shutdown, task }
}

fn client(world: &World, server: SocketAddr) -> HttpsClient {
    let limits = HttpClientLimits { exchange_timeout: LONG, ..HttpClientLimits::default() };
    let identity = world.identity(&terminal());
    HttpsClient::new(Address::from(server), relay(), &identity, &world.trusted(), limits, None).unwrap()
}

fn assert_problem(response: &Response, status: u16, code: &str) {
    assert_eq!(response.status, status);
    assert_eq!(response.headers["content-type"], "application/problem+json");
    let body = std::str::from_utf8(&response.body).unwrap();
    assert!(body.contains(&format!(r#""code":"{code}""#)), "{body}");
}

#[tokio::test]
async fn a_handler_knows_the_peer_and_its_key() {
    let world = World::new();
    let router = Router::new().route(
        "/",
        get(|Extension(peer): Extension<Peer>, _: ConnectInfo<SocketAddr>| async move {
            [peer.party.to_string().as_bytes(), b" ", &peer.key_sha256].concat()
        }),
    );
    let server = serve(&world, router, HttpLimits::default()).await;
    let identity = world.identity(&terminal());
    let client = HttpsClient::new(
        server.address.into(),
        relay(),
        &identity,
        &world.trusted(),
        HttpClientLimits::default(),
        None,
    )
    .unwrap();
    let body = client.send(Request::get("/")).await.unwrap().body;
    assert_eq!(body, [identity.party().to_string().as_bytes(), b" ", &identity.key_sha256()].concat());
    server.stop().await;
}

fn echo() -> Router {
    Router::new().route("/", post(|body: AxumBytes| async move { body }))
}

#[tokio::test]
async fn a_body_of_the_limit_is_taken_and_one_byte_more_is_413() {
    let world = World::new();
    let limits = HttpLimits { body_bytes: 1000, ..HttpLimits::default() };
    let server = serve(&world, echo(), limits).await;
    let client = client(&world, server.address);
    let response = client.send(Request::post("/", "application/octet-stream", vec![1; 1000])).await.unwrap();
    assert_eq!((response.status.as_u16(), response.body.len()), (200, 1000));
    let response = client.send(Request::post("/", "application/octet-stream", vec![1; 1001])).await.unwrap();
    assert_problem(&response, 413, "body_too_large");
    server.stop().await;
}

#[tokio::test]
async fn an_oversized_body_of_unannounced_length_is_413() {
    let world = World::new();
    let limits = HttpLimits { body_bytes: 1000, ..HttpLimits::default() };
    let server = serve(&world, echo(), limits).await;
    let mut stream = raw_client(&world, Some(&world.identity(&terminal())), server.address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
    for _ in 0..20 {
        let chunk = [&b"64\r\n"[..], &[b'a'; 100], b"\r\n"].concat();
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
    }
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
    server.stop().await;
}

#[tokio::test]
async fn a_header_that_never_ends_is_cut_off() {
    let world = World::new();
    let limits = HttpLimits { header_timeout: SHORT, ..HttpLimits::default() };
    let server = serve(&world, echo(), limits).await;
    let mut stream = raw_client(&world, Some(&world.identity(&terminal())), server.address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
    // Comes back at all: the server has closed.
    let answer = read_to_close(&mut stream).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    server.stop().await;
}

#[tokio::test]
async fn a_header_too_large_or_of_too_many_lines_is_431() {
    let world = World::new();
    let server = serve(&world, echo(), HttpLimits::default()).await;
    let long = format!("X: {}\r\n", "a".repeat(20_000));
    let many = "X: y\r\n".repeat(100);
    for headers in [long, many] {
        let mut stream =
            raw_client(&world, Some(&world.identity(&terminal())), server.address).await.unwrap();
        stream.write_all(format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes()).await.unwrap();
        let answer = read_to_close(&mut stream).await;
        assert!(answer.starts_with(b"HTTP/1.1 431"), "{:?}", String::from_utf8_lossy(&answer));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_never_ends_is_408_and_reaches_no_handler() {
    let world = World::new();
    let handled = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&handled);
    let router = Router::new()
        .route("/", post(move || async move { counter.fetch_add(1, Ordering::SeqCst).to_string() }));
    let limits = HttpLimits { body_timeout: SHORT, ..HttpLimits::default() };
    let server = serve(&world, router, limits).await;
    let mut stream = raw_client(&world, Some(&world.identity(&terminal())), server.address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc").await.unwrap();
    assert!(read_to_close(&mut stream).await.starts_with(b"HTTP/1.1 408"));
    assert_eq!(handled.load(Ordering::SeqCst), 0);
    server.stop().await;
}

/// A handler that says when it has begun, waits to be released, and says when it has ended.
#[derive(Default)]
struct Gate {
    begun: Notify,
    release: Notify,
    ended: AtomicBool,
}

fn gated(gate: &Arc<Gate>) -> Router {
    let gate = Arc::clone(gate);
    Router::new().route(
        "/",
        post(move || async move {
            gate.begun.notify_one();
            gate.release.notified().await;
            gate.ended.store(true, Ordering::SeqCst);
            "done"
        }),
    )
}

#[tokio::test]
async fn a_handler_runs_to_its_end_though_its_caller_has_gone() {
    let world = World::new();
    let gate = Arc::new(Gate::default());
    let server = serve(&world, gated(&gate), HttpLimits::default()).await;
    let client = client(&world, server.address);
    let call = tokio::spawn(async move { client.send(Request::post("/", "text/plain", "x")).await });
    gate.begun.notified().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    gate.release.notify_one();
    // Ends only when all handlers have.
    server.stop().await;
    assert!(gate.ended.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_handler_that_is_too_slow_is_503_for_the_caller_and_still_ends() {
    let world = World::new();
    let gate = Arc::new(Gate::default());
    let limits = HttpLimits { request_timeout: SHORT, ..HttpLimits::default() };
    let server = serve(&world, gated(&gate), limits).await;
    let response = client(&world, server.address).send(Request::post("/", "text/plain", "x")).await.unwrap();
    assert_problem(&response, 503, "answer_too_late");
    assert!(!gate.ended.load(Ordering::SeqCst));
    gate.release.notify_one();
    server.stop().await;
    assert!(gate.ended.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_shutdown_lets_a_request_under_way_be_answered() {
    let world = World::new();
    let gate = Arc::new(Gate::default());
    let server = serve(&world, gated(&gate), HttpLimits::default()).await;
    let client = client(&world, server.address);
    let call = tokio::spawn(async move { client.send(Request::post("/", "text/plain", "x")).await });
    gate.begun.notified().await;
    server.shutdown.cancel();
    gate.release.notify_one();
    assert_eq!(call.await.unwrap().unwrap().body, "done");
    server.stop().await;
}

#[tokio::test]
async fn a_handler_that_panics_is_500_and_the_server_goes_on() {
    let world = World::new();
    let router = Router::new()
        .route(
            "/panic",
            get(|| async {
                if true {
                    panic!("as the test wants it")
                }
            }),
        )
        .route("/", get(|| async { "fine" }));
    let server = serve(&world, router, HttpLimits::default()).await;
    let client = client(&world, server.address);
    assert_problem(&client.send(Request::get("/panic")).await.unwrap(), 500, "internal_error");
    assert_eq!(client.send(Request::get("/")).await.unwrap().body, "fine");
    server.stop().await;
}

#[tokio::test]
async fn one_party_cannot_take_all_connections() {
    let world = World::new();
    let gate = Arc::new(Gate::default());
    let limits = HttpLimits { connections_per_party: 1, ..HttpLimits::default() };
    let server = serve(&world, gated(&gate).route("/free", get(|| async { "free" })), limits).await;
    let greedy = client(&world, server.address);
    let first = tokio::spawn({
        let greedy = greedy.clone();
        async move { greedy.send(Request::post("/", "text/plain", "x")).await }
    });
    gate.begun.notified().await;
    assert_problem(&greedy.send(Request::get("/free")).await.unwrap(), 503, "too_many_connections");
    let mut silent = raw_client(&world, Some(&world.identity(&terminal())), server.address).await.unwrap();
    assert_eq!(read_to_close(&mut silent).await, b"", "an excess connection that asks nothing is closed");
    let other = crate::support::party(enishi_party::PartyRole::Terminal, "4980000000029");
    let identity = world.identity(&other);
    let modest = HttpsClient::new(
        server.address.into(),
        relay(),
        &identity,
        &world.trusted(),
        HttpClientLimits::default(),
        None,
    )
    .unwrap();
    assert_eq!(modest.send(Request::get("/free")).await.unwrap().body, "free");
    gate.release.notify_one();
    assert_eq!(first.await.unwrap().unwrap().body, "done");
    server.stop().await;
}

#[tokio::test]
async fn one_address_cannot_take_all_connections() {
    let world = World::new();
    let limits = HttpLimits { connections_per_address: 1, ..HttpLimits::default() };
    let server = serve(&world, echo(), limits).await;
    let identity = world.identity(&terminal());
    let first = raw_client(&world, Some(&identity), server.address).await.unwrap();
    assert!(raw_client(&world, Some(&identity), server.address).await.is_err());
    drop(first);
    // The place is free as soon as the server has seen the end.
    while raw_client(&world, Some(&identity), server.address).await.is_err() {}
    server.stop().await;
}

#[tokio::test]
async fn above_its_connections_a_server_accepts_none_until_one_ends() {
    let world = World::new();
    let gate = Arc::new(Gate::default());
    let limits = HttpLimits { connections: 1, ..HttpLimits::default() };
    let server = serve(&world, gated(&gate).route("/free", get(|| async { "free" })), limits).await;
    let first = client(&world, server.address);
    let held = tokio::spawn(async move { first.send(Request::post("/", "text/plain", "x")).await });
    gate.begun.notified().await;
    let limits = HttpClientLimits { connect_timeout: SHORT, ..HttpClientLimits::default() };
    let identity = world.identity(&terminal());
    let second =
        HttpsClient::new(server.address.into(), relay(), &identity, &world.trusted(), limits, None).unwrap();
    assert!(matches!(second.send(Request::get("/free")).await, Err(HttpError::NotSent(_))));
    gate.release.notify_one();
    assert!(held.await.unwrap().is_ok());
    assert_eq!(client(&world, server.address).send(Request::get("/free")).await.unwrap().body, "free");
    server.stop().await;
}

#[tokio::test]
async fn a_caller_that_does_not_read_its_answer_is_cut_off() {
    let world = World::new();
    let router = Router::new().route("/", get(|| async { vec![0; 64 * 1024 * 1024] }));
    let limits = HttpLimits { stall_timeout: SHORT, drain: 100 * LONG, ..HttpLimits::default() };
    let server = serve(&world, router, limits).await;
    let mut stream = raw_client(&world, Some(&world.identity(&terminal())), server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    // The connection ends by itself, though nobody reads on: only then can the server have drained.
    tokio::time::timeout(LONG, server.stop()).await.expect("cut off");
    assert!(read_to_close(&mut stream).await.len() < 64 * 1024 * 1024);
}

#[tokio::test]
async fn limits_of_zero_are_refused_before_serving() {
    let world = World::new();
    for limits in [
        HttpLimits { connections: 0, ..HttpLimits::default() },
        HttpLimits { connections_per_address: 0, ..HttpLimits::default() },
        HttpLimits { connections_per_party: usize::MAX, ..HttpLimits::default() },
        HttpLimits { header_timeout: std::time::Duration::ZERO, ..HttpLimits::default() },
    ] {
        let (listener, _) = listen().await;
        let identity = world.identity(&relay());
        let served = serve_https(
            listener,
            &identity,
            &world.trusted(),
            Router::new(),
            limits,
            None,
            CancellationToken::new(),
        )
        .await;
        assert!(matches!(served, Err(SetupError::Limit { .. })));
    }
}

#[tokio::test]
async fn no_answer_in_time_is_unanswered() {
    let world = World::new();
    let gate = Arc::new(Gate::default());
    let server = serve(&world, gated(&gate), HttpLimits::default()).await;
    // Time enough to connect, while the handler never ends.
    let limits = HttpClientLimits {
        exchange_timeout: std::time::Duration::from_secs(2),
        ..HttpClientLimits::default()
    };
    let identity = world.identity(&terminal());
    let client =
        HttpsClient::new(server.address.into(), relay(), &identity, &world.trusted(), limits, None).unwrap();
    let error = client.send(Request::post("/", "text/plain", "x")).await.unwrap_err();
    assert!(matches!(error, HttpError::Unanswered(Unanswered::TimedOut(_))), "{error}");
    gate.release.notify_one();
    server.stop().await;
}
