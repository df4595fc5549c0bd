use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::uri::Scheme;
use hyper::{Method, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::http_limits::check_duration;
use crate::stall_guard::StallGuard;
use crate::tap::TappedStream;
use crate::{Address, NotSent, SetupError, Tap};

/// Most headers read in a response.
const RESPONSE_HEADERS_MAX: usize = 64;

/// Largest response header read.
const RESPONSE_HEADER_BYTES_MAX: usize = 16 * 1024;

/// The port of http where the URL names none (RFC 9110 §4.2.1).
const HTTP_PORT: u16 = 80;

/// Longest time without an octet of a body, unless told otherwise: a body that comes slowly may be large.
const STALL_MAX: Duration = Duration::from_secs(30);

/// Why something was not fetched. Nothing that was sent moves money, so it may be asked for again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Not `http://HOST[:PORT]/PATH`, or with a user name in it.
    #[error("the URL is not http://HOST[:PORT]/PATH")]
    Url,
    /// No connection.
    #[error("{0}")]
    NotConnected(NotSent),
    /// No whole answer in time.
    #[error("no whole answer within {0:?}")]
    TimedOut(Duration),
    /// The body began and stopped coming.
    #[error("nothing more of the answer came within {0:?}")]
    Stalled(Duration),
    /// The connection ended early, or the answer is not HTTP.
    #[error("the connection ended before the answer did, or the answer is not HTTP")]
    Broken,
    /// Another status than 200; redirects are not followed.
    #[error("the server answered {0}")]
    Status(StatusCode),
    /// Another content type than the one asked for.
    #[error("the answer is not of type {expected}")]
    ContentType {
        /// What was expected.
        expected: &'static str,
    },
    /// The body is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// What came could not be put down where it was to go.
    #[error("the answer could not be put down: {0}")]
    Sink(std::io::ErrorKind),
}

/// What is to be fetched, and what may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetch<'a> {
    /// `http://HOST[:PORT]/PATH`, from configuration, never from a certificate.
    pub url: &'a str,
    /// The content type that the answer must have; parameters after a semicolon are ignored.
    pub expected_type: &'static str,
    /// Largest body in bytes.
    pub body_bytes: usize,
}

/// An HTTP/1.1 client without TLS, for what carries its own signature: CRLs and OCSP answers.
///
/// One connection for each request, no redirects, no cookies, no compression.
#[derive(Clone)]
pub struct PlainHttpClient {
    timeout: Duration,
    stall: Duration,
    tap: Option<Arc<dyn Tap>>,
}

impl PlainHttpClient {
    /// Prepares a client whose exchanges take at most `timeout` each, connecting included.
    ///
    /// # Errors
    /// A timeout of zero.
    pub fn new(timeout: Duration, tap: Option<Arc<dyn Tap>>) -> Result<Self, SetupError> {
        check_duration("timeout", timeout)?;
        Ok(Self { timeout, stall: timeout.min(STALL_MAX), tap })
    }

    /// The same client, which waits at most so long for the next octet of a body; at first 30 s.
    ///
    /// # Errors
    /// A limit of zero.
    pub fn with_stall(self, stall: Duration) -> Result<Self, SetupError> {
        check_duration("stall", stall)?;
        Ok(Self { stall, ..self })
    }

    /// Fetches a resource whole.
    ///
    /// # Errors
    /// Any answer but a 200 of the expected type within the bounds.
    pub async fn get(&self, fetch: Fetch<'_>) -> Result<Bytes, FetchError> {
        self.exchange_whole(fetch, Method::GET, None).await
    }

    /// Fetches a resource into `sink` as it comes, in the memory of a few pieces, and says how many octets it has.
    ///
    /// After an error `sink` holds the beginning of something that is not to be used, never more than `body_bytes`.
    ///
    /// # Errors
    /// Any answer but a 200 of the expected type within the bounds; a `sink` that fails.
    pub async fn get_to(
        &self,
        fetch: Fetch<'_>,
        sink: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<usize, FetchError> {
        self.exchange(fetch, Method::GET, None, sink).await
    }

    /// Posts a body of a content type and reads the answer whole.
    ///
    /// # Errors
    /// Any answer but a 200 of the expected type within the bounds.
    pub async fn post(
        &self,
        fetch: Fetch<'_>,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Result<Bytes, FetchError> {
        self.exchange_whole(fetch, Method::POST, Some((content_type, body.into()))).await
    }

    async fn exchange_whole(
        &self,
        fetch: Fetch<'_>,
        method: Method,
        body: Option<(&'static str, Bytes)>,
    ) -> Result<Bytes, FetchError> {
        let mut whole = Vec::new();
        self.exchange(fetch, method, body, &mut whole).await?;
        Ok(whole.into())
    }

    async fn exchange(
        &self,
        fetch: Fetch<'_>,
        method: Method,
        body: Option<(&'static str, Bytes)>,
        sink: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<usize, FetchError> {
        let target = Target::parse(fetch.url)?;
        let mut request = hyper::Request::new(Full::default());
        *request.method_mut() = method;
        *request.uri_mut() = target.path;
        request.headers_mut().insert(HOST, target.host);
        if let Some((content_type, body)) = body {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            *request.body_mut() = Full::new(body);
        }
        timeout(self.timeout, self.exchange_unbounded(&target.address, request, fetch, sink))
            .await
            .map_err(|_| FetchError::TimedOut(self.timeout))?
    }

    async fn exchange_unbounded(
        &self,
        address: &Address,
        request: hyper::Request<Full<Bytes>>,
        fetch: Fetch<'_>,
        sink: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<usize, FetchError> {
        let stream = address.connect().await.map_err(FetchError::NotConnected)?;
        let stream = TappedStream::new(StallGuard::new(stream, self.timeout), self.tap.clone(), address);
        let (mut sender, connection) = http1::Builder::new()
            .max_headers(RESPONSE_HEADERS_MAX)
            .max_header_size(RESPONSE_HEADER_BYTES_MAX)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| FetchError::Broken)?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(|_| FetchError::Broken)?;
            let body = accept(response, fetch)?;
            take(body, fetch.body_bytes, self.stall, sink).await
        };
        // Driven here and not in a task, so that dropping the exchange drops the connection.
        let mut exchange = std::pin::pin!(exchange);
        tokio::select! {
            biased;
            fetched = exchange.as_mut() => fetched,
            _ended = connection => exchange.await,
        }
    }
}

impl std::fmt::Debug for PlainHttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlainHttpClient")
    }
}

/// The body of an answer that may be read.
fn accept(response: hyper::Response<Incoming>, fetch: Fetch<'_>) -> Result<Incoming, FetchError> {
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status()));
    }
    let found =
        response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    // RFC 9110 §8.3.1: type and subtype are case-insensitive.
    if !essence.eq_ignore_ascii_case(fetch.expected_type) {
        return Err(FetchError::ContentType { expected: fetch.expected_type });
    }
    let body = response.into_body();
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > fetch.body_bytes { Err(FetchError::TooLarge(fetch.body_bytes)) } else { Ok(body) }
}

/// Passes a body on, piece by piece. What was announced is no bound: what comes is counted.
async fn take(
    mut body: Incoming,
    octets_max: usize,
    stall: Duration,
    sink: &mut (impl AsyncWrite + Unpin + Send),
) -> Result<usize, FetchError> {
    let put_down = |error: std::io::Error| FetchError::Sink(error.kind());
    let mut octets = 0_usize;
    while let Some(frame) = timeout(stall, body.frame()).await.map_err(|_| FetchError::Stalled(stall))? {
        let frame = frame.map_err(|_| FetchError::Broken)?;
        // Trailers say nothing here.
        let Ok(piece) = frame.into_data() else { continue };
        octets = octets.saturating_add(piece.len());
        if octets > octets_max {
            return Err(FetchError::TooLarge(octets_max));
        }
        sink.write_all(&piece).await.map_err(put_down)?;
    }
    sink.flush().await.map_err(put_down)?;
    Ok(octets)
}

struct Target {
    address: Address,
    host: HeaderValue,
    path: Uri,
}

impl Target {
    fn parse(url: &str) -> Result<Self, FetchError> {
        let uri: Uri = url.parse().map_err(|_| FetchError::Url)?;
        if uri.scheme() != Some(&Scheme::HTTP) || url.contains(['@', '#']) {
            return Err(FetchError::Url);
        }
        let authority = uri.authority().ok_or(FetchError::Url)?;
        let port = match authority.port_u16() {
            Some(port) => port,
            None if authority.as_str() == authority.host() => HTTP_PORT,
            None => return Err(FetchError::Url),
        };
        let address = format!("{}:{port}", authority.host()).parse().map_err(|_| FetchError::Url)?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| FetchError::Url)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self { address, host, path: path.parse().map_err(|_| FetchError::Url)? })
    }
}
