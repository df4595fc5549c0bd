//! CertID: how a question names a certificate (RFC 6960 §4.1.1).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use enishi_jpki::asn1::{Element, encode, encode_all, tag};
use enishi_jpki::{CaCertificate, Certificate, Serial, oid};

use super::OcspError;

/// SHA-1, because RFC 5019 §2.1.1 makes every responder know it; nothing rests on its strength: the answer is
/// compared with what was asked and is signed with a better hash.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct CertId {
    name_hash: Vec<u8>,
    key_hash: Vec<u8>,
    serial: Serial,
}

impl CertId {
    pub(super) fn new(issuer: &CaCertificate, serial: Serial) -> Self {
        Self {
            name_hash: digest(&SHA1_FOR_LEGACY_USE_ONLY, issuer.subject_der()).as_ref().to_vec(),
            key_hash: key_hash(issuer),
            serial,
        }
    }

    pub(super) const fn serial(&self) -> &Serial {
        &self.serial
    }

    pub(super) fn to_der(&self) -> Vec<u8> {
        let sha1 = encode(tag::OID, oid::SHA1.as_bytes());
        let algorithm = encode_all(tag::SEQUENCE, &[&sha1, &[tag::NULL, 0]]);
        encode_all(
            tag::SEQUENCE,
            &[
                &algorithm,
                &encode(tag::OCTET_STRING, &self.name_hash),
                &encode(tag::OCTET_STRING, &self.key_hash),
                &self.serial.expose_der(),
            ],
        )
    }

    /// Reads the CertID of an answer; one under another hash is not what was asked.
    pub(super) fn read(element: &Element<'_>) -> Result<Self, OcspError> {
        let mut parts = element.inside();
        let mut algorithm = parts.expect(tag::SEQUENCE)?.inside();
        let hash = algorithm.expect(tag::OID)?.object_identifier()?;
        // Responders write the parameters of SHA-1 as NULL or leave them out.
        algorithm.optional(tag::NULL)?;
        algorithm.finish()?;
        let name_hash = parts.expect(tag::OCTET_STRING)?.content().to_vec();
        let key_hash = parts.expect(tag::OCTET_STRING)?.content().to_vec();
        let serial = Serial::from_der_content(parts.expect(tag::INTEGER)?.content())?;
        parts.finish()?;
        if hash != oid::SHA1 {
            return Err(OcspError::OtherCertificate);
        }
        Ok(Self { name_hash, key_hash, serial })
    }
}

/// The hash by which OCSP names a key: SHA-1 over the BIT STRING's octets.
pub(super) fn key_hash(certificate: &Certificate) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate.public_key_octets()).as_ref().to_vec()
}
