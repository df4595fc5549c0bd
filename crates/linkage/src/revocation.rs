//! Revocation information: fetched in a named verifier's right, for a purpose, and counted.

use async_trait::async_trait;
use enishi_jpki::{CaCertificate, EndEntity};
use enishi_party::{ProviderId, Timestamp};
use enishi_verify::RevocationStatus;

use crate::{LookupMethod, StoreFault};

/// The legal reason of a look-up: revocation information serves verification alone (slide 13; art. 52).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To confirm a holder who pays.
    Payment,
    /// To confirm a holder who links a card.
    Enrolment,
}

impl Purpose {
    /// The word in the record.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Enrolment => "enrolment",
        }
    }
}

/// In whose right and why a status is asked for.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The verifier that answers for it and pays.
    pub verifier: ProviderId,
    /// Why.
    pub purpose: Purpose,
    /// How.
    pub method: LookupMethod,
}

/// No fresh, authentic answer could be had; the relay refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no fresh revocation information: {reason}")]
pub struct RevocationUnavailable {
    /// Why, without a serial number.
    pub reason: String,
}

/// Where statuses come from; addresses come from configuration, never from a certificate.
#[async_trait]
pub trait RevocationSource: Send + Sync {
    /// The status of a certificate of an authority, by the asked method.
    async fn status(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        method: LookupMethod,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationUnavailable>;
}

/// Counts look-ups for the verifier that answers for them (slides 13 and 17).
#[async_trait]
pub trait Meter: Send + Sync {
    /// Records one look-up, before it is made.
    async fn record(&self, lookup: &Lookup, now: Timestamp) -> Result<(), StoreFault>;
}
