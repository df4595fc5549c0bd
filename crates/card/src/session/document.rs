//! What the signing key signs, and what comes of it.

use std::fmt;

use aws_lc_rs::digest::{Digest, SHA256, digest};

use crate::error::CardError;
use crate::key::SHA256_DIGEST_INFO_PREFIX;
use crate::session::Step;

/// A document to be signed with SHA-256.
#[derive(Clone, Copy)]
pub enum Document<'a> {
    /// The bytes themselves, of any length; for CMS these are the signed attributes.
    Message(&'a [u8]),
    /// Their SHA-256, where the caller has hashed already.
    Sha256(&'a [u8; 32]),
}

/// A signature by the signing key, with the certificate that goes with it.
///
/// The certificate names the holder, so neither part is ever printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedBytes {
    certificate_der: Vec<u8>,
    signature: Vec<u8>,
}

/// A SHA-256 value, in the DER that the card pads and signs (RFC 8017 §9.2).
pub(super) struct DigestInfo {
    digest: Digest,
    der: Vec<u8>,
}

impl DigestInfo {
    pub(super) fn of(document: Document<'_>) -> Result<Self, CardError> {
        let digest = match document {
            Document::Message(message) => digest(&SHA256, message),
            Document::Sha256(value) => Digest::import_less_safe(value, &SHA256)
                .map_err(|_| CardError::Protocol { step: Step::Sign, status: None })?,
        };
        let der = [&SHA256_DIGEST_INFO_PREFIX, digest.as_ref()].concat();
        Ok(Self { digest, der })
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl SignedBytes {
    pub(super) fn new(certificate_der: Vec<u8>, signature: Vec<u8>) -> Self {
        Self { certificate_der, signature }
    }

    /// The signing certificate in DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate_der
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256, 256 bytes.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

impl fmt::Debug for SignedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedBytes(…)")
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document(…)")
    }
}
