//! Asking a responder about one certificate (RFC 6960; nonce by RFC 9654).

mod answer;
mod cert_id;
mod finding;
mod request;
mod responder;

pub(crate) use answer::examine;
pub use answer::{check_ocsp, examine_ocsp};
pub(crate) use cert_id::CertHash;
pub use finding::{AnswerTime, NonceMatch, OcspFinding, OcspStanding};
pub use request::OcspRequest;

use enishi_jpki::asn1::DerError;
use enishi_jpki::{CertificateError, ExtensionError, SerialError};
use enishi_party::Timestamp;

use crate::revocation::{About, Standing, StatusMethod};

/// A responder's checked answer about the certificate that was asked for.
///
/// It is a status in the making: neither copied nor stored.
pub struct OcspAnswer {
    pub(crate) about: About,
    pub(crate) standing: Standing,
    pub(crate) method: StatusMethod,
    pub(crate) usable_from: Timestamp,
    pub(crate) fresh_until: Timestamp,
}

impl OcspAnswer {
    /// Whether the certificate stands.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.standing
    }
}

impl std::fmt::Debug for OcspAnswer {
    /// Bought data about one person: prints nothing.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OcspAnswer(…)")
    }
}

/// A responder's word that it will not answer (RFC 6960 §4.2.1, OCSPResponseStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OcspFailure {
    /// It could not read the request.
    #[error("malformedRequest")]
    MalformedRequest,
    /// It has a fault of its own.
    #[error("internalError")]
    InternalError,
    /// It is busy.
    #[error("tryLater")]
    TryLater,
    /// It wants signed requests.
    #[error("sigRequired")]
    SignatureRequired,
    /// It does not serve us, or not for this certificate.
    #[error("unauthorized")]
    Unauthorized,
}

/// Why an answer says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    /// Larger than the limit.
    #[error("answer of {octets} octets is over the limit")]
    TooLarge {
        /// Its size.
        octets: usize,
    },
    /// Not the DER of an answer.
    #[error(transparent)]
    Der(#[from] DerError),
    /// Extensions that nobody here understands.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
    /// A serial number that is none.
    #[error(transparent)]
    Serial(#[from] SerialError),
    /// The responder refuses.
    #[error("the responder answers {0}")]
    Responder(OcspFailure),
    /// Another response type than id-pkix-ocsp-basic.
    #[error("response type is not basic")]
    ResponseType,
    /// The request was not about a certificate of this authority.
    #[error("the request was not for a certificate of this authority")]
    OtherIssuer,
    /// Neither the authority nor a certificate in the answer bears the responder's name or key.
    #[error("no certificate for the responder that the answer names")]
    ResponderUnknown,
    /// More certificates than a delegation needs.
    #[error("more certificates in the answer than a delegation needs")]
    TooManyCertificates,
    /// The responder's certificate does not let it answer.
    #[error("the responder's certificate: {0}")]
    ResponderProfile(CertificateError),
    /// The responder's certificate is not the certificate's own authority's (RFC 6960 §4.2.2.2).
    #[error("the authority did not delegate to this responder")]
    ResponderNotDelegated,
    /// The responder's, or the authority's, certificate is not valid now.
    #[error("the responder's certificate is not valid now")]
    ResponderNotValid,
    /// Nobody says that the responder is not revoked (RFC 6960 §4.2.2.2.1).
    #[error("the responder's certificate lacks id-pkix-ocsp-nocheck")]
    ResponderRevocationUnknown,
    /// The responder did not sign this.
    #[error("the responder did not sign this answer")]
    Forged,
    /// A nonce of no octets or of more than 128 (RFC 9654 §2.1).
    #[error("the answer's nonce has {octets} octets, 1 to 128 expected")]
    NonceLength {
        /// Its length.
        octets: usize,
    },
    /// Not an answer to this very question.
    #[error("the answer's nonce is not the request's")]
    Nonce,
    /// None or several statuses: one was asked for.
    #[error("exactly one status expected")]
    StatusCount,
    /// About another certificate.
    #[error("the answer is about another certificate")]
    OtherCertificate,
    /// The responder does not know the certificate: never good.
    #[error("the responder does not know the certificate")]
    UnknownCertificate,
    /// A reason that JPKI does not use.
    #[error("unsupported revocation reason {0}")]
    Reason(u8),
    /// Its times contradict each other.
    #[error("the answer's times contradict each other")]
    TimesReversed,
    /// Of the future.
    #[error("the answer lies ahead of now")]
    NotYetValid,
    /// Past its nextUpdate, or older than the limit.
    #[error("the answer ended at {fresh_until}")]
    Expired {
        /// The end of its window.
        fresh_until: Timestamp,
    },
}
