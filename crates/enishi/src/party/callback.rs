//! Taking a holder back to the company that asked for a registration.

use std::fmt;
use std::time::Duration;

use enishi_party::Malformed;
use enishi_provider::{LinkAnswer, LinkCallback};
use enishi_terminal::plain;
use enishi_wire::Problem;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Largest answer of a company.
const ANSWER_OCTETS_MAX: usize = 64 * 1024;
/// The company asks the relay before it answers.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// An origin to which the terminal itself may take the holder back: `http://HOST:PORT`, this machine alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallbackOrigin(String);

impl TryFrom<String> for CallbackOrigin {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let rule = Malformed {
            noun: "callback origin",
            rule: "http://127.0.0.1:PORT or another address of this machine, without a path; for an https callback \
                   the terminal prints the link, so leave it out",
        };
        let uri: Uri = text.parse().map_err(|_| rule)?;
        let authority = uri.authority().ok_or(rule)?;
        let here = ["127.0.0.1", "[::1]", "localhost"].contains(&authority.host());
        let user = authority.as_str().contains('@');
        if here
            && !user
            && authority.port_u16().is_some_and(|port| port > 0)
            && text == format!("http://{authority}")
        {
            Ok(Self(text))
        } else {
            Err(rule)
        }
    }
}

impl From<CallbackOrigin> for String {
    fn from(origin: CallbackOrigin) -> Self {
        origin.0
    }
}

/// How the holder gets back.
#[derive(Clone, PartialEq, Eq)]
pub enum WayBack {
    /// The terminal delivers.
    Here(Delivery),
    /// The holder opens this link within the code's life; it is good once and for the holder alone.
    Link(String),
}

/// What the terminal will deliver, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    authority: String,
    path: String,
    state: String,
    code: String,
}

/// What the company said.
#[derive(Debug, Clone)]
pub enum Delivered {
    /// Linked, under this label.
    Linked(String),
    /// Refused; `None` is a refusal in words that this program does not know.
    Refused(Option<Box<Problem>>),
}

/// Why the company could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// No connection, or no whole answer in time.
    #[error("{authority} did not answer: {reason}")]
    Unanswered {
        /// Where.
        authority: String,
        /// What was seen.
        reason: String,
    },
}

impl WayBack {
    /// The way to `callback` with what the relay gave.
    #[must_use]
    pub fn to(callback: &str, state: &str, code: &str, allowed: &[CallbackOrigin]) -> Self {
        let target = callback.parse::<Uri>().ok().and_then(|uri| {
            let authority = uri.authority()?.as_str().to_owned();
            let origin = format!("{}://{authority}", uri.scheme_str()?);
            let path = uri.path_and_query()?.as_str().to_owned();
            allowed.iter().any(|allowed| allowed.0 == origin).then_some((authority, path))
        });
        match target {
            Some((authority, path)) => {
                Self::Here(Delivery { authority, path, state: state.to_owned(), code: code.to_owned() })
            }
            None => {
                let mark = if callback.contains('?') { '&' } else { '?' };
                let (state, code) = (encoded(state), encoded(code));
                Self::Link(format!("{}{mark}state={state}&code={code}", plain(callback)))
            }
        }
    }
}

impl Delivery {
    /// Posts state and code, once.
    ///
    /// # Errors
    /// [`CallbackError`]: nothing is known of what the company did; the holder looks there.
    pub async fn send(&self) -> Result<Delivered, CallbackError> {
        let exchange = timeout(ANSWER_WAIT, self.exchange()).await;
        let answered = exchange.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        answered.map_err(|reason| CallbackError::Unanswered { authority: self.authority.clone(), reason })
    }

    async fn exchange(&self) -> Result<Delivered, String> {
        let text = |error: &dyn fmt::Display| error.to_string();
        let callback = LinkCallback { state: self.state.clone(), code: self.code.clone() };
        let body = serde_json::to_vec(&callback).map_err(|error| text(&error))?;
        let request = Request::post(&self.path)
            .header("host", &self.authority)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| text(&error))?;
        let stream = TcpStream::connect(&self.authority).await.map_err(|error| text(&error))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| text(&error))?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(|error| text(&error))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_OCTETS_MAX).collect().await;
            let body = body.map_err(|error| text(&error))?.to_bytes();
            if status.is_success() {
                let answer: LinkAnswer =
                    serde_json::from_slice(&body).map_err(|_| "an unreadable answer".to_owned())?;
                return Ok(Delivered::Linked(plain(&answer.label)));
            }
            // The words are this program's own; only the refusal's code is taken from outside.
            let problem: Option<Problem> = serde_json::from_slice(&body).ok();
            let code = problem.and_then(|problem| problem.refusal_code());
            match code {
                Some(code) => Ok(Delivered::Refused(Some(Box::new(Problem::refusal(code))))),
                None if status.is_client_error() => Ok(Delivered::Refused(None)),
                None => Err(format!("it answered {status}")),
            }
        };
        tokio::pin!(exchange);
        tokio::select! {
            biased;
            answer = &mut exchange => answer,
            // The connection may end in order before the answer is read to its end.
            _ended = connection => exchange.await,
        }
    }
}

impl fmt::Debug for WayBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Here(_) => "WayBack::Here(…)",
            Self::Link(_) => "WayBack::Link(…)",
        })
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delivery({})", self.authority)
    }
}

/// RFC 3986 §2.3: everything but the unreserved is encoded.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            out.push(char::from(octet));
        } else {
            out.push_str(&format!("%{octet:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests;
