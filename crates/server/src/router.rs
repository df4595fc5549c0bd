//! The relay's HTTP interface: JSON in, JSON or a problem document out.
//!
//! Who calls comes from the mutual-TLS certificate. Business declines are 200; refusals and faults are problems.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use enishi_party::{IdempotencyKey, PartyRole, ProviderId, RefusalCode};
use enishi_relay::{Caller, Outcome, Relay, RequestKey, Stop};
use enishi_transport::Peer;
use enishi_transport::openapi::{Endpoint, document, router_of};
use enishi_wire::{
    CancelAnswer, CancelRequest, ConfirmOutcome, ContinueRequest, EnrolmentRequest, EvidenceAnswer,
    IntentRequest, Octets, PaymentRequest, Problem, RedeemRequest, TicketsRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

mod description;
mod sample;

/// The header that makes a request one act (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Every endpoint of the relay. To be served behind mutual TLS, which adds the caller's [`Peer`].
pub fn router(relay: Arc<Relay>) -> Router {
    router_of(endpoints())
        .fallback(|| async { Failure::Status(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Failure::Status(StatusCode::METHOD_NOT_ALLOWED) })
        .with_state(relay)
}

/// The OpenAPI 3.1 document of the relay's endpoints.
#[must_use]
pub fn openapi() -> serde_json::Value {
    document(description::ABOUT, &endpoints())
}

fn endpoints() -> Vec<Endpoint<Arc<Relay>>> {
    use description as about;
    vec![
        Endpoint::post("/v1/tickets", tickets, about::tickets),
        Endpoint::post("/v1/payments", payments, about::payments),
        Endpoint::post("/v1/payments/{id}/continue", go_on, about::go_on),
        Endpoint::post("/v1/payment-cancellations", cancellations, about::cancellations),
        Endpoint::post("/v1/link-intents", create_intent, about::create_intent),
        Endpoint::get("/v1/link-intents/{id}", view_intent, about::view_intent),
        Endpoint::post("/v1/link-intents/{id}/redeem", redeem, about::redeem),
        Endpoint::post("/v1/enrolments", enrol, about::enrol),
        Endpoint::put("/v1/links/{id}/confirm", confirm, about::confirm),
        Endpoint::get("/v1/assertions/{id}/evidence", evidence, about::evidence),
    ]
}

/// Why a request has no answer of its own.
enum Failure {
    Stop(Stop),
    Status(StatusCode),
}

impl<S: Into<Stop>> From<S> for Failure {
    fn from(stop: S) -> Self {
        Self::Stop(stop.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = match self {
            Self::Stop(Stop::Refused(code)) => Problem::refusal(code),
            Self::Stop(Stop::Malformed(detail)) => {
                Problem::refusal(RefusalCode::MalformedRequest).with_detail(detail)
            }
            Self::Stop(Stop::Superseded) => Problem::refusal(RefusalCode::RequestInFlight),
            Self::Stop(Stop::Fault(fault)) => {
                tracing::error!(%fault, "request failed");
                Problem::fault()
            }
            Self::Status(status) => {
                let mut problem = Problem::refusal(RefusalCode::MalformedRequest);
                problem.status = status.as_u16();
                problem.with_detail("no such resource, or not with this method")
            }
        };
        problem_response(&problem)
    }
}

fn problem_response(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, Problem::CONTENT_TYPE)], body).into_response()
}

type Answer = Result<Response, Failure>;
type Shared = State<Arc<Relay>>;
type From_ = Extension<Peer>;
type Id = Result<Path<String>, PathRejection>;

async fn tickets(State(relay): Shared, Extension(peer): From_, body: Bytes) -> Answer {
    let request: TicketsRequest = parse(&body)?;
    ok(&relay.tickets(&terminal(&peer)?, request.count)?)
}

async fn payments(State(relay): Shared, Extension(peer): From_, headers: HeaderMap, body: Bytes) -> Answer {
    let caller = terminal(&peer)?;
    let key = RequestKey { terminal: caller.terminal.clone(), key: idempotency_key(&headers)? };
    let request: PaymentRequest = parse(&body)?;
    outcome(relay.pay(&caller, key, request).await?)
}

async fn go_on(State(relay): Shared, Extension(peer): From_, id: Id, body: Bytes) -> Answer {
    let request: ContinueRequest = parse(&body)?;
    outcome(relay.go_on(&terminal(&peer)?, identifier(id)?, request).await?)
}

async fn cancellations(State(relay): Shared, Extension(peer): From_, body: Bytes) -> Answer {
    let request: CancelRequest = parse(&body)?;
    let key = RequestKey { terminal: terminal(&peer)?.terminal, key: request.idempotency_key };
    ok(&CancelAnswer { outcome: relay.cancel(&key).await? })
}

async fn create_intent(State(relay): Shared, Extension(peer): From_, body: Bytes) -> Answer {
    let request: IntentRequest = parse(&body)?;
    ok(&relay.create_intent(&provider(&peer)?, request).await?)
}

async fn view_intent(State(relay): Shared, Extension(peer): From_, id: Id) -> Answer {
    ok(&relay.view_intent(&terminal(&peer)?, identifier(id)?).await?)
}

async fn redeem(State(relay): Shared, Extension(peer): From_, id: Id, body: Bytes) -> Answer {
    let request: RedeemRequest = parse(&body)?;
    ok(&relay.redeem(&provider(&peer)?, identifier(id)?, request).await?)
}

async fn enrol(State(relay): Shared, Extension(peer): From_, body: Bytes) -> Answer {
    let request: EnrolmentRequest = parse(&body)?;
    ok(&relay.enrol(&terminal(&peer)?, request).await?)
}

async fn confirm(State(relay): Shared, Extension(peer): From_, id: Id, body: Bytes) -> Answer {
    let request: ConfirmOutcome = parse(&body)?;
    ok(&relay.confirm(&provider(&peer)?, identifier(id)?, request).await?)
}

async fn evidence(State(relay): Shared, Extension(peer): From_, id: Id) -> Answer {
    let assertion = identifier(id)?;
    let sealed = relay.evidence(&provider(&peer)?, assertion).await?;
    ok(&EvidenceAnswer { assertion, sealed: Octets(sealed) })
}

fn terminal(peer: &Peer) -> Result<Caller, Stop> {
    let terminal = match peer.party.role() {
        PartyRole::Terminal => peer.party.name().parse().ok(),
        _ => None,
    };
    let terminal = terminal.ok_or(Stop::Refused(RefusalCode::ClientNotAllowed))?;
    Ok(Caller { terminal, key_sha256: peer.key_sha256 })
}

fn provider(peer: &Peer) -> Result<ProviderId, Stop> {
    let provider = match peer.party.role() {
        PartyRole::Provider => peer.party.name().parse().ok(),
        _ => None,
    };
    provider.ok_or(Stop::Refused(RefusalCode::ClientNotAllowed))
}

fn idempotency_key(headers: &HeaderMap) -> Result<IdempotencyKey, Stop> {
    let text = headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok())
        .ok_or(Stop::Malformed("Idempotency-Key is 16 to 64 of A-Z, a-z, 0-9, _ and -"))
}

/// What is no text after decoding is no identifier either: axum's own answer would be no problem document.
fn identifier<T: std::str::FromStr>(id: Id) -> Result<T, Stop> {
    let text = id.ok().and_then(|Path(text)| text.parse().ok());
    text.ok_or(Stop::Malformed("the path's identifier is not one of ours"))
}

/// serde's own messages repeat the input, which may hold a person's: only the kind of the fault is told.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Stop> {
    use serde_json::error::Category;
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Syntax | Category::Io => Stop::Malformed("the body is not JSON"),
        Category::Eof => Stop::Malformed("the body ends early"),
        Category::Data => Stop::Malformed("a field of the body is missing, unknown or out of form"),
    })
}

fn outcome(outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Answered(answer) => ok(&answer),
        Outcome::Refused(code) => Ok(problem_response(&Problem::refusal(code))),
    }
}

fn ok(body: &impl Serialize) -> Answer {
    match serde_json::to_vec(body) {
        Ok(body) => Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response()),
        Err(_) => Err(Failure::Status(StatusCode::INTERNAL_SERVER_ERROR)),
    }
}
