//! Certificates of the two authorities.

use std::ops::Deref;

use super::general_name::authority_kind;
use super::{Certificate, CertificateError, fields};
use crate::asn1::tag;
use crate::extension::Criticality::{Critical, NotCritical};
use crate::key_id::KeyId;
use crate::oid;
use crate::profile::{CertKind, Profile};

/// keyCertSign and cRLSign, and nothing else, as a BIT STRING (docs/jpki.md §2).
const KEY_USAGE: [u8; 4] = [0x03, 0x02, 0x01, 0x06];
/// basicConstraints { cA TRUE } without a path length.
const BASIC_CONSTRAINTS: [u8; 5] = [0x30, 0x03, 0x01, 0x01, 0xff];

/// Who signed a list or an answer: a name, a key, and the certificate that joins them.
///
/// Every [`CaCertificate`] is one. An authority outside the profile can be one too, but never an anchor.
#[derive(Debug, Clone)]
pub struct Issuer {
    certificate: Certificate,
    kind: CertKind,
    key_id: KeyId,
}

/// The self-issued certificate of an authority: an anchor only once somebody put it among the anchors.
#[derive(Debug, Clone)]
pub struct CaCertificate(Issuer);

impl CaCertificate {
    /// Reads an authority's certificate and checks its profile; the signature is not checked here.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn parse(der: &[u8], profile: &Profile) -> Result<Self, CertificateError> {
        let fields::Read { certificate, mut extensions, issuer, subject } =
            fields::read(der, profile.algorithms)?;
        if issuer.raw() != subject.raw() {
            return Err(CertificateError::NotSelfIssued);
        }
        let kind = authority_kind(&subject, profile.organisation)?.ok_or(CertificateError::AuthorityName)?;
        let usage = extensions.require(oid::KEY_USAGE, Critical)?;
        if usage.value(tag::BIT_STRING)?.raw() != KEY_USAGE {
            return Err(CertificateError::KeyUsage);
        }
        let constraints = extensions.require(oid::BASIC_CONSTRAINTS, Critical)?;
        if constraints.value(tag::SEQUENCE)?.raw() != BASIC_CONSTRAINTS {
            return Err(CertificateError::BasicConstraints);
        }
        let key_id = extensions.require(oid::SUBJECT_KEY_IDENTIFIER, NotCritical)?;
        let key_id = key_id.value(tag::OCTET_STRING)?;
        let key_id = KeyId::from_octets(key_id.content()).ok_or_else(|| key_id.error("key identifier"))?;
        extensions.finish()?;
        Ok(Self(Issuer { certificate, kind, key_id }))
    }
}

impl Issuer {
    /// An authority of no profile, for judging corpora; whether it may issue at all is for the caller to check.
    pub(super) const fn outside(certificate: Certificate, key_id: KeyId) -> Self {
        // Nothing tells what such an authority is for, and nothing that asks can be reached with it.
        Self { certificate, kind: CertKind::Authentication, key_id }
    }

    /// Which of the card's certificates it issues.
    #[must_use]
    pub const fn kind(&self) -> CertKind {
        self.kind
    }

    /// Its name, DER; all generations share it.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        self.certificate.subject()
    }

    /// Its key: what tells the generations apart.
    #[must_use]
    pub const fn subject_key_id(&self) -> &KeyId {
        &self.key_id
    }
}

impl Deref for Issuer {
    type Target = Certificate;

    fn deref(&self) -> &Certificate {
        &self.certificate
    }
}

impl Deref for CaCertificate {
    type Target = Issuer;

    fn deref(&self) -> &Issuer {
        &self.0
    }
}
