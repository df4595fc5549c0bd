use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use enishi_iso8583::{Dialect, Message, NetworkCode, ResponseCode};
use enishi_party::PartyUri;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accept::{AcceptBounds, Accepted, accept_until};
use crate::http_limits::{check_count, check_duration};
use crate::iso_frame::{Frame, LinkEnd, encode, read_message, write_frame};
use crate::network::is_network_request;
use crate::stall_guard::StallGuard;
use crate::tap::TappedStream;
use crate::{Identity, Peer, SetupError, Tap, TrustedCa, handshake, tls};

/// Room in the queue of answers beside those of handlers: answers to network messages.
const NETWORK_ROOM: usize = 8;

/// The bounds of an ISO 8583 server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsoServerLimits {
    /// Time for the TLS handshake.
    pub handshake_timeout: Duration,
    /// Silence after which a connection is given up; clients ask for an echo more often.
    pub idle_timeout: Duration,
    /// Time from the first byte of a message to its last.
    pub frame_timeout: Duration,
    /// Longest time without a byte of ours being taken.
    pub stall_timeout: Duration,
    /// Connections at a time.
    pub connections: usize,
    /// Messages handled at a time for one connection; above it no more are read.
    pub in_flight: usize,
    /// Time that handlers have to end after a shutdown.
    pub drain: Duration,
}

impl Default for IsoServerLimits {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(120),
            frame_timeout: Duration::from_secs(5),
            stall_timeout: Duration::from_secs(10),
            connections: 64,
            in_flight: 256,
            drain: Duration::from_secs(10),
        }
    }
}

impl IsoServerLimits {
    fn check(&self) -> Result<(), SetupError> {
        check_count("connections", self.connections)?;
        check_count("in_flight", self.in_flight)?;
        check_duration("handshake_timeout", self.handshake_timeout)?;
        check_duration("idle_timeout", self.idle_timeout)?;
        check_duration("frame_timeout", self.frame_timeout)?;
        check_duration("stall_timeout", self.stall_timeout)
    }
}

/// What an ISO 8583 server needs beside its identity.
#[derive(Clone)]
pub struct IsoServerConfig {
    /// Who may connect; a certificate of any other party is not enough.
    pub clients: Vec<PartyUri>,
    /// How messages are written.
    pub dialect: &'static Dialect,
    /// The bounds.
    pub limits: IsoServerLimits,
    /// Sees all bytes, in tests and the sandbox.
    pub tap: Option<Arc<dyn Tap>>,
}

/// Decides about the messages of an ISO 8583 server.
#[async_trait]
pub trait IsoHandler: Send + Sync {
    /// Answers one request or advice; `None` leaves it unanswered.
    ///
    /// Called for many messages at a time. Once begun it runs to its end, though the connection may have gone. Network
    /// messages never come here.
    async fn handle(&self, peer: &Peer, message: Message) -> Option<Message>;

    /// Is told that a client signed on, or that one which had is gone: signed off, or its connection ended.
    fn standing(&self, _peer: &Peer, _standing: Standing) {}
}

/// Whether a client's connection carries messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It connected, or signed off.
    SignedOff,
    /// It signed on.
    SignedOn,
}

/// Serves ISO 8583 over mutual TLS until `shutdown`; then reads no more, and ends in order within `limits.drain`.
///
/// Sign-on, sign-off and echo are answered here. A message before sign-on, an answer without a question or bytes that
/// are no message end the connection, with a reason in the log.
///
/// # Errors
/// Limits out of range, or an identity and CA of different environments; never after the first connection.
pub async fn serve_iso(
    listener: TcpListener,
    identity: &Identity,
    ca: &TrustedCa,
    config: IsoServerConfig,
    handler: Arc<dyn IsoHandler>,
    shutdown: CancellationToken,
) -> Result<(), SetupError> {
    config.limits.check()?;
    let acceptor = TlsAcceptor::from(tls::server_config(identity, ca)?);
    let server = Arc::new(Server { acceptor, config, handler, shutdown, tasks: TaskTracker::new() });
    let IsoServerLimits { connections, drain, .. } = server.config.limits;
    // Few connect here, and all of them may stand behind one address.
    let bounds = AcceptBounds { connections, per_address: connections, drain };
    let serve = |accepted| Arc::clone(&server).serve(accepted);
    accept_until(listener, bounds, &server.tasks, &server.shutdown, serve).await;
    Ok(())
}

struct Server {
    acceptor: TlsAcceptor,
    config: IsoServerConfig,
    handler: Arc<dyn IsoHandler>,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    async fn serve(self: Arc<Self>, accepted: Accepted) {
        let Accepted { stream, from, place: _place } = accepted;
        let limits = &self.config.limits;
        let stream = StallGuard::new(stream, limits.stall_timeout);
        let (stream, peer) = match handshake::accept(&self.acceptor, stream, limits.handshake_timeout).await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::info!(%from, %error, "TLS handshake failed");
                return;
            }
        };
        if !self.config.clients.contains(&peer.party) {
            tracing::warn!(%from, peer = %peer.party, "not a client of this server");
            return;
        }
        let stream = TappedStream::new(stream, self.config.tap.clone(), &peer.party);
        self.converse(stream, Arc::new(peer)).await;
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S, peer: Arc<Peer>) {
        let (reader, writer) = tokio::io::split(stream);
        let (answers, queued) = mpsc::channel(self.config.limits.in_flight + NETWORK_ROOM);
        let mut writing = std::pin::pin!(write(writer, queued));
        // The reader owns the first sender: when it and the handlers have ended, so does the writer.
        let reading = async {
            tokio::select! {
                end = self.read(reader, &peer, answers) => end,
                () = self.shutdown.cancelled() => LinkEnd::ShutDown,
            }
        };
        let end = tokio::select! {
            end = reading => {
                // What was decided is still said.
                let _written = writing.await;
                end
            }
            failed = writing.as_mut() => failed,
        };
        tracing::info!(peer = %peer.party, %end, "the connection ended");
    }

    async fn read<R: AsyncRead + Unpin>(
        &self,
        mut stream: R,
        peer: &Arc<Peer>,
        answers: mpsc::Sender<Frame>,
    ) -> LinkEnd {
        let IsoServerLimits { idle_timeout, frame_timeout, in_flight, .. } = self.config.limits;
        let turns = Arc::new(Semaphore::new(in_flight));
        let mut standing = KnownStanding { handler: &*self.handler, peer, standing: Standing::SignedOff };
        loop {
            // A turn before the message: what cannot be handled stays in the socket.
            let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return LinkEnd::ShutDown };
            let read = read_message(&mut stream, self.config.dialect, idle_timeout, frame_timeout).await;
            let taken = match read {
                Ok(message) => self.take(message, peer, &answers, turn, &mut standing).await,
                Err(end) => Err(end),
            };
            if let Err(end) = taken {
                return end;
            }
        }
    }

    async fn take(
        &self,
        message: Message,
        peer: &Arc<Peer>,
        answers: &mpsc::Sender<Frame>,
        turn: OwnedSemaphorePermit,
        standing: &mut KnownStanding<'_>,
    ) -> Result<(), LinkEnd> {
        let mti = message.mti();
        if is_network_request(mti) {
            let answer = answer_network(&message, standing)?;
            let frame = encode(&answer, self.config.dialect)?;
            return answers.send(frame).await.map_err(|_| LinkEnd::Closed);
        }
        if mti.response().is_none() {
            return Err(LinkEnd::NoRequest(mti));
        }
        if standing.standing == Standing::SignedOff {
            return Err(LinkEnd::NotSignedOn(mti));
        }
        let (handler, peer, answers) = (Arc::clone(&self.handler), Arc::clone(peer), answers.clone());
        let dialect = self.config.dialect;
        self.tasks.spawn(async move {
            let _turn = turn;
            let Some(answer) = handler.handle(&peer, message).await else { return };
            let frame = match encode(&answer, dialect) {
                Ok(frame) => frame,
                Err(error) => {
                    tracing::error!(peer = %peer.party, %mti, %error, "an answer does not encode");
                    return;
                }
            };
            if answers.send(frame).await.is_err() {
                tracing::warn!(peer = %peer.party, %mti, "the connection ended before the answer");
            }
        });
        Ok(())
    }
}

/// What the handler was told of one connection.
struct KnownStanding<'a> {
    handler: &'a dyn IsoHandler,
    peer: &'a Peer,
    standing: Standing,
}

impl KnownStanding<'_> {
    fn becomes(&mut self, standing: Standing) {
        if self.standing != standing {
            self.standing = standing;
            tracing::info!(peer = %self.peer.party, ?standing, "a client's standing");
            self.handler.standing(self.peer, standing);
        }
    }
}

impl Drop for KnownStanding<'_> {
    /// However the connection ended.
    fn drop(&mut self) {
        self.becomes(Standing::SignedOff);
    }
}

fn answer_network(request: &Message, standing: &mut KnownStanding<'_>) -> Result<Message, LinkEnd> {
    let code = match request.network_code()? {
        NetworkCode::SIGN_ON => {
            standing.becomes(Standing::SignedOn);
            ResponseCode::Approved
        }
        NetworkCode::SIGN_OFF => {
            standing.becomes(Standing::SignedOff);
            ResponseCode::Approved
        }
        NetworkCode::ECHO => ResponseCode::Approved,
        _ => ResponseCode::InvalidTransaction,
    };
    Ok(request.answer(code)?)
}

async fn write<W: AsyncWrite + Unpin>(mut stream: W, mut queued: mpsc::Receiver<Frame>) -> LinkEnd {
    while let Some(frame) = queued.recv().await {
        if let Err(error) = write_frame(&mut stream, &frame).await {
            return error.into();
        }
    }
    let _closing = stream.shutdown().await;
    LinkEnd::ShutDown
}
