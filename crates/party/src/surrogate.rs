//! The number that stands where a card number would, for one transaction.

use std::fmt;
use std::str::FromStr;

use crate::Malformed;

/// The platform's private issuer identification number: 9 (for national use, ISO/IEC 7812-1), 392 (Japan), 00.
const PRIVATE_IIN: &str = "939200";

const RULE: Malformed = Malformed {
    noun: "surrogate PAN",
    rule: "16 digits that begin with 939200 and end with their Luhn digit",
};

/// A PAN-shaped number that belongs to one ticket and to no account: what PIN blocks are formed over.
///
/// It stands in the context and so under the card's signature; only the provider turns it into an account.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SurrogatePan([u8; 16]);

impl SurrogatePan {
    /// Makes the number from nine digits' worth of pseudo-random octets.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let text = format!("{PRIVATE_IIN}{:09}", random % 1_000_000_000);
        let mut digits = [b'0'; 16];
        for (digit, byte) in digits.iter_mut().zip(text.bytes()) {
            *digit = byte;
        }
        let check = luhn_digit(digits.iter().take(15));
        if let Some(last) = digits.last_mut() {
            *last = check;
        }
        Self(digits)
    }

    /// The sixteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// ISO/IEC 7812-1 annex B, over the digits before the check digit.
fn luhn_digit<'a>(digits: impl DoubleEndedIterator<Item = &'a u8>) -> u8 {
    let mut sum = 0_u32;
    for (index, digit) in digits.rev().enumerate() {
        let value = u32::from(digit.saturating_sub(b'0'));
        let doubled = if index % 2 == 0 { value * 2 } else { value };
        sum += doubled / 10 + doubled % 10;
    }
    u8::try_from((10 - sum % 10) % 10).unwrap_or_default() + b'0'
}

impl FromStr for SurrogatePan {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let digits: [u8; 16] = text.as_bytes().try_into().map_err(|_| RULE)?;
        let luhn = digits.last() == Some(&luhn_digit(digits.iter().take(15)));
        if digits.iter().all(u8::is_ascii_digit) && text.starts_with(PRIVATE_IIN) && luhn {
            Ok(Self(digits))
        } else {
            Err(RULE)
        }
    }
}

impl fmt::Display for SurrogatePan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SurrogatePan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SurrogatePan(…)")
    }
}

crate::name::serde_as_text!(SurrogatePan);

#[cfg(test)]
mod tests {
    use super::SurrogatePan;

    #[test]
    fn every_number_is_luhn_valid_and_reads_back() {
        for random in [0, 1, 999_999_999, 1_000_000_000, u64::MAX] {
            let pan = SurrogatePan::from_random(random);
            assert_eq!(pan.as_str().len(), 16);
            assert_eq!(pan.to_string().parse(), Ok(pan));
        }
        // Worked by hand: 9392 0000 0000 000 gives 9·2→9, 3, 9·2→9, 2 → doubled from the right.
        assert_eq!(SurrogatePan::from_random(0).as_str(), "9392000000000007");
    }

    #[test]
    fn a_wrong_digit_or_another_issuer_is_refused() {
        assert!("9392000000000006".parse::<SurrogatePan>().is_err());
        assert!("4111111111111111".parse::<SurrogatePan>().is_err());
        assert!("939200000000000７".parse::<SurrogatePan>().is_err());
    }
}
