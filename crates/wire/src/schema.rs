//! JSON Schemas (2020-12) of the fields whose form a derive cannot see: texts that are parsed where they are used.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::Octets;
use crate::octets::MAX_OCTETS;

/// Characters that carry so many octets in base64.
const fn base64_length(octets: usize) -> usize {
    octets.div_ceil(3) * 4
}

/// Canonical base64 (RFC 4648 §3.5): the bits that carry nothing are zero.
const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// What nobody sees: controls, and what is invisible or turns the direction of writing.
macro_rules! unseen {
    () => {
        "\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\ufeff\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    };
}

/// One visible character at least, and none that nobody sees.
const LABEL: &str = concat!("^[^", unseen!(), "]*[^", unseen!(), "\\s][^", unseen!(), "]*$");

macro_rules! schema {
    ($(#[$doc:meta])* $name:ident, $($json:tt)+) => {
        $(#[$doc])*
        pub(crate) struct $name;

        schema!(@impl $name, $($json)+);
    };
    (@impl $name:ident, $($json:tt)+) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($($json)+)
            }
        }
    };
}

schema!(@impl Octets, {
    "type": "string",
    "description": "Octets in base64 with padding (RFC 4648 §4).",
    "contentEncoding": "base64",
    "pattern": BASE64,
    "maxLength": base64_length(MAX_OCTETS),
});

schema!(
    /// A ticket.
    TicketOctets,
    {
        "type": "string",
        "description": "A ticket: 56 octets in base64.",
        "contentEncoding": "base64",
        "pattern": "^[A-Za-z0-9+/]{74}[AEIMQUYcgkosw048]=$",
        "minLength": 76,
        "maxLength": 76,
    }
);

schema!(
    /// A PIN block.
    PinBlockOctets,
    {
        "type": "string",
        "description": "An ISO 9564-1 format 4 PIN block under the terminal's key: 16 octets in base64.",
        "contentEncoding": "base64",
        "pattern": "^[A-Za-z0-9+/]{21}[AQgw]==$",
        "minLength": 24,
        "maxLength": 24,
    }
);

schema!(
    /// A nonce.
    NonceText,
    {
        "type": "string",
        "description": "The ticket's 56 octets and the SHA-256 of the context, in base64: what the card's signature covers.",
        "contentEncoding": "base64",
        "pattern": "^[A-Za-z0-9+/]{117}[AQgw]==$",
        "minLength": 120,
        "maxLength": 120,
    }
);

schema!(
    /// A business date.
    DateText,
    {
        "type": "string",
        "description": "A date (RFC 3339 full-date).",
        "format": "date",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "minLength": 10,
        "maxLength": 10,
    }
);

schema!(
    /// An instrument's label.
    LabelText,
    {
        "type": "string",
        "description": "1 to 40 visible characters: no controls, nothing invisible, nothing that turns the direction of writing.",
        "pattern": LABEL,
        "minLength": 1,
        "maxLength": 40,
    }
);

schema!(
    /// A Web eID token.
    WebEidToken,
    {
        "type": "object",
        "description": "A Web eID authentication token, version 1: the card's certificate and its signature.",
        "properties": {
            "unverifiedCertificate": {
                "type": "string",
                "description": "The certificate's DER in base64, at most 4,096 octets.",
                "contentEncoding": "base64",
                "pattern": BASE64,
                "minLength": 4,
                "maxLength": base64_length(4_096),
            },
            "algorithm": {
                "type": "string",
                "description": "How the card signs; it must be what follows from the certificate's key.",
                "enum": ["RS256", "ES256", "ES384"],
            },
            "signature": {
                "type": "string",
                "description": "The signature in base64, at most 512 octets; ECDSA as r ‖ s.",
                "contentEncoding": "base64",
                "pattern": BASE64,
                "minLength": 4,
                "maxLength": base64_length(512),
            },
            "format": { "const": "web-eid:1.0" },
            "appVersion": {
                "type": "string",
                "description": "The application that made the token.",
                "maxLength": 128,
            },
        },
        "required": ["unverifiedCertificate", "algorithm", "signature", "format", "appVersion"],
        "additionalProperties": false,
    }
);
