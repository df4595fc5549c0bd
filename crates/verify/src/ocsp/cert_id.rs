//! CertID: how a question names a certificate (RFC 6960 §4.1.1).

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use enishi_jpki::asn1::{Element, encode, encode_all, tag};
use enishi_jpki::{Certificate, Issuer, Serial, oid};

use super::OcspError;

/// The hash of a CertID. We ask under SHA-1, because RFC 5019 §2.1.1 makes every responder know it; nothing rests on
/// its strength: the answer is compared with what was asked and is signed with a better hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CertHash {
    Sha1,
    /// Never asked with by the product; answers to others' questions may be under it.
    Sha256,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct CertId {
    hash: CertHash,
    name_hash: Vec<u8>,
    key_hash: Vec<u8>,
    serial: Serial,
}

impl CertId {
    pub(super) fn new(hash: CertHash, issuer: &Issuer, serial: Serial) -> Self {
        let of = |octets: &[u8]| digest(hash.algorithm(), octets).as_ref().to_vec();
        Self { hash, name_hash: of(issuer.subject_der()), key_hash: of(issuer.public_key_octets()), serial }
    }

    pub(super) const fn hash(&self) -> CertHash {
        self.hash
    }

    pub(super) const fn serial(&self) -> &Serial {
        &self.serial
    }

    pub(super) fn to_der(&self) -> Vec<u8> {
        let hash = encode(tag::OID, self.hash.oid().as_bytes());
        let algorithm = encode_all(tag::SEQUENCE, &[&hash, &[tag::NULL, 0]]);
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

    /// Reads the CertID of an answer; one under a hash that nobody asks with is not what was asked.
    pub(super) fn read(element: &Element<'_>) -> Result<Self, OcspError> {
        let mut parts = element.inside();
        let mut algorithm = parts.expect(tag::SEQUENCE)?.inside();
        let hash = algorithm.expect(tag::OID)?.object_identifier()?;
        // Responders write the parameters as NULL or leave them out.
        algorithm.optional(tag::NULL)?;
        algorithm.finish()?;
        let name_hash = parts.expect(tag::OCTET_STRING)?.content().to_vec();
        let key_hash = parts.expect(tag::OCTET_STRING)?.content().to_vec();
        let serial = Serial::from_der_content(parts.expect(tag::INTEGER)?.content())?;
        parts.finish()?;
        let hash = CertHash::ALL.into_iter().find(|known| known.oid() == hash);
        let hash = hash.ok_or(OcspError::OtherCertificate)?;
        Ok(Self { hash, name_hash, key_hash, serial })
    }
}

impl CertHash {
    pub(crate) const ALL: [Self; 2] = [Self::Sha1, Self::Sha256];

    const fn oid(self) -> oid::Oid {
        /// SHA-256 (RFC 5754 §2.2).
        const SHA256_OID: oid::Oid = oid::Oid::new_unwrap("2.16.840.1.101.3.4.2.1");
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => SHA256_OID,
        }
    }

    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
        }
    }
}

/// The hash by which OCSP names a key: SHA-1 over the BIT STRING's octets.
pub(super) fn key_hash(certificate: &Certificate) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate.public_key_octets()).as_ref().to_vec()
}
