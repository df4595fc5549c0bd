use std::fmt;

use crate::{De, Error};

/// An amount in the minor units of its currency (element 4): at most twelve digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many minor units; the yen has no smaller unit.
    pub fn new(minor_units: u64) -> Result<Self, Error> {
        if minor_units > 999_999_999_999 {
            return Err(Error::Value { de: De::AMOUNT, expected: EXPECTED });
        }
        Ok(Self(minor_units))
    }

    /// Reads one to twelve digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let digits = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let minor_units = text.parse().ok().filter(|_| digits);
        Self::new(minor_units.ok_or(Error::Value { de: De::AMOUNT, expected: EXPECTED })?)
    }

    /// The minor units.
    #[must_use]
    pub const fn minor_units(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Amount {
    /// Twelve digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

const EXPECTED: &str = "one to twelve digits";
