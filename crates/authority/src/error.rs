//! What can go wrong at the authority.

use std::path::PathBuf;

use enishi_jpki::CertKind;
use jiff::Timestamp;

use crate::RevocationReason;

/// Why the authority did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A new authority wants an empty folder: it never writes over another's keys.
    #[error("{0} is not empty")]
    FolderNotEmpty(PathBuf),
    /// The folder lacks the marker of a sandbox authority.
    #[error("{0} is no sandbox authority: its marker file is missing or says something else")]
    NoMarker(PathBuf),
    /// A file of the folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A private key is open to others than its owner.
    #[error("{0} must be readable by its owner alone (mode 0600)")]
    KeyFileOpen(PathBuf),
    /// A private key does not belong to the certificate that the register holds for it.
    #[error("the key of the {kind:?} authority, generation {generation}, is not the one it was created with")]
    KeyMismatch {
        /// Which authority.
        kind: CertKind,
        /// 1 to 3, oldest first.
        generation: u8,
    },
    /// The register's database failed.
    #[error("register: {0}")]
    Register(#[from] rusqlite::Error),
    /// The register holds what this program never writes.
    #[error("register: {0}")]
    Inconsistent(&'static str),
    /// A setting cannot be used.
    #[error("setting {setting}: {rule}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// The rule that was broken.
        rule: &'static str,
    },
    /// A record of a citizen cannot be certified.
    #[error("citizen's {field} must be {rule}")]
    Citizen {
        /// The field, never its value.
        field: &'static str,
        /// The rule that was broken.
        rule: &'static str,
    },
    /// A person's file cannot be read.
    #[error("the person's file, line {line}: {rule}")]
    PersonFile {
        /// Counted from 1.
        line: usize,
        /// The rule that was broken, never what stood there.
        rule: &'static str,
    },
    /// The register holds nothing of a citizen.
    #[error("the register has no entry of this citizen; issue the card with this version first")]
    NoRecord,
    /// A key to certify is neither RSA-2048 with exponent 65537 nor EC P-384.
    #[error("public key: {0}")]
    PublicKey(&'static str),
    /// Key generation, signing or the random source failed.
    #[error("cryptography: {0}")]
    Cryptography(&'static str),
    /// The holder is younger than 15 and cannot have a signing certificate.
    #[error("a holder under 15 has no signing certificate")]
    TooYoungToSign,
    /// The citizen still has a valid certificate of that kind in that carrier.
    #[error("the citizen holds a valid {0:?} certificate there already")]
    AlreadyHolds(CertKind),
    /// No such certificate was issued.
    #[error("no such {0:?} certificate was issued")]
    NeverIssued(CertKind),
    /// The certificate belongs to another citizen than the record.
    #[error("the certificate belongs to another citizen")]
    AnotherCitizen,
    /// The certificate was revoked before.
    #[error("revoked at {at} ({reason:?})")]
    AlreadyRevoked {
        /// Why.
        reason: RevocationReason,
        /// When.
        at: Timestamp,
    },
    /// The certificate's time is over.
    #[error("expired at {at}")]
    Expired {
        /// The end of its validity.
        at: Timestamp,
    },
    /// The authority's own certificate, or the card, leaves no time for a certificate.
    #[error("nothing can be valid after {limit}")]
    NothingToIssue {
        /// The earliest limit.
        limit: Timestamp,
    },
    /// A list cannot be dated before the one it follows.
    #[error("the last list was published at {last}, later than now")]
    ClockBehind {
        /// `thisUpdate` of the list that is served.
        last: Timestamp,
    },
}
