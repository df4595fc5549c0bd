//! 電子署名: documents signed with the signing certificate.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use enishi_jpki::{AttributeError, BasicAttributes, CaCertificate, SigningCertificate};
use enishi_party::{RefusalCode, Timestamp};

use crate::anchors::Anchor;
use crate::revocation::{RevocationReason, RevocationStatus, StatusMethod, Unclear};
use crate::signature::{Form, verify};
use crate::{Anchors, PathError, path};

/// Largest document: an application or a contract, not an archive.
const DOCUMENT_OCTETS_MAX: usize = 16 * 1024 * 1024;

/// Somebody who signed a document with a genuine signing certificate that is not revoked.
pub struct VerifiedSigner {
    certificate: SigningCertificate,
    document_sha256: [u8; 32],
    method: StatusMethod,
    checked_at: Timestamp,
}

/// Why a signed document is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Too large.
    #[error("document of {octets} octets, at most {DOCUMENT_OCTETS_MAX} expected")]
    TooLarge {
        /// Its size.
        octets: usize,
    },
    /// The certificate is not a trusted authority's, or not valid now.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The certificate's key did not sign these octets.
    #[error("the signature is not over this document")]
    Signature,
    /// The status is about another certificate.
    #[error("the status is about another certificate")]
    OtherCertificate,
    /// Revoked, or on hold.
    #[error("the certificate is revoked")]
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// Since when.
        at: Timestamp,
    },
    /// The status is out of its window.
    #[error("the status may be relied on until {fresh_until} only, or not yet")]
    Stale {
        /// The end of its window.
        fresh_until: Timestamp,
    },
}

impl DocumentError {
    /// What the person is told.
    #[must_use]
    pub const fn refusal(&self) -> RefusalCode {
        match self {
            Self::TooLarge { .. } => RefusalCode::MalformedRequest,
            Self::Path(error) => error.refusal(),
            Self::Signature => RefusalCode::SignatureInvalid,
            Self::Revoked { .. } => RefusalCode::CertRevoked,
            Self::OtherCertificate | Self::Stale { .. } => RefusalCode::RevocationUnavailable,
        }
    }
}

impl From<Unclear> for DocumentError {
    fn from(unclear: Unclear) -> Self {
        match unclear {
            Unclear::OtherCertificate => Self::OtherCertificate,
            Unclear::Revoked { reason, at } => Self::Revoked { reason, at },
            Unclear::Stale { fresh_until } => Self::Stale { fresh_until },
        }
    }
}

/// A document that a genuine signing certificate's key signed. Whether it was revoked is not known yet.
///
/// Only [`check_document`] makes one.
pub struct SignedDocument {
    certificate: SigningCertificate,
    authority: Arc<Anchor>,
    document_sha256: [u8; 32],
}

/// Path and signature of a document's octets: what costs nothing and is done first.
///
/// RSASSA-PKCS1-v1_5 with SHA-256; with a P-384 key ECDSA with SHA-384, r ‖ s, as the card gives it.
///
/// # Errors
/// [`DocumentError`]
pub fn check_document(
    document: &[u8],
    signature: &[u8],
    certificate: SigningCertificate,
    anchors: &Anchors,
    now: Timestamp,
) -> Result<SignedDocument, DocumentError> {
    if document.len() > DOCUMENT_OCTETS_MAX {
        return Err(DocumentError::TooLarge { octets: document.len() });
    }
    let authority = Arc::clone(path::check(&certificate, anchors, now)?);
    let algorithm = certificate.key_algorithm().signs_with();
    verify(&certificate, algorithm, Form::Fixed, document, signature)
        .map_err(|_| DocumentError::Signature)?;
    let document_sha256 = digest::digest(&digest::SHA256, document).as_ref().try_into().unwrap_or_default();
    Ok(SignedDocument { certificate, authority, document_sha256 })
}

/// Verifies the signature of a document's octets where the status is at hand: path, signature, then revocation.
///
/// # Errors
/// [`DocumentError`]
pub fn verify_document(
    document: &[u8],
    signature: &[u8],
    certificate: SigningCertificate,
    anchors: &Anchors,
    status: RevocationStatus,
    now: Timestamp,
) -> Result<VerifiedSigner, DocumentError> {
    check_document(document, signature, certificate, anchors, now)?.clear(status, now)
}

impl SignedDocument {
    /// The certificate.
    #[must_use]
    pub const fn certificate(&self) -> &SigningCertificate {
        &self.certificate
    }

    /// The authority that issued it: whom to ask about revocation.
    #[must_use]
    pub fn authority(&self) -> &CaCertificate {
        &self.authority
    }

    /// Clears the signer with the status of that very certificate; uses both up.
    ///
    /// # Errors
    /// [`DocumentError`]
    pub fn clear(self, status: RevocationStatus, now: Timestamp) -> Result<VerifiedSigner, DocumentError> {
        let Self { certificate, authority, document_sha256 } = self;
        path::check_validity(&certificate, &authority, now)?;
        let method = status.spend(&certificate, now)?;
        Ok(VerifiedSigner { certificate, document_sha256, method, checked_at: now })
    }
}

impl fmt::Debug for SignedDocument {
    /// A person prints nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedDocument(…)")
    }
}

impl VerifiedSigner {
    /// The certificate.
    #[must_use]
    pub const fn certificate(&self) -> &SigningCertificate {
        &self.certificate
    }

    /// Name, address, birth date and sex of the signer.
    ///
    /// # Errors
    /// The certificate has them in another form than JPKI gives.
    pub fn basic_attributes(&self) -> Result<BasicAttributes, AttributeError> {
        self.certificate.basic_attributes()
    }

    /// SHA-256 of the document that was signed.
    #[must_use]
    pub const fn document_sha256(&self) -> &[u8; 32] {
        &self.document_sha256
    }

    /// How revocation was looked up.
    #[must_use]
    pub const fn status_method(&self) -> &StatusMethod {
        &self.method
    }

    /// When it was checked.
    #[must_use]
    pub const fn checked_at(&self) -> Timestamp {
        self.checked_at
    }
}

impl fmt::Debug for VerifiedSigner {
    /// A person prints nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedSigner(…)")
    }
}
