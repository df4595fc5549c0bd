//! JSON Schemas (2020-12) of the nouns whose form a derive cannot see; each says what its parser takes, and no more.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::money::MAX_MINOR;
use crate::{Currency, Instalments, Money, PartyUri, SurrogatePan};

/// A text with an alphabet and a length, which its own documentation describes.
macro_rules! schema_of_text {
    ($name:ident, $doc:expr, $pattern:expr, $length:expr) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let length: &std::ops::RangeInclusive<usize> = &$length;
                schemars::json_schema!({
                    "type": "string",
                    "description": str::trim($doc),
                    "pattern": $pattern,
                    "minLength": length.start(),
                    "maxLength": length.end(),
                })
            }
        }
    };
}
pub(crate) use schema_of_text;

schema_of_text!(
    SurrogatePan,
    "The number that stands where a card number would, for one transaction; its last digit is the Luhn digit of the others.",
    "^939200[0-9]{10}$",
    (16..=16)
);
schema_of_text!(
    PartyUri,
    "Who is at the other end of a mutual-TLS connection: the one URI of its certificate's subject alternative name.",
    "^urn:enishi:(sandbox|production):(terminal|provider|relay|authority|operator):[a-z0-9-]{1,40}$",
    ("urn:enishi:sandbox:relay:x".len()..="urn:enishi:production:authority:".len() + 40)
);

impl JsonSchema for Money {
    fn schema_name() -> Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "An amount in minor units of its currency (yen have none: 1 is one yen).",
            "properties": {
                "minor": { "type": "integer", "minimum": 1, "maximum": MAX_MINOR },
                "currency": generator.subschema_for::<Currency>(),
            },
            "required": ["minor", "currency"],
            "additionalProperties": false,
        })
    }
}

impl JsonSchema for Instalments {
    fn schema_name() -> Cow<'static, str> {
        "Instalments".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer",
            "description": "A number of monthly parts.",
            "minimum": 2,
            "maximum": 60,
        })
    }
}
