//! Certificates of OCSP responders to which an authority delegates its answers.

use std::ops::Deref;

use super::general_name::AuthorityKeyId;
use super::{Certificate, CertificateError, fields};
use crate::SignatureAlgorithm;
use crate::asn1::tag;
use crate::extension::Criticality::NotCritical;
use crate::key_id::KeyId;
use crate::oid;

/// A responder's key may be any that this project can check; JPKI's own choice is not published (docs/jpki.md §3).
const ALGORITHMS: &[SignatureAlgorithm] =
    &[SignatureAlgorithm::Rs256, SignatureAlgorithm::Es256, SignatureAlgorithm::Es384];
/// basicConstraints { } without cA.
const NO_AUTHORITY: [u8; 2] = [0x30, 0x00];
/// digitalSignature, the first named bit.
const DIGITAL_SIGNATURE: u8 = 0x80;

/// A certificate of an OCSP responder (RFC 6960 §4.2.2.2).
#[derive(Debug, Clone)]
pub struct ResponderCertificate {
    certificate: Certificate,
    authority: Option<KeyId>,
    revocation: ResponderRevocation,
}

/// How the responder's own revocation is known (RFC 6960 §4.2.2.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponderRevocation {
    /// id-pkix-ocsp-nocheck: the authority answers for it during the certificate's life.
    NotChecked,
    /// The authority says nothing: somebody would have to look it up.
    Unknown,
}

impl ResponderCertificate {
    /// Reads a responder's certificate and checks that it may answer; whose it is remains to be checked.
    ///
    /// # Errors
    /// No id-kp-OCSPSigning, a key usage without digitalSignature, an authority, an unknown critical extension.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        let fields::Read { certificate, mut extensions, .. } = fields::read(der, ALGORITHMS)?;
        if let Some(usage) = extensions.take(oid::KEY_USAGE) {
            match usage.value(tag::BIT_STRING)?.content() {
                [_, first, ..] if first & DIGITAL_SIGNATURE != 0 => {}
                _ => return Err(CertificateError::KeyUsage),
            }
        }
        // RFC 6960 §4.2.2.2: without it no delegation, whatever else the certificate says.
        let purposes = extensions.take(oid::EXT_KEY_USAGE).ok_or(CertificateError::ExtendedKeyUsage)?;
        let purposes = purposes.value(tag::SEQUENCE)?;
        let purpose = purposes.only_inside(tag::OID).map_err(|_| CertificateError::ExtendedKeyUsage)?;
        if purpose.object_identifier()? != oid::OCSP_SIGNING {
            return Err(CertificateError::ExtendedKeyUsage);
        }
        if let Some(constraints) = extensions.take(oid::BASIC_CONSTRAINTS)
            && constraints.value(tag::SEQUENCE)?.raw() != NO_AUTHORITY
        {
            return Err(CertificateError::BasicConstraints);
        }
        let authority = extensions
            .optional(oid::AUTHORITY_KEY_IDENTIFIER, NotCritical)?
            .map(|authority| authority.value(tag::SEQUENCE).and_then(|value| AuthorityKeyId::read(&value)))
            .transpose()
            .map_err(|_| CertificateError::AuthorityKeyId)?
            .map(|authority| authority.key_id);
        let revocation = match extensions.optional(oid::OCSP_NO_CHECK, NotCritical)? {
            Some(mark) => mark.value(tag::NULL).map(|_| ResponderRevocation::NotChecked)?,
            None => ResponderRevocation::Unknown,
        };
        // Policies say nothing about answering, but JPKI marks them critical elsewhere.
        extensions.take(oid::CERTIFICATE_POLICIES);
        extensions.finish()?;
        Ok(Self { certificate, authority, revocation })
    }

    /// The responder's name, DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        self.certificate.subject()
    }

    /// The authority's key, where the certificate names it.
    #[must_use]
    pub const fn issuer_key_id(&self) -> Option<&KeyId> {
        self.authority.as_ref()
    }

    /// How its own revocation is known.
    #[must_use]
    pub const fn revocation(&self) -> ResponderRevocation {
        self.revocation
    }
}

impl Deref for ResponderCertificate {
    type Target = Certificate;

    fn deref(&self) -> &Certificate {
        &self.certificate
    }
}
