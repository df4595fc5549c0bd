//! What the holder knows: the PIN of the authentication key and the password of the signing key.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A text that cannot be the secret it was given as; it is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// The PIN of the authentication key has exactly four digits.
    #[error("the PIN is four digits; enter the one set at the municipal office")]
    AuthPin,
    /// The password of the signing key has 6 to 16 letters and digits.
    #[error("the signing password is 6 to 16 letters A-Z and digits")]
    SigningPassword,
}

/// 利用者証明用電子証明書の暗証番号: four digits, checked by the card alone.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct AuthPin([u8; 4]);

impl AuthPin {
    /// Reads four ASCII digits.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, PinError> {
        let digits: [u8; 4] = text.as_bytes().try_into().map_err(|_| PinError::AuthPin)?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Self(digits)) } else { Err(PinError::AuthPin) }
    }

    /// The digits, for the VERIFY command and nothing else.
    #[must_use]
    pub const fn expose_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for AuthPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthPin(…)")
    }
}

/// 署名用電子証明書の暗証番号: 6 to 16 of A-Z and 0-9, checked by the card alone.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SigningPassword(Vec<u8>);

impl SigningPassword {
    /// Reads the password; lower case becomes upper case, because the card compares bytes (docs/jpki.md §1).
    ///
    /// # Errors
    /// Another length or character.
    pub fn parse(text: &str) -> Result<Self, PinError> {
        if (6..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(text.bytes().map(|b| b.to_ascii_uppercase()).collect()))
        } else {
            Err(PinError::SigningPassword)
        }
    }

    /// The characters, for the VERIFY command and nothing else.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SigningPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{AuthPin, SigningPassword};

    #[test]
    fn the_pin_is_four_digits_and_never_printed() {
        let pin = AuthPin::parse("4071").unwrap();
        assert_eq!(pin.expose_bytes(), b"4071");
        assert!(!format!("{pin:?}").contains("4071"));
        for text in ["", "407", "40711", "407a", "４０７１"] {
            assert!(AuthPin::parse(text).is_err());
        }
    }

    #[test]
    fn the_password_is_upper_cased_for_the_card() {
        assert_eq!(SigningPassword::parse("abc123").unwrap().expose_bytes(), b"ABC123");
        for text in ["ABC12", "ABCDEFGH123456789", "ABC-123", "ＡＢＣ１２３"] {
            assert!(SigningPassword::parse(text).is_err());
        }
    }
}
