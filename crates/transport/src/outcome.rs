use std::io;
use std::time::Duration;

/// Why provably nothing of a message left: the act it asks for has not happened and will not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The address has no host that can be found.
    #[error("the address could not be resolved")]
    Unresolved,
    /// No TCP connection.
    #[error("no connection: {0}")]
    Unreachable(io::ErrorKind),
    /// The TLS handshake failed; the text is the TLS library's and names certificates' faults, never their contents.
    #[error("TLS: {0}")]
    Handshake(String),
    /// The connection ended before the message's turn came.
    #[error("the connection ended before anything was sent")]
    ConnectionLost,
    /// Too many messages are under way already; the bound is the client's own.
    #[error("{0} messages are under way already")]
    Busy(usize),
    /// Time ran out while waiting for a connection or for a turn on it.
    #[error("no turn to send within {0:?}")]
    TooLate(Duration),
    /// Not signed on at the other end, or no longer.
    #[error("not signed on")]
    SignedOff,
    /// A message with the same match key is under way, so two answers could not be told apart.
    #[error("a message with the same match key is under way")]
    DuplicateKey,
    /// The message itself cannot be sent: it does not encode, is too long, or is no request.
    #[error("the message cannot be sent: {0}")]
    Invalid(String),
    /// The client has been shut down.
    #[error("the client is shut down")]
    ShutDown,
}

/// Why the outcome of a request is unknown: it may have been received and acted upon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// No whole answer in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The connection ended after bytes had left, or what came back is no answer.
    #[error("the connection ended before a whole answer")]
    ConnectionLost,
    /// The answer's body is larger than what was allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// Why an HTTP exchange brought no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Provably nothing of the request left.
    #[error("not sent: {0}")]
    NotSent(#[from] NotSent),
    /// The request may have been received and acted upon.
    ///
    /// Also when the server refuses our certificate: in TLS 1.3 the client learns that only after it has begun to send.
    #[error("unanswered: {0}")]
    Unanswered(#[from] Unanswered),
}
