use enishi_lists::ListError;
use enishi_party::Timestamp;
use enishi_provider::{RecheckRefused, RelayError};
use enishi_verify::{RecheckError, RevocationReason, SealError};

/// Why evidence does not carry an act, by name. No text holds a person's data.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceRefused {
    /// The assertion is of another contract or model: nothing that this verifier answers for.
    #[error("the assertion is not of this contract under 委託")]
    NotOurs,
    /// The relay has no evidence for its own assertion.
    #[error("the relay has no evidence for the assertion")]
    Missing,
    /// The relay's answer is none of the interface's.
    #[error("the relay's answer is not of the interface's form")]
    Malformed,
    /// The relay could not be asked.
    #[error("the relay could not be asked: {0}")]
    Unreachable(RelayError),
    /// The relay gave the evidence of another assertion.
    #[error("the relay gave the evidence of another assertion")]
    OtherAssertion,
    /// It does not open: sealed for another key or contract, or no evidence.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// It does not hold when checked again.
    #[error(transparent)]
    Recheck(#[from] RecheckError),
    /// This provider has no list of its own to hold against it.
    #[error("no own list: {0}")]
    NoOwnList(#[from] ListError),
    /// It names a list that is newer than what the authority gives out.
    #[error("the evidence names a list that is newer than any that can be had")]
    ListUnknown,
    /// Good at the check, revoked since.
    #[error("the certificate was revoked after the check")]
    RevokedSince {
        /// Why.
        reason: RevocationReason,
        /// Since when.
        at: Timestamp,
    },
    /// The card signed something that is no payment, or no enrolment.
    #[error("the card signed for another occasion")]
    OtherOccasion,
    /// The card signed something else than what the relay says.
    #[error("the card signed another {0}")]
    Differs(Item),
    /// The check and the assertion lie too far apart, or in the wrong order.
    #[error("the check was not made for this assertion: their times do not fit")]
    OtherTime,
    /// The same tap carried another act before.
    #[error("the same tap carried another act already")]
    Reused,
    /// The certificate is of no card that was ever enrolled here.
    #[error("no customer enrolled this card")]
    UnknownCard,
    /// The certificate is another customer's.
    #[error("the card is another customer's")]
    OtherCustomer,
    /// The customer's, but enrolled for another of the customer's instruments.
    #[error("the card was enrolled for another instrument")]
    OtherInstrument,
    /// The rows failed.
    #[error(transparent)]
    Rows(#[from] RowsError),
}

/// What stands under the card's signature and in the relay's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// The relay.
    Relay,
    /// The terminal.
    Terminal,
    /// The merchant.
    Merchant,
    /// The slip number.
    Slip,
    /// The amount.
    Amount,
    /// 支払区分.
    PaymentType,
    /// The surrogate number of the PIN block.
    SurrogatePan,
    /// Whether an amount was signed at all.
    AmountBinding,
    /// The provider's intent.
    Intent,
    /// The terms of the consent.
    Consent,
}

impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Relay => "relay",
            Self::Terminal => "terminal",
            Self::Merchant => "merchant",
            Self::Slip => "slip",
            Self::Amount => "amount",
            Self::PaymentType => "payment type",
            Self::SurrogatePan => "surrogate number",
            Self::AmountBinding => "kind of amount",
            Self::Intent => "intent",
            Self::Consent => "consent",
        })
    }
}

impl From<RelayError> for EvidenceRefused {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::Refused { status: 404, .. } => Self::Missing,
            RelayError::Malformed => Self::Malformed,
            RelayError::Refused { .. } | RelayError::Http(_) => Self::Unreachable(error),
        }
    }
}

impl From<&EvidenceRefused> for RecheckRefused {
    fn from(refused: &EvidenceRefused) -> Self {
        use EvidenceRefused as E;
        match refused {
            E::Unreachable(_) | E::NoOwnList(_) | E::ListUnknown | E::Rows(_) => Self::Unavailable,
            E::NotOurs
            | E::Missing
            | E::Malformed
            | E::OtherAssertion
            | E::Sealed(_)
            | E::Recheck(_)
            | E::RevokedSince { .. }
            | E::OtherOccasion
            | E::Differs(_)
            | E::OtherTime
            | E::Reused
            | E::UnknownCard
            | E::OtherCustomer
            | E::OtherInstrument => Self::Disproved,
        }
    }
}

/// Why the rows failed. Holds SQL and rules at most, never a stored value.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The file cannot be made or closed to others.
    #[error("the file of serial rows: {0}")]
    File(#[from] std::io::Error),
    /// SQLite failed.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A database of another program, or of a newer version of this one.
    #[error("no file of serial rows of this version")]
    Foreign,
    /// A job on the rows was cut off; what it did is undone.
    #[error("a job on the serial rows was cut off")]
    CutOff,
}
