//! AES-256-GCM under the folder's own key: each file bound to its terminal and Idempotency-Key.

use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use enishi_party::{Entropy, IdempotencyKey, TerminalId};
use zeroize::Zeroizing;

use super::{disk, folder_error, journal_error};
use crate::{JournalFault, TerminalError};

/// AES-256.
const KEY_OCTETS: usize = 32;

/// Largest key file that is read; any other length than a key's is refused after.
const FILE_OCTETS: u64 = 64;

/// What the tag covers beside the content; another version has another name.
const PURPOSE: &str = "enishi terminal pending request 1";

pub(super) struct SealKey(LessSafeKey);

impl SealKey {
    /// Reads the folder's key, or makes it.
    pub(super) fn open(path: &Path, entropy: &dyn Entropy) -> Result<Self, TerminalError> {
        let error = |source| folder_error(path, source);
        if !path.try_exists().map_err(error)? {
            let made = Zeroizing::new(entropy.octets::<KEY_OCTETS>());
            disk::replace(path, made.as_slice()).map_err(error)?;
        }
        let malformed = || journal_error(path, JournalFault::Malformed);
        let octets = Zeroizing::new(disk::read(path, FILE_OCTETS).map_err(error)?.ok_or_else(malformed)?);
        let key = UnboundKey::new(&AES_256_GCM, &octets).map_err(|_| malformed())?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// nonce (12) ‖ ciphertext ‖ tag (16). The nonce is random: a terminal seals some hundred thousand files a year,
    /// far from the 2³² that 96 random bits allow under one key (NIST SP 800-38D §8.3).
    pub(super) fn seal(
        &self,
        clear: &[u8],
        terminal: &TerminalId,
        key: &IdempotencyKey,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Vec<u8>, TerminalError> {
        let mut content = clear.to_vec();
        let aad = Aad::from(bound_to(terminal, key));
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut content)
            .map_err(|_| TerminalError::Encoding)?;
        Ok([nonce.as_slice(), &content].concat())
    }

    /// `None`: altered, or sealed for another request, by another terminal or under another key.
    pub(super) fn open_sealed(
        &self,
        sealed: &[u8],
        terminal: &TerminalId,
        key: &IdempotencyKey,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, content) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut content = Zeroizing::new(content.to_vec());
        let aad = Aad::from(bound_to(terminal, key));
        let clear = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut content).ok()?;
        let length = clear.len();
        content.truncate(length);
        Some(content)
    }
}

/// A terminal id is 13 digits and a key has no space, so no two pairs read the same.
fn bound_to(terminal: &TerminalId, key: &IdempotencyKey) -> Vec<u8> {
    format!("{PURPOSE} {terminal} {key}").into_bytes()
}
