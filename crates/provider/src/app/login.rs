use std::fmt;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use enishi_party::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::AppProblem;
use super::{answer, read_json};
use crate::session::{Attempt, BearerSecret, SESSION_LIFE};
use crate::{Event, Login, Password, PasswordHash, Provider};

/// `POST /app/login`
#[derive(JsonSchema, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The company's own name for its customer.
    pub customer: String,
    /// The customer's password at the company.
    #[schemars(with = "String", length(min = 8, max = 256), extend("format" = "password"))]
    pub password: Password,
}

impl fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginRequest(…)")
    }
}

/// A new session.
#[derive(JsonSchema, Clone, Serialize, Deserialize)]
pub struct LoginAnswer {
    /// What to send as `Authorization: Bearer SESSION`.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"), length(equal = 64))]
    pub session: String,
    /// Seconds until it ends.
    pub life_s: u64,
}

impl fmt::Debug for LoginAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginAnswer(…)")
    }
}

pub(super) async fn log_in(
    State(provider): State<Arc<Provider>>,
    body: Bytes,
) -> Result<Response, AppProblem> {
    let request: LoginRequest = read_json(&body)?;
    let now = provider.ports.clock.now();
    let customer: CustomerId = request.customer.parse().map_err(|_| AppProblem::NotLoggedIn)?;
    let sessions = &provider.ports.sessions;
    if sessions.attempt(&customer, now).await? == Attempt::TooMany {
        provider.observer.event(&Event::Login(Login::Limited));
        return Err(AppProblem::TooManyLogins);
    }
    let password = request.password;
    let known = provider.ports.register.password(&customer).await?;
    let rounds = provider.config.password_rounds;
    let hash = known.unwrap_or_else(|| PasswordHash::nobody(rounds));
    // So many rounds would hold up everything else on this thread.
    let checked = tokio::task::spawn_blocking(move || hash.is_of(&password)).await;
    let right = checked.map_err(|_| AppProblem::Fault)?;
    if !right || provider.active_customer(&customer).await?.is_none() {
        provider.observer.event(&Event::Login(Login::Failed));
        return Err(AppProblem::NotLoggedIn);
    }
    let session = BearerSecret::from_random(provider.ports.entropy.octets());
    let until = now.saturating_add(SESSION_LIFE).map_err(|_| AppProblem::Fault)?;
    sessions.begin(&customer, session.digest(), until).await?;
    provider.observer.event(&Event::Login(Login::Done));
    answer(StatusCode::OK, &LoginAnswer { session: session.expose(), life_s: SESSION_LIFE.as_secs() })
}
