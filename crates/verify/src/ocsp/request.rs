//! The question.

use std::fmt;

use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::{EndEntity, Issuer, Serial, oid};

use super::cert_id::{CertHash, CertId};
use crate::revocation::About;

/// A question about one certificate; the answer is checked against it.
pub struct OcspRequest {
    pub(super) about: About,
    pub(super) cert_id: CertId,
    pub(super) nonce: [u8; 32],
}

impl OcspRequest {
    /// Asks about `certificate`, which `issuer` issued. `nonce` is fresh random for each question.
    #[must_use]
    pub fn new(certificate: &EndEntity, issuer: &Issuer, nonce: [u8; 32]) -> Self {
        Self {
            about: About::of(certificate),
            cert_id: CertId::new(CertHash::Sha1, issuer, certificate.serial().clone()),
            nonce,
        }
    }

    /// The question that somebody else asked about a certificate outside the profile; its nonce is compared apart.
    pub(crate) fn of_others(hash: CertHash, issuer: &Issuer, serial: &Serial) -> Self {
        Self {
            about: About::outside(issuer, serial),
            cert_id: CertId::new(hash, issuer, serial.clone()),
            nonce: [0; 32],
        }
    }

    /// The request's octets: `application/ocsp-request`, unsigned.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let requests = encode(tag::SEQUENCE, &encode(tag::SEQUENCE, &self.cert_id.to_der()));
        // RFC 9654 §2.1: the extension's value is itself an OCTET STRING.
        let nonce = encode_all(
            tag::SEQUENCE,
            &[
                &encode(tag::OID, oid::OCSP_NONCE.as_bytes()),
                &encode(tag::OCTET_STRING, &encode(tag::OCTET_STRING, &self.nonce)),
            ],
        );
        let extensions = encode(tag::context_constructed(2), &encode(tag::SEQUENCE, &nonce));
        encode(tag::SEQUENCE, &encode_all(tag::SEQUENCE, &[&requests, &extensions]))
    }
}

impl fmt::Debug for OcspRequest {
    /// A question names a serial number: prints nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OcspRequest(…)")
    }
}
