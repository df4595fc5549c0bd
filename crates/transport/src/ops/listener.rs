use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{HttpLimits, SetupError, serve_http};

/// How long a look that has begun may go on after a shutdown.
const DRAIN: Duration = Duration::from_secs(1);
/// Looks at a time: a few collectors and a person.
const CONNECTIONS: usize = 32;

/// Why operators' pages are not served.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// No address with a port.
    #[error("listen_ops = {text:?}: write 127.0.0.1:PORT or [::1]:PORT")]
    Address {
        /// What was written.
        text: String,
    },
    /// An address that other machines reach.
    #[error(
        "listen_ops = {address}: operators' pages have no authentication and are served on this machine alone; write \
         127.0.0.1:PORT or [::1]:PORT, and let a proxy with TLS and authentication carry them to another host"
    )]
    NotLoopback {
        /// Which.
        address: SocketAddr,
    },
    /// The socket.
    #[error("listen_ops = {address}: cannot listen: {reason}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        reason: std::io::Error,
    },
    /// A limit.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// A socket that only this machine reaches.
#[derive(Debug)]
pub struct OpsListener {
    listener: TcpListener,
    address: SocketAddr,
}

impl OpsListener {
    /// Binds what a configuration says; port 0 lets the kernel choose.
    ///
    /// # Errors
    /// [`OpsError`], with what to do. An address that others reach is refused before anything is bound.
    pub async fn bind(text: &str) -> Result<Self, OpsError> {
        let address = Self::check(text)?;
        let bound = TcpListener::bind(address).await;
        Self::from_bound(bound.map_err(|reason| OpsError::Listen { address, reason })?)
    }

    /// What [`bind`](Self::bind) would listen on; nothing is bound.
    ///
    /// # Errors
    /// [`OpsError`]
    pub fn check(text: &str) -> Result<SocketAddr, OpsError> {
        let address: SocketAddr = text.parse().map_err(|_| OpsError::Address { text: text.to_owned() })?;
        require_loopback(address)?;
        Ok(address)
    }

    /// Takes a socket that was bound before.
    ///
    /// # Errors
    /// Its address is not this machine's own.
    pub fn from_bound(listener: TcpListener) -> Result<Self, OpsError> {
        let unknown = SocketAddr::from(([0; 4], 0));
        let address =
            listener.local_addr().map_err(|reason| OpsError::Listen { address: unknown, reason })?;
        require_loopback(address)?;
        Ok(Self { listener, address })
    }

    /// The given socket, else the configured address, else none.
    ///
    /// # Errors
    /// [`OpsError`]
    pub async fn given_or_configured(
        given: Option<TcpListener>,
        configured: Option<&str>,
    ) -> Result<Option<Self>, OpsError> {
        match (given, configured) {
            (Some(listener), _) => Self::from_bound(listener).map(Some),
            (None, Some(text)) => Self::bind(text).await.map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves a router until `shutdown`.
    ///
    /// # Errors
    /// Never after the first connection.
    pub async fn serve(self, router: Router, shutdown: CancellationToken) -> Result<(), OpsError> {
        let limits = HttpLimits {
            body_bytes: 0,
            connections: CONNECTIONS,
            connections_per_address: CONNECTIONS,
            drain: DRAIN,
            ..HttpLimits::default()
        };
        Ok(serve_http(self.listener, router, limits, None, shutdown).await?)
    }
}

fn require_loopback(address: SocketAddr) -> Result<(), OpsError> {
    if address.ip().is_loopback() { Ok(()) } else { Err(OpsError::NotLoopback { address }) }
}
