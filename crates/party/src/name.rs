//! Names that registers and contracts give: short texts, each with an alphabet and a length.

use crate::Malformed;

macro_rules! serde_as_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_text;

macro_rules! checked_name {
    ($(#[doc = $doc:literal])* $name:ident, $noun:literal, $length:expr, $rule:literal, $class:literal, $allowed:expr, $debug:ident) => {
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let allowed: fn(u8) -> bool = $allowed;
                if $length.contains(&text.len()) && text.bytes().all(allowed) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Malformed { noun: $noun, rule: $rule })
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        checked_name!(@debug $name, $debug);
        serde_as_text!($name);
        #[cfg(feature = "openapi")]
        crate::schema::schema_of_text!(
            $name,
            concat!($($doc),*),
            concat!("^", $class, "+$"),
            $length
        );
    };
    (@debug $name:ident, open) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
    (@debug $name:ident, silent) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

checked_name!(
    /// A provider (サービス提供者): a card company, bank, hospital or web service.
    ProviderId, "provider id", (1..=32), "1 to 32 of a-z, 0-9 and -", "[a-z0-9-]",
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-', open
);
checked_name!(
    /// One contract of a provider with the relay; a company in two roles has two, and a person two pairwise IDs.
    ContractId, "contract id", (1..=40), "1 to 40 of a-z, 0-9 and -", "[a-z0-9-]",
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-', open
);
checked_name!(
    /// A terminal by its 13-digit number (端末番号), ISO 8583 DE 41 of the Japanese dialect.
    TerminalId, "terminal id", (13..=13), "13 digits", "[0-9]", |b| b.is_ascii_digit(), open
);
checked_name!(
    /// A merchant (加盟店), ISO 8583 DE 42.
    MerchantId, "merchant id", (1..=15), "1 to 15 of A-Z, 0-9 and -", "[A-Z0-9-]",
    |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-', open
);
checked_name!(
    /// The acquirer's company number (KID), ISO 8583 DE 32.
    Kid, "KID", (1..=11), "1 to 11 digits", "[0-9]", |b| b.is_ascii_digit(), open
);
checked_name!(
    /// The slip number (伝票番号) that the terminal counts.
    SlipNumber, "slip number", (1..=8), "1 to 8 digits", "[0-9]", |b| b.is_ascii_digit(), open
);
checked_name!(
    /// A provider's own name for its customer: opaque to everyone else, and never a card or account number.
    CustomerId, "customer id", (1..=64), "1 to 64 of A-Z, a-z, 0-9, _ and -", "[A-Za-z0-9_-]",
    |b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-', silent
);
checked_name!(
    /// What makes one request one act, however often it is sent.
    IdempotencyKey, "Idempotency-Key", (16..=64), "16 to 64 of A-Z, a-z, 0-9, _ and -", "[A-Za-z0-9_-]",
    |b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-', open
);

#[cfg(test)]
mod tests {
    use super::{CustomerId, MerchantId, TerminalId};

    #[test]
    fn a_name_of_its_alphabet_and_length_reads_back() {
        let terminal: TerminalId = "4980000000012".parse().unwrap();
        assert_eq!(terminal.to_string(), "4980000000012");
        assert!("498000000001".parse::<TerminalId>().is_err());
        assert!("498000000001x".parse::<TerminalId>().is_err());
        assert!("shop".parse::<MerchantId>().is_err());
        assert!("".parse::<MerchantId>().is_err());
    }

    #[test]
    fn the_refusal_never_repeats_the_value() {
        let error = "顧客".parse::<CustomerId>().unwrap_err();
        assert!(!error.to_string().contains("顧客"));
    }
}
