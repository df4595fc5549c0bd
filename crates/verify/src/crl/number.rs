//! CRL numbers.

use std::fmt;

use enishi_jpki::asn1::{DerError, Element};

/// RFC 5280 §5.2.3: at most 20 octets.
const OCTETS_MAX: usize = 20;

/// cRLNumber: grows with every list of an issuer and scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrlNumber([u8; OCTETS_MAX]);

impl CrlNumber {
    /// Takes 20 octets, big-endian.
    #[must_use]
    pub const fn from_octets(octets: [u8; OCTETS_MAX]) -> Self {
        Self(octets)
    }

    /// The number as 20 octets, big-endian.
    #[must_use]
    pub const fn as_octets(&self) -> &[u8; OCTETS_MAX] {
        &self.0
    }

    pub(super) fn read(integer: &Element<'_>) -> Result<Self, DerError> {
        let content = integer.unsigned_integer()?;
        if content.len() > OCTETS_MAX {
            return Err(integer.error("CRL number longer than 20 octets"));
        }
        let mut octets = [0; OCTETS_MAX];
        for (to, from) in octets.iter_mut().rev().zip(content.iter().rev()) {
            *to = *from;
        }
        Ok(Self(octets))
    }
}

impl From<u64> for CrlNumber {
    fn from(number: u64) -> Self {
        let mut octets = [0; OCTETS_MAX];
        for (to, from) in octets.iter_mut().rev().zip(number.to_be_bytes().iter().rev()) {
            *to = *from;
        }
        Self(octets)
    }
}

impl fmt::Display for CrlNumber {
    /// Hexadecimal, as tools print it, without leading zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: String = self.0.iter().map(|octet| format!("{octet:02x}")).collect();
        let digits = digits.trim_start_matches('0');
        write!(f, "0x{}", if digits.is_empty() { "0" } else { digits })
    }
}
