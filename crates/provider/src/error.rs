use std::net::SocketAddr;

use enishi_transport::SetupError;

/// Why the company's app cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The app speaks plain HTTP, which must not leave the machine: the company's web front ends TLS before it.
    #[error("{address} is no loopback address; the app speaks plain HTTP behind the company's own web front")]
    NotLoopback {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The listener has no address.
    #[error("the listener has no address: {0}")]
    Listener(#[from] std::io::Error),
    /// The transport refused its limits.
    #[error(transparent)]
    Setup(#[from] SetupError),
}
