use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use prometheus_client::registry::Registry;
use tokio::time::timeout;

use super::exposition::Format;
use super::readiness::{Check, Readiness, ReadyStatus};

/// How long a party may take to look at itself.
const LOOK: Duration = Duration::from_secs(3);
/// What is measured now is of no use later.
const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// A party that looks at itself when it is asked.
#[async_trait]
pub trait Operated: Send + Sync {
    /// Sets the gauges that are measured when somebody looks: ages, queues, connections.
    async fn measure(&self);

    /// What it needs to serve, each by name.
    async fn checks(&self) -> Vec<Check>;
}

/// `/healthz`, `/readyz` and `/metrics` of one party. Other routes may be merged into it; it has no fallback.
///
/// `/healthz` is 200 as long as the process answers at all. `/readyz` is 200 or 503 with a [`Readiness`]. `/metrics` is
/// Prometheus text, or OpenMetrics for a client that names it.
pub fn ops_router(registry: Registry, party: Arc<dyn Operated>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { ([NO_STORE], "ok\n") }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Pages { registry: Arc::new(registry), party })
}

#[derive(Clone)]
struct Pages {
    registry: Arc<Registry>,
    party: Arc<dyn Operated>,
}

async fn ready(State(pages): State<Pages>) -> Response {
    let checks = timeout(LOOK, pages.party.checks()).await.unwrap_or_else(|_| {
        vec![Check::failed("checks", format!("they did not end within {} s", LOOK.as_secs()))]
    });
    let readiness = Readiness::from(checks);
    let status = match readiness.status {
        ReadyStatus::Ready | ReadyStatus::Degraded => StatusCode::OK,
        ReadyStatus::NotReady => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, [NO_STORE], Json(readiness)).into_response()
}

async fn metrics(State(pages): State<Pages>, headers: HeaderMap) -> Response {
    if timeout(LOOK, pages.party.measure()).await.is_err() {
        tracing::warn!("gauges were not measured in time; those of the last look are told");
    }
    let format = Format::wanted(&headers);
    match format.write(&pages.registry) {
        Ok(text) => ([NO_STORE, (header::CONTENT_TYPE, format.content_type())], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
