//! X.509 extensions (RFC 5280 §4.2), taken out one by one, so that what nobody took is known at the end.

use crate::asn1::{DerError, Element, Reader, tag};
use crate::oid::Oid;

/// Most extensions in one list; JPKI's certificates have at most nine (docs/jpki.md §2).
const EXTENSIONS_MAX: usize = 32;
/// As many as JPKI's certificates have.
const EXTENSIONS_USUAL: usize = 9;

/// Whether a reader that does not know an extension must refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criticality {
    /// It must be understood.
    Critical,
    /// It may be passed over.
    NotCritical,
}

/// One extension, its value still encoded.
#[derive(Clone, Copy)]
pub struct Extension<'a> {
    /// Which one.
    pub oid: Oid,
    /// Whether it must be understood.
    pub criticality: Criticality,
    value: Element<'a>,
}

/// The extensions that nobody took yet.
pub struct Extensions<'a>(Vec<Left<'a>>);

/// One of them.
struct Left<'a> {
    /// Still as it stands there: an [`Oid`] is costly to carry about.
    identifier: Element<'a>,
    /// By what it is told from most others at a glance: see [`mark`].
    mark: u64,
    taken: ExtensionValue<'a>,
}

/// What stands behind an identifier: criticality, and the value, still encoded.
#[derive(Clone, Copy)]
pub struct ExtensionValue<'a> {
    /// Whether it must be understood.
    pub criticality: Criticality,
    value: Element<'a>,
}

/// Extensions that no profile of ours has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionError {
    /// Not a list of extensions.
    #[error(transparent)]
    Der(#[from] DerError),
    /// More than any certificate of ours has.
    #[error("more than {EXTENSIONS_MAX} extensions")]
    TooMany,
    /// RFC 5280 §4.2: at most one of each.
    #[error("extension {0} twice")]
    Duplicate(Oid),
    /// Critical where the profile has it not critical, or the other way.
    #[error("extension {0} with another criticality than the profile's")]
    Criticality(Oid),
    /// The profile demands it.
    #[error("extension {0} missing")]
    Missing(Oid),
    /// The profile has none here.
    #[error("extension {0} not allowed here")]
    Forbidden(Oid),
    /// Nobody here understands it, and it insists.
    #[error("critical extension {0} is unknown")]
    UnknownCritical(Oid),
}

impl<'a> Extension<'a> {
    /// Reads the next extension of a list.
    ///
    /// # Errors
    /// Anything but `SEQUENCE { OID, TRUE if critical, OCTET STRING }`.
    pub fn read(list: &mut Reader<'a>) -> Result<Self, DerError> {
        let (identifier, ExtensionValue { criticality, value }) = read(list)?;
        Ok(Self { oid: identifier.object_identifier()?, criticality, value })
    }

    /// The value, which is one element of this tag.
    ///
    /// # Errors
    /// Another tag, or anything behind it.
    pub fn value(&self, expected: u8) -> Result<Element<'a>, DerError> {
        self.value.only_inside(expected)
    }
}

impl Left<'_> {
    fn is(&self, mark: u64, octets: &[u8]) -> bool {
        self.mark == mark && self.identifier.content() == octets
    }
}

impl<'a> ExtensionValue<'a> {
    /// The value, which is one element of this tag.
    ///
    /// # Errors
    /// Another tag, or anything behind it.
    pub fn value(&self, expected: u8) -> Result<Element<'a>, DerError> {
        self.value.only_inside(expected)
    }
}

/// The identifier, and what stands behind it.
fn read<'a>(list: &mut Reader<'a>) -> Result<(Element<'a>, ExtensionValue<'a>), DerError> {
    let mut parts = list.expect(tag::SEQUENCE)?.inside();
    let identifier = parts.expect(tag::OID)?;
    identifier.identifier_octets()?;
    let criticality = match parts.optional(tag::BOOLEAN)? {
        Some(flag) => flag.true_flag().map(|()| Criticality::Critical)?,
        None => Criticality::NotCritical,
    };
    let value = parts.expect(tag::OCTET_STRING)?;
    parts.finish()?;
    Ok((identifier, ExtensionValue { criticality, value }))
}

/// The last eight octets of an identifier: where they differ, so do the identifiers.
fn mark(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |last, &octet| (last << 8) | u64::from(octet))
}

impl<'a> Extensions<'a> {
    /// No extensions.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads `SEQUENCE OF Extension`.
    ///
    /// # Errors
    /// Another form, an empty list, duplicates, too many.
    pub fn read(list: &Element<'a>) -> Result<Self, ExtensionError> {
        let mut reader = list.inside();
        let mut known: Vec<Left<'a>> = Vec::with_capacity(EXTENSIONS_USUAL);
        while !reader.is_empty() {
            let (identifier, taken) = read(&mut reader)?;
            let octets = identifier.content();
            let mark = mark(octets);
            if known.iter().any(|other| other.is(mark, octets)) {
                return Err(ExtensionError::Duplicate(identifier.object_identifier()?));
            }
            if known.len() == EXTENSIONS_MAX {
                return Err(ExtensionError::TooMany);
            }
            known.push(Left { identifier, mark, taken });
        }
        if known.is_empty() {
            return Err(list.error("empty list of extensions").into());
        }
        Ok(Self(known))
    }

    /// Takes one out, of either criticality.
    pub fn take(&mut self, oid: Oid) -> Option<ExtensionValue<'a>> {
        let mark = mark(oid.as_bytes());
        let at = self.0.iter().position(|left| left.is(mark, oid.as_bytes()))?;
        Some(self.0.swap_remove(at).taken)
    }

    /// Takes one out that the profile allows with this criticality.
    ///
    /// # Errors
    /// The other criticality.
    pub fn optional(
        &mut self,
        oid: Oid,
        criticality: Criticality,
    ) -> Result<Option<ExtensionValue<'a>>, ExtensionError> {
        match self.take(oid) {
            Some(extension) if extension.criticality != criticality => Err(ExtensionError::Criticality(oid)),
            extension => Ok(extension),
        }
    }

    /// Takes one out that the profile demands with this criticality.
    ///
    /// # Errors
    /// Its absence, or the other criticality.
    pub fn require(
        &mut self,
        oid: Oid,
        criticality: Criticality,
    ) -> Result<ExtensionValue<'a>, ExtensionError> {
        self.optional(oid, criticality)?.ok_or(ExtensionError::Missing(oid))
    }

    /// Makes sure that the profile's absent extension is absent.
    ///
    /// # Errors
    /// Its presence.
    pub fn forbid(&mut self, oid: Oid) -> Result<(), ExtensionError> {
        self.take(oid).map_or(Ok(()), |_| Err(ExtensionError::Forbidden(oid)))
    }

    /// Passes over what is left.
    ///
    /// # Errors
    /// Something critical is left.
    pub fn finish(self) -> Result<(), ExtensionError> {
        let mut left = self.0.iter();
        match left.find(|left| left.taken.criticality == Criticality::Critical) {
            Some(left) => Err(ExtensionError::UnknownCritical(left.identifier.object_identifier()?)),
            None => Ok(()),
        }
    }
}
