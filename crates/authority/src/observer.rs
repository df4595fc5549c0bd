//! Who is told what the authority answered: metrics listen. Nothing told names a certificate.

use crate::LookupOutcome;

/// What one OCSP answer said, about each certificate, or why there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspAnswered {
    /// Issued, not revoked.
    Good,
    /// Revoked.
    Revoked,
    /// Never issued.
    Unknown,
    /// `malformedRequest`
    Malformed,
    /// `internalError`
    Failed,
    /// `tryLater`
    TryLater,
    /// `unauthorized`
    Unauthorised,
}

/// Is told what the authority answered.
pub trait Observer: Send + Sync {
    /// OCSP, once for each certificate in question.
    fn ocsp(&self, answered: OcspAnswered);

    /// A pairing for a registered verifier.
    fn pairing(&self, outcome: LookupOutcome);
}
