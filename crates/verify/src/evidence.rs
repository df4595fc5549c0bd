//! 証拠: what was checked, kept together so that a second party can check it again (under 委託 the provider itself).

use std::fmt;

use enishi_jpki::{Challenge, Context, Token};
use enishi_party::Timestamp;

use crate::clear::VerifiedHolder;
use crate::revocation::StatusMethod;

mod cbor;
mod recheck;

pub use recheck::{OwnList, RecheckError, Rechecked, StatusBasis};

/// Token, challenge, context, authority, status with its window, and when it was checked.
///
/// It holds a certificate and a signature, so it travels sealed, to the verifier only. Under 代行 it leaves nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    token: Token,
    challenge: Challenge,
    context: Context,
    authority: Vec<u8>,
    method: StatusMethod,
    checked_at: Timestamp,
}

/// Bytes that are no evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// Larger than any.
    #[error("evidence of {octets} octets is over the limit")]
    TooLarge {
        /// Its size.
        octets: usize,
    },
    /// Not CBOR, or not in the one form that this project writes.
    #[error("not evidence in its canonical CBOR form")]
    Form,
    /// A field that is not what it stands for.
    #[error("evidence: bad {0}")]
    Field(&'static str),
}

impl Evidence {
    pub(crate) fn of(holder: &VerifiedHolder, token: &Token) -> Self {
        let proof = holder.proof();
        // Milliseconds, as on the wire: evidence equals itself after a round trip.
        let checked_at = holder.checked_at();
        Self {
            token: token.clone(),
            challenge: proof.challenge().clone(),
            context: proof.context().clone(),
            authority: holder.authority().der().to_vec(),
            method: holder.status_method().clone(),
            checked_at: Timestamp::from_millisecond(checked_at.as_millisecond()).unwrap_or(checked_at),
        }
    }

    /// What the tap was for; to be believed after [`Evidence::recheck`].
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// Origin and nonce; to be believed after [`Evidence::recheck`].
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// When the verifier says that it checked.
    #[must_use]
    pub const fn checked_at(&self) -> Timestamp {
        self.checked_at
    }

    /// How the verifier says that it looked revocation up.
    #[must_use]
    pub const fn status_method(&self) -> &StatusMethod {
        &self.method
    }
}

impl fmt::Debug for Evidence {
    /// A person's certificate and signature print nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Evidence(…)")
    }
}
