//! What an authentic answer says, each thing told apart, so that a policy can decide what it is good for.

use std::fmt;

use enishi_party::Timestamp;

use super::{OcspAnswer, OcspError};
use crate::Limits;
use crate::limits::{after, before};
use crate::revocation::{About, RevocationReason, Standing, StatusMethod};

/// A responder's authentic answer about the certificate that was asked for; whether it suffices is for
/// [`judge`](crate::judge) to say.
///
/// It is a status in the making: neither copied nor stored.
pub struct OcspFinding {
    pub(super) about: About,
    pub(super) standing: OcspStanding,
    /// The reason as it was written, where it is none that JPKI uses.
    pub(super) foreign_reason: Option<u8>,
    pub(super) nonce: NonceMatch,
    pub(super) asked_nonce: [u8; 32],
    pub(super) produced_at: Timestamp,
    pub(super) this_update: Timestamp,
    pub(super) next_update: Option<Timestamp>,
    pub(super) response: Vec<u8>,
}

/// A responder's three words (RFC 6960 §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspStanding {
    /// Not revoked.
    Good,
    /// Revoked, or on hold. A reason that JPKI does not use is told as [`RevocationReason::Unspecified`].
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// Since when.
        at: Timestamp,
    },
    /// The responder does not know the certificate: never good.
    Unknown,
}

/// Whether the answer was made for this question (RFC 9654).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NonceMatch {
    /// The question's own nonce.
    Right,
    /// Another one: another question's answer.
    Wrong,
    /// None: the answer may have been made at any time.
    Missing,
}

/// Where a moment lies in an answer's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerTime {
    /// Within it, both ends included.
    Fresh,
    /// Past its nextUpdate, or older than the limit.
    Stale,
    /// Further ahead than clocks may differ.
    Future,
    /// Its times contradict each other.
    Contradictory,
}

impl OcspFinding {
    /// What the responder says.
    #[must_use]
    pub const fn standing(&self) -> OcspStanding {
        self.standing
    }

    /// Whether it says so to this question.
    #[must_use]
    pub const fn nonce(&self) -> NonceMatch {
        self.nonce
    }

    /// When the answer was signed: whoever keeps the newest compares it, so that an older one does not come back.
    #[must_use]
    pub const fn produced_at(&self) -> Timestamp {
        self.produced_at
    }

    /// Where `now` lies in its window.
    #[must_use]
    pub fn time_at(&self, limits: &Limits, now: Timestamp) -> AnswerTime {
        let reversed = self.next_update.is_some_and(|next| next < self.this_update);
        let (usable_from, fresh_until) = self.window(limits);
        if reversed || self.produced_at < self.this_update {
            AnswerTime::Contradictory
        } else if now < usable_from {
            AnswerTime::Future
        } else if now > fresh_until {
            AnswerTime::Stale
        } else {
            AnswerTime::Fresh
        }
    }

    /// First and last moment at which the answer counts (RFC 6960 §4.2.2.1, RFC 5019 §4): to its nextUpdate, within
    /// the limit of age.
    pub(crate) fn window(&self, limits: &Limits) -> (Timestamp, Timestamp) {
        // producedAt is not before thisUpdate, so it is the later of the two that may lie ahead.
        let usable_from = before(self.produced_at, limits.clock_skew);
        let oldest = after(self.this_update, limits.ocsp_age_max);
        (usable_from, self.next_update.map_or(oldest, |next| next.min(oldest)))
    }

    pub(crate) const fn next_update(&self) -> Option<Timestamp> {
        self.next_update
    }

    pub(crate) const fn about(&self) -> &About {
        &self.about
    }

    pub(crate) fn into_method(self) -> StatusMethod {
        StatusMethod::Ocsp {
            produced_at: self.produced_at,
            this_update: self.this_update,
            next_update: self.next_update,
            nonce: self.asked_nonce,
            response: self.response,
        }
    }

    /// The strict reading: this question's nonce, fresh, good or revoked for a reason of JPKI's.
    pub(super) fn strictly(self, limits: &Limits, now: Timestamp) -> Result<OcspAnswer, OcspError> {
        // An answer without our nonce may be yesterday's: it is refused, also where the standard would let it pass.
        if self.nonce != NonceMatch::Right {
            return Err(OcspError::Nonce);
        }
        let (usable_from, fresh_until) = self.window(limits);
        match self.time_at(limits, now) {
            AnswerTime::Fresh => {}
            AnswerTime::Stale => return Err(OcspError::Expired { fresh_until }),
            AnswerTime::Future => return Err(OcspError::NotYetValid),
            AnswerTime::Contradictory => return Err(OcspError::TimesReversed),
        }
        if let Some(code) = self.foreign_reason {
            return Err(OcspError::Reason(code));
        }
        let standing = match self.standing {
            OcspStanding::Good => Standing::Good,
            OcspStanding::Revoked { reason, at } => Standing::Revoked { reason, at },
            OcspStanding::Unknown => return Err(OcspError::UnknownCertificate),
        };
        let about = self.about.clone();
        Ok(OcspAnswer { about, standing, method: self.into_method(), usable_from, fresh_until })
    }
}

impl fmt::Debug for OcspFinding {
    /// Bought data about one person: prints nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OcspFinding(…)")
    }
}
