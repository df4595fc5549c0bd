use std::time::Duration;

use enishi_lists::ListError;
use enishi_party::Timestamp;
use enishi_transport::FetchError;
use enishi_verify::{OcspError, Unjudged};

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
    /// The authority that was named is none of this party's anchors, or did not issue the certificate.
    #[error("the authority is no anchor, or is not the one that issued the certificate")]
    OtherAuthority,
    /// No list could be had.
    #[error(transparent)]
    List(#[from] ListError),
    /// The call to the responder failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The responder took too long.
    #[error("nothing came within {0:?}")]
    TimedOut(Duration),
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
    /// What says good is older than an answer that said *revoked*.
    #[error("an answer of {known} said that a certificate is revoked, and nothing newer clears this one")]
    RevokedSince {
        /// When that answer was signed.
        known: Timestamp,
    },
    /// When the last answer said *revoked* could not be read back.
    #[error("the moment of the last answer that said revoked cannot be read back: {0}")]
    Kept(std::io::Error),
    /// What is known does not suffice.
    #[error(transparent)]
    Unjudged(#[from] Unjudged),
}
