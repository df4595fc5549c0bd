//! Operators' pages over real sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use axum::Router;
use axum::routing::{get, post};
use enishi_party::{PartyRole, Timestamp};
use enishi_transport::{
    CancellationToken, Check, HttpLimits, HttpMetrics, Operated, OpsError, OpsListener, ops_router,
    register_process, serve_http,
};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::listen;

/// A party whose checks a test sets.
#[derive(Default)]
struct Party {
    checks: Mutex<Vec<Check>>,
    looks: Gauge,
}

#[async_trait]
impl Operated for Party {
    async fn measure(&self) {
        self.looks.inc();
    }

    async fn checks(&self) -> Vec<Check> {
        self.checks.lock().unwrap().clone()
    }
}

struct Running {
    address: SocketAddr,
    party: Arc<Party>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(extra: Router) -> Self {
        let mut registry = Registry::default();
        let started = Timestamp::from_second(1_700_000_000).unwrap();
        register_process(&mut registry, PartyRole::Relay, "1.2.3", started);
        let party = Arc::new(Party::default());
        registry.register("looks", "How often somebody looked", party.looks.clone());
        let listener = OpsListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.address();
        let shutdown = CancellationToken::new();
        let (pages, token) = (ops_router(registry, party.clone()).merge(extra), shutdown.clone());
        let task = tokio::spawn(async move { listener.serve(pages, token).await.unwrap() });
        Self { address, party, shutdown, task }
    }

    fn set(&self, checks: Vec<Check>) {
        *self.party.checks.lock().unwrap() = checks;
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

/// One request over a socket of its own, as a collector sends it: header, body.
async fn ask(address: SocketAddr, request_line: &str, headers: &str) -> (String, String) {
    let mut tcp = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("{request_line} HTTP/1.1\r\nHost: ops\r\nConnection: close\r\n{headers}\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.unwrap();
    let (header, body) = answer.split_once("\r\n\r\n").unwrap();
    (header.to_ascii_lowercase(), body.to_owned())
}

#[tokio::test]
async fn a_process_that_answers_is_alive_whatever_it_lacks() {
    let running = Running::start(Router::new()).await;
    running.set(vec![Check::failed("store", "gone")]);
    let (header, body) = ask(running.address, "GET /healthz", "").await;
    assert!(header.starts_with("http/1.1 200"), "{header}");
    assert_eq!(body, "ok\n");
    running.stop().await;
}

#[tokio::test]
async fn readiness_is_the_worst_of_the_checks() {
    let running = Running::start(Router::new()).await;
    let ready = async || {
        let (header, body) = ask(running.address, "GET /readyz", "").await;
        assert!(header.contains("content-type: application/json"), "{header}");
        assert!(header.contains("cache-control: no-store"), "{header}");
        (header[9..12].to_owned(), body)
    };
    running.set(vec![Check::ok("store"), Check::ok("relay")]);
    let all_well =
        r#"{"status":"ready","checks":[{"name":"store","state":"ok"},{"name":"relay","state":"ok"}]}"#;
    assert_eq!(ready().await, ("200".to_owned(), all_well.to_owned()));

    running.set(vec![Check::degraded("provider:a", "not signed on"), Check::ok("store")]);
    let degraded = r#"{"status":"degraded","checks":[{"name":"provider:a","state":"degraded","reason":"not signed on"},{"name":"store","state":"ok"}]}"#;
    assert_eq!(ready().await, ("200".to_owned(), degraded.to_owned()));

    running.set(vec![Check::failed("store", "no room"), Check::degraded("provider:a", "away")]);
    let (status, body) = ready().await;
    assert_eq!(status, "503");
    assert!(body.starts_with(r#"{"status":"not_ready","#), "{body}");

    running.set(vec![Check::ok("store")]);
    assert_eq!(ready().await.0, "200");
    running.stop().await;
}

#[tokio::test]
async fn metrics_are_measured_at_each_look_and_written_as_asked() {
    let running = Running::start(Router::new()).await;
    let (header, text) = ask(running.address, "GET /metrics", "").await;
    assert!(header.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{header}");
    assert!(text.contains("\nlooks 1\n"), "{text}");
    assert!(text.contains("# TYPE enishi_build_info gauge\n"), "{text}");
    assert!(text.contains("enishi_build_info{version=\"1.2.3\",party=\"relay\"} 1\n"), "{text}");
    assert!(text.contains("process_start_time_seconds 1700000000.0\n"), "{text}");

    let accept = "Accept: application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.4\r\n";
    let (header, text) = ask(running.address, "GET /metrics", accept).await;
    assert!(
        header.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"),
        "{header}"
    );
    assert!(text.contains("\nlooks 2\n") && text.ends_with("# EOF\n"), "{text}");
    running.stop().await;
}

#[tokio::test]
async fn other_pages_may_stand_beside_and_nothing_else_is_there() {
    let running = Running::start(Router::new().route("/docs", get(|| async { "read me" }))).await;
    assert_eq!(ask(running.address, "GET /docs", "").await.1, "read me");
    for (request, status) in
        [("GET /", "404"), ("GET /metrics/", "404"), ("POST /metrics", "405"), ("DELETE /healthz", "405")]
    {
        let (header, _) = ask(running.address, request, "Content-Length: 0\r\n").await;
        assert_eq!(&header[9..12], status, "{request}");
    }
    let (header, _) = ask(running.address, "GET /metrics", "Content-Length: 5\r\n").await;
    assert_eq!(&header[9..12], "413", "a body has no place here");
    running.stop().await;
}

#[tokio::test]
async fn only_this_machine_is_served() {
    for text in ["0.0.0.0:0", "[::]:0", "192.0.2.1:9100", "[2001:db8::1]:9100"] {
        let refused = OpsListener::bind(text).await.unwrap_err();
        assert!(matches!(refused, OpsError::NotLoopback { .. }), "{text}: {refused:?}");
        assert!(refused.to_string().contains("127.0.0.1:PORT"), "{refused}");
    }
    for text in ["", "9100", ":9100", "localhost:9100", "127.0.0.1", "127.0.0.1:99999", "http://127.0.0.1:1"]
    {
        let refused = OpsListener::bind(text).await.unwrap_err();
        assert!(matches!(refused, OpsError::Address { .. }), "{text}: {refused:?}");
    }
    let everyone = TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(matches!(OpsListener::from_bound(everyone), Err(OpsError::NotLoopback { .. })));

    let first = OpsListener::bind("127.0.0.1:0").await.unwrap();
    let again = OpsListener::bind(&first.address().to_string()).await.unwrap_err();
    assert!(matches!(again, OpsError::Listen { .. }), "{again:?}");
    assert!(OpsListener::given_or_configured(None, None).await.unwrap().is_none());
}

#[tokio::test]
async fn requests_are_counted_by_template_and_never_by_path() {
    let mut registry = Registry::default();
    let http = HttpMetrics::register(&mut registry);
    let routes = Router::new()
        .route("/things/{id}", post(|| async { axum::http::StatusCode::CREATED }))
        .fallback(|| async { axum::http::StatusCode::NOT_FOUND });
    let (listener, address) = listen().await;
    let shutdown = CancellationToken::new();
    let (routes, token) = (http.observe(routes), shutdown.clone());
    let served = tokio::spawn(async move {
        serve_http(listener, routes, HttpLimits::default(), None, token).await.unwrap();
    });
    let empty = "Content-Length: 0\r\n";
    for request in ["POST /things/secret-1", "POST /things/secret-2", "GET /secret-3", "SECRET-4 /things/x"] {
        ask(address, request, empty).await;
    }
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    for expected in [
        "enishi_http_requests_total{route=\"/things/{id}\",method=\"POST\",status=\"201\"} 2\n",
        "enishi_http_requests_total{route=\"none\",method=\"GET\",status=\"404\"} 1\n",
        "enishi_http_requests_total{route=\"/things/{id}\",method=\"other\",status=\"405\"} 1\n",
        "enishi_http_request_duration_seconds_count{route=\"/things/{id}\",method=\"POST\"} 2\n",
        "enishi_http_requests_in_flight 0\n",
    ] {
        assert!(text.contains(expected), "{expected}{text}");
    }
    assert!(!text.to_lowercase().contains("secret"), "{text}");
    shutdown.cancel();
    served.await.unwrap();
}
