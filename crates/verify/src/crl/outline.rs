//! The outermost frame of a list: how long it is, and which of its octets are signed.

use std::ops::Range;

use enishi_jpki::asn1::{DerError, DerFault, tag};

use super::frame::Frame;

/// Where things stand in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outline {
    /// Octets of the whole list.
    pub(super) octets: usize,
    /// What is signed, its own tag and length included.
    pub(super) signed: Range<usize>,
    /// The content of it.
    pub(super) fields: Range<usize>,
}

impl Outline {
    /// Octets within which the outline is told.
    pub(super) const OCTETS_MAX: usize = 2 * Frame::OCTETS_MAX;

    /// Reads the beginning of a list: its first [`Outline::OCTETS_MAX`] octets or all that there are.
    pub(super) fn read(begin: &[u8]) -> Result<Self, DerError> {
        let whole = sequence(begin, 0)?;
        let fields = sequence(begin.get(whole.header..).unwrap_or_default(), whole.header)?;
        let fields_at = whole.header.saturating_add(fields.header);
        let end = fields_at.saturating_add(fields.content);
        if end > whole.octets() {
            return Err(DerError { at: whole.header, fault: DerFault::Truncated });
        }
        Ok(Self { octets: whole.octets(), signed: whole.header..end, fields: fields_at..end })
    }
}

fn sequence(begin: &[u8], at: usize) -> Result<Frame, DerError> {
    let fail = |fault| DerError { at, fault };
    match begin.first() {
        Some(&found) if found != tag::SEQUENCE => Err(fail(DerFault::Tag { expected: tag::SEQUENCE, found })),
        _ => Frame::read(begin).map_err(fail)?.ok_or_else(|| fail(DerFault::Truncated)),
    }
}
