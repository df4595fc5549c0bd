//! What stands before the entries of a list (RFC 5280 §5.1.2.1 to §5.1.2.5).

use std::ops::Range;

use enishi_jpki::asn1::{DerError, DerFault, Reader, tag};
use enishi_party::Timestamp;

use super::CrlError;
use super::frame::Frame;
use super::outline::Outline;

/// version v2(1).
const VERSION_2: [u8; 3] = [tag::INTEGER, 1, 1];

/// The fields before the entries, not yet compared with anything.
pub(super) struct Front {
    /// The algorithm as the signed part has it, DER.
    pub(super) algorithm: Vec<u8>,
    /// Who issued the list, DER.
    pub(super) issuer: Vec<u8>,
    pub(super) this_update: Timestamp,
    pub(super) next_update: Timestamp,
    /// The content of the entries; `None` where there is no field of them.
    pub(super) entries: Option<Range<usize>>,
    /// Where the fields behind the entries begin.
    pub(super) behind: usize,
}

impl Front {
    /// Reads the first octets of a list, of which `outline` was read.
    pub(super) fn read(begin: &[u8], outline: &Outline) -> Result<Self, CrlError> {
        let base = outline.fields.start;
        let there = outline.fields.end.min(begin.len());
        let octets = begin.get(base..there).unwrap_or_default();
        Self::read_fields(octets, outline).map_err(|error| match error.shifted(base) {
            // It does not end, it is longer than the bound.
            CrlError::Der(DerError { at, fault: DerFault::Truncated }) if there < outline.fields.end => {
                DerError { at, fault: DerFault::Content("more before the entries than in any list of ours") }
                    .into()
            }
            error => error,
        })
    }

    fn read_fields(octets: &[u8], outline: &Outline) -> Result<Self, CrlError> {
        let mut fields = Reader::new(octets);
        match fields.optional(tag::INTEGER)? {
            Some(version) if version.raw() == VERSION_2 => {}
            _ => return Err(CrlError::Version),
        }
        let algorithm = fields.expect(tag::SEQUENCE)?.raw().to_vec();
        let issuer = fields.expect(tag::SEQUENCE)?.raw().to_vec();
        let this_update = fields.any()?.x509_time()?;
        let next_update = match fields.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => fields.any()?,
            _ => return Err(CrlError::NextUpdateMissing),
        };
        let at = next_update.range().end;
        let next_update = next_update.x509_time()?;
        if next_update <= this_update {
            return Err(CrlError::WindowReversed);
        }
        let here = outline.fields.start.saturating_add(at);
        let (mut entries, mut behind) = (None, here);
        if fields.peek() == Some(tag::SEQUENCE) {
            let fail = |fault| DerError { at, fault };
            let frame = Frame::read(octets.get(at..).unwrap_or_default()).map_err(fail)?;
            let frame = frame.ok_or_else(|| fail(DerFault::Truncated))?;
            behind = here.saturating_add(frame.octets());
            if behind > outline.fields.end {
                return Err(fail(DerFault::Truncated).into());
            }
            entries = Some(here.saturating_add(frame.header)..behind);
        }
        Ok(Self { algorithm, issuer, this_update, next_update, entries, behind })
    }
}
