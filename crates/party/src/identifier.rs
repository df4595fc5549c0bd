//! Opaque identifiers: 128 random bits behind a prefix that tells people (and scans) what they are.

use crate::Malformed;

/// Octets of randomness in every opaque identifier.
const RANDOM_OCTETS: usize = 16;

macro_rules! opaque_identifier {
    ($(#[doc = $doc:literal])* $name:ident, $prefix:literal, $noun:literal, $debug:ident) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; RANDOM_OCTETS]);

        impl $name {
            /// Makes the identifier from 16 octets of a cryptographic random source.
            #[must_use]
            pub const fn from_random(random: [u8; RANDOM_OCTETS]) -> Self {
                Self(random)
            }

            /// The 16 octets, as the store keeps them.
            #[must_use]
            pub const fn as_octets(&self) -> &[u8; RANDOM_OCTETS] {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($prefix)?;
                self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
            }
        }

        impl std::str::FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                const RULE: Malformed =
                    Malformed { noun: $noun, rule: concat!($prefix, " and 32 lower-case hex digits") };
                let digits = text.strip_prefix($prefix).ok_or(RULE)?;
                parse_hex(digits).map(Self).ok_or(RULE)
            }
        }

        opaque_identifier!(@debug $name, $debug);
        crate::name::serde_as_text!($name);
        #[cfg(feature = "openapi")]
        crate::schema::schema_of_text!(
            $name,
            concat!($($doc),*),
            concat!("^", $prefix, "[0-9a-f]{32}$"),
            ($prefix.len() + 2 * RANDOM_OCTETS..=$prefix.len() + 2 * RANDOM_OCTETS)
        );
    };
    (@debug $name:ident, open) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self}")
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

fn parse_hex(digits: &str) -> Option<[u8; RANDOM_OCTETS]> {
    let bytes = digits.as_bytes();
    if bytes.len() != 2 * RANDOM_OCTETS {
        return None;
    }
    let mut octets = [0; RANDOM_OCTETS];
    for (octet, pair) in octets.iter_mut().zip(bytes.chunks_exact(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *octet = (*octet << 4) | value;
        }
    }
    Some(octets)
}

opaque_identifier!(
    /// 変換用ID: the identifier under which a provider knows one person in one contract (OIDC's pairwise subject).
    ///
    /// Random and stored, so it survives a renewed certificate, and a deleted link never gets the same one again.
    PairwiseId, "cnv_", "pairwise id", silent
);
opaque_identifier!(
    /// A credit or cash card at a provider, under a name that says nothing about its number; minted by the provider.
    InstrumentRef, "ins_", "instrument reference", open
);
opaque_identifier!(
    /// One row of the tie between a person's card and a provider's customer (紐付).
    LinkId, "lnk_", "link id", open
);
opaque_identifier!(
    /// A provider's wish to link one of its customers, bound to the session in which the customer asked.
    IntentId, "int_", "link intent id", open
);
opaque_identifier!(
    /// One payment at the relay.
    PaymentId, "pay_", "payment id", open
);
opaque_identifier!(
    /// One statement of the relay that a provider may rely on.
    AssertionId, "asr_", "assertion id", open
);
opaque_identifier!(
    /// One consent that a citizen gave.
    ConsentId, "cns_", "consent id", open
);
opaque_identifier!(
    /// One entry of a list of instruments shown to the holder; good once, so that a terminal cannot follow anyone.
    ChoiceHandle, "chs_", "choice handle", open
);

#[cfg(test)]
mod tests {
    use super::{InstrumentRef, PairwiseId};

    #[test]
    fn an_identifier_reads_back_what_it_prints() {
        let id = InstrumentRef::from_random(*b"0123456789abcdef");
        assert_eq!(id.to_string(), "ins_30313233343536373839616263646566");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn another_prefix_length_or_case_is_refused() {
        for text in [
            "cnv_30313233343536373839616263646566",
            "ins_3031323334353637383961626364656",
            "ins_3031323334353637383961626364656G",
            "ins_3031323334353637383961626364656F",
            "ins_",
            "",
        ] {
            assert!(text.parse::<InstrumentRef>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_pairwise_id_is_silent_in_debug_output() {
        assert_eq!(format!("{:?}", PairwiseId::from_random([7; 16])), "PairwiseId(…)");
    }
}
