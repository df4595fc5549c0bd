//! Serial numbers.

use std::fmt;

use crate::asn1::{Element, encode, tag};

#[cfg(test)]
mod tests;

/// RFC 5280 §4.1.2.2: at most 20 octets.
const OCTETS_MAX: usize = 20;

/// 発行の番号: a certificate's number, unique within one authority only.
///
/// Who may hold it is the law's and the contract's matter (slide 17), so it has no `Display` and no serialisation.
/// The order is the numerical one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial {
    /// Big-endian, padded on the left, so that comparing octets compares numbers.
    padded: [u8; OCTETS_MAX],
    /// Length of the DER content, its sign octet included.
    length: u8,
}

/// Octets that are no serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// Longer than 20 octets.
    #[error("serial number longer than 20 octets")]
    TooLong,
    /// Empty, negative or not minimal.
    #[error("serial number is not a minimal, non-negative DER integer")]
    NotDer,
    /// RFC 5280 §4.1.2.2: positive.
    #[error("serial number zero")]
    Zero,
}

impl Serial {
    /// Takes the content octets of a DER INTEGER.
    ///
    /// # Errors
    /// Zero, negative, not minimal, or longer than 20 octets.
    pub fn from_der_content(content: &[u8]) -> Result<Self, SerialError> {
        if content.len() > OCTETS_MAX {
            return Err(SerialError::TooLong);
        }
        match content {
            [] => return Err(SerialError::NotDer),
            [0] => return Err(SerialError::Zero),
            [first, ..] if first & 0x80 != 0 => return Err(SerialError::NotDer),
            [0, second, ..] if second & 0x80 == 0 => return Err(SerialError::NotDer),
            _ => {}
        }
        let mut padded = [0; OCTETS_MAX];
        for (to, from) in padded.iter_mut().rev().zip(content.iter().rev()) {
            *to = *from;
        }
        let length = u8::try_from(content.len()).map_err(|_| SerialError::TooLong)?;
        Ok(Self { padded, length })
    }

    /// Makes a serial of a number, as a counting authority does.
    ///
    /// # Errors
    /// Zero.
    pub fn from_u64(number: u64) -> Result<Self, SerialError> {
        let octets = number.to_be_bytes();
        let leading = octets.iter().take_while(|&&octet| octet == 0).count();
        let mut content = octets.get(leading..).unwrap_or_default().to_vec();
        match content.first() {
            None => return Err(SerialError::Zero),
            Some(first) if first & 0x80 != 0 => content.insert(0, 0),
            Some(_) => {}
        }
        Self::from_der_content(&content)
    }

    pub(crate) fn from_element(element: &Element<'_>) -> Result<Self, SerialError> {
        if element.tag() != tag::INTEGER {
            return Err(SerialError::NotDer);
        }
        Self::from_der_content(element.content())
    }

    /// The content octets of the DER INTEGER: big-endian, minimal, with a zero before a set top bit.
    #[must_use]
    pub fn expose_der_content(&self) -> &[u8] {
        let start = OCTETS_MAX.saturating_sub(usize::from(self.length));
        self.padded.get(start..).unwrap_or_default()
    }

    /// The number in decimal, as J-LIS's forms write it.
    #[must_use]
    pub fn expose_decimal(&self) -> String {
        let mut words = self.padded;
        let mut digits = Vec::new();
        while words.iter().any(|&octet| octet != 0) {
            let mut remainder = 0_u16;
            for octet in &mut words {
                let value = remainder * 256 + u16::from(*octet);
                *octet = u8::try_from(value / 10).unwrap_or(u8::MAX);
                remainder = value % 10;
            }
            digits.push(char::from(b'0' + u8::try_from(remainder).unwrap_or(0)));
        }
        digits.iter().rev().collect()
    }

    /// The number where it has 32 bits at most, as those of counting authorities.
    #[inline]
    #[must_use]
    pub fn expose_u32(&self) -> Option<u32> {
        let (upper, lower) = self.padded.split_last_chunk::<4>()?;
        // As one number: revocation asks this of every certificate.
        let upper = u128::from_ne_bytes(*upper.first_chunk()?);
        (upper == 0).then_some(u32::from_be_bytes(*lower))
    }

    /// The whole DER INTEGER, for certificates, lists and CertIDs.
    #[must_use]
    pub fn expose_der(&self) -> Vec<u8> {
        encode(tag::INTEGER, self.expose_der_content())
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Serial(…)")
    }
}
