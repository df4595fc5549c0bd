//! The citizen's phone at a company's app: plain HTTP on this machine, as a browser would speak it.

use std::fmt;

use enishi_provider::{LinkAnswer, LinkCallback, LinkRequest, LinkStarted, LoginAnswer, StatementAnswer};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

/// Largest answer of an app.
const ANSWER_OCTETS_MAX: usize = 256 * 1024;

/// What the app said instead.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The app refused.
    #[error("the app answered {status}: {code}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The problem's code.
        code: String,
    },
    /// No answer, or none that can be read.
    #[error("the app did not answer: {0}")]
    Unanswered(String),
}

/// A customer who is logged in.
pub struct AppClient {
    address: String,
    session: String,
}

impl fmt::Debug for AppClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppClient(…)")
    }
}

impl AppClient {
    /// Logs in.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn log_in(address: &str, customer: &str, password: &str) -> Result<Self, AppError> {
        let body = serde_json::json!({ "customer": customer, "password": password });
        let answer: LoginAnswer = call(address, Method::POST, "/app/login", None, &body).await?;
        Ok(Self { address: address.to_owned(), session: answer.session })
    }

    /// Asks to link the first card.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn start_link(&self, offer_jointly: bool) -> Result<LinkStarted, AppError> {
        self.post("/app/links", &LinkRequest { card: 0, offer_jointly }).await
    }

    /// Brings back what the terminal gave.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn finish_link(&self, callback: &LinkCallback) -> Result<LinkAnswer, AppError> {
        self.post("/app/link-callback", callback).await
    }

    /// The customer's statement.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn statement(&self) -> Result<StatementAnswer, AppError> {
        call(&self.address, Method::GET, "/app/statement", Some(&self.session), &()).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, AppError> {
        call(&self.address, Method::POST, path, Some(&self.session), body).await
    }
}

async fn call<T: DeserializeOwned>(
    address: &str,
    method: Method,
    path: &str,
    session: Option<&str>,
    body: &impl Serialize,
) -> Result<T, AppError> {
    let unanswered = |error: &dyn fmt::Display| AppError::Unanswered(error.to_string());
    let body = if method == Method::GET {
        Vec::new()
    } else {
        serde_json::to_vec(body).map_err(|e| unanswered(&e))?
    };
    let mut request = Request::builder().method(method).uri(path).header("host", address);
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    if let Some(session) = session {
        request = request.header("authorization", format!("Bearer {session}"));
    }
    let request = request.body(Full::new(Bytes::from(body))).map_err(|e| unanswered(&e))?;
    let stream = TcpStream::connect(address).await.map_err(|e| unanswered(&e))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|e| unanswered(&e))?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(|e| unanswered(&e))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_OCTETS_MAX).collect().await;
        let body = body.map_err(|e| unanswered(&e))?.to_bytes();
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|_| AppError::Unanswered("an unreadable answer".to_owned()));
        }
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let code = problem.get("code").and_then(|code| code.as_str()).unwrap_or("?").to_owned();
        Err(AppError::Refused { status: status.as_u16(), code })
    };
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        ended = connection => {
            match ended {
                // The connection may end in order before the answer is read to its end.
                Ok(()) => exchange.await,
                Err(error) => Err(unanswered(&error)),
            }
        }
    }
}
