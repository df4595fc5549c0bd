use async_trait::async_trait;
use enishi_party::{CustomerId, InstrumentRef, IntentId, LinkId, Timestamp};
use enishi_wire::{Assertion, Octets};

/// What a provider that is itself the verifier (委託) does with the evidence behind the relay's words.
///
/// Under 代行 there is no evidence, and [`NoRecheck`] stands here. How often to look (always, by sample, never) is the
/// implementation's.
#[async_trait]
pub trait Recheck: Send + Sync {
    /// Looks at the evidence behind one assertion, before the purchase is decided.
    ///
    /// `sealed` is the assertion as it came, COSE and signature included. The assertion is authentic, for this company
    /// and equal to the message. Called once per transaction; no database transaction is open meanwhile.
    async fn recheck(
        &self,
        assertion: &Assertion,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<(), RecheckRefused>;

    /// Looks at the evidence of a new link, before it is confirmed, and keeps what a verifier must keep.
    async fn enrolled(&self, enrolment: &EnrolmentEvidence, now: Timestamp) -> Result<(), RecheckRefused>;
}

/// The evidence of a new link under 委託.
#[derive(Debug, Clone)]
pub struct EnrolmentEvidence {
    /// The customer whose session asked for the link.
    pub customer: CustomerId,
    /// The instrument that the link is for.
    pub instrument: InstrumentRef,
    /// The relay's name for the link.
    pub link: LinkId,
    /// The intent that the customer's session began: the card must have signed this one and no other.
    pub intent: IntentId,
    /// SHA-256 of the consent terms in the receipt, RFC 8785 JSON, in lower-case hex: signed by the card as well.
    pub consent_sha256: String,
    /// Sealed to the provider (HPKE).
    pub sealed: Octets,
}

/// Why evidence does not carry an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecheckRefused {
    /// It says something else, or proves nothing.
    #[error("the evidence does not bear the assertion out")]
    Disproved,
    /// It could not be fetched, opened or judged: the answer is no, for it is not known.
    #[error("the evidence could not be looked at")]
    Unavailable,
}

/// 代行: the relay vouches, and there is nothing to look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecheck;

#[async_trait]
impl Recheck for NoRecheck {
    async fn recheck(&self, _: &Assertion, _: &[u8], _: Timestamp) -> Result<(), RecheckRefused> {
        Ok(())
    }

    /// Refuses: under 代行 no evidence may come.
    async fn enrolled(&self, _: &EnrolmentEvidence, _: Timestamp) -> Result<(), RecheckRefused> {
        Err(RecheckRefused::Disproved)
    }
}
