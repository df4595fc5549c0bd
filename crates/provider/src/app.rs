//! What the customers' app of the company talks to: log in, link a card, read the statement.
//!
//! Sessions are the company's own. The link's result comes back to the session that asked for it and to no other.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use enishi_party::{CustomerId, Timestamp};
use enishi_transport::openapi::{Endpoint, document, router_of};
use enishi_transport::{CancellationToken, HttpLimits, Tap, serve_http};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;

use crate::error::AppError;
use crate::session::{BearerSecret, SecretDigest};
use crate::{Customer, CustomerState, Provider};

mod card;
mod description;
mod link;
mod login;
mod problem;
mod statement;

pub use card::{CardView, CardsAnswer};
pub use link::{LinkAnswer, LinkCallback, LinkRequest, LinkStarted};
pub use login::{LoginAnswer, LoginRequest};
pub use statement::{StatementAnswer, StatementEntry};

use problem::AppProblem;

impl Provider {
    /// The app's endpoints, for [`serve_app`] and for tests. All but the login and the invitation's callback take
    /// `Authorization: Bearer SESSION`.
    pub fn app(self: &Arc<Self>) -> Router {
        router_of(endpoints())
            .fallback(|| async { AppProblem::NotFound })
            .method_not_allowed_fallback(|| async { AppProblem::MethodNotAllowed })
            .with_state(Arc::clone(self))
    }
}

/// The OpenAPI 3.1 document of the app's endpoints.
#[must_use]
pub fn openapi() -> serde_json::Value {
    document(description::ABOUT, &endpoints())
}

fn endpoints() -> Vec<Endpoint<Arc<Provider>>> {
    use description as about;
    vec![
        Endpoint::post("/app/login", login::log_in, about::log_in),
        Endpoint::get("/app/cards", card::list, about::cards),
        Endpoint::post("/app/links", link::begin, about::begin_link),
        Endpoint::post("/app/link-callback", link::finish, about::finish_link),
        Endpoint::post("/app/invitation-callback", link::finish_invited, about::finish_invited),
        Endpoint::get("/app/statement", statement::read, about::statement),
    ]
}

/// Serves the app over plain HTTP on this machine alone, until `shutdown`.
///
/// # Errors
/// A listener that others than this machine can reach, or limits out of range.
pub async fn serve_app(
    listener: TcpListener,
    provider: &Arc<Provider>,
    limits: HttpLimits,
    tap: Option<Arc<dyn Tap>>,
    shutdown: CancellationToken,
) -> Result<(), AppError> {
    serve_local(listener, provider.app(), limits, tap, shutdown).await
}

/// Serves [`Provider::app`] with what was put around it; otherwise as [`serve_app`].
///
/// # Errors
/// As [`serve_app`].
pub async fn serve_local(
    listener: TcpListener,
    app: Router,
    limits: HttpLimits,
    tap: Option<Arc<dyn Tap>>,
    shutdown: CancellationToken,
) -> Result<(), AppError> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(AppError::NotLoopback { address });
    }
    Ok(serve_http(listener, app, limits, tap, shutdown).await?)
}

/// A session of a customer whom the company serves.
struct LoggedIn {
    session: SecretDigest,
    customer: Customer,
}

impl Provider {
    async fn logged_in(&self, headers: &HeaderMap, now: Timestamp) -> Result<LoggedIn, AppProblem> {
        let session = bearer(headers).ok_or(AppProblem::NotLoggedIn)?.digest();
        let customer = self.ports.sessions.customer_of(session, now).await?;
        let customer = self.active_customer(&customer.ok_or(AppProblem::NotLoggedIn)?).await?;
        Ok(LoggedIn { session, customer: customer.ok_or(AppProblem::NotLoggedIn)? })
    }

    async fn active_customer(&self, id: &CustomerId) -> Result<Option<Customer>, AppProblem> {
        let customer = self.ports.register.customer(id).await?;
        Ok(customer.filter(|customer| customer.state == CustomerState::Active))
    }
}

fn bearer(headers: &HeaderMap) -> Option<BearerSecret> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?.parse().ok()
}

/// Reads a body; what was wrong with it is not told, for it may hold a password.
fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, AppProblem> {
    serde_json::from_slice(body).map_err(|_| AppProblem::Malformed)
}

/// An answer that no cache keeps.
fn answer(status: StatusCode, body: &impl Serialize) -> Result<Response, AppProblem> {
    let body = serde_json::to_vec(body).map_err(|_| AppProblem::Fault)?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((status, headers, body).into_response())
}
