use std::fmt;

use crate::charset::Charset;
use crate::{De, Error};

#[cfg(test)]
mod tests;

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $de:expr, $charset:expr, $min:literal..=$max:literal, $expected:literal $(, $(#[$constant_doc:meta])* $constant:ident = $value:literal)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(ShortText<$max>);

        impl $name {
            $($(#[$constant_doc])* pub const $constant: Self = Self(ShortText { bytes: *$value, length: $max });)*

            #[doc = concat!("Reads ", $expected, ".")]
            pub fn parse(text: &str) -> Result<Self, Error> {
                match ShortText::new(text, $min, $charset) {
                    Some(short) => Ok(Self(short)),
                    None => Err(Error::Value { de: $de, expected: $expected }),
                }
            }

            /// The characters.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }
    };
}

code!(
    /// Processing code (element 3): transaction type, account of the debit, account of the credit.
    ProcessingCode, De::PROCESSING_CODE, Charset::Numeric, 6..=6, "six digits",
    /// Goods and services.
    PURCHASE = b"000000",
    /// Cash from a machine.
    WITHDRAWAL = b"010000",
    /// Goods come back.
    REFUND = b"200000",
    /// Cash into a machine.
    DEPOSIT = b"210000",
    /// Balance inquiry.
    BALANCE = b"310000"
);

code!(
    /// Retrieval reference number (element 37): names a transaction to both sides, and in later disputes.
    Rrn, De::RRN, Charset::Alnum, 12..=12, "twelve letters and digits"
);

code!(
    /// Approval number (element 38), given by the provider.
    ApprovalNumber, De::APPROVAL_NUMBER, Charset::Alnum, 6..=6, "six letters and digits"
);

code!(
    /// Terminal (element 41): 13 digits in the Japanese dialect, up to 8 characters in ASCII 1987.
    TerminalCode, De::TERMINAL, Charset::Ans, 1..=13, "one to thirteen printable characters, no space at the end"
);

code!(
    /// Merchant (element 42).
    MerchantCode, De::MERCHANT, Charset::Ans, 1..=15, "one to fifteen printable characters, no space at the end"
);

code!(
    /// Currency (element 49), the number of ISO 4217.
    CurrencyNumber, De::CURRENCY, Charset::Numeric, 3..=3, "three digits",
    /// The yen.
    JPY = b"392"
);

code!(
    /// Network management code (element 70).
    NetworkCode, De::NETWORK_CODE, Charset::Numeric, 3..=3, "three digits",
    /// From now on messages are taken.
    SIGN_ON = b"001",
    /// From now on none are.
    SIGN_OFF = b"002",
    /// Are you there?
    ECHO = b"301"
);

code!(
    /// Slip number, 伝票番号 (additional data, tag 06): counted by the terminal.
    SlipNumber, De::ADDITIONAL_DATA, Charset::Numeric, 1..=8, "one to eight digits"
);

code!(
    /// Goods code, 商品コード (additional data, tag 07).
    GoodsCode, De::ADDITIONAL_DATA, Charset::Numeric, 3..=7, "three to seven digits"
);

/// At most `N` ASCII characters, in place. What is behind the length is always zero, so derived equality holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ShortText<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> ShortText<N> {
    fn new(text: &str, min: usize, charset: Charset) -> Option<Self> {
        let text = text.as_bytes();
        let padded = text.last() == Some(&b' ');
        if text.len() < min || padded || charset.first_refused(text).is_some() {
            return None;
        }
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { bytes, length: text.len() })
    }

    fn as_str(&self) -> &str {
        let text = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}
