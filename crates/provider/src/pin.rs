use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use enishi_pinblock::IssuerPin;

use crate::Pan;

/// Wrong PINs in a row after which a card takes no more: the usual three.
pub const PIN_TRIES: u8 = 3;

/// Octets that are kept of the HMAC.
const VALUE_LENGTH: usize = 16;

/// Keeps these values apart from anything else that might ever be computed under the same key.
const DOMAIN: &[u8] = b"enishi provider PIN verification value v1\0";

/// The company's key for PIN verification values. An operator keeps it in a security module, away from the database.
pub struct PinVerificationKey(hmac::Key);

/// What a card's PIN is checked against: HMAC-SHA-256 over (card number ‖ PIN), cut to 16 octets.
///
/// Not the four-digit PVV of the card networks: with so few digits, 1 in 10,000 wrong PINs would pass, and there is no
/// network here that needs it. Bound to the card number, so that the value cannot be carried to another card. Without
/// the key it says nothing; with it, 10,000 trials find a PIN, which is why the key is not in the database.
#[derive(Clone)]
pub struct PinVerificationValue([u8; VALUE_LENGTH]);

/// A card's PIN: what checks it, and how many wrong ones came in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinRecord {
    /// What checks it.
    pub value: PinVerificationValue,
    /// Wrong PINs since the last right one.
    pub wrong_tries: u8,
}

impl PinVerificationKey {
    /// Takes 32 octets from a cryptographic source.
    #[must_use]
    pub fn from_octets(octets: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, octets))
    }

    /// The value of a PIN for a card.
    #[must_use]
    pub fn value(&self, pan: &Pan, pin: &IssuerPin) -> PinVerificationValue {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(DOMAIN);
        for part in [pan.expose().as_bytes(), pin.expose_digits()] {
            // Neither has more than 19 digits, so one octet of length tells them apart.
            context.update(&[u8::try_from(part.len()).unwrap_or(u8::MAX)]);
            context.update(part);
        }
        let mut value = [0; VALUE_LENGTH];
        for (octet, computed) in value.iter_mut().zip(context.sign().as_ref()) {
            *octet = *computed;
        }
        PinVerificationValue(value)
    }
}

impl fmt::Debug for PinVerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinVerificationKey(…)")
    }
}

impl PinVerificationValue {
    /// Takes the octets that a store kept.
    #[must_use]
    pub const fn from_octets(octets: [u8; VALUE_LENGTH]) -> Self {
        Self(octets)
    }

    /// The octets, for the store alone.
    #[must_use]
    pub const fn expose_octets(&self) -> &[u8; VALUE_LENGTH] {
        &self.0
    }
}

/// In constant time.
impl PartialEq for PinVerificationValue {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for PinVerificationValue {}

impl fmt::Debug for PinVerificationValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinVerificationValue(…)")
    }
}

#[cfg(test)]
mod tests;
