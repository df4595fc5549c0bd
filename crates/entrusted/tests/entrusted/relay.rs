//! The relay's end of the evidence endpoint, over mutual TLS; it says what it is told to say.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use enishi_party::{AssertionId, Clock, Environment, PartyRole, PartyUri, Timestamp};
use enishi_provider::RelayClient;
use enishi_transport::{
    CancellationToken, HttpClientLimits, HttpLimits, HttpsClient, SandboxCa, SystemClock, serve_https,
};
use enishi_wire::{EvidenceAnswer, Octets};
use tokio::net::TcpListener;

type Says = Arc<Mutex<(StatusCode, Vec<u8>)>>;

/// What it says next, and how often it was asked.
pub(crate) struct Relay {
    pub(crate) client: RelayClient,
    says: Says,
    asked: Arc<AtomicUsize>,
}

pub(crate) fn relay_party() -> PartyUri {
    PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay-1").unwrap()
}

impl Relay {
    pub(crate) async fn start() -> Self {
        // The TLS library holds certificates against the machine's clock.
        let machine: Timestamp = SystemClock.now();
        let ca = SandboxCa::create(machine).unwrap();
        let bank = PartyUri::new(Environment::Sandbox, PartyRole::Provider, "bank-b").unwrap();
        let server = ca.issue(&relay_party(), &["localhost"], machine).unwrap();
        let client = ca.issue(&bank, &[], machine).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string().parse().unwrap();
        let says: Says = Arc::new(Mutex::new((StatusCode::NOT_FOUND, vec![])));
        let asked = Arc::new(AtomicUsize::new(0));
        let router = Router::new()
            .route("/v1/assertions/{id}/evidence", get(answer))
            .with_state((Arc::clone(&says), Arc::clone(&asked)));
        let (trusted, of_server) = (ca.trusted().unwrap(), ca.trusted().unwrap());
        tokio::spawn(async move {
            let limits = HttpLimits::default();
            let shutdown = CancellationToken::new();
            serve_https(listener, &server, &of_server, router, limits, None, shutdown).await.unwrap();
        });
        let limits = HttpClientLimits::default();
        let client = HttpsClient::new(address, relay_party(), &client, &trusted, limits, None).unwrap();
        Self { client: RelayClient::new(client), says, asked }
    }

    /// Gives this sealed evidence for that assertion.
    pub(crate) fn gives(&self, assertion: AssertionId, sealed: Vec<u8>) {
        let answer = EvidenceAnswer { assertion, sealed: Octets(sealed) };
        self.says(StatusCode::OK, serde_json::to_vec(&answer).unwrap());
    }

    pub(crate) fn says(&self, status: StatusCode, body: Vec<u8>) {
        *self.says.lock().unwrap() = (status, body);
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State((says, asked)): State<(Says, Arc<AtomicUsize>)>, Path(_): Path<String>) -> Response {
    asked.fetch_add(1, Ordering::SeqCst);
    let (status, body) = says.lock().unwrap().clone();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
