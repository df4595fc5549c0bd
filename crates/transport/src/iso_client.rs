use std::sync::Arc;
use std::time::Duration;

use enishi_iso8583::{Class, Dialect, MatchKey, Message};
use enishi_party::PartyUri;
use rustls::ClientConfig;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http_limits::{check_count, check_duration};
use crate::iso_frame::encode;
use crate::network::NetworkMessages;
use crate::stall_guard::StallGuard;
use crate::tap::TappedStream;
use crate::{Address, Identity, NotSent, Now, SetupError, Tap, TrustedCa, handshake, tls};

mod backoff;
mod in_flight;
mod link;

use backoff::Backoff;
use link::{Link, LinkContext, SignOn};

/// Messages of one client under way at a time: 50 a second, each waiting 10 s for its provider, fill half of it.
pub const ISO_IN_FLIGHT_MAX: usize = 1024;

/// Why an exchange brought no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// Provably nothing of the message left.
    #[error("not sent: {0}")]
    NotSent(#[from] NotSent),
    /// The message may have been received and acted upon.
    #[error("unanswered")]
    Unanswered,
}

/// Takes messages from the provider that answer nothing under way: late answers, and requests that are not ours to
/// answer. Called from the connection's task: it must not block.
pub type OnStray = Arc<dyn Fn(Message) + Send + Sync>;

/// The bounds of an ISO 8583 client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsoClientLimits {
    /// Time for TCP and TLS together.
    pub connect_timeout: Duration,
    /// Time for the answer to the sign-on.
    pub sign_on_timeout: Duration,
    /// Silence after which an echo is asked for.
    pub echo_interval: Duration,
    /// Time for the answer to an echo; after it the connection is given up.
    pub echo_timeout: Duration,
    /// Time from the first byte of a message to its last.
    pub frame_timeout: Duration,
    /// Longest time without a byte of ours being taken.
    pub stall_timeout: Duration,
    /// The first pause before connecting again; it doubles with each failure.
    pub backoff_first: Duration,
    /// The longest pause before connecting again.
    pub backoff_most: Duration,
    /// Messages under way at a time, at most [`ISO_IN_FLIGHT_MAX`].
    pub in_flight: usize,
    /// Time that messages under way have to be answered after a shutdown.
    pub drain: Duration,
}

impl Default for IsoClientLimits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            sign_on_timeout: Duration::from_secs(5),
            echo_interval: Duration::from_secs(30),
            echo_timeout: Duration::from_secs(5),
            frame_timeout: Duration::from_secs(5),
            stall_timeout: Duration::from_secs(5),
            backoff_first: Duration::from_millis(200),
            // Reversals are said again at most 60 s apart; a provider that is back must be found before.
            backoff_most: Duration::from_secs(30),
            in_flight: ISO_IN_FLIGHT_MAX,
            // The relay waits 10 s for a provider.
            drain: Duration::from_secs(10),
        }
    }
}

impl IsoClientLimits {
    fn check(&self) -> Result<(), SetupError> {
        check_count("in_flight", self.in_flight)?;
        if self.in_flight > ISO_IN_FLIGHT_MAX {
            return Err(SetupError::Limit { name: "in_flight" });
        }
        for (name, duration) in [
            ("connect_timeout", self.connect_timeout),
            ("sign_on_timeout", self.sign_on_timeout),
            ("echo_interval", self.echo_interval),
            ("echo_timeout", self.echo_timeout),
            ("frame_timeout", self.frame_timeout),
            ("stall_timeout", self.stall_timeout),
            ("backoff_first", self.backoff_first),
            ("backoff_most", self.backoff_most),
        ] {
            check_duration(name, duration)?;
        }
        Ok(())
    }
}

/// Where an ISO 8583 client connects to, and what it needs beside its identity.
#[derive(Clone)]
pub struct IsoClientConfig {
    /// Where the provider listens.
    pub address: Address,
    /// Who must be there.
    pub expected: PartyUri,
    /// How its messages are written.
    pub dialect: &'static Dialect,
    /// The bounds.
    pub limits: IsoClientLimits,
    /// The time for element 7 of sign-on and echo.
    pub now: Now,
    /// Takes what nobody waits for.
    pub on_stray: OnStray,
    /// Sees all bytes, in tests and the sandbox.
    pub tap: Option<Arc<dyn Tap>>,
}

/// One persistent connection over mutual TLS to one provider, shared by all messages to it. Cheap to clone.
///
/// A task of its own connects, signs on (0800, element 70 = 001), asks for an echo (301) when nothing is heard, and
/// connects again after a pause when the connection ends. Messages are never sent twice: those under way when it ends
/// come back as *unanswered*, those still queued as *not sent*.
#[derive(Clone)]
pub struct IsoClient {
    party: PartyUri,
    dialect: &'static Dialect,
    signed_on: watch::Receiver<Option<Arc<Link>>>,
    shutdown: CancellationToken,
    task: TaskTracker,
}

impl IsoClient {
    /// Starts connecting, in a task that ends some time after `shutdown`. Needs a tokio runtime.
    ///
    /// # Errors
    /// Parties of different environments, or limits out of range; never that the provider cannot be reached.
    pub fn start(
        config: IsoClientConfig,
        identity: &Identity,
        ca: &TrustedCa,
        shutdown: CancellationToken,
    ) -> Result<Self, SetupError> {
        config.limits.check()?;
        let tls = tls::client_config(identity, ca, &config.expected)?;
        let (signed_on, receiver) = watch::channel(None);
        let client = Self {
            party: config.expected.clone(),
            dialect: config.dialect,
            signed_on: receiver,
            shutdown: shutdown.clone(),
            task: TaskTracker::new(),
        };
        let context = LinkContext {
            party: config.expected,
            dialect: config.dialect,
            limits: config.limits,
            network: NetworkMessages::new(config.dialect, config.now),
            on_stray: config.on_stray,
            signed_on,
            shutdown,
        };
        client.task.spawn(stay_connected(context, config.address, tls, config.tap));
        client.task.close();
        Ok(client)
    }

    /// The provider.
    #[must_use]
    pub fn party(&self) -> &PartyUri {
        &self.party
    }

    /// Whether messages can be sent at this moment.
    #[must_use]
    pub fn is_signed_on(&self) -> bool {
        self.signed_on.borrow().is_some()
    }

    /// Waits until messages can be sent; returns at once, without success, when the client is shut down.
    pub async fn wait_signed_on(&self) {
        let mut signed_on = self.signed_on.clone();
        // An error means that the task has ended: there is nothing to wait for.
        let _ended = signed_on.wait_for(Option::is_some).await;
    }

    /// Waits until [`is_signed_on`](Self::is_signed_on) is no longer `known`, and gives what it is; none once the client
    /// is shut down.
    pub async fn signed_on_changed(&self, known: bool) -> Option<bool> {
        let mut signed_on = self.signed_on.clone();
        let changed = signed_on.wait_for(|link| link.is_some() != known).await.ok()?.is_some();
        Some(changed)
    }

    /// Waits until the task has ended after a shutdown: signed off, or its time to drain over.
    pub async fn wait_ended(&self) {
        self.task.wait().await;
    }

    /// Sends one message and waits for the answer with the same match key.
    ///
    /// `limit` counts from the call. An answer that comes later goes to `on_stray`. Dropping the future leaves the
    /// outcome unknown.
    ///
    /// # Errors
    /// [`ExchangeError::NotSent`] when provably nothing left, [`ExchangeError::Unanswered`] when the message may have
    /// been received: from the moment that its first byte is given to TLS.
    pub async fn exchange(&self, message: Message, limit: Duration) -> Result<Message, ExchangeError> {
        let invalid = |error: enishi_iso8583::Error| NotSent::Invalid(error.to_string());
        let mti = message.mti();
        if mti.class == Class::NetworkManagement || mti.response().is_none() {
            return Err(NotSent::Invalid(format!("a {mti} is not sent by the client's user")).into());
        }
        let key = MatchKey::of(&message).map_err(invalid)?;
        let frame = encode(&message, self.dialect).map_err(invalid)?;
        if self.shutdown.is_cancelled() {
            return Err(NotSent::ShutDown.into());
        }
        // Taken out of the watch in a statement of its own: its lock must not be held while waiting.
        let link = self.signed_on.borrow().clone();
        link.ok_or(NotSent::SignedOff)?.exchange(key, frame, limit).await
    }
}

impl std::fmt::Debug for IsoClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IsoClient({})", self.party)
    }
}

async fn stay_connected(
    context: LinkContext,
    address: Address,
    tls: Arc<ClientConfig>,
    tap: Option<Arc<dyn Tap>>,
) {
    let mut backoff = Backoff::new(context.limits.backoff_first, context.limits.backoff_most);
    while !context.shutdown.is_cancelled() {
        let connected = tokio::select! {
            connected = timeout(context.limits.connect_timeout, connect(&context, &address, &tls)) => connected,
            () = context.shutdown.cancelled() => return,
        };
        let peer = &context.party;
        match connected {
            Ok(Ok(stream)) => {
                let stream = TappedStream::new(stream, tap.clone(), peer);
                let (end, signed_on) = link::run(&context, stream).await;
                tracing::warn!(%peer, %end, "the connection ended");
                if signed_on == SignOn::Done {
                    backoff.succeeded();
                }
            }
            Ok(Err(error)) => tracing::warn!(%peer, %error, "no connection"),
            Err(_elapsed) => tracing::warn!(%peer, "no connection in time"),
        }
        tokio::select! {
            () = sleep(backoff.next_pause()) => {}
            () = context.shutdown.cancelled() => return,
        }
    }
}

async fn connect(
    context: &LinkContext,
    address: &Address,
    tls: &Arc<ClientConfig>,
) -> Result<impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + use<>, NotSent> {
    let stream = StallGuard::new(address.connect().await?, context.limits.stall_timeout);
    handshake::connect(tls, stream).await.map_err(|error| NotSent::Handshake(error.to_string()))
}
