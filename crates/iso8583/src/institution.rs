use std::fmt;
use std::hash::{Hash, Hasher};

use crate::{De, Error};

/// An acquiring or forwarding institution (elements 32 and 33): one to eleven digits, not all zero.
///
/// In the Japanese dialect element 32 is the KID. Leading zeros are written as they were read, but tell nothing apart:
/// element 90 writes the same institution with eleven digits.
#[derive(Debug, Clone, Copy)]
pub struct InstitutionId {
    number: u64,
    width: usize,
}

impl InstitutionId {
    /// Reads one to eleven digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text.as_bytes())
            .ok_or(Error::Value { de: De::ACQUIRER, expected: "one to eleven digits, not all zero" })
    }

    /// `None` also for zeros only: that is how element 90 says "none".
    pub(crate) fn read(digits: &[u8]) -> Option<Self> {
        if !(1..=11).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
        (number != 0).then_some(Self { number, width: digits.len() })
    }

    /// As a number, the form in which element 90 is written.
    pub(crate) const fn number(self) -> u64 {
        self.number
    }
}

impl PartialEq for InstitutionId {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for InstitutionId {}

impl Hash for InstitutionId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl fmt::Display for InstitutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.number, width = self.width)
    }
}
