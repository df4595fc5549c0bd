//! Cases, as their kinds have them.

use std::time::Duration;

use enishi_jpki::SignatureAlgorithm;
use enishi_jpki::oid::Oid;
use enishi_party::Timestamp;

/// Most certificates or lists in one field of a case: the largest known corpus has a hundred intermediates.
pub(super) const MEMBERS_MAX: usize = 256;
/// Longest nonce (RFC 9654 §2.1).
pub(super) const NONCE_OCTETS_MAX: usize = 128;

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Case {
    /// Whether a certificate is a trusted authority's.
    Path(PathCase),
    /// What a list says about a certificate.
    Crl(CrlCase),
    /// What a responder's answer says about a certificate.
    Ocsp(OcspCase),
    /// Whether a signature is this key's over this message.
    Sig(SigCase),
}

/// By whose rules a path is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathProfile {
    /// RFC 5280 §6, one step.
    Rfc5280,
    /// The product's own: a card's certificate and its authority.
    Jpki,
}

/// A path; all certificates and lists in DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathCase {
    /// When.
    pub now: Timestamp,
    /// By whose rules.
    pub profile: PathProfile,
    /// The certificate in question.
    pub leaf: Vec<u8>,
    /// Certificates between it and the anchors; none is ever used, for a path here has one step.
    pub intermediates: Vec<Vec<u8>>,
    /// The authorities that are trusted.
    pub anchors: Vec<Vec<u8>>,
    /// Lists; if there are any, one must cover the certificate.
    pub crls: Vec<Vec<u8>>,
    /// The policy that the certificate must have.
    pub required_policy: Option<Oid>,
}

/// A list and a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlCase {
    /// When.
    pub now: Timestamp,
    /// The list, DER.
    pub crl: Vec<u8>,
    /// The authority's certificate, DER.
    pub issuer: Vec<u8>,
    /// The certificate in question, DER.
    pub certificate: Vec<u8>,
}

/// An OCSP answer and a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspCase {
    /// When.
    pub now: Timestamp,
    /// The answer, DER.
    pub response: Vec<u8>,
    /// The authority's certificate, DER.
    pub issuer: Vec<u8>,
    /// The certificate in question, DER.
    pub certificate: Vec<u8>,
    /// The nonce that was asked with; without one an answer needs none.
    pub nonce: Option<Vec<u8>>,
    /// How old its thisUpdate may be. Without it nextUpdate decides, and in an answer that has none the product's limit.
    pub age_max: Option<Duration>,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigCase {
    /// How it is said to have been made.
    pub algorithm: SignatureAlgorithm,
    /// The key: SubjectPublicKeyInfo, DER.
    pub key: Vec<u8>,
    /// What was signed.
    pub message: Vec<u8>,
    /// The signature: ECDSA in DER, or r ‖ s of the fixed length.
    pub signature: Vec<u8>,
}

/// Why a line is no case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// Not the JSON of a case.
    #[error("no case: {0}")]
    Json(String),
    /// The kind needs it.
    #[error("no case: field {0} missing")]
    Missing(&'static str),
    /// The kind has no such field, so what it should mean is not known.
    #[error("unsupported: field {field} in a case of kind {kind}")]
    Field {
        /// The field.
        field: &'static str,
        /// The case's kind.
        kind: String,
    },
    /// Neither `path`, `crl`, `ocsp` nor `sig`.
    #[error("unsupported: kind {0:?}")]
    Kind(String),
    /// Neither `rfc5280` nor `jpki`.
    #[error("unsupported: profile {0:?}")]
    Profile(String),
    /// None of `RS256`, `ES256`, `ES384`.
    #[error("unsupported: algorithm {0:?}")]
    Algorithm(String),
    /// Not a moment of RFC 3339.
    #[error("no case: now is no time of RFC 3339")]
    Now,
    /// Not an object identifier.
    #[error("no case: required_policy is no object identifier")]
    Policy,
    /// More certificates or lists than any corpus has.
    #[error("unsupported: more than {MEMBERS_MAX} members in {0}")]
    TooMany(&'static str),
    /// A nonce that no request can have.
    #[error("unsupported: nonce of {0} octets, 1 to {NONCE_OCTETS_MAX} expected")]
    Nonce(usize),
}
