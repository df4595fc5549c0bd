//! Why a list is refused.

use std::io;

use enishi_jpki::asn1::DerError;
use enishi_jpki::oid::Oid;
use enishi_jpki::{ExtensionError, SerialError};
use enishi_party::Timestamp;

use super::CrlNumber;

/// Why a list is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// Larger than the limit.
    #[error("list of {octets} octets is over the limit")]
    TooLarge {
        /// Its size.
        octets: usize,
    },
    /// The source stopped giving octets with an error.
    #[error("the list could not be read on: {0}")]
    Source(io::ErrorKind),
    /// The source ended before the list did.
    #[error("the list ends after {octets} of {announced} octets")]
    EndsEarly {
        /// How many octets came.
        octets: usize,
        /// How many the list says it has.
        announced: usize,
    },
    /// Reasons and dates could not be put away; the list itself may be right.
    #[error("reasons and dates of the list could not be kept: {0}")]
    Store(io::ErrorKind),
    /// More entries than the limit.
    #[error("list has more than {limit} entries")]
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// Not the DER of a list.
    #[error(transparent)]
    Der(#[from] DerError),
    /// Extensions that no list of ours has.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
    /// Not version 2.
    #[error("list not of version 2")]
    Version,
    /// The two algorithm fields differ (RFC 5280 §5.1.1.2).
    #[error("signature algorithm differs inside and outside the signed part")]
    AlgorithmsDiffer,
    /// The authority did not sign it.
    #[error("the authority did not sign this list")]
    Forged,
    /// The list names another authority, or another generation's key.
    #[error("the list is another authority's")]
    OtherIssuer,
    /// The authority's own certificate is not valid now.
    #[error("the authority's certificate is not valid now")]
    AuthorityNotValid,
    /// A list without end is never current.
    #[error("the list does not say when the next is due")]
    NextUpdateMissing,
    /// It ends before it begins.
    #[error("nextUpdate is not after thisUpdate")]
    WindowReversed,
    /// Made in the future.
    #[error("the list is of {this_update}, which lies ahead")]
    NotYetValid {
        /// When it says it was made.
        this_update: Timestamp,
    },
    /// Past its nextUpdate, or older than the limit.
    #[error("the list ended at {fresh_until}")]
    Expired {
        /// The end of its window.
        fresh_until: Timestamp,
    },
    /// Older than the list that is known already.
    #[error("list {offered} is older than the known list {known}")]
    RolledBack {
        /// The known list's number.
        known: CrlNumber,
        /// This list's number.
        offered: CrlNumber,
    },
    /// Another list under the number of the known one.
    #[error("another list has the number {number} already")]
    NumberReused {
        /// The number.
        number: CrlNumber,
    },
    /// The list before is another authority's or partition's.
    #[error("the list before this one has another issuer or scope")]
    PreviousOfAnotherScope,
    /// An entry's serial number is none.
    #[error("entry: {0}")]
    Serial(#[from] SerialError),
    /// An entry's date lies before 1970 or after 2106.
    #[error("entry: revocation date out of range")]
    RevocationDate,
    /// A kind of list that this project does not read, and so does not trust.
    #[error("unsupported list: {0}")]
    Unsupported(#[from] Unsupported),
}

/// What the standard allows and JPKI's lists are not known to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// A list of changes (RFC 5280 §5.2.4).
    #[error("delta list")]
    Delta,
    /// Entries of other issuers (RFC 5280 §5.2.5, §5.3.3).
    #[error("indirect list")]
    Indirect,
    /// Complete for some reasons only.
    #[error("list for some reasons only")]
    SomeReasons,
    /// For authorities or attribute certificates, not for holders.
    #[error("list that does not cover holders")]
    NotForHolders,
    /// A distribution point that is not one directory name.
    #[error("distribution point that is not one directory name")]
    DistributionPoint,
    /// A reason that JPKI does not use.
    #[error("revocation reason {0}")]
    Reason(u8),
    /// An entry with a critical extension that nobody here understands.
    #[error("critical entry extension {0}")]
    EntryExtension(Oid),
}

impl CrlError {
    /// The same of a part of the list that begins at octet `base`.
    pub(super) fn shifted(self, base: usize) -> Self {
        let moved = |error: DerError| DerError { at: error.at.saturating_add(base), fault: error.fault };
        match self {
            Self::Der(error) => Self::Der(moved(error)),
            Self::Extension(ExtensionError::Der(error)) => Self::Extension(ExtensionError::Der(moved(error))),
            error => error,
        }
    }
}
