//! Certificates of no profile, for corpora: their fields are read, their extensions left to the reader.

use std::ops::Deref;

use super::{Certificate, CertificateError, Issuer, fields};
use crate::SignatureAlgorithm;
use crate::asn1::Element;
use crate::extension::Extensions;
use crate::key_id::KeyId;

/// Every algorithm that can be checked here.
const ALGORITHMS: &[SignatureAlgorithm] =
    &[SignatureAlgorithm::Rs256, SignatureAlgorithm::Es256, SignatureAlgorithm::Es384];

/// A certificate whose profile nobody checked. No check of the product takes one.
pub struct OutsideCertificate<'a> {
    certificate: Certificate,
    /// What it says of itself, all of it still to be judged.
    pub extensions: Extensions<'a>,
    /// The issuer's name.
    pub issuer: Element<'a>,
    /// The subject's name.
    pub subject: Element<'a>,
}

impl<'a> OutsideCertificate<'a> {
    /// Reads the fields of any certificate of version 3 (RFC 5280 §4.1).
    ///
    /// # Errors
    /// [`CertificateError`]; also for keys and signatures of algorithms that cannot be checked here.
    pub fn parse(der: &'a [u8]) -> Result<Self, CertificateError> {
        let fields::Read { certificate, extensions, issuer, subject } = fields::read(der, ALGORITHMS)?;
        Ok(Self { certificate, extensions, issuer, subject })
    }

    /// The issuer that it describes; whether it may issue is for the caller to check.
    #[must_use]
    pub fn to_issuer(&self, key_id: KeyId) -> Issuer {
        Issuer::outside(self.certificate.clone(), key_id)
    }
}

impl Deref for OutsideCertificate<'_> {
    type Target = Certificate;

    fn deref(&self) -> &Certificate {
        &self.certificate
    }
}

impl std::fmt::Debug for OutsideCertificate<'_> {
    /// It may be a person's all the same: prints nothing.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OutsideCertificate(…)")
    }
}
