use std::time::Duration;

use tokio::sync::Semaphore;

use crate::SetupError;

/// The bounds of an HTTP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpLimits {
    /// Largest request body in bytes; above it 413.
    pub body_bytes: usize,
    /// Time for the TLS handshake.
    pub handshake_timeout: Duration,
    /// Time for a request's header, and so the longest that an idle connection is kept.
    pub header_timeout: Duration,
    /// Time for a request's body; after it 408.
    pub body_timeout: Duration,
    /// Time for the router; after it 503, while the handler runs on to its end.
    pub request_timeout: Duration,
    /// Longest time without a byte of the answer being taken.
    pub stall_timeout: Duration,
    /// Connections at a time, each a file descriptor; above it nothing is accepted.
    pub connections: usize,
    /// Connections at a time of one address; above it they are closed at once.
    pub connections_per_address: usize,
    /// Connections at a time of one party; above it 503.
    pub connections_per_party: usize,
    /// Time that connections and handlers have to end after a shutdown.
    pub drain: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            // The largest honest request is a payment with its Web eID token: some 4 KiB.
            body_bytes: 64 * 1024,
            handshake_timeout: Duration::from_secs(5),
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            // The terminal waits 30 s in all.
            request_timeout: Duration::from_secs(30),
            stall_timeout: Duration::from_secs(10),
            connections: 1024,
            // As many as of all: parties may stand behind one address. Less where each has its own.
            connections_per_address: 1024,
            connections_per_party: 64,
            drain: Duration::from_secs(30),
        }
    }
}

impl HttpLimits {
    pub(crate) fn check(&self) -> Result<(), SetupError> {
        check_count("connections", self.connections)?;
        check_count("connections_per_address", self.connections_per_address)?;
        check_count("connections_per_party", self.connections_per_party)?;
        for (name, duration) in [
            ("handshake_timeout", self.handshake_timeout),
            ("header_timeout", self.header_timeout),
            ("body_timeout", self.body_timeout),
            ("request_timeout", self.request_timeout),
            ("stall_timeout", self.stall_timeout),
        ] {
            check_duration(name, duration)?;
        }
        Ok(())
    }
}

pub(crate) fn check_count(name: &'static str, count: usize) -> Result<(), SetupError> {
    if (1..=Semaphore::MAX_PERMITS).contains(&count) { Ok(()) } else { Err(SetupError::Limit { name }) }
}

pub(crate) fn check_duration(name: &'static str, duration: Duration) -> Result<(), SetupError> {
    if duration.is_zero() { Err(SetupError::Limit { name }) } else { Ok(()) }
}
