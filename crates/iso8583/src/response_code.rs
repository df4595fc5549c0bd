use std::fmt;

use crate::{De, Error};

#[cfg(test)]
mod tests;

macro_rules! response_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $en:literal, $ja:literal;)*) => {
        /// Response code (element 39): what became of a request.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ResponseCode {
            $(#[doc = concat!($code, ": ", $en, ".")] $(#[$doc])* $name,)*
            /// Any other code, kept as it came; it never means approval.
            Other(OtherCode),
        }

        impl ResponseCode {
            /// The codes that have a name, in ascending order.
            pub const NAMED: &'static [Self] = &[$(Self::$name,)*];

            /// Reads two letters or digits.
            pub fn parse(text: &str) -> Result<Self, Error> {
                match text {
                    $($code => Ok(Self::$name),)*
                    _ => OtherCode::parse(text).map(Self::Other),
                }
            }

            /// The two characters.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $code,)*
                    Self::Other(other) => other.as_str(),
                }
            }

            /// What it means, in English.
            #[must_use]
            pub const fn meaning_en(&self) -> &'static str {
                match self {
                    $(Self::$name => $en,)*
                    Self::Other(_) => "declined",
                }
            }

            /// What it means, in Japanese.
            #[must_use]
            pub const fn meaning_ja(&self) -> &'static str {
                match self {
                    $(Self::$name => $ja,)*
                    Self::Other(_) => "取引不可",
                }
            }
        }
    };
}

response_codes! {
    Approved = "00", "approved", "承認";
    DoNotHonour = "05", "do not honour", "取扱不可";
    InvalidTransaction = "12", "invalid transaction", "取引内容不正";
    InvalidCustomer = "14", "no such customer or card", "該当会員なし";
    OriginalNotFound = "25", "original not found", "元取引なし";
    FormatError = "30", "format error", "電文形式不正";
    InsufficientFunds = "51", "insufficient funds", "残高不足";
    Expired = "54", "expired", "有効期限切れ";
    IncorrectPin = "55", "incorrect PIN", "暗証番号相違";
    NotPermittedToHolder = "57", "transaction not permitted to the holder", "会員に許可されない取引";
    AmountLimitExceeded = "61", "exceeds the limit of amount", "利用限度額超過";
    Restricted = "62", "restricted", "利用制限中";
    SecurityViolation = "63", "security violation", "セキュリティ違反";
    CountLimitExceeded = "65", "exceeds the limit of count", "利用回数超過";
    PinTriesExceeded = "75", "PIN tries exceeded", "暗証番号入力回数超過";
    PreviousNotFound = "76", "previous message not found", "前電文なし";
    PreviousDiffers = "77", "data differ from the previous message", "前電文と内容不一致";
    IssuerUnavailable = "91", "issuer unavailable", "発行者応答不能";
    Duplicate = "94", "duplicate transmission", "二重送信";
    SystemMalfunction = "96", "system malfunction", "システム障害";
}

impl ResponseCode {
    /// Whether it is 00, the only code that approves.
    #[must_use]
    pub const fn is_approved(&self) -> bool {
        matches!(self, Self::Approved)
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Two letters or digits that are none of the named codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OtherCode([u8; 2]);

impl OtherCode {
    /// The two characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Only called for what is no named code.
    fn parse(text: &str) -> Result<Self, Error> {
        match *text.as_bytes() {
            [first, second] if first.is_ascii_alphanumeric() && second.is_ascii_alphanumeric() => {
                Ok(Self([first, second]))
            }
            _ => Err(Error::Value { de: De::RESPONSE_CODE, expected: "two letters or digits" }),
        }
    }
}
