use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use enishi_party::PartyUri;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{HOST, HeaderValue};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use crate::http_limits::{check_count, check_duration};
use crate::stall_guard::StallGuard;
use crate::tap::TappedStream;
use crate::{
    Address, HttpError, Identity, NotSent, Request, Response, SetupError, Tap, TrustedCa, Unanswered,
    handshake, tls,
};

/// Longest time that an idle connection is used again: well below the servers' own `header_timeout`, so that a request
/// seldom meets a connection that the server is just closing.
const IDLE_MAX: Duration = Duration::from_secs(15);

/// Most headers read in a response; ours have below 20.
const RESPONSE_HEADERS_MAX: usize = 64;

/// Largest response header read.
const RESPONSE_HEADER_BYTES_MAX: usize = 16 * 1024;

/// The bounds of an HTTP client towards one party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpClientLimits {
    /// Time for TCP and TLS together.
    pub connect_timeout: Duration,
    /// Time for the whole exchange, from the call to the last byte of the answer; connecting counts into it.
    pub exchange_timeout: Duration,
    /// Largest response body in bytes.
    pub response_bytes: usize,
    /// Requests at a time, and so connections.
    pub parallel: usize,
}

impl Default for HttpClientLimits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            // The terminal waits 30 s in all, the relay 10 s for a provider.
            exchange_timeout: Duration::from_secs(10),
            response_bytes: 256 * 1024,
            parallel: 16,
        }
    }
}

/// An HTTP/1.1 client over mutual TLS to one party, known by its party URI. Cheap to clone; clones share connections.
///
/// Connections are kept and used again. A request is sent at most once: a kept connection that proves dead is replaced
/// only while nothing of the request has left. Redirects are answers like any other.
#[derive(Clone)]
pub struct HttpsClient {
    inner: Arc<Inner>,
}

struct Inner {
    address: Address,
    host: HeaderValue,
    party: PartyUri,
    config: Arc<ClientConfig>,
    limits: HttpClientLimits,
    tap: Option<Arc<dyn Tap>>,
    turns: Semaphore,
    idle: Mutex<Vec<Kept>>,
}

struct Kept {
    sender: SendRequest<Full<Bytes>>,
    since: Instant,
}

impl HttpsClient {
    /// Prepares a client; the first request connects.
    ///
    /// # Errors
    /// Parties of different environments, or limits out of range.
    pub fn new(
        address: Address,
        expected: PartyUri,
        identity: &Identity,
        ca: &TrustedCa,
        limits: HttpClientLimits,
        tap: Option<Arc<dyn Tap>>,
    ) -> Result<Self, SetupError> {
        check_count("parallel", limits.parallel)?;
        check_duration("connect_timeout", limits.connect_timeout)?;
        check_duration("exchange_timeout", limits.exchange_timeout)?;
        let config = tls::client_config(identity, ca, &expected)?;
        let host = HeaderValue::from_str(&address.to_string()).map_err(|_| SetupError::Address)?;
        let turns = Semaphore::new(limits.parallel);
        let idle = Mutex::default();
        Ok(Self {
            inner: Arc::new(Inner { address, host, party: expected, config, limits, tap, turns, idle }),
        })
    }

    /// The party at the other end.
    #[must_use]
    pub fn party(&self) -> &PartyUri {
        &self.inner.party
    }

    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`HttpError::NotSent`] when provably nothing of the request left, [`HttpError::Unanswered`] otherwise. Dropping
    /// the future leaves the outcome unknown.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let inner = &self.inner;
        let deadline = Instant::now() + inner.limits.exchange_timeout;
        let request = inner.prepare(request)?;
        let turn = timeout_at(deadline, inner.turns.acquire()).await;
        let _turn = turn.map_err(|_| inner.too_late())?.map_err(|_| NotSent::ShutDown)?;
        inner.exchange(request, deadline).await
    }
}

impl std::fmt::Debug for HttpsClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpsClient({})", self.inner.party)
    }
}

type Prepared = hyper::Request<Full<Bytes>>;

impl Inner {
    fn prepare(&self, request: Request) -> Result<Prepared, NotSent> {
        if !request.path.starts_with('/') {
            return Err(NotSent::Invalid("a path starts with a slash".to_owned()));
        }
        let mut prepared = hyper::Request::builder()
            .method(request.method)
            .uri(request.path)
            .body(Full::new(request.body))
            .map_err(|_| NotSent::Invalid("the path has characters that a path cannot have".to_owned()))?;
        *prepared.headers_mut() = request.headers;
        prepared.headers_mut().insert(HOST, self.host.clone());
        Ok(prepared)
    }

    async fn exchange(&self, mut request: Prepared, deadline: Instant) -> Result<Response, HttpError> {
        loop {
            let kept = timeout_at(deadline, self.take_kept()).await.map_err(|_| self.too_late())?;
            let (mut sender, fresh) = match kept {
                Some(sender) => (sender, false),
                None => (self.connect(deadline).await?, true),
            };
            match timeout_at(deadline, sender.try_send_request(request)).await {
                Ok(Ok(response)) => return self.read(response, sender, deadline).await,
                Ok(Err(mut failed)) => match failed.take_message() {
                    // The library hands the request back only if it had not begun to write it.
                    Some(_) if fresh => return Err(NotSent::ConnectionLost.into()),
                    Some(unsent) => request = unsent,
                    None => return Err(Unanswered::ConnectionLost.into()),
                },
                Err(_elapsed) => return Err(self.timed_out()),
            }
        }
    }

    async fn read(
        &self,
        response: hyper::Response<hyper::body::Incoming>,
        sender: SendRequest<Full<Bytes>>,
        deadline: Instant,
    ) -> Result<Response, HttpError> {
        let (parts, body) = response.into_parts();
        let limit = self.limits.response_bytes;
        let body = timeout_at(deadline, Limited::new(body, limit).collect())
            .await
            .map_err(|_| self.timed_out())?
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Unanswered::TooLarge(limit)
                } else {
                    Unanswered::ConnectionLost
                }
            })?
            .to_bytes();
        self.keep(sender);
        Ok(Response { status: parts.status, headers: parts.headers, body })
    }

    /// The connection that was used last, if one is alive; older ones end as they are passed over.
    async fn take_kept(&self) -> Option<SendRequest<Full<Bytes>>> {
        loop {
            let mut kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if kept.since.elapsed() < IDLE_MAX && kept.sender.ready().await.is_ok() {
                return Some(kept.sender);
            }
        }
    }

    fn keep(&self, sender: SendRequest<Full<Bytes>>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|kept| kept.since.elapsed() < IDLE_MAX && !kept.sender.is_closed());
        if !sender.is_closed() && idle.len() < self.limits.parallel {
            idle.push(Kept { sender, since: Instant::now() });
        }
    }

    async fn connect(&self, deadline: Instant) -> Result<SendRequest<Full<Bytes>>, NotSent> {
        let limit = self.limits.connect_timeout.min(deadline.saturating_duration_since(Instant::now()));
        timeout(limit, self.connect_unbounded())
            .await
            .map_err(|_| NotSent::Unreachable(std::io::ErrorKind::TimedOut))?
    }

    async fn connect_unbounded(&self) -> Result<SendRequest<Full<Bytes>>, NotSent> {
        let stream = StallGuard::new(self.address.connect().await?, self.limits.exchange_timeout);
        let stream = handshake::connect(&self.config, stream)
            .await
            .map_err(|error| NotSent::Handshake(error.to_string()))?;
        let stream = TappedStream::new(stream, self.tap.clone(), &self.party);
        let (sender, connection) = http1::Builder::new()
            .max_headers(RESPONSE_HEADERS_MAX)
            .max_header_size(RESPONSE_HEADER_BYTES_MAX)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| NotSent::ConnectionLost)?;
        let party = self.party.clone();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(peer = %party, %error, "HTTP connection ended early");
            }
        });
        Ok(sender)
    }

    fn too_late(&self) -> NotSent {
        NotSent::TooLate(self.limits.exchange_timeout)
    }

    fn timed_out(&self) -> HttpError {
        Unanswered::TimedOut(self.limits.exchange_timeout).into()
    }
}
