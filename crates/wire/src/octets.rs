//! Octets in JSON: base64 with padding (RFC 4648 §4), bounded before it is decoded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Largest value in one field: a sealed evidence with an OCSP answer in it is under 12 KiB.
pub(crate) const MAX_OCTETS: usize = 16 * 1024;

/// A byte string of one field; it prints its length only, because what it holds may be a secret or a person's.
#[derive(Clone, PartialEq, Eq)]
pub struct Octets(pub Vec<u8>);

impl std::fmt::Debug for Octets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Octets({} octets)", self.0.len())
    }
}

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        if text.len() > MAX_OCTETS.div_ceil(3) * 4 {
            return Err(D::Error::custom("base64 value over 16 KiB"));
        }
        STANDARD.decode(text.as_bytes()).map(Self).map_err(|_| D::Error::custom("not base64 (RFC 4648 §4)"))
    }
}
