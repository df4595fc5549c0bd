use std::fmt;
use std::str::FromStr;

use enishi_party::Malformed;
use zeroize::Zeroizing;

/// ISO/IEC 7812-1 §4: an account number has at most 19 digits; below 12 none is issued.
const DIGITS: std::ops::RangeInclusive<usize> = 12..=19;

/// The platform's own numbers for single transactions begin so; no card's number may look like one.
const SURROGATE_IIN: &str = "939200";

const RULE: Malformed =
    Malformed { noun: "card number", rule: "12 to 19 digits with a right check digit, not a surrogate" };

/// カード番号: a card's real number. It exists at the provider only, and is silent and wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct Pan(Zeroizing<String>);

impl Pan {
    /// The digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Pan {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let digits = DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && luhn_sum(text).is_multiple_of(10) && !text.starts_with(SURROGATE_IIN) {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            Err(RULE)
        }
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pan(…)")
    }
}

/// ISO/IEC 7812-1 annex B, check digit included.
fn luhn_sum(digits: &str) -> u32 {
    let digit = |byte: u8| u32::from(byte.saturating_sub(b'0'));
    let weigh = |(index, value): (usize, u32)| match index % 2 {
        0 => value,
        _ => value * 2 / 10 + value * 2 % 10,
    };
    digits.bytes().rev().map(digit).enumerate().map(weigh).sum()
}

#[cfg(test)]
mod tests;
