//! The one place that talks to the relay.

use std::time::Duration;

use enishi_party::{IdempotencyKey, IntentId, PartyUri, PaymentId};
use enishi_transport::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use enishi_transport::{HttpError, HttpsClient, Request, Response};
use enishi_wire::{IntentView, Problem};
use tokio::time::timeout;

use crate::answer;

const JSON: &str = "application/json";

/// draft-ietf-httpapi-idempotency-key-header
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What came back for one request that was sent once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<T> {
    /// An answer of the expected form.
    Answer(T),
    /// A refusal.
    Refusal(Box<Problem>),
    /// Nothing, a fault of the relay, or something that is no answer: nothing is known of what the relay did.
    Lost(Exposure),
}

/// Whether the relay can have seen a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exposure {
    /// Provably nothing of it left.
    NotSent,
    /// It may have been received and acted upon.
    MaybeReceived,
}

/// Where a request goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Endpoint {
    Tickets,
    Payments,
    Continue(PaymentId),
    Cancellations,
    Enrolments,
}

impl Endpoint {
    fn path(self) -> String {
        match self {
            Self::Tickets => "/v1/tickets".to_owned(),
            Self::Payments => "/v1/payments".to_owned(),
            Self::Continue(payment) => format!("/v1/payments/{payment}/continue"),
            Self::Cancellations => "/v1/payment-cancellations".to_owned(),
            Self::Enrolments => "/v1/enrolments".to_owned(),
        }
    }
}

/// How the body of an answer is read; `None` is no answer.
pub(crate) type Read<T> = fn(&[u8]) -> Option<T>;

/// The relay, over mutual TLS.
#[derive(Debug)]
pub(crate) struct Relay {
    client: HttpsClient,
}

impl Relay {
    pub(crate) const fn new(client: HttpsClient) -> Self {
        Self { client }
    }

    /// The relay's name, as the handshake will prove it.
    pub(crate) fn party(&self) -> &PartyUri {
        self.client.party()
    }

    /// Sends once and waits so long.
    pub(crate) async fn post<T>(
        &self,
        endpoint: Endpoint,
        key: Option<&IdempotencyKey>,
        body: &[u8],
        wait: Duration,
        read: Read<T>,
    ) -> Reply<T> {
        let mut request = Request::post(endpoint.path(), JSON, body.to_vec());
        if let Some(key) = key {
            let Ok(value) = HeaderValue::from_str(key.as_str()) else {
                return Reply::Lost(Exposure::NotSent);
            };
            request = request.header(IDEMPOTENCY_KEY, value);
        }
        self.exchange(request, wait, read).await
    }

    /// Asks for the terms of a registration.
    pub(crate) async fn intent(&self, intent: IntentId, wait: Duration) -> Reply<IntentView> {
        let request = Request::get(format!("/v1/link-intents/{intent}"));
        self.exchange(request, wait, answer::intent).await
    }

    async fn exchange<T>(&self, request: Request, wait: Duration, read: Read<T>) -> Reply<T> {
        match timeout(wait, self.client.send(request)).await {
            Ok(Ok(response)) => understand(&response, read),
            Ok(Err(HttpError::NotSent(_))) => Reply::Lost(Exposure::NotSent),
            Ok(Err(HttpError::Unanswered(_))) | Err(_) => Reply::Lost(Exposure::MaybeReceived),
        }
    }
}

fn understand<T>(response: &Response, read: Read<T>) -> Reply<T> {
    let content_type = response.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    // Parameters (`; charset=utf-8`) change nothing.
    let content_type = content_type.and_then(|value| value.split(';').next()).map(str::trim);
    let understood = match content_type {
        Some(JSON) if response.status.is_success() => read(&response.body).map(Reply::Answer),
        Some(Problem::CONTENT_TYPE) => answer::refusal(response.status.as_u16(), &response.body)
            .map(|problem| Reply::Refusal(Box::new(problem))),
        _ => None,
    };
    understood.unwrap_or(Reply::Lost(Exposure::MaybeReceived))
}
