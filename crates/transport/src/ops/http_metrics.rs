use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::Peer;

/// From a ticket to a payment whose provider takes its time.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Requests by the template of their route, never by their path.
#[derive(Clone)]
pub struct HttpMetrics {
    served: Family<ServedLabels, Counter>,
    took: Family<RouteLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ServedLabels {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
    method: &'static str,
}

impl HttpMetrics {
    /// Puts its metrics into a party's registry.
    pub fn register(registry: &mut Registry) -> Self {
        let took: fn() -> Histogram = || Histogram::new(SECONDS);
        let metrics = Self {
            served: Family::default(),
            took: Family::new_with_constructor(took),
            in_flight: Gauge::default(),
        };
        registry.register(
            "enishi_http_requests",
            "Requests that were answered by a route, by its template",
            metrics.served.clone(),
        );
        registry.register_with_unit(
            "enishi_http_request_duration",
            "From a request's last octet to its answer",
            Unit::Seconds,
            metrics.took.clone(),
        );
        registry.register(
            "enishi_http_requests_in_flight",
            "Requests that are being served",
            metrics.in_flight.clone(),
        );
        metrics
    }

    /// The router, counted and logged: one line for each request, without its path, its body or a person.
    pub fn observe(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), served))
    }
}

/// One more of something that is under way, until this is dropped: however it ends.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl InFlight {
    /// Begins.
    #[must_use]
    pub fn begin(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

async fn served(State(metrics): State<HttpMetrics>, request: Request, next: Next) -> Response {
    let _in_flight = InFlight::begin(&metrics.in_flight);
    // What no route takes has a path of the caller's choice: none is told.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = method(request.method());
    let peer = request.extensions().get::<Peer>().map(|peer| peer.party.to_string());
    let start = Instant::now();
    let response = next.run(request).await;
    let (took, status) = (start.elapsed(), response.status().as_u16());
    tracing::info!(
        target: "enishi::http",
        route,
        method,
        status,
        took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        peer,
        "request served"
    );
    let by_route = RouteLabels { route: route.clone(), method };
    metrics.took.get_or_create(&by_route).observe(took.as_secs_f64());
    metrics.served.get_or_create(&ServedLabels { route, method, status }).inc();
    response
}

/// Methods are words of the caller's choice, too.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
