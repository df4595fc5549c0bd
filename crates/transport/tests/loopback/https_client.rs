//! The HTTP client: what it may say of a request that brought no answer, and how it keeps connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use enishi_transport::{
    CancellationToken, Direction, HttpClientLimits, HttpError, HttpLimits, HttpsClient, NotSent, Request,
    Tap, Unanswered, serve_https,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::support::{LONG, Proxy, Recorder, Running, World, listen, raw_accept, relay, terminal};

fn serve_on(world: &World, listener: TcpListener, router: Router) -> Running {
    serve_tapped(world, listener, router, None)
}

fn serve_tapped(world: &World, listener: TcpListener, router: Router, tap: Option<Arc<dyn Tap>>) -> Running {
    let address = listener.local_addr().unwrap();
    let (identity, ca) = (world.identity(&relay()), world.trusted());
    let shutdown = CancellationToken::new();
    let stopping = shutdown.clone();
    let task = tokio::spawn(async move {
        serve_https(listener, &identity, &ca, router, HttpLimits::default(), tap, stopping).await.unwrap();
    });
    Running { address, shutdown, task }
}

fn client(world: &World, server: SocketAddr, tap: Option<Arc<dyn Tap>>) -> HttpsClient {
    let limits =
        HttpClientLimits { exchange_timeout: LONG, response_bytes: 1000, ..HttpClientLimits::default() };
    HttpsClient::new(server.into(), relay(), &world.identity(&terminal()), &world.trusted(), limits, tap)
        .unwrap()
}

/// Answers with the port that the caller came from: the same port is the same connection.
fn whence() -> Router {
    Router::new()
        .route("/", get(|ConnectInfo(from): ConnectInfo<SocketAddr>| async move { from.port().to_string() }))
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let world = World::new();
    let (listener, _) = listen().await;
    let server = serve_on(&world, listener, whence());
    let client = client(&world, server.address, None);
    let first = client.send(Request::get("/")).await.unwrap().body;
    for _ in 0..5 {
        assert_eq!(client.send(Request::get("/")).await.unwrap().body, first);
    }
    server.stop().await;
}

#[tokio::test]
async fn after_a_restart_of_the_server_the_next_request_connects_anew() {
    let world = World::new();
    let (listener, address) = listen().await;
    let server = serve_on(&world, listener, whence());
    let client = client(&world, address, None);
    let first = client.send(Request::get("/")).await.unwrap().body;
    server.stop().await;
    let server = serve_on(&world, TcpListener::bind(address).await.unwrap(), whence());
    assert_ne!(client.send(Request::get("/")).await.unwrap().body, first);
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_is_down_is_not_sent() {
    let world = World::new();
    let (listener, address) = listen().await;
    drop(listener);
    let error = client(&world, address, None).send(Request::get("/")).await.unwrap_err();
    assert!(matches!(error, HttpError::NotSent(NotSent::Unreachable(_))), "{error}");
}

#[tokio::test]
async fn a_server_that_stops_during_the_handshake_is_not_sent() {
    let world = World::new();
    let (listener, address) = listen().await;
    let closer = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut hello = [0; 100];
        let _ = tcp.read(&mut hello).await;
    });
    let error = client(&world, address, None).send(Request::get("/")).await.unwrap_err();
    assert!(matches!(error, HttpError::NotSent(NotSent::Handshake(_))), "{error}");
    closer.await.unwrap();
}

#[tokio::test]
async fn a_connection_cut_while_the_server_works_is_unanswered_and_the_request_is_not_sent_again() {
    let world = World::new();
    let (listener, _) = listen().await;
    let (begun, handled) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (begun_here, handled_here) = (Arc::clone(&begun), Arc::clone(&handled));
    let router = Router::new().route(
        "/",
        get(move || async move {
            handled_here.fetch_add(1, Ordering::SeqCst);
            begun_here.notify_one();
            tokio::time::sleep(crate::support::SHORT).await;
            "too late"
        }),
    );
    let server = serve_on(&world, listener, router);
    let proxy = Proxy::before(server.address).await;
    let client = client(&world, proxy.address, None);
    let call = tokio::spawn(async move { client.send(Request::get("/")).await });
    begun.notified().await;
    proxy.cut();
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error, HttpError::Unanswered(Unanswered::ConnectionLost));
    server.stop().await;
    assert_eq!(handled.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn half_an_answer_is_unanswered() {
    let world = World::new();
    let (listener, address) = listen().await;
    let identity = world.identity(&relay());
    let server = tokio::spawn(async move {
        let mut stream = raw_accept(&listener, &identity).await;
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await.unwrap();
        stream.shutdown().await.unwrap();
    });
    let error = client(&world, address, None).send(Request::get("/")).await.unwrap_err();
    assert_eq!(error, HttpError::Unanswered(Unanswered::ConnectionLost));
    server.await.unwrap();
}

#[tokio::test]
async fn a_giant_answer_is_refused_announced_or_not() {
    let world = World::new();
    for head in ["Content-Length: 1000000000\r\n\r\n", "\r\n"] {
        let (listener, address) = listen().await;
        let identity = world.identity(&relay());
        let server = tokio::spawn(async move {
            let mut stream = raw_accept(&listener, &identity).await;
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes()).await.unwrap();
            while stream.write_all(&[b'x'; 1000]).await.is_ok() {}
        });
        let error = client(&world, address, None).send(Request::get("/")).await.unwrap_err();
        assert_eq!(error, HttpError::Unanswered(Unanswered::TooLarge(1000)));
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let world = World::new();
    let (listener, _) = listen().await;
    let router = Router::new()
        .route("/", get(|| async { axum::response::Redirect::temporary("/elsewhere") }))
        .route("/elsewhere", get(|| async { "elsewhere" }));
    let server = serve_on(&world, listener, router);
    assert_eq!(client(&world, server.address, None).send(Request::get("/")).await.unwrap().status, 307);
    server.stop().await;
}

#[tokio::test]
async fn a_path_that_is_none_is_not_sent() {
    let world = World::new();
    let client = client(&world, "127.0.0.1:1".parse().unwrap(), None);
    for path in ["", "v1", "http://elsewhere/", "/a b", "/a\r\nX: y"] {
        let error = client.send(Request::get(path)).await.unwrap_err();
        assert!(matches!(error, HttpError::NotSent(NotSent::Invalid(_))), "{path:?}: {error}");
    }
}

#[tokio::test]
async fn a_tap_at_either_end_sees_what_was_said_in_the_clear_and_by_whom() {
    let world = World::new();
    let (listener, _) = listen().await;
    let router = Router::new().route("/planted", get(|| async { "answer-canary" }));
    let (near, far) = (Arc::new(Recorder::default()), Arc::new(Recorder::default()));
    let server = serve_tapped(&world, listener, router, Some(Recorder::shared(&far)));
    let client = client(&world, server.address, Some(Recorder::shared(&near)));
    client.send(Request::get("/planted")).await.unwrap();
    server.stop().await;
    assert_eq!(near.all(Direction::Sent), far.all(Direction::Received));
    assert_eq!(near.all(Direction::Received), far.all(Direction::Sent));
    assert!(String::from_utf8(near.all(Direction::Sent)).unwrap().starts_with("GET /planted HTTP/1.1"));
    assert!(String::from_utf8(near.all(Direction::Received)).unwrap().ends_with("answer-canary"));
    for (tap, other) in [(near, relay()), (far, terminal())] {
        assert!(tap.0.lock().unwrap().iter().all(|(_, peer, _)| *peer == other.to_string()));
    }
}
