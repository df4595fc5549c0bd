//! The fields of any certificate, before its profile (RFC 5280 §4.1).

use std::sync::Arc;

use super::{CERTIFICATE_OCTETS_MAX, Certificate, CertificateError};
use crate::SignatureAlgorithm;
use crate::algorithm::KeyAlgorithm;
use crate::asn1::{Element, Reader, tag};
use crate::extension::Extensions;
use crate::serial::Serial;

/// version [0] EXPLICIT INTEGER v3(2).
const VERSION_3: [u8; 5] = [0xa0, 0x03, 0x02, 0x01, 0x02];

/// A certificate read, and its extensions still to be judged.
pub(super) struct Read<'a> {
    pub(super) certificate: Certificate,
    pub(super) extensions: Extensions<'a>,
    pub(super) issuer: Element<'a>,
    pub(super) subject: Element<'a>,
}

/// Reads the fields; `allowed` are the algorithms of keys and signatures.
pub(super) fn read<'a>(der: &'a [u8], allowed: &[SignatureAlgorithm]) -> Result<Read<'a>, CertificateError> {
    read_shared(der, allowed, || der.into())
}

/// As [`read`], where the octets are shared with somebody: `shared` are these very octets.
pub(super) fn read_shared<'a>(
    der: &'a [u8],
    allowed: &[SignatureAlgorithm],
    shared: impl FnOnce() -> Arc<[u8]>,
) -> Result<Read<'a>, CertificateError> {
    if der.len() > CERTIFICATE_OCTETS_MAX {
        return Err(CertificateError::TooLarge { octets: der.len() });
    }
    let mut outer = Reader::only(der, tag::SEQUENCE)?.inside();
    let tbs = outer.expect(tag::SEQUENCE)?;
    let outer_algorithm = outer.expect(tag::SEQUENCE)?;
    let signature = outer.expect(tag::BIT_STRING)?;
    outer.finish()?;
    signature.whole_octets()?;

    let mut fields = tbs.inside();
    match fields.optional(tag::context_constructed(0))? {
        Some(version) if version.raw() == VERSION_3 => {}
        _ => return Err(CertificateError::Version),
    }
    let serial = Serial::from_element(&fields.expect(tag::INTEGER)?)?;
    let inner_algorithm = fields.expect(tag::SEQUENCE)?;
    // RFC 5280 §4.1.1.2: "MUST contain the same algorithm identifier"; compared as encoded, parameters included.
    if inner_algorithm.raw() != outer_algorithm.raw() {
        return Err(CertificateError::AlgorithmsDiffer);
    }
    let signature_algorithm = SignatureAlgorithm::read(&inner_algorithm)?;
    let issuer = fields.expect(tag::SEQUENCE)?;
    let mut validity = fields.expect(tag::SEQUENCE)?.inside();
    let not_before = validity.any()?.x509_time()?;
    let not_after = validity.any()?.x509_time()?;
    validity.finish()?;
    if not_after < not_before {
        return Err(CertificateError::ValidityReversed);
    }
    let subject = fields.expect(tag::SEQUENCE)?;
    let spki = fields.expect(tag::SEQUENCE)?;
    let (key_algorithm, public_key) = KeyAlgorithm::read(&spki)?;
    for used in [signature_algorithm, key_algorithm.signs_with()] {
        if !allowed.contains(&used) {
            return Err(CertificateError::AlgorithmNotAllowed(used));
        }
    }
    // Version 3 without extensions is no profile of ours; unique identifiers ([1], [2]) fall to the tag.
    let extensions = fields.expect(tag::context_constructed(3))?;
    fields.finish()?;
    let extensions = Extensions::read(&extensions.only_inside(tag::SEQUENCE)?)?;

    let octets_of = |bits: Element<'_>| {
        // Behind the octet that counts unused bits, which is zero here.
        let content = bits.content_range();
        content.start.saturating_add(1)..content.end
    };
    let certificate = Certificate {
        der: shared(),
        tbs: tbs.range(),
        issuer: issuer.range(),
        subject: subject.range(),
        spki: spki.range(),
        public_key: octets_of(public_key),
        signature: octets_of(signature),
        serial,
        key_algorithm,
        signature_algorithm,
        not_before,
        not_after,
    };
    Ok(Read { certificate, extensions, issuer, subject })
}
