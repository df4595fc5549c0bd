use std::fmt;
use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use enishi_party::{Entropy, Malformed};
use zeroize::Zeroizing;

/// Rounds of PBKDF2-HMAC-SHA-256: the figure of OWASP's password storage cheat sheet.
pub const PASSWORD_ROUNDS: NonZeroU32 = match NonZeroU32::new(600_000) {
    Some(rounds) => rounds,
    None => NonZeroU32::MAX,
};

/// Octets of salt (NIST SP 800-132 §5.1 asks for 16).
const SALT_LENGTH: usize = 16;

/// Octets of the derived key: what SHA-256 gives at once.
const HASH_LENGTH: usize = 32;

/// Length of a password in characters (NIST SP 800-63B §5.1.1.2 counts each code point as one).
const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=256;

/// A password for the company's app, wiped and silent.
pub struct Password(Zeroizing<String>);

/// What a password is checked against: salt, rounds and the derived key (RFC 8018 §5.2).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    /// Random.
    pub salt: [u8; SALT_LENGTH],
    /// Rounds it was made with, so that the figure can grow.
    pub rounds: NonZeroU32,
    /// The derived key.
    pub hash: [u8; HASH_LENGTH],
}

impl Password {
    /// Takes 8 to 256 characters of any text.
    ///
    /// # Errors
    /// Another length.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if PASSWORD_CHARACTERS.contains(&text.chars().count()) {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            Err(Malformed { noun: "password", rule: "8 to 256 characters" })
        }
    }
}

impl<'de> serde::Deserialize<'de> for Password {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(<String as serde::Deserialize>::deserialize(deserializer)?);
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl PasswordHash {
    /// Hashes a password; takes as long as the rounds say.
    #[must_use]
    pub fn new(password: &Password, rounds: NonZeroU32, entropy: &dyn Entropy) -> Self {
        let salt = entropy.octets();
        let mut hash = [0; HASH_LENGTH];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, password.0.as_bytes(), &mut hash);
        Self { salt, rounds, hash }
    }

    /// A hash that no password has been made for: checking against it costs what checking a real one costs.
    #[must_use]
    pub const fn nobody(rounds: NonZeroU32) -> Self {
        Self { salt: [0; SALT_LENGTH], rounds, hash: [0; HASH_LENGTH] }
    }

    /// Whether this is the password; in constant time apart from the rounds.
    #[must_use]
    pub fn is_of(&self, password: &Password) -> bool {
        let (rounds, salt) = (self.rounds, &self.salt);
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, password.0.as_bytes(), &self.hash).is_ok()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}
