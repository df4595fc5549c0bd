use std::fmt;

use zeroize::Zeroize;

use crate::{De, Error, Mti};

#[cfg(test)]
mod tests;

/// A message: its type and its elements, in order, apart from any dialect.
///
/// A value is what an element says, without prefix, padding or hexadecimal digits. Setting checks nothing: the dialect
/// does, on encoding. The raw accessors are called `expose_…` because any element may hold a secret; the typed ones
/// are named after what they return. `Debug` prints type and numbers only, and the values are wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    mti: Mti,
    elements: Vec<Element>,
    /// All values one after the other, in the order of the elements.
    values: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Element {
    de: De,
    start: usize,
    length: usize,
}

impl Message {
    /// A message without elements.
    #[must_use]
    pub fn new(mti: Mti) -> Self {
        Self::with_capacity(mti, 24, 512)
    }

    /// The message type indicator.
    #[must_use]
    pub const fn mti(&self) -> Mti {
        self.mti
    }

    /// Whether the element is there.
    #[must_use]
    pub fn has(&self, de: De) -> bool {
        self.find(de).is_ok()
    }

    /// The numbers of the elements that are there, in order.
    pub fn numbers(&self) -> impl Iterator<Item = De> {
        self.elements.iter().map(|element| element.de)
    }

    /// An element's value.
    #[must_use]
    pub fn expose_bytes(&self, de: De) -> Option<&[u8]> {
        let element = self.elements.get(self.find(de).ok()?)?;
        self.value(element)
    }

    /// An element's value as text; `None` also where it is no text.
    #[must_use]
    pub fn expose_text(&self, de: De) -> Option<&str> {
        std::str::from_utf8(self.expose_bytes(de)?).ok()
    }

    /// Sets an element, in the place of the one that was there.
    pub fn set(&mut self, de: De, value: impl AsRef<[u8]>) -> &mut Self {
        let value = value.as_ref();
        self.remove(de);
        let index = self.elements.partition_point(|element| element.de < de);
        let start = self.elements.get(index).map_or(self.values.len(), |next| next.start);
        self.reserve(value.len());
        self.values.extend_from_slice(value);
        if let Some(moved) = self.values.get_mut(start..) {
            moved.rotate_right(value.len());
        }
        for later in self.elements.iter_mut().skip(index) {
            later.start = later.start.saturating_add(value.len());
        }
        self.elements.insert(index, Element { de, start, length: value.len() });
        self
    }

    /// Takes an element out, and wipes its value.
    pub fn remove(&mut self, de: De) -> &mut Self {
        let Ok(index) = self.find(de) else { return self };
        let Element { start, length, .. } = self.elements.remove(index);
        for later in self.elements.iter_mut().skip(index) {
            later.start = later.start.saturating_sub(length);
        }
        let kept = self.values.len().saturating_sub(length);
        if let Some(moved) = self.values.get_mut(start..) {
            moved.rotate_left(length);
        }
        if let Some(removed) = self.values.get_mut(kept..) {
            removed.zeroize();
        }
        self.values.truncate(kept);
        self
    }

    /// The same message, said again: nothing but the type changes, 0420 → 0421.
    ///
    /// Refuses requests other than reversals: those are never sent again.
    pub fn repeat(&self) -> Result<Self, Error> {
        let mti = self.mti.repeat().ok_or(Error::NotRepeatable { mti: self.mti })?;
        let mut repeat = self.clone();
        repeat.mti = mti;
        Ok(repeat)
    }

    /// An empty message with room for so many elements and bytes.
    pub(crate) fn with_capacity(mti: Mti, elements: u32, bytes: usize) -> Self {
        let elements = usize::try_from(elements).unwrap_or_default();
        Self { mti, elements: Vec::with_capacity(elements), values: Vec::with_capacity(bytes) }
    }

    /// Adds an element behind all others; the caller reads them in order.
    pub(crate) fn append(&mut self, de: De, value: impl Iterator<Item = u8>) {
        let start = self.values.len();
        self.values.extend(value);
        self.elements.push(Element { de, start, length: self.values.len().saturating_sub(start) });
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = (De, &[u8])> {
        self.elements.iter().map(|element| (element.de, self.value(element).unwrap_or_default()))
    }

    /// Enough for MTI, bitmaps, prefixes and a little padding, so that encoding allocates once as a rule.
    pub(crate) fn encoded_length_hint(&self) -> usize {
        let around = self.elements.len().saturating_mul(4).saturating_add(64);
        self.values.len().saturating_add(around)
    }

    fn find(&self, de: De) -> Result<usize, usize> {
        self.elements.binary_search_by_key(&de, |element| element.de)
    }

    fn value(&self, element: &Element) -> Option<&[u8]> {
        self.values.get(element.start..)?.get(..element.length)
    }

    /// Growing by hand: a vector that moves leaves its old bytes behind.
    fn reserve(&mut self, more: usize) {
        let needed = self.values.len().saturating_add(more);
        if needed <= self.values.capacity() {
            return;
        }
        let mut grown = Vec::with_capacity(needed.saturating_mul(2));
        grown.extend_from_slice(&self.values);
        self.values.zeroize();
        self.values = grown;
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        self.values.zeroize();
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}", self.mti)?;
        self.numbers().try_for_each(|de| write!(f, ", {de}"))?;
        f.write_str(")")
    }
}
