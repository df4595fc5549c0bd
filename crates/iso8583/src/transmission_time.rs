use std::fmt;

use crate::error::Fault;
use crate::{De, Error};

#[cfg(test)]
mod tests;

/// Transmission date and time (element 7): month, day, hour, minute, second in UTC, without a year.
///
/// 29 February is accepted, for the year is unknown; a leap second is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransmissionTime {
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl TransmissionTime {
    /// A date of the calendar and a time of the day.
    pub fn new(month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Result<Self, Error> {
        Self { month, day, hour, minute, second }.checked().map_err(refused)
    }

    /// Reads ten digits, MMDDhhmmss.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text.as_bytes()).map_err(refused)
    }

    pub(crate) fn read(digits: &[u8]) -> Result<Self, Fault> {
        let (pairs, []) = digits.as_chunks::<2>() else { return Err(Fault::new(0, EXPECTED)) };
        let [month, day, hour, minute, second] = *pairs else { return Err(Fault::new(0, EXPECTED)) };
        Self {
            month: two_digits(month, 0)?,
            day: two_digits(day, 2)?,
            hour: two_digits(hour, 4)?,
            minute: two_digits(minute, 6)?,
            second: two_digits(second, 8)?,
        }
        .checked()
    }

    fn checked(self) -> Result<Self, Fault> {
        let days = match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 29,
            _ => return Err(Fault::new(0, "a month, 01 to 12")),
        };
        match self {
            Self { day, .. } if !(1..=days).contains(&day) => Err(Fault::new(2, "a day of the month")),
            Self { hour: 24.., .. } => Err(Fault::new(4, "an hour, 00 to 23")),
            Self { minute: 60.., .. } => Err(Fault::new(6, "a minute, 00 to 59")),
            Self { second: 60.., .. } => Err(Fault::new(8, "a second, 00 to 59")),
            _ => Ok(self),
        }
    }
}

impl fmt::Display for TransmissionTime {
    /// Ten digits, MMDDhhmmss.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { month, day, hour, minute, second } = self;
        write!(f, "{month:02}{day:02}{hour:02}{minute:02}{second:02}")
    }
}

fn two_digits([tens, units]: [u8; 2], at: usize) -> Result<u8, Fault> {
    if !tens.is_ascii_digit() || !units.is_ascii_digit() {
        return Err(Fault::new(at, EXPECTED));
    }
    Ok((tens - b'0') * 10 + (units - b'0'))
}

fn refused(fault: Fault) -> Error {
    Error::Value { de: De::TRANSMITTED_AT, expected: fault.expected }
}

const EXPECTED: &str = "ten digits, MMDDhhmmss";
