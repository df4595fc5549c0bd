use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use enishi_transport::FetchError;
use enishi_verify::ShelfError;

/// Why there is no list. No text holds a serial number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// A setting that breaks its rule.
    #[error("{setting} must be {rule}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The folder for lists cannot be used.
    #[error("{path}: {reason}")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// None of this party's anchors.
    #[error("the authority is no anchor")]
    OtherAuthority,
    /// Lists are fetched in parts, and the certificate does not say of which part it is.
    #[error("the certificate names no partition of its authority's list")]
    NoPartition,
    /// An authority's certificates name more parts than an authority has.
    #[error("more than {0} partitions of one authority")]
    TooManyPartitions(usize),
    /// No list of the authority counts now, and none could be had.
    #[error("no list of the authority counts now")]
    NoneCurrent,
    /// It could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It took too long.
    #[error("nothing came within {0:?}")]
    TimedOut(Duration),
    /// What was fetched is no list to be used.
    #[error(transparent)]
    List(#[from] ShelfError),
    /// The job that checks a list was cut off.
    #[error("checking the list was cut off")]
    CutOff,
}

impl ListError {
    pub(crate) fn folder(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Folder { path: path.to_owned(), reason: error.to_string() }
    }
}
