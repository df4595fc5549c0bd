use std::fmt;

use crate::charset::Charset;
use crate::error::Fault;

/// One tag of an element that is made of tagged parts: two digits of tag, three of length, then the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagSpec {
    /// The tag, 0 to 99.
    pub tag: u8,
    /// The part's name in words.
    pub name: &'static str,
    /// What it may contain.
    pub charset: Charset,
    /// Least length.
    pub min: usize,
    /// Greatest length.
    pub max: usize,
}

/// The parts of such an element, in the order in which they stand; stops at the first fault.
pub(crate) struct Tlvs<'a> {
    tags: &'static [TagSpec],
    rest: &'a [u8],
    at: usize,
    seen: u128,
}

impl<'a> Tlvs<'a> {
    pub(crate) const fn new(tags: &'static [TagSpec], value: &'a [u8]) -> Self {
        Self { tags, rest: value, at: 0, seen: 0 }
    }

    fn read(&mut self) -> Result<(&'static TagSpec, &'a [u8]), Fault> {
        let fault = |past: usize, expected| Fault::new(self.at.saturating_add(past), expected);
        let (header, rest) = self.rest.split_first_chunk::<5>().ok_or(fault(0, HEADER))?;
        if let Some(past) = header.iter().position(|byte| !byte.is_ascii_digit()) {
            return Err(fault(past, HEADER));
        }
        let [tens, units, length @ ..] = *header;
        let tag = (tens - b'0') * 10 + (units - b'0');
        let spec = self.tags.iter().find(|spec| spec.tag == tag).ok_or(fault(0, "a tag of the dialect"))?;
        let bit = 1_u128 << spec.tag;
        if self.seen & bit != 0 {
            return Err(fault(0, "each tag once"));
        }
        let length = length.iter().fold(0_usize, |sum, digit| sum * 10 + usize::from(digit - b'0'));
        if !(spec.min..=spec.max).contains(&length) {
            return Err(fault(2, "a length that the tag may have"));
        }
        let (value, rest) = rest.split_at_checked(length).ok_or(fault(2, "a length within the element"))?;
        if let Some(past) = spec.charset.first_refused(value) {
            return Err(fault(HEADER_LENGTH.saturating_add(past), "a character that the tag may contain"));
        }
        self.rest = rest;
        self.at = self.at.saturating_add(HEADER_LENGTH).saturating_add(length);
        self.seen |= bit;
        Ok((spec, value))
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Result<(&'static TagSpec, &'a [u8]), Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let part = self.read();
        if part.is_err() {
            self.rest = &[];
        }
        Some(part)
    }
}

impl fmt::Display for TagSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tag, name, charset, min, max } = self;
        write!(f, "     tag {tag:02}: {} {min}-{max}, {name}", charset.abbreviation())
    }
}

const HEADER: &str = "two digits of tag and three of length";
const HEADER_LENGTH: usize = 5;
