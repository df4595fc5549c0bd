//! Key identifiers of authorities.

use std::fmt;
use std::hash::{Hash, Hasher};

/// RFC 5280 §4.2.1.2 suggests SHA-1 (20 octets) and allows others; RFC 7093 ends at SHA-512.
const OCTETS_MAX: usize = 64;

/// An authority's key by its key identifier. All generations of an authority share one name: only this tells them apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId {
    /// Padded with zeros; with the length behind it the order is that of the octets.
    padded: [u8; OCTETS_MAX],
    length: u8,
}

impl KeyId {
    /// Takes 1 to 64 octets.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        let length = u8::try_from(octets.len()).ok().filter(|length| *length > 0)?;
        let mut padded = [0; OCTETS_MAX];
        padded.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(Self { padded, length })
    }

    /// The octets.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        self.padded.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl Hash for KeyId {
    /// Without the padding.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_octets().hash(state);
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_octets().iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::KeyId;

    #[test]
    fn a_key_identifier_is_its_octets_and_in_their_order() {
        let octets: [&[u8]; 6] = [&[0], &[0, 0], &[0, 1], &[1], &[1, 0], &[255; 64]];
        let keys = octets.map(|octets| KeyId::from_octets(octets).unwrap());
        assert!(keys.is_sorted() && octets.is_sorted());
        for (key, octets) in keys.iter().zip(octets) {
            assert_eq!(key.as_octets(), octets);
        }
        assert_eq!(keys[4].to_string(), "0100");
        assert_eq!(KeyId::from_octets(&[]), None);
        assert_eq!(KeyId::from_octets(&[1; 65]), None);
    }
}
