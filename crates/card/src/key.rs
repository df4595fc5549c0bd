//! The private keys of a software card.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::CardError;
use crate::image::ImageFault;

mod raw;

/// Bytes in an RSA-2048 modulus and in every signature under such a key.
const RSA_2048_LEN: usize = 256;

/// The longest input of PKCS #1 v1.5 under an RSA-2048 key: k − 11 (RFC 8017 §9.2).
const VERBATIM_MAX: usize = RSA_2048_LEN - 11;

/// The DER before a SHA-256 value in a DigestInfo (RFC 8017 §9.2 note 1).
pub(crate) const SHA256_DIGEST_INFO_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// What kind of key a card carries.
///
/// The next generation of cards is announced with ECDSA on P-384; its commands are not public, so an image may
/// name the algorithm and is then refused as [`ImageFault::UnsupportedKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// RSA with 2,048 bits and e = 65537, on every card issued so far.
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    /// ECDSA over P-384 with SHA-384.
    #[serde(rename = "ecdsa-p384")]
    EcdsaP384,
}

/// A private key for a software card; clones share one key, so a population may use a small pool.
#[derive(Clone)]
pub struct CardKey(Arc<Material>);

/// The key by algorithm.
enum Material {
    Rsa2048(Rsa2048),
}

/// An RSA key twice over: for the padded schemes, and as numbers for the bare private operation.
struct Rsa2048 {
    pair: KeyPair,
    numbers: raw::PrivateNumbers,
    pkcs8: Zeroizing<Vec<u8>>,
}

/// How the card pads: P1 of its signing command.
///
/// The table is that of the crate `myna-card`, whose author exercised every P1 on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// 00: PKCS #1 v1.5 over the input as it is.
    Verbatim,
    /// 01: PKCS #1 v1.5 over the bare SHA-256 of the input.
    BareSha256,
    /// 02: the input is a SHA-256 value; the card adds the DigestInfo.
    PreHashed,
    /// 03: SHA-256 and DigestInfo by the card.
    DigestInfo,
    /// 04: the input is a SHA-256 value, padded by PSS.
    PreHashedPss,
    /// 05: SHA-256 by the card, PSS.
    Pss,
}

/// Why the key did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignFault {
    /// The input has a length that the scheme does not take.
    Input,
    /// The cryptographic library failed.
    Library,
}

impl CardKey {
    /// Takes a private key in PKCS #8 DER.
    ///
    /// # Errors
    /// [`ImageFault::UnsupportedKey`] for an algorithm that the software card cannot use yet, and
    /// [`ImageFault::Key`] if the bytes are not such a key.
    pub fn from_pkcs8(algorithm: KeyAlgorithm, pkcs8: &[u8]) -> Result<Self, CardError> {
        match algorithm {
            KeyAlgorithm::Rsa2048 => Ok(Self(Arc::new(Material::Rsa2048(Rsa2048::from_pkcs8(pkcs8)?)))),
            KeyAlgorithm::EcdsaP384 => Err(ImageFault::UnsupportedKey { algorithm }.into()),
        }
    }

    /// Makes a new key; an RSA key takes about 60 ms.
    ///
    /// # Errors
    /// As [`CardKey::from_pkcs8`].
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, CardError> {
        match algorithm {
            KeyAlgorithm::Rsa2048 => {
                let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| ImageFault::Key)?;
                let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| ImageFault::Key)?;
                Self::from_pkcs8(algorithm, pkcs8.as_ref())
            }
            KeyAlgorithm::EcdsaP384 => Err(ImageFault::UnsupportedKey { algorithm }.into()),
        }
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        match *self.0 {
            Material::Rsa2048(_) => KeyAlgorithm::Rsa2048,
        }
    }

    /// The public half as a DER SubjectPublicKeyInfo, for whoever issues the certificate.
    ///
    /// # Errors
    /// [`ImageFault::Key`] if the library cannot encode it.
    pub fn public_key_der(&self) -> Result<Vec<u8>, CardError> {
        match &*self.0 {
            Material::Rsa2048(key) => {
                let spki: PublicKeyX509Der<'_> =
                    key.pair.public_key().as_der().map_err(|_| ImageFault::Key)?;
                Ok(spki.as_ref().to_vec())
            }
        }
    }

    /// The private key in PKCS #8 DER.
    #[must_use]
    pub fn expose_pkcs8(&self) -> &[u8] {
        match &*self.0 {
            Material::Rsa2048(key) => &key.pkcs8,
        }
    }

    /// The public modulus, big-endian, 256 bytes.
    pub(crate) fn modulus(&self) -> &[u8; RSA_2048_LEN] {
        match &*self.0 {
            Material::Rsa2048(key) => key.numbers.modulus(),
        }
    }

    /// How long every signature is.
    pub(crate) fn signature_len(&self) -> usize {
        match &*self.0 {
            Material::Rsa2048(key) => key.pair.public_modulus_len(),
        }
    }

    /// Signs as the card does.
    pub(crate) fn sign(&self, scheme: Scheme, input: &[u8]) -> Result<Vec<u8>, SignFault> {
        match &*self.0 {
            Material::Rsa2048(key) => key.sign(scheme, input),
        }
    }
}

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CardKey").field(&self.algorithm()).finish()
    }
}

impl Scheme {
    /// The scheme that P1 names.
    pub(crate) fn from_p1(p1: u8) -> Option<Self> {
        Some(match p1 {
            0x00 => Self::Verbatim,
            0x01 => Self::BareSha256,
            0x02 => Self::PreHashed,
            0x03 => Self::DigestInfo,
            0x04 => Self::PreHashedPss,
            0x05 => Self::Pss,
            _ => return None,
        })
    }
}

impl Rsa2048 {
    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, CardError> {
        let pair = KeyPair::from_pkcs8(pkcs8).map_err(|_| ImageFault::Key)?;
        if pair.public_modulus_len() != RSA_2048_LEN {
            return Err(ImageFault::Key.into());
        }
        let numbers = raw::PrivateNumbers::from_pkcs8(pkcs8).ok_or(ImageFault::Key)?;
        Ok(Self { pair, numbers, pkcs8: Zeroizing::new(pkcs8.to_vec()) })
    }

    fn sign(&self, scheme: Scheme, input: &[u8]) -> Result<Vec<u8>, SignFault> {
        if input.is_empty() {
            return Err(SignFault::Input);
        }
        match scheme {
            // A SHA-256 DigestInfo, which is nearly all that cards are given, is ten times cheaper by the library.
            Scheme::Verbatim => match input.strip_prefix(&SHA256_DIGEST_INFO_PREFIX) {
                Some(hash) if hash.len() == digest::SHA256_OUTPUT_LEN => self.sign(Scheme::PreHashed, hash),
                _ => self.pad_and_sign(input),
            },
            Scheme::BareSha256 => self.pad_and_sign(digest::digest(&digest::SHA256, input).as_ref()),
            Scheme::PreHashed => self.sign_hash(&RSA_PKCS1_SHA256, input),
            Scheme::DigestInfo => {
                self.sign_hash(&RSA_PKCS1_SHA256, digest::digest(&digest::SHA256, input).as_ref())
            }
            Scheme::PreHashedPss => self.sign_hash(&RSA_PSS_SHA256, input),
            Scheme::Pss => self.sign_hash(&RSA_PSS_SHA256, digest::digest(&digest::SHA256, input).as_ref()),
        }
    }

    fn sign_hash(
        &self,
        padding: &'static dyn aws_lc_rs::signature::RsaEncoding,
        hash: &[u8],
    ) -> Result<Vec<u8>, SignFault> {
        let hash = digest::Digest::import_less_safe(hash, &digest::SHA256).map_err(|_| SignFault::Input)?;
        let mut signature = vec![0; RSA_2048_LEN];
        self.pair.sign_digest(padding, &hash, &mut signature).map_err(|_| SignFault::Library)?;
        Ok(signature)
    }

    /// PKCS #1 v1.5 over bytes that need not be a DigestInfo.
    fn pad_and_sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignFault> {
        // RFC 8017 §9.2: 00 01 FF…FF 00 T
        let Some(fill) = VERBATIM_MAX.checked_sub(payload.len()) else {
            return Err(SignFault::Input);
        };
        let mut block = vec![0x00, 0x01];
        block.resize(2 + 8 + fill, 0xFF);
        block.push(0x00);
        block.extend_from_slice(payload);
        let block = block.try_into().map_err(|_| SignFault::Library)?;
        Ok(self.numbers.private_operation(&block).to_vec())
    }
}

#[cfg(test)]
mod tests;
