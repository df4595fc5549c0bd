//! How a running authority works: what its operator may choose anew at every start.
//!
//! Unlike [`AuthorityConfig`](crate::AuthorityConfig), nothing of this is in a certificate or kept in the register. Whoever
//! works on one register should be told the same: the command that publishes writes the lists that the service serves.

use serde::{Deserialize, Serialize};

/// The choices of one authority's operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceConfig {
    /// With which key OCSP answers are signed.
    pub ocsp_key: OcspKey,
    /// When they are signed.
    pub ocsp_answers: OcspAnswers,
    /// Which lists are published.
    pub lists: ListScopes,
}

/// The key of the delegated responders; each is certified by the authority key whose certificates are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum OcspKey {
    /// As all of JPKI's certificates today.
    #[default]
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    /// Some seventeen times as many signatures a second.
    #[serde(rename = "p-256")]
    P256,
}

/// When OCSP answers are signed. A question with a nonce is always answered by a signature of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OcspAnswers {
    /// Each when it is asked for.
    #[default]
    Live,
    /// Once for all who ask about one certificate without a nonce, and anew after half the answer's window (RFC 5019). The
    /// register is asked all the same: an answer that it contradicts is not given. Over GET, caches between may keep it until
    /// its end.
    Presigned,
}

/// Which revocation lists are published beside one another, at the same times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListScopes {
    /// One for each key, whole.
    Whole,
    /// Besides, one for each key and municipality: the distribution point that certificates name.
    #[default]
    WholeAndPartitions,
}
