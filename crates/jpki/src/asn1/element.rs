//! Elements and the reader that yields them.

use std::ops::Range;

use der::asn1::ObjectIdentifier;

use super::{DerError, DerFault};
use crate::oid;

/// Identifier octets (X.690 §8.1.2) of the types that the profiles use.
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u8 = 0x04;
    /// NULL.
    pub const NULL: u8 = 0x05;
    /// OBJECT IDENTIFIER.
    pub const OID: u8 = 0x06;
    /// ENUMERATED.
    pub const ENUMERATED: u8 = 0x0a;
    /// UTF8String.
    pub const UTF8_STRING: u8 = 0x0c;
    /// SEQUENCE and SEQUENCE OF.
    pub const SEQUENCE: u8 = 0x30;
    /// SET and SET OF.
    pub const SET: u8 = 0x31;
    /// PrintableString.
    pub const PRINTABLE_STRING: u8 = 0x13;
    /// UTCTime.
    pub const UTC_TIME: u8 = 0x17;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u8 = 0x18;

    /// `[number]` around another element, or IMPLICIT over a constructed one.
    #[must_use]
    pub const fn context_constructed(number: u8) -> u8 {
        0xa0 | (number & 0x1f)
    }

    /// `[number]` IMPLICIT over a primitive element.
    #[must_use]
    pub const fn context_primitive(number: u8) -> u8 {
        0x80 | (number & 0x1f)
    }
}

/// One element: its tag, its content, and where it stood in the outermost input.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    tag: u8,
    raw: &'a [u8],
    content: &'a [u8],
    at: usize,
}

/// Reads elements one after another.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first octet of `input`.
    #[must_use]
    pub const fn new(input: &'a [u8]) -> Self {
        Self { rest: input, at: 0 }
    }

    /// Reads `input` as exactly one element of this tag.
    ///
    /// # Errors
    /// Another tag, a bad length, or anything behind it.
    pub fn only(input: &'a [u8], expected: u8) -> Result<Element<'a>, DerError> {
        let mut reader = Self::new(input);
        let element = reader.expect(expected)?;
        reader.finish()?;
        Ok(element)
    }

    /// Whether everything was read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element's tag, without reading it.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Reads the next element, whatever its tag.
    ///
    /// # Errors
    /// Truncation, a tag of several octets, a length not in DER form.
    pub fn any(&mut self) -> Result<Element<'a>, DerError> {
        let at = self.at;
        let fail = |fault| DerError { at, fault };
        let (&tag, after_tag) = self.rest.split_first().ok_or_else(|| fail(DerFault::Truncated))?;
        if tag & 0x1f == 0x1f {
            return Err(fail(DerFault::LongTag));
        }
        let (length, after_length) = read_length(after_tag).map_err(fail)?;
        let (content, rest) =
            after_length.split_at_checked(length).ok_or_else(|| fail(DerFault::Truncated))?;
        let taken = self.rest.len().saturating_sub(rest.len());
        let raw = self.rest.get(..taken).unwrap_or_default();
        self.rest = rest;
        self.at = at.saturating_add(taken);
        Ok(Element { tag, raw, content, at })
    }

    /// Reads the next element, which must have this tag.
    ///
    /// # Errors
    /// As [`Reader::any`], and another tag.
    pub fn expect(&mut self, expected: u8) -> Result<Element<'a>, DerError> {
        match self.peek() {
            Some(found) if found != expected => {
                Err(DerError { at: self.at, fault: DerFault::Tag { expected, found } })
            }
            _ => self.any(),
        }
    }

    /// Reads the next element if it has this tag.
    ///
    /// # Errors
    /// As [`Reader::any`], once the tag matches.
    pub fn optional(&mut self, expected: u8) -> Result<Option<Element<'a>>, DerError> {
        if self.peek() == Some(expected) { self.any().map(Some) } else { Ok(None) }
    }

    /// Ends reading.
    ///
    /// # Errors
    /// Something is left.
    pub const fn finish(self) -> Result<(), DerError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DerError { at: self.at, fault: DerFault::Trailing }) }
    }
}

fn read_length(input: &[u8]) -> Result<(usize, &[u8]), DerFault> {
    let (&first, rest) = input.split_first().ok_or(DerFault::Truncated)?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    // 0x80 is BER's indefinite form; four octets reach 4 GiB, above every limit of ours.
    if count == 0 || count > 4 {
        return Err(DerFault::Length);
    }
    let (octets, rest) = rest.split_at_checked(count).ok_or(DerFault::Truncated)?;
    let length = octets.iter().fold(0_u64, |sum, &octet| (sum << 8) | u64::from(octet));
    // X.690 §10.1: the fewest octets.
    if length < 0x80 || octets.first() == Some(&0) {
        return Err(DerFault::Length);
    }
    Ok((usize::try_from(length).map_err(|_| DerFault::Length)?, rest))
}

impl<'a> Element<'a> {
    /// The identifier octet.
    #[must_use]
    pub const fn tag(&self) -> u8 {
        self.tag
    }

    /// The whole encoding, header and content.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The content octets.
    #[must_use]
    pub const fn content(&self) -> &'a [u8] {
        self.content
    }

    /// Where the whole encoding stands in the outermost input.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.at..self.at.saturating_add(self.raw.len())
    }

    /// Where the content stands in the outermost input.
    #[must_use]
    pub const fn content_range(&self) -> Range<usize> {
        self.content_at()..self.at.saturating_add(self.raw.len())
    }

    /// Reads the elements inside.
    #[must_use]
    pub const fn inside(&self) -> Reader<'a> {
        Reader { rest: self.content, at: self.content_at() }
    }

    /// An error at this element.
    #[must_use]
    pub const fn error(&self, rule: &'static str) -> DerError {
        DerError { at: self.at, fault: DerFault::Content(rule) }
    }

    /// The single element inside, which must have this tag.
    ///
    /// # Errors
    /// As [`Reader::only`].
    pub fn only_inside(&self, expected: u8) -> Result<Element<'a>, DerError> {
        let mut inside = self.inside();
        let element = inside.expect(expected)?;
        inside.finish()?;
        Ok(element)
    }

    /// A BOOLEAN that DER writes only when it is TRUE, as every `DEFAULT FALSE` here.
    ///
    /// # Errors
    /// Anything but `FF`: DER omits a default (X.690 §11.5).
    pub fn true_flag(&self) -> Result<(), DerError> {
        if self.content == [0xff] { Ok(()) } else { Err(self.error("TRUE expected")) }
    }

    /// The content of an INTEGER that is not negative: minimal, big-endian, with its sign octet.
    ///
    /// # Errors
    /// Empty, not minimal, or negative.
    pub fn unsigned_integer(&self) -> Result<&'a [u8], DerError> {
        match self.content {
            [] => Err(self.error("empty integer")),
            [first, ..] if first & 0x80 != 0 => Err(self.error("negative integer")),
            [0, second, ..] if second & 0x80 == 0 => Err(self.error("integer not minimal")),
            content => Ok(content),
        }
    }

    /// The octets of a BIT STRING whose length is a whole number of octets.
    ///
    /// # Errors
    /// Unused bits.
    pub fn whole_octets(&self) -> Result<&'a [u8], DerError> {
        match self.content {
            [0, octets @ ..] => Ok(octets),
            _ => Err(self.error("bit string of whole octets expected")),
        }
    }

    /// The content of an OBJECT IDENTIFIER, for comparing.
    ///
    /// # Errors
    /// As [`Element::object_identifier`].
    pub fn identifier_octets(&self) -> Result<&'a [u8], DerError> {
        match oid::familiar(self.content) {
            Some(_) => Ok(self.content),
            None => self.object_identifier().map(|_| self.content),
        }
    }

    /// The OBJECT IDENTIFIER.
    ///
    /// # Errors
    /// An encoding that is none, or longer than any this project knows (39 octets).
    pub fn object_identifier(&self) -> Result<ObjectIdentifier, DerError> {
        match oid::familiar(self.content) {
            Some(oid) => Ok(oid),
            None => {
                ObjectIdentifier::from_bytes(self.content).map_err(|_| self.error("no object identifier"))
            }
        }
    }

    /// The text of a UTF8String.
    ///
    /// # Errors
    /// Bytes that are not UTF-8.
    pub fn utf8(&self) -> Result<&'a str, DerError> {
        std::str::from_utf8(self.content).map_err(|_| self.error("not UTF-8"))
    }

    const fn content_at(&self) -> usize {
        self.at.saturating_add(self.raw.len().saturating_sub(self.content.len()))
    }
}
