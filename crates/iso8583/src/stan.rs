use std::fmt;

use crate::{De, Error};

/// System trace audit number (element 11): six digits, counted by the sender for each link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stan(u32);

impl Stan {
    /// A number of at most six digits.
    pub fn new(number: u32) -> Result<Self, Error> {
        if number > 999_999 {
            return Err(Error::Value { de: De::STAN, expected: EXPECTED });
        }
        Ok(Self(number))
    }

    /// Reads exactly six digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let six = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| six);
        Self::new(number.ok_or(Error::Value { de: De::STAN, expected: EXPECTED })?)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Stan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

const EXPECTED: &str = "six digits";
