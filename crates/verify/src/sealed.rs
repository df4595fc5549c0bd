//! Evidence on its way to the one provider that may open it (委託): HPKE, RFC 9180.

use std::fmt;

use enishi_party::ContractId;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal};

use crate::{Evidence, EvidenceError};

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type EncappedKey = <X25519HkdfSha256 as Kem>::EncappedKey;

/// RFC 9180 §5.1: what the keys are for.
const INFO: &[u8] = b"enishi evidence 1";
/// Octets of an X25519 key, and so of the encapsulated key that leads a sealed evidence.
const KEY_OCTETS: usize = 32;
/// Largest sealed evidence: token, chain and an OCSP answer are under 12 KiB.
const SEALED_OCTETS_MAX: usize = 16 * 1024;

/// Why evidence cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not an X25519 key of 32 octets.
    #[error("not an X25519 key of 32 octets")]
    Key,
    /// Larger than any evidence, or too short to be one.
    #[error("sealed evidence of {octets} octets, 48 to {SEALED_OCTETS_MAX} expected")]
    Size {
        /// Its size.
        octets: usize,
    },
    /// Sealed to another key, for another contract, or changed.
    #[error("the evidence does not open: another key or contract, or it was changed")]
    Closed,
    /// What was in it is no evidence.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

/// A provider's public key for evidence.
#[derive(Clone)]
pub struct SealingKey(PublicKey);

/// A provider's private key for evidence.
pub struct OpeningKey(PrivateKey);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpeningKey(…)")
    }
}

impl SealingKey {
    /// Takes 32 octets.
    ///
    /// # Errors
    /// [`SealError::Key`]
    pub fn from_octets(octets: &[u8]) -> Result<Self, SealError> {
        PublicKey::from_bytes(octets).map(Self).map_err(|_| SealError::Key)
    }

    /// The 32 octets.
    #[must_use]
    pub fn to_octets(&self) -> [u8; KEY_OCTETS] {
        self.0.to_bytes().into()
    }

    /// Seals evidence for one contract: encapsulated key (32), then ciphertext and tag.
    ///
    /// # Errors
    /// The key is a point of low order.
    pub fn seal(&self, evidence: &Evidence, contract: &ContractId) -> Result<Vec<u8>, SealError> {
        let plain = evidence.to_cbor();
        let (encapped, cipher) = single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &self.0,
            INFO,
            &plain,
            contract.as_str().as_bytes(),
        )
        .map_err(|_| SealError::Key)?;
        Ok([encapped.to_bytes().as_slice(), &cipher].concat())
    }
}

impl OpeningKey {
    /// Derives a key pair from 32 random octets.
    #[must_use]
    pub fn from_random(random: [u8; KEY_OCTETS]) -> (Self, SealingKey) {
        let (private, public) = X25519HkdfSha256::derive_keypair(&random);
        (Self(private), SealingKey(public))
    }

    /// Takes 32 octets.
    ///
    /// # Errors
    /// [`SealError::Key`]
    pub fn from_octets(octets: &[u8]) -> Result<Self, SealError> {
        PrivateKey::from_bytes(octets).map(Self).map_err(|_| SealError::Key)
    }

    /// The 32 octets, for the key file.
    #[must_use]
    pub fn expose_octets(&self) -> [u8; KEY_OCTETS] {
        self.0.to_bytes().into()
    }

    /// Opens evidence that was sealed for one contract.
    ///
    /// # Errors
    /// [`SealError`]
    pub fn open(&self, sealed: &[u8], contract: &ContractId) -> Result<Evidence, SealError> {
        let size = SealError::Size { octets: sealed.len() };
        if sealed.len() > SEALED_OCTETS_MAX {
            return Err(size);
        }
        let (encapped, cipher) = sealed.split_at_checked(KEY_OCTETS).ok_or(size)?;
        let encapped = EncappedKey::from_bytes(encapped).map_err(|_| SealError::Closed)?;
        let plain = single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.0,
            &encapped,
            INFO,
            cipher,
            contract.as_str().as_bytes(),
        )
        .map_err(|_| SealError::Closed)?;
        Ok(Evidence::from_cbor(&plain)?)
    }
}
