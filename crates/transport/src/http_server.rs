use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use enishi_party::PartyUri;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accept::{AcceptBounds, Accepted, Place, accept_until};
use crate::gate::{Admission, Gate};
use crate::problem::Problem;
use crate::stall_guard::StallGuard;
use crate::tap::TappedStream;
use crate::{HttpLimits, Identity, Peer, SetupError, Tap, TrustedCa, handshake, tls};

/// Largest request header that is read; ours are below 1 KiB. The library answers 431 above it.
const HEADER_BYTES_MAX: usize = 16 * 1024;

/// Header lines that are read; the library answers 431 above it.
const HEADERS_MAX: usize = 64;

/// Time that a party with too many connections has to ask something on one more, and be told 503.
const EXCESS_TIME: Duration = Duration::from_secs(1);

/// Serves a router over mutual TLS, HTTP/1.1 only, until `shutdown`; then ends in order within `limits.drain`.
///
/// Each request carries its [`Peer`] and axum's `ConnectInfo<SocketAddr>` as extensions, and a body that was read whole
/// beforehand. A handler that has begun is never cancelled: it runs to its end though its caller has gone or was told
/// 503, so that no flow stops between two writes. Errors of a connection end that connection alone.
///
/// # Errors
/// Limits out of range, or an identity and CA of different environments; never after the first connection.
pub async fn serve_https(
    listener: TcpListener,
    identity: &Identity,
    ca: &TrustedCa,
    router: Router,
    limits: HttpLimits,
    tap: Option<Arc<dyn Tap>>,
    shutdown: CancellationToken,
) -> Result<(), SetupError> {
    limits.check()?;
    let front = Arc::new(Front {
        acceptor: TlsAcceptor::from(tls::server_config(identity, ca)?),
        parties: Gate::new(limits.connections_per_party),
        excess: Gate::new(limits.connections_per_party),
    });
    Server::new(router, limits, tap, shutdown)
        .accept(listener, |server, accepted| Arc::clone(&front).meet(server, accepted))
        .await;
    Ok(())
}

/// Serves a router over plain HTTP/1.1, for what carries its own signature (CRLs, OCSP answers) and for browsers
/// behind a TLS front; otherwise as [`serve_https`], without [`Peer`].
///
/// # Errors
/// Limits out of range; never after the first connection.
pub async fn serve_http(
    listener: TcpListener,
    router: Router,
    limits: HttpLimits,
    tap: Option<Arc<dyn Tap>>,
    shutdown: CancellationToken,
) -> Result<(), SetupError> {
    limits.check()?;
    Server::new(router, limits, tap, shutdown)
        .accept(listener, |server, Accepted { stream, from, place }| async move {
            let stream = StallGuard::new(stream, server.limits.stall_timeout);
            let stream = TappedStream::new(stream, server.tap.clone(), &from);
            let held = Held { _place: place, _admission: None };
            server.converse(stream, from, Caller::Anyone { held }).await;
        })
        .await;
    Ok(())
}

struct Server {
    router: Router,
    limits: HttpLimits,
    tap: Option<Arc<dyn Tap>>,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

/// Who is at the other end of a connection, and the places it takes.
enum Caller {
    /// A certified party.
    Party { peer: Peer, held: Held },
    /// Anybody, on a plain listener.
    Anyone { held: Held },
    /// A certified party with too many connections.
    Excess { _held: Held },
}

/// Places that a connection and the handlers it started hold until all of them have ended.
#[derive(Clone)]
struct Held {
    _place: Place,
    _admission: Option<Arc<Admission<PartyUri>>>,
}

/// What stands before a server on mutual TLS: the handshake, and the count of each party's connections.
struct Front {
    acceptor: TlsAcceptor,
    parties: Arc<Gate<PartyUri>>,
    /// Connections above a party's bound that are told so; above a second such bound they are closed unheard.
    excess: Arc<Gate<PartyUri>>,
}

impl Front {
    async fn meet(self: Arc<Self>, server: Arc<Server>, accepted: Accepted) {
        let Accepted { stream, from, place } = accepted;
        let stream = StallGuard::new(stream, server.limits.stall_timeout);
        let limit = server.limits.handshake_timeout;
        let (stream, peer) = match handshake::accept(&self.acceptor, stream, limit).await {
            Ok(met) => met,
            Err(error) => {
                tracing::info!(%from, %error, "TLS handshake failed");
                return;
            }
        };
        let stream = TappedStream::new(stream, server.tap.clone(), &peer.party);
        let held = |admission| Held { _place: place, _admission: Some(Arc::new(admission)) };
        if let Some(admission) = self.parties.admit(&peer.party) {
            let caller = Caller::Party { peer, held: held(admission) };
            server.converse(stream, from, caller).await;
            return;
        }
        tracing::warn!(peer = %peer.party, "too many connections of one party");
        if let Some(admission) = self.excess.admit(&peer.party) {
            let turned_away = server.converse(stream, from, Caller::Excess { _held: held(admission) });
            let _too_slow = timeout(EXCESS_TIME, turned_away).await;
        }
    }
}

impl Server {
    fn new(
        router: Router,
        limits: HttpLimits,
        tap: Option<Arc<dyn Tap>>,
        shutdown: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self { router, limits, tap, shutdown, tasks: TaskTracker::new() })
    }

    async fn accept<F>(self: Arc<Self>, listener: TcpListener, serve: impl Fn(Arc<Self>, Accepted) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let bounds = AcceptBounds {
            connections: self.limits.connections,
            per_address: self.limits.connections_per_address,
            drain: self.limits.drain,
        };
        let serve = |accepted| serve(Arc::clone(&self), accepted);
        accept_until(listener, bounds, &self.tasks, &self.shutdown, serve).await;
    }

    async fn converse<S>(self: Arc<Self>, stream: S, from: SocketAddr, caller: Caller)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(|request| self.respond(request, from, &caller));
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_header_size(HEADER_BYTES_MAX)
            .max_headers(HEADERS_MAX)
            .half_close(false);
        let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%from, %error, "HTTP connection ended early");
        }
    }

    async fn respond(
        &self,
        request: Request<Incoming>,
        from: SocketAddr,
        caller: &Caller,
    ) -> Result<Response<Body>, Infallible> {
        Ok(self.try_respond(request, from, caller).await.unwrap_or_else(Problem::response))
    }

    async fn try_respond(
        &self,
        request: Request<Incoming>,
        from: SocketAddr,
        caller: &Caller,
    ) -> Result<Response<Body>, Problem> {
        let (peer, held) = match caller {
            Caller::Party { peer, held } => (Some(peer.clone()), held.clone()),
            Caller::Anyone { held } => (None, held.clone()),
            Caller::Excess { .. } => return Err(Problem::TooManyConnections),
        };
        let mut request = self.read_whole(request).await?;
        request.extensions_mut().insert(ConnectInfo(from));
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        let router = TowerToHyperService::new(self.router.clone());
        // A task of its own: dropping the connection must not drop a flow between two writes.
        let handler = self.tasks.spawn(async move {
            let _held = held;
            router.call(request).await
        });
        match timeout(self.limits.request_timeout, handler).await {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(never))) => match never {},
            Ok(Err(_panicked)) => {
                tracing::error!("a request handler panicked");
                Err(Problem::HandlerFailed)
            }
            Err(_elapsed) => Err(Problem::HandlerTooSlow),
        }
    }

    /// Reads the body before any handler starts, so that a slow caller holds nothing but its own connection.
    async fn read_whole(&self, request: Request<Incoming>) -> Result<Request<Body>, Problem> {
        let (parts, body) = request.into_parts();
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > self.limits.body_bytes {
            return Err(Problem::BodyTooLarge);
        }
        let body = within(self.limits.body_timeout, Limited::new(body, self.limits.body_bytes).collect())
            .await
            .ok_or(Problem::BodyTooSlow)?
            .map_err(|error| {
                if error.is::<LengthLimitError>() { Problem::BodyTooLarge } else { Problem::BodyBroken }
            })?;
        Ok(Request::from_parts(parts, Body::from(body.to_bytes())))
    }
}

async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    timeout(limit, future).await.ok()
}
