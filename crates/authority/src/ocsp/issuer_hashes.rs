//! By what a CertID names an authority's key (RFC 6960 §4.1.1).

use aws_lc_rs::digest;

use super::request::{CertId, HashKind};
use crate::key::sha1;

/// Hashes of an issuer's name and key, made once.
pub(crate) struct IssuerHashes {
    sha1: [Vec<u8>; 2],
    sha256: [Vec<u8>; 2],
}

impl IssuerHashes {
    /// `key_bits`: the content of subjectPublicKey.
    pub(crate) fn of(name_der: &[u8], key_bits: &[u8]) -> Self {
        let sha256 = |octets: &[u8]| digest::digest(&digest::SHA256, octets).as_ref().to_vec();
        Self { sha1: [name_der, key_bits].map(sha1), sha256: [name_der, key_bits].map(sha256) }
    }

    /// Whether a CertID is about certificates of this key.
    pub(crate) fn are_in(&self, cert_id: &CertId<'_>) -> bool {
        let [name, key] = match cert_id.hash {
            HashKind::Sha1 => &self.sha1,
            HashKind::Sha256 => &self.sha256,
        };
        cert_id.issuer_key_hash == key && cert_id.issuer_name_hash == name
    }
}
