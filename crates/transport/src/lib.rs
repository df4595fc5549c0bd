//! How parties talk: mutual TLS 1.3 with party URIs for names, HTTP/1.1 on both sides, ISO 8583 over sockets.
//!
//! An exchange ends in an answer, in *not sent* (provably nothing left) or in *unanswered* (it may have been received);
//! the flows of slides 9 to 11 reverse on the last one only.
//!
//! *Invariant:* a request is sent at most once; what may have been received is never sent again here.
//! *Invariant:* answers meet their requests by match key, never by order.
//! *Invariant:* a handler that has begun runs to its end, whoever has gone.
//! *Invariant:* no log line holds contents: party URIs, addresses and message types alone.
//!
//! Standards: RFC 8446 (TLS 1.3), RFC 9112 (HTTP/1.1), ISO 8583:1987.

mod accept;
mod address;
mod environment;
mod error;
mod gate;
mod handshake;
mod http_client;
mod http_limits;
mod http_message;
mod http_server;
mod identity;
mod iso_client;
mod iso_frame;
mod iso_server;
mod network;
#[cfg(feature = "openapi")]
pub mod openapi;
mod ops;
mod outcome;
mod peer;
mod pem_file;
mod plain_http_client;
mod problem;
mod sandbox_ca;
mod stall_guard;
mod system;
mod tap;
mod tls;
mod trusted_ca;

pub use address::Address;
pub use error::SetupError;
pub use http_client::{HttpClientLimits, HttpsClient};
pub use http_limits::HttpLimits;
pub use http_message::{Request, Response};
pub use http_server::{serve_http, serve_https};
pub use identity::Identity;
pub use iso_client::{
    ExchangeError, ISO_IN_FLIGHT_MAX, IsoClient, IsoClientConfig, IsoClientLimits, OnStray,
};
pub use iso_server::{IsoHandler, IsoServerConfig, IsoServerLimits, Standing, serve_iso};
pub use network::Now;
pub use ops::{
    Check, CheckState, HttpMetrics, InFlight, Operated, OpsError, OpsListener, PartyLabel, Readiness,
    ReadyStatus, ops_router, register_process, response_code_label,
};
pub use outcome::{HttpError, NotSent, Unanswered};
pub use peer::Peer;
pub use plain_http_client::{Fetch, FetchError, PlainHttpClient};
pub use sandbox_ca::SandboxCa;
pub use system::{SystemClock, SystemEntropy};
pub use tap::{Direction, Tap};
pub use trusted_ca::TrustedCa;

pub use hyper::body::Bytes;
pub use hyper::{HeaderMap, Method, StatusCode, header};
pub use tokio_util::sync::CancellationToken;
