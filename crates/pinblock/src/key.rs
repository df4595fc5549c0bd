use std::fmt;

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};

use crate::field::BLOCK_LENGTH;

/// A zone key for PIN blocks: AES with 128, 192 or 256 bits, wiped on drop.
pub struct PinKey(Schedule);

/// A key of another length than AES has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PIN key must have 16, 24 or 32 octets, not {length}")]
pub struct PinKeyError {
    /// Octets found.
    pub length: usize,
}

enum Schedule {
    Aes128(Box<Aes128>),
    Aes192(Box<Aes192>),
    Aes256(Box<Aes256>),
}

impl PinKey {
    /// Takes 16, 24 or 32 octets; the caller wipes its own copy.
    ///
    /// # Errors
    /// Another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PinKeyError> {
        let wrong = |_| PinKeyError { length: bytes.len() };
        match bytes.len() {
            16 => Aes128::new_from_slice(bytes).map(|key| Self(Schedule::Aes128(Box::new(key)))),
            24 => Aes192::new_from_slice(bytes).map(|key| Self(Schedule::Aes192(Box::new(key)))),
            _ => Aes256::new_from_slice(bytes).map(|key| Self(Schedule::Aes256(Box::new(key)))),
        }
        .map_err(wrong)
    }

    pub(crate) fn encipher(&self, block: &mut [u8; BLOCK_LENGTH]) {
        let mut array = Array::from(*block);
        match &self.0 {
            Schedule::Aes128(key) => key.encrypt_block(&mut array),
            Schedule::Aes192(key) => key.encrypt_block(&mut array),
            Schedule::Aes256(key) => key.encrypt_block(&mut array),
        }
        *block = array.into();
    }

    pub(crate) fn decipher(&self, block: &mut [u8; BLOCK_LENGTH]) {
        let mut array = Array::from(*block);
        match &self.0 {
            Schedule::Aes128(key) => key.decrypt_block(&mut array),
            Schedule::Aes192(key) => key.decrypt_block(&mut array),
            Schedule::Aes256(key) => key.decrypt_block(&mut array),
        }
        *block = array.into();
        zeroize::Zeroize::zeroize(&mut array[..]);
    }
}

impl fmt::Debug for PinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinKey(…)")
    }
}
