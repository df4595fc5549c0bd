//! Revocation: what is asked last, because it is metered, and what lets anything leave the relay.

use std::fmt;
use std::time::Duration;

use enishi_jpki::{AuthCertificate, CaCertificate};
use enishi_party::{RefusalCode, Timestamp};

use crate::limits::age;
use crate::path::check_validity;
use crate::prove::{Proof, ProvenHolder};
use crate::revocation::{RevocationReason, RevocationStatus, StatusMethod, Unclear};
use crate::{Evidence, PathError};

/// A holder whose certificate is genuine, in hand, and not revoked. Only [`clear`] makes one.
pub struct VerifiedHolder {
    proven: ProvenHolder,
    method: StatusMethod,
    checked_at: Timestamp,
}

/// Why a proven holder is not cleared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClearError {
    /// The status is about another certificate: a mistake of the caller, and never a clearance.
    #[error("the status is about another certificate")]
    OtherCertificate,
    /// Revoked, or on hold.
    #[error("the certificate is revoked")]
    Revoked {
        /// Why; not for the clerk.
        reason: RevocationReason,
        /// Since when.
        at: Timestamp,
    },
    /// The status is out of its window.
    #[error("the status may be relied on until {fresh_until} only, or not yet")]
    Stale {
        /// The end of its window.
        fresh_until: Timestamp,
    },
    /// The certificate ended since it was proven.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl ClearError {
    /// What the person is told.
    #[must_use]
    pub const fn refusal(&self) -> RefusalCode {
        match self {
            Self::Revoked { .. } => RefusalCode::CertRevoked,
            Self::OtherCertificate | Self::Stale { .. } => RefusalCode::RevocationUnavailable,
            Self::Path(error) => error.refusal(),
        }
    }
}

impl From<Unclear> for ClearError {
    fn from(unclear: Unclear) -> Self {
        match unclear {
            Unclear::OtherCertificate => Self::OtherCertificate,
            Unclear::Revoked { reason, at } => Self::Revoked { reason, at },
            Unclear::Stale { fresh_until } => Self::Stale { fresh_until },
        }
    }
}

/// Clears a proven holder with the status of that very certificate; uses both up.
///
/// # Errors
/// [`ClearError`]
pub fn clear(
    proven: ProvenHolder,
    status: RevocationStatus,
    now: Timestamp,
) -> Result<VerifiedHolder, ClearError> {
    check_validity(proven.certificate(), proven.authority(), now)?;
    let method = status.spend(proven.certificate(), now)?;
    Ok(VerifiedHolder { proven, method, checked_at: now })
}

impl VerifiedHolder {
    /// The certificate.
    #[must_use]
    pub const fn certificate(&self) -> &AuthCertificate {
        self.proven.certificate()
    }

    /// The authority that issued it.
    #[must_use]
    pub fn authority(&self) -> &CaCertificate {
        self.proven.authority()
    }

    /// What was signed.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        self.proven.proof()
    }

    /// How revocation was looked up.
    #[must_use]
    pub const fn status_method(&self) -> &StatusMethod {
        &self.method
    }

    /// How old the revocation data is at `now`.
    #[must_use]
    pub fn status_age(&self, now: Timestamp) -> Duration {
        age(self.method.this_update(), now)
    }

    /// When it was cleared.
    #[must_use]
    pub const fn checked_at(&self) -> Timestamp {
        self.checked_at
    }

    /// Everything that a second party needs to check this again.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence::of(self, self.proven.token())
    }
}

impl fmt::Debug for VerifiedHolder {
    /// A person prints nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedHolder(…)")
    }
}
