//! Plain HTTP, as CRLs and OCSP answers are fetched.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use enishi_transport::{CancellationToken, Fetch, FetchError, HttpLimits, PlainHttpClient, serve_http};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{LONG, Running, SHORT, listen};

const CRL: &str = "application/pkix-crl";

async fn serve() -> Running {
    let router =
        Router::new()
            .route("/crl", get(|| async { ([("content-type", "application/pkix-crl")], vec![7; 5000]) }))
            .route(
                "/crl-with-parameter",
                get(|| async { ([("content-type", "Application/PKIX-CRL; v=1")], "crl") }),
            )
            .route("/html", get(|| async { ([("content-type", "text/html")], "<p>") }))
            .route("/untyped", get(|| async { axum::http::Response::new(axum::body::Body::from("x")) }))
            .route("/moved", get(|| async { axum::response::Redirect::permanent("/crl") }))
            .route(
                "/ocsp",
                post(|body: axum::body::Bytes| async move {
                    ([("content-type", "application/ocsp-response")], body)
                }),
            );
    let (listener, address) = listen().await;
    let shutdown = CancellationToken::new();
    let stopping = shutdown.clone();
    let task = tokio::spawn(async move {
        serve_http(listener, router, HttpLimits::default(), None, stopping).await.unwrap();
    });
    Running { address, shutdown, task }
}

fn client(timeout: Duration) -> PlainHttpClient {
    PlainHttpClient::new(timeout, None).unwrap()
}

fn url(address: SocketAddr, path: &str) -> String {
    format!("http://{address}{path}")
}

fn crl(url: &str) -> Fetch<'_> {
    Fetch { url, expected_type: CRL, body_bytes: 5000 }
}

#[tokio::test]
async fn a_crl_of_the_expected_type_within_its_bound_is_fetched() {
    let server = serve().await;
    assert_eq!(client(LONG).get(crl(&url(server.address, "/crl"))).await.unwrap(), vec![7; 5000]);
    assert_eq!(client(LONG).get(crl(&url(server.address, "/crl-with-parameter"))).await.unwrap(), "crl");
    server.stop().await;
}

#[tokio::test]
async fn another_type_status_or_size_is_refused() {
    let server = serve().await;
    let get = async |path, body_bytes| {
        let url = url(server.address, path);
        client(LONG).get(Fetch { url: &url, expected_type: CRL, body_bytes }).await.unwrap_err()
    };
    assert_eq!(get("/html", 5000).await, FetchError::ContentType { expected: CRL });
    assert_eq!(get("/untyped", 5000).await, FetchError::ContentType { expected: CRL });
    assert_eq!(get("/crl", 4999).await, FetchError::TooLarge(4999));
    assert!(matches!(get("/none", 5000).await, FetchError::Status(status) if status == 404));
    assert!(matches!(get("/moved", 5000).await, FetchError::Status(status) if status == 308));
    server.stop().await;
}

#[tokio::test]
async fn an_ocsp_request_is_posted() {
    let server = serve().await;
    let url = url(server.address, "/ocsp");
    let fetch = Fetch { url: &url, expected_type: "application/ocsp-response", body_bytes: 100 };
    let answer = client(LONG).post(fetch, "application/ocsp-request", "request").await.unwrap();
    assert_eq!(answer, "request");
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_a_plain_http_url_is_refused() {
    for url in [
        "",
        "crl",
        "/crl",
        "https://127.0.0.1/crl",
        "ftp://127.0.0.1/crl",
        "http://user@127.0.0.1/crl",
        "http://127.0.0.1/crl#part",
        "http:///crl",
        "http://127.0.0.1:0/crl",
        "http://127.0.0.1:99999/crl",
    ] {
        assert_eq!(client(LONG).get(crl(url)).await.unwrap_err(), FetchError::Url, "{url}");
    }
}

#[tokio::test]
async fn a_server_that_is_down_silent_or_lying_brings_nothing() {
    let (listener, address) = listen().await;
    let silent = client(SHORT).get(crl(&url(address, "/crl"))).await.unwrap_err();
    assert_eq!(silent, FetchError::TimedOut(SHORT));
    drop(listener);
    let down = client(LONG).get(crl(&url(address, "/crl"))).await.unwrap_err();
    assert!(matches!(down, FetchError::NotConnected(_)));
    for answer in [
        &b"nonsense\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"",
    ] {
        let (listener, address) = listen().await;
        let liar = tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let mut request = [0; 1000];
            assert!(tcp.read(&mut request).await.unwrap() > 0);
            tcp.write_all(answer).await.unwrap();
        });
        let error = client(LONG).get(crl(&url(address, "/crl"))).await.unwrap_err();
        assert_eq!(error, FetchError::Broken, "{}", String::from_utf8_lossy(answer));
        liar.await.unwrap();
    }
}

#[tokio::test]
async fn an_endless_answer_is_refused_at_its_bound() {
    let (listener, address) = listen().await;
    let endless = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut request = [0; 1000];
        assert!(tcp.read(&mut request).await.unwrap() > 0);
        tcp.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\n\r\n").await.unwrap();
        while tcp.write_all(&[0; 1000]).await.is_ok() {}
    });
    let error = client(LONG).get(crl(&url(address, "/crl"))).await.unwrap_err();
    assert_eq!(error, FetchError::TooLarge(5000));
    endless.await.unwrap();
}

/// What follows the head of a list of unknown length.
const CHUNKED: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn a_list_goes_into_a_sink_as_it_comes() {
    let server = serve().await;
    let mut sink = Vec::new();
    let octets = client(LONG).get_to(crl(&url(server.address, "/crl")), &mut sink).await.unwrap();
    assert_eq!((octets, sink), (5000, vec![7; 5000]));
    server.stop().await;
}

#[tokio::test]
async fn an_endless_answer_leaves_no_more_in_the_sink_than_is_allowed() {
    let (listener, address) = listen().await;
    let endless = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        assert!(tcp.read(&mut [0; 1000]).await.unwrap() > 0);
        tcp.write_all(CHUNKED).await.unwrap();
        let chunk = [b"3e8\r\n".as_slice(), &[7; 1000], b"\r\n"].concat();
        while tcp.write_all(&chunk).await.is_ok() {}
    });
    let mut sink = Vec::new();
    let error = client(LONG).get_to(crl(&url(address, "/crl")), &mut sink).await.unwrap_err();
    assert_eq!(error, FetchError::TooLarge(5000));
    assert!(sink.len() <= 5000, "{}", sink.len());
    endless.await.unwrap();
}

#[tokio::test]
async fn a_body_that_stops_coming_is_not_waited_for_to_the_end() {
    let (listener, address) = listen().await;
    let stalling = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        assert!(tcp.read(&mut [0; 1000]).await.unwrap() > 0);
        tcp.write_all(CHUNKED).await.unwrap();
        tcp.write_all(b"3\r\n777\r\n").await.unwrap();
        // Until the client has gone.
        assert_eq!(tcp.read(&mut [0; 1000]).await.unwrap_or(0), 0);
    });
    let impatient = client(LONG).with_stall(SHORT).unwrap();
    let mut sink = Vec::new();
    let error = impatient.get_to(crl(&url(address, "/crl")), &mut sink).await.unwrap_err();
    assert_eq!((error, sink.as_slice()), (FetchError::Stalled(SHORT), b"777".as_slice()));
    stalling.await.unwrap();
    assert!(client(LONG).with_stall(Duration::ZERO).is_err());
}

#[tokio::test]
async fn a_sink_that_fails_ends_the_fetch() {
    let server = serve().await;
    let (mut near, far) = tokio::io::duplex(16);
    drop(far);
    let error = client(LONG).get_to(crl(&url(server.address, "/crl")), &mut near).await.unwrap_err();
    assert_eq!(error, FetchError::Sink(std::io::ErrorKind::BrokenPipe));
    server.stop().await;
}
