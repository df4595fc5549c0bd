use std::fmt;

use enishi_party::SurrogatePan;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::field::{BLOCK_LENGTH, RANDOM_LENGTH, pan_field, pin_field, read_pin_field};
use crate::{IssuerPin, PinKey};

/// An enciphered PIN block of format 4. Never stored or logged, not even enciphered (PCI PIN, PCI DSS 3.3.3).
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct PinBlock([u8; BLOCK_LENGTH]);

/// The block does not decipher to a PIN under this key and surrogate number.
///
/// Says no more on purpose: which check failed would make the holder of a block an oracle. A provider counts it apart
/// from wrong PINs and limits its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the PIN block does not decipher to a PIN under this key and number")]
pub struct PinBlockError;

/// Enciphers a PIN over a surrogate number (format 4); `random` must come from a cryptographic source.
#[must_use]
pub fn seal(pin: &IssuerPin, pan: &SurrogatePan, key: &PinKey, random: [u8; RANDOM_LENGTH]) -> PinBlock {
    // ISO 9564-1 §9.4.2.5: encipher the PIN field, add the PAN field, encipher again.
    let mut block = pin_field(pin, random);
    key.encipher(&mut block);
    add(&mut block, &pan_field(pan));
    key.encipher(&mut block);
    PinBlock(*block)
}

/// Re-enciphers a block for the next zone, over the same number.
///
/// There is no call that changes the number: PCI PIN 3-3 forbids it, and the provider itself turns it into an account.
///
/// # Errors
/// The block is none of `from` and `pan`.
pub fn translate(
    block: &PinBlock,
    pan: &SurrogatePan,
    from: &PinKey,
    to: &PinKey,
    random: [u8; RANDOM_LENGTH],
) -> Result<PinBlock, PinBlockError> {
    open(block, pan, from).map(|pin| seal(&pin, pan, to, random))
}

/// Deciphers a block: for the provider alone.
///
/// # Errors
/// The block is none of `key` and `pan`; that is no wrong PIN.
pub fn open(block: &PinBlock, pan: &SurrogatePan, key: &PinKey) -> Result<IssuerPin, PinBlockError> {
    let mut field = zeroize::Zeroizing::new(block.0);
    key.decipher(&mut field);
    add(&mut field, &pan_field(pan));
    key.decipher(&mut field);
    read_pin_field(&field).ok_or(PinBlockError)
}

impl PinBlock {
    /// Takes 16 octets as they came; whether they are a block is found on opening.
    #[must_use]
    pub const fn from_octets(octets: [u8; BLOCK_LENGTH]) -> Self {
        Self(octets)
    }

    /// The 16 octets, for the message that carries them.
    #[must_use]
    pub const fn expose_octets(&self) -> &[u8; BLOCK_LENGTH] {
        &self.0
    }
}

impl fmt::Debug for PinBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinBlock(…)")
    }
}

fn add(block: &mut [u8; BLOCK_LENGTH], other: &[u8; BLOCK_LENGTH]) {
    for (octet, other) in block.iter_mut().zip(other) {
        *octet ^= other;
    }
}

#[cfg(test)]
mod tests;
