use std::fmt;

use enishi_party::Malformed;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// ISO 9564-1 §8.1: a PIN has 4 to 12 digits.
pub(crate) const PIN_DIGITS_MIN: usize = 4;

/// See [`PIN_DIGITS_MIN`].
pub(crate) const PIN_DIGITS_MAX: usize = 12;

/// 暗証番号: the PIN of a card company or bank, 4 to 12 digits; another thing than the My Number Card's own PINs.
///
/// Wiped on drop, silent, and without equality: it is compared only inside the provider's verification.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct IssuerPin {
    digits: [u8; PIN_DIGITS_MAX],
    length: usize,
}

impl IssuerPin {
    /// Reads 4 to 12 ASCII digits.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        Self::from_digits(text.as_bytes()).ok_or(Malformed { noun: "issuer PIN", rule: "4 to 12 digits" })
    }

    /// The ASCII digits.
    #[must_use]
    pub fn expose_digits(&self) -> &[u8] {
        self.digits.get(..self.length).unwrap_or_default()
    }

    pub(crate) fn from_digits(text: &[u8]) -> Option<Self> {
        if !(PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&text.len()) || !text.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut digits = [0; PIN_DIGITS_MAX];
        digits.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { digits, length: text.len() })
    }
}

impl fmt::Debug for IssuerPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IssuerPin(…)")
    }
}
