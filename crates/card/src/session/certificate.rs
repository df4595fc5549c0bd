//! Reading a certificate within bounds, and the key in it.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use der::{Decode, oid::ObjectIdentifier};
use myna_card::tlv::ber;
use myna_card::{Card, Error, Transmit};
use x509_cert::Certificate;

use super::document::DigestInfo;
use super::words::Step;
use crate::CardImage;
use crate::error::CardError;

/// The bytes of a short READ BINARY.
const BLOCK_LEN: usize = 256;

/// rsaEncryption (RFC 8017 A.1).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The tag of a SEQUENCE.
const SEQUENCE: u32 = 0x30;

/// Reads one certificate; what stands behind it in the file is left out.
///
/// The length that the card claims is checked before anything is allocated for it, which the reading function of
/// `myna-card` does not do.
pub(super) fn read<T: Transmit>(card: &mut Card<T>, file: u16) -> myna_card::Result<Vec<u8>> {
    let refused = || Error::Malformed("not a certificate".to_owned());
    card.select_ef(file)?;
    let mut der = card.read_binary_chunk(0, 256)?;
    let header = ber::parse_header(&der)?;
    if header.tag != SEQUENCE || header.length > CardImage::MAX_CERTIFICATE_LEN {
        return Err(refused());
    }
    let total = header.total_len();
    if total > der.len() {
        if der.len() != BLOCK_LEN {
            return Err(refused());
        }
        let rest = card.read_binary(der.len(), total - der.len())?;
        der.extend_from_slice(&rest);
    }
    if der.len() < total {
        return Err(refused());
    }
    der.truncate(total);
    Ok(der)
}

/// The public key of a certificate, taken without any judgement of the certificate.
pub(super) struct PublicKey(UnparsedPublicKey<Vec<u8>>);

impl PublicKey {
    /// Takes the key out.
    pub(super) fn of(certificate: &[u8]) -> Result<Self, CardError> {
        let refused = CardError::Protocol { step: Step::Certificate, status: None };
        let Ok(certificate) = Certificate::from_der(certificate) else {
            return Err(refused);
        };
        let info = certificate.tbs_certificate().subject_public_key_info();
        if info.algorithm.oid != RSA_ENCRYPTION {
            return Err(CardError::UnknownKey);
        }
        let bytes = info.subject_public_key.as_bytes().ok_or(refused)?.to_vec();
        Ok(Self(UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, bytes)))
    }

    /// Checks that the card which signed is the card which showed the certificate.
    pub(super) fn check(&self, info: &DigestInfo, signature: &[u8]) -> Result<(), CardError> {
        self.0
            .verify_digest(info.digest(), signature)
            .map_err(|_| CardError::CardSwapped { step: Step::Sign })
    }
}
