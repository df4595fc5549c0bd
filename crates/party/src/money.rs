//! Amounts and ways to pay.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// The largest amount one message can carry: ISO 8583 DE 4 is 12 digits.
pub(crate) const MAX_MINOR: u64 = 999_999_999_999;

/// A currency, by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub enum Currency {
    /// Yen: no minor unit, numeric code 392.
    #[serde(rename = "JPY")]
    Jpy,
}

impl Currency {
    /// The alphabetic code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Jpy => "JPY",
        }
    }

    /// The numeric code, ISO 8583 DE 49.
    #[must_use]
    pub const fn numeric(self) -> &'static str {
        match self {
            Self::Jpy => "392",
        }
    }
}

/// An amount in minor units of its currency, 1 to 999,999,999,999.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "MoneyFields", into = "MoneyFields")]
pub struct Money {
    minor: u64,
    currency: Currency,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyFields {
    minor: u64,
    currency: Currency,
}

impl Money {
    /// Makes an amount.
    ///
    /// # Errors
    /// Zero, and what does not fit ISO 8583 DE 4.
    pub const fn new(minor: u64, currency: Currency) -> Result<Self, Malformed> {
        if minor == 0 || minor > MAX_MINOR {
            return Err(Malformed { noun: "amount", rule: "1 to 999,999,999,999 minor units" });
        }
        Ok(Self { minor, currency })
    }

    /// Makes an amount of yen.
    ///
    /// # Errors
    /// As [`Money::new`].
    pub const fn yen(yen: u64) -> Result<Self, Malformed> {
        Self::new(yen, Currency::Jpy)
    }

    /// Minor units.
    #[must_use]
    pub const fn minor(self) -> u64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }
}

impl TryFrom<MoneyFields> for Money {
    type Error = Malformed;

    fn try_from(fields: MoneyFields) -> Result<Self, Malformed> {
        Self::new(fields.minor, fields.currency)
    }
}

impl From<Money> for MoneyFields {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency }
    }
}

impl fmt::Display for Money {
    /// Yen as shops write it: ¥1,980.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.minor.to_string();
        f.write_str("¥")?;
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.minor, self.currency.code())
    }
}

/// How a credit purchase is paid (支払区分).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaymentType {
    /// 一括: at once.
    LumpSum,
    /// 分割: in so many monthly parts (2 to 60).
    Instalments(Instalments),
    /// リボルビング: a fixed sum a month.
    Revolving,
    /// ボーナス一括: with the next bonus.
    Bonus,
}

/// A number of monthly parts, 2 to 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Instalments(u8);

impl Instalments {
    /// The number of parts.
    #[must_use]
    pub const fn count(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Instalments {
    type Error = Malformed;

    fn try_from(count: u8) -> Result<Self, Malformed> {
        if (2..=60).contains(&count) {
            Ok(Self(count))
        } else {
            Err(Malformed { noun: "number of instalments", rule: "2 to 60" })
        }
    }
}

impl From<Instalments> for u8 {
    fn from(instalments: Instalments) -> Self {
        instalments.0
    }
}

impl PaymentType {
    /// The two-digit code of DE 48 tag 04: 10 at once, 21 with the bonus, 61 in parts, 80 revolving.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LumpSum => "10",
            Self::Bonus => "21",
            Self::Instalments(_) => "61",
            Self::Revolving => "80",
        }
    }

    /// The number of parts of DE 48 tag 04; 0 where there are none.
    #[must_use]
    pub const fn count(self) -> u8 {
        match self {
            Self::Instalments(parts) => parts.count(),
            Self::LumpSum | Self::Bonus | Self::Revolving => 0,
        }
    }

    /// Reads DE 48 tag 04.
    ///
    /// # Errors
    /// An unknown code, and a count where the code has none.
    pub fn from_code(code: &str, count: u8) -> Result<Self, Malformed> {
        match (code, count) {
            ("10", 0) => Ok(Self::LumpSum),
            ("21", 0) => Ok(Self::Bonus),
            ("80", 0) => Ok(Self::Revolving),
            ("61", count) => Instalments::try_from(count).map(Self::Instalments),
            _ => Err(Malformed {
                noun: "payment type",
                rule: "10, 21 or 80 with count 00, or 61 with 02 to 60",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Instalments, Money, PaymentType};

    #[test]
    fn money_is_written_as_shops_write_it() {
        for (yen, text) in [(1, "¥1"), (980, "¥980"), (1_980, "¥1,980"), (1_234_567, "¥1,234,567")] {
            assert_eq!(Money::yen(yen).unwrap().to_string(), text);
        }
    }

    #[test]
    fn nothing_and_too_much_are_no_amounts() {
        assert!(Money::yen(0).is_err());
        assert!(Money::yen(1_000_000_000_000).is_err());
        assert!(serde_json::from_str::<Money>(r#"{"minor":0,"currency":"JPY"}"#).is_err());
        assert!(serde_json::from_str::<Money>(r#"{"minor":1,"currency":"USD"}"#).is_err());
        assert!(serde_json::from_str::<Money>(r#"{"minor":1,"currency":"JPY","x":1}"#).is_err());
    }

    #[test]
    fn a_payment_type_reads_back_from_its_code() {
        let parts = PaymentType::Instalments(Instalments::try_from(12).unwrap());
        for kind in [PaymentType::LumpSum, PaymentType::Bonus, PaymentType::Revolving, parts] {
            assert_eq!(PaymentType::from_code(kind.code(), kind.count()), Ok(kind));
        }
        assert!(PaymentType::from_code("10", 2).is_err());
        assert!(PaymentType::from_code("61", 1).is_err());
    }
}
