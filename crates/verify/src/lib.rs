//! ③ JPKIインタフェース機能: is this certificate genuine, is its holder here, is it still good.
//!
//! Three questions in this order, each answered by a value that only its check can make: `prove` (path and
//! possession, free and local) gives a [`ProvenHolder`], [`clear`] (revocation, metered) a [`VerifiedHolder`].
//! What was checked is kept as [`Evidence`], which a second party checks again with its own anchors.
//!
//! Pure: no clock, no address taken from a certificate, no I/O of its own: a list comes from a source, and its details go to a
//! store, that the caller gives.
//!
//! *Invariant:* whatever is unknown, stale, of another issuer or in an unknown form is refused, never passed.
//! *Invariant:* a status answers for one certificate and can be neither copied nor stored.
//! Slides 9 to 17; RFC 5280, RFC 6960, RFC 9654.

mod anchors;
mod clear;
pub mod corpus;
mod crl;
mod document;
mod evidence;
mod judgement;
mod limits;
mod list_url;
mod ocsp;
mod path;
mod prove;
mod revocation;
mod sealed;
mod seen;
mod shelf;
mod signature;

#[cfg(test)]
extern crate self as enishi_verify;
#[cfg(test)]
mod tests;
#[cfg(test)]
use tests::{answer, issue, list, world};

pub use anchors::{AnchorError, Anchors};
pub use clear::{ClearError, VerifiedHolder, clear};
pub use crl::{
    Crl, CrlEntry, CrlError, CrlNumber, CrlScope, CrlSource, DetailFile, DetailStore, DetailsInMemory,
    Unsupported,
};
pub use document::{DocumentError, SignedDocument, VerifiedSigner, check_document, verify_document};
pub use evidence::{Evidence, EvidenceError, OwnList, RecheckError, Rechecked, StatusBasis};
pub use judgement::{ListShortfall, NonceRule, OcspShortfall, SourceRole, StatusPolicy, Unjudged, judge};
pub use limits::{Limits, OCTETS_PER_AUTHENTICATION_MAX, SIGNATURES_PER_AUTHENTICATION_MAX};
pub use list_url::{ListUrl, ListUrlError};
pub use ocsp::{
    AnswerTime, NonceMatch, OcspAnswer, OcspError, OcspFailure, OcspFinding, OcspRequest, OcspStanding,
    check_ocsp, examine_ocsp,
};
pub use path::PathError;
pub use prove::{Proof, ProveError, ProvenHolder, prove};
pub use revocation::{
    CoverageError, RevocationReason, RevocationStatus, Standing, StatusMethod, StatusSource,
};
pub use sealed::{OpeningKey, SealError, SealingKey};
pub use shelf::{AtHand, CrlShelf, Placed, ShelfError};
