//! Key identifiers of authorities.

use std::fmt;

/// RFC 5280 §4.2.1.2 suggests SHA-1 (20 octets) and allows others; RFC 7093 ends at SHA-512.
const OCTETS_MAX: usize = 64;

/// An authority's key by its key identifier. All generations of an authority share one name: only this tells them apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Vec<u8>);

impl KeyId {
    /// Takes 1 to 64 octets.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        (1..=OCTETS_MAX).contains(&octets.len()).then(|| Self(octets.to_vec()))
    }

    /// The octets.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}
