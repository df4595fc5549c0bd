use std::fmt::{self, Write as _};

use crate::error::Fault;
use crate::{Amount, De, Error};

#[cfg(test)]
mod tests;

/// Replacement amounts (element 95): what has really been paid out, where a reversal is partial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplacementAmounts {
    /// What the transaction was in the end; zero undoes it whole.
    pub transaction: Amount,
    /// The same in the currency of settlement.
    pub settlement: Amount,
    /// The fee of the transaction.
    pub transaction_fee: Fee,
    /// The same in the currency of settlement.
    pub settlement_fee: Fee,
}

/// A fee and whom it favours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fee {
    sign: FeeSign,
    minor_units: u32,
}

/// The sign of a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeeSign {
    /// `C`.
    Credit,
    /// `D`.
    Debit,
}

impl ReplacementAmounts {
    /// Only the amount of the transaction; the rest zero.
    #[must_use]
    pub const fn transaction(amount: Amount) -> Self {
        Self {
            transaction: amount,
            settlement: Amount::ZERO,
            transaction_fee: Fee::NONE,
            settlement_fee: Fee::NONE,
        }
    }

    /// Reads 42 characters.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text.as_bytes())
            .map_err(|fault| Error::Value { de: De::REPLACEMENT_AMOUNTS, expected: fault.expected })
    }

    // ISO 8583:1987, element 95: n12, n12, x+n8, x+n8.
    pub(crate) fn read(value: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(value).ok().filter(|text| text.len() == 42);
        let text = text.ok_or(Fault::new(0, "42 letters and digits"))?;
        let amount = |from: usize, to: usize| {
            Amount::parse(text.get(from..to).unwrap_or_default())
                .map_err(|_| Fault::new(from, "an amount of twelve digits"))
        };
        let fee = |from: usize, to: usize| {
            Fee::read(text.get(from..to).unwrap_or_default())
                .ok_or(Fault::new(from, "C or D, then eight digits"))
        };
        Ok(Self {
            transaction: amount(0, 12)?,
            settlement: amount(12, 24)?,
            transaction_fee: fee(24, 33)?,
            settlement_fee: fee(33, 42)?,
        })
    }
}

impl fmt::Display for ReplacementAmounts {
    /// The 42 characters of the element.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}{}", self.transaction, self.settlement, self.transaction_fee, self.settlement_fee)
    }
}

impl Fee {
    /// No fee.
    pub const NONE: Self = Self { sign: FeeSign::Credit, minor_units: 0 };

    /// So many minor units; at most eight digits.
    pub fn new(sign: FeeSign, minor_units: u32) -> Result<Self, Error> {
        if minor_units > 99_999_999 {
            return Err(Error::Value {
                de: De::REPLACEMENT_AMOUNTS,
                expected: "a fee of at most eight digits",
            });
        }
        Ok(Self { sign, minor_units })
    }

    /// Whom it favours.
    #[must_use]
    pub const fn sign(self) -> FeeSign {
        self.sign
    }

    /// The minor units.
    #[must_use]
    pub const fn minor_units(self) -> u32 {
        self.minor_units
    }

    fn read(text: &str) -> Option<Self> {
        let (sign, digits) = text.split_at_checked(1)?;
        let sign = match sign {
            "C" => FeeSign::Credit,
            "D" => FeeSign::Debit,
            _ => return None,
        };
        let eight = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self { sign, minor_units: digits.parse().ok().filter(|_| eight)? })
    }
}

impl fmt::Display for Fee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char(match self.sign {
            FeeSign::Credit => 'C',
            FeeSign::Debit => 'D',
        })?;
        write!(f, "{:08}", self.minor_units)
    }
}
