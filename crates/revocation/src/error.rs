use std::path::PathBuf;
use std::time::Duration;

use enishi_party::Timestamp;
use enishi_transport::FetchError;
use enishi_verify::{CoverageError, OcspError, ShelfError};

/// Why there is no status. No text holds a serial number.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    /// A setting that breaks its rule.
    #[error("{setting} must be {rule}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The folder for lists cannot be used.
    #[error("{path}: {source}")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The authority that was named is none of this party's anchors, or did not issue the certificate.
    #[error("the authority is no anchor, or is not the one that issued the certificate")]
    OtherAuthority,
    /// No list of the authority counts now, and none could be had in time.
    #[error("no list of the authority counts now")]
    NoCurrentList,
    /// The call failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The call took too long.
    #[error("nothing came within {0:?}")]
    TimedOut(Duration),
    /// What was fetched is no list to be used.
    #[error(transparent)]
    List(#[from] ShelfError),
    /// The list says nothing about the certificate.
    #[error(transparent)]
    Coverage(#[from] CoverageError),
    /// What was answered says nothing about the certificate.
    #[error(transparent)]
    Ocsp(#[from] OcspError),
    /// A newer answer about the certificate is known.
    #[error("the answer is of {offered}, an answer of {known} is known")]
    OlderAnswer {
        /// When the known answer was signed.
        known: Timestamp,
        /// When this one was.
        offered: Timestamp,
    },
    /// The job that checks a list was cut off.
    #[error("checking the list was cut off")]
    CutOff,
}
