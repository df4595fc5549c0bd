//! Who may answer for an authority (RFC 6960 §4.2.2.2): itself, or a responder to which it delegated.

use enishi_jpki::asn1::{DerError, Element, tag};
use enishi_jpki::{
    Certificate, Issuer, ResponderCertificate, ResponderRevocation, SignatureAlgorithm, Validity,
};
use enishi_party::Timestamp;

use super::OcspError;
use super::cert_id::key_hash;
use crate::signature::{Form, verify};

/// A delegation needs the responder's certificate, and perhaps the authority's beside it.
const CERTIFICATES_MAX: usize = 4;

/// ResponderID: the signer by name or by key.
pub(super) enum ResponderId<'a> {
    Name(&'a [u8]),
    KeyHash(&'a [u8]),
}

impl<'a> ResponderId<'a> {
    pub(super) fn read(element: &Element<'a>) -> Result<Self, DerError> {
        const BY_NAME: u8 = tag::context_constructed(1);
        const BY_KEY: u8 = tag::context_constructed(2);
        match element.tag() {
            BY_NAME => Ok(Self::Name(element.only_inside(tag::SEQUENCE)?.raw())),
            BY_KEY => Ok(Self::KeyHash(element.only_inside(tag::OCTET_STRING)?.content())),
            _ => Err(element.error("responder by name or by key expected")),
        }
    }

    fn is(&self, subject: &[u8], certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => *name == subject,
            Self::KeyHash(hash) => *hash == key_hash(certificate),
        }
    }
}

/// The signed part of an answer, with everything that proves who signed it.
pub(super) struct Signed<'a> {
    pub(super) data: &'a [u8],
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) signature: &'a [u8],
    pub(super) certificates: Option<Element<'a>>,
}

impl Signed<'_> {
    /// Makes sure that the authority, or its own delegate, signed.
    pub(super) fn check(
        &self,
        responder: &ResponderId<'_>,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<(), OcspError> {
        if issuer.validity_at(now) != Validity::Current {
            return Err(OcspError::ResponderNotValid);
        }
        if responder.is(issuer.subject_der(), issuer) {
            return self.check_signature(issuer);
        }
        let delegate = self.delegate(responder)?;
        check_delegation(&delegate, issuer, now)?;
        self.check_signature(&delegate)
    }

    fn check_signature(&self, signer: &Certificate) -> Result<(), OcspError> {
        verify(signer, self.algorithm, Form::X509, self.data, self.signature).map_err(|_| OcspError::Forged)
    }

    /// The certificate in the answer that bears the responder's name or key.
    fn delegate(&self, responder: &ResponderId<'_>) -> Result<ResponderCertificate, OcspError> {
        let Some(certificates) = &self.certificates else { return Err(OcspError::ResponderUnknown) };
        let mut list = certificates.only_inside(tag::SEQUENCE)?.inside();
        let mut unfit = OcspError::ResponderUnknown;
        for _ in 0..CERTIFICATES_MAX {
            if list.is_empty() {
                return Err(unfit);
            }
            match ResponderCertificate::parse(list.expect(tag::SEQUENCE)?.raw()) {
                Ok(found) if responder.is(found.subject_der(), &found) => return Ok(found),
                Ok(_) => {}
                // It may be the authority's own, which comes along; told only if nothing else fits.
                Err(error) => unfit = OcspError::ResponderProfile(error),
            }
        }
        Err(if list.is_empty() { unfit } else { OcspError::TooManyCertificates })
    }
}

/// RFC 6960 §4.2.2.2: issued directly by the authority of the certificate in question, under the same key.
fn check_delegation(
    delegate: &ResponderCertificate,
    issuer: &Issuer,
    now: Timestamp,
) -> Result<(), OcspError> {
    let named = delegate.issuer_der() == issuer.subject_der()
        && delegate.issuer_key_id().is_none_or(|key_id| key_id == issuer.subject_key_id());
    if !named {
        return Err(OcspError::ResponderNotDelegated);
    }
    verify(
        issuer,
        delegate.signature_algorithm(),
        Form::X509,
        delegate.tbs_der(),
        delegate.signature_bytes(),
    )
    .map_err(|_| OcspError::ResponderNotDelegated)?;
    if delegate.validity_at(now) != Validity::Current {
        return Err(OcspError::ResponderNotValid);
    }
    match delegate.revocation() {
        ResponderRevocation::NotChecked => Ok(()),
        ResponderRevocation::Unknown => Err(OcspError::ResponderRevocationUnknown),
    }
}
