//! One entry of a list (RFC 5280 §5.1.2.6, §5.3): the usual form by comparison, every other form step by step.

use enishi_jpki::asn1::{DerError, DerFault, Element, Reader, tag};
use enishi_jpki::{Serial, oid};

use super::frame::Frame;
use super::{CrlError, Unsupported, moment};
use crate::limits::{ENTRY_EXTENSIONS_MAX, ENTRY_OCTETS_MAX};
use crate::revocation::RevocationReason;

#[cfg(test)]
mod tests;

/// invalidityDate (RFC 5280 §5.3.2): since when the key is suspected; revocation is revocation without it.
const INVALIDITY_DATE: oid::Oid = oid::Oid::new_unwrap("2.5.29.24");

/// A serial number by its width: authorities that count stay within 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Narrow(u32),
    Wide([u8; 20]),
}

/// One revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: Number,
    /// Seconds since 1970: enough until 2106.
    pub(super) at: u32,
    /// A code that [`RevocationReason::from_code`] knows.
    pub(super) reason: u8,
}

impl Number {
    /// Takes the content of an INTEGER that is a serial number.
    #[inline]
    pub(super) fn of(content: &[u8]) -> Self {
        match content {
            &[a, b, c, d] | &[0, a, b, c, d] => Self::Narrow(u32::from_be_bytes([a, b, c, d])),
            &[b, c, d] => Self::Narrow(u32::from_be_bytes([0, b, c, d])),
            &[c, d] => Self::Narrow(u32::from_be_bytes([0, 0, c, d])),
            &[d] => Self::Narrow(u32::from(d)),
            _ => Self::Wide(Self::wide(content)),
        }
    }

    #[inline]
    pub(super) fn of_serial(serial: &Serial) -> Self {
        match serial.expose_u32() {
            Some(number) => Self::Narrow(number),
            None => Self::of(serial.expose_der_content()),
        }
    }

    fn wide(content: &[u8]) -> [u8; 20] {
        let mut padded = [0; 20];
        let from = padded.len().saturating_sub(content.len());
        if let Some(to) = padded.get_mut(from..) {
            to.copy_from_slice(content);
        }
        padded
    }

    /// The number as 20 octets.
    pub(super) fn padded(self) -> [u8; 20] {
        match self {
            Self::Wide(padded) => padded,
            Self::Narrow(number) => Self::wide(&number.to_be_bytes()),
        }
    }
}

/// Octets of JPKI's entries: a serial number of four octets, a UTCTime, a reason.
pub(super) const USUAL_OCTETS: usize = 37;

/// `SEQUENCE { INTEGER of four octets`, lowest address in the lowest bits.
const USUAL_HEAD: u32 = 0x0402_2330;
/// From within the extensions to within the one reason: `0c SEQUENCE { OID id-ce-cRLReasons`.
const USUAL_REASON: u64 = u64::from_le_bytes([0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15]);
/// Both of a reason: what follows a date, up to the code.
const REASON: [u8; 13] = [0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01];

/// An entry of the usual form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Usual {
    pub(super) number: u32,
    /// As in [`Entry`].
    pub(super) at: u32,
    /// As in [`Entry`].
    pub(super) reason: u8,
}

/// Reads JPKI's own form, which is most of a list. `None` is for [`short`].
#[inline]
pub(super) fn usual(entry: &[u8; USUAL_OCTETS]) -> Option<Usual> {
    let (head, rest) = entry.split_first_chunk::<4>()?;
    let (serial, rest) = rest.split_first_chunk::<4>()?;
    let (date, rest) = rest.split_first_chunk::<8>()?;
    let (time, rest) = rest.split_first_chunk::<8>()?;
    let (extension, rest) = rest.split_first_chunk::<8>()?;
    let &[0x04, 0x03, 0x0a, 0x01, reason] = rest else { return None };
    let time = u64::from_le_bytes(*time);
    let serial = u32::from_be_bytes(*serial);
    let as_usual = u32::from_le_bytes(*head) == USUAL_HEAD
        && u64::from_le_bytes(*extension) == USUAL_REASON
        && time >> 56 == u64::from(tag::SEQUENCE)
        // Positive and minimal in four octets.
        && (0x0080_0000..0x8000_0000).contains(&serial);
    if !as_usual || RevocationReason::from_code(reason).is_none() {
        return None;
    }
    let at = moment::utc_time(u64::from_le_bytes(*date), time)?;
    Some(Usual { number: serial, at, reason })
}

/// Reads an entry of short lengths with a UTCTime and at most a reason, and tells its octets. `None` is for [`general`].
#[inline]
pub(super) fn short(input: &[u8]) -> Option<(Entry, usize)> {
    let &[tag::SEQUENCE, length, tag::INTEGER, width, ref rest @ ..] = input else { return None };
    let (length, width) = (usize::from(length), usize::from(width));
    if width > 20 || length >= 0x80 {
        return None;
    }
    let (serial, rest) = rest.split_at_checked(width)?;
    match serial {
        [] | [0] | [0x80..=0xff, ..] | [0, 0..=0x7f, ..] => return None,
        _ => {}
    }
    let (date, extensions) = rest.split_first_chunk::<15>()?;
    let at = moment::utc_time(
        u64::from_le_bytes(*date.first_chunk()?),
        u64::from_le_bytes(*date.last_chunk()?) >> 8,
    )?;
    let reason = match length.checked_sub(width.checked_add(17)?)? {
        0 => 0,
        14 => {
            let (form, code) = extensions.split_first_chunk::<13>()?;
            let code = *code.first()?;
            RevocationReason::from_code(code).filter(|_| *form == REASON)?;
            code
        }
        _ => return None,
    };
    Some((Entry { number: Number::of(serial), at, reason }, length.checked_add(2)?))
}

/// What an input that may go on holds of an entry.
pub(super) enum Seen {
    /// All of one, and how many octets it has.
    Whole(Entry, usize),
    /// The beginning of one that has this many octets, or more.
    Part(usize),
}

/// Reads the entry at the beginning of `input`, which stands at octet `at` of the list.
pub(super) fn general(input: &[u8], at: usize) -> Result<Seen, CrlError> {
    let fail = |fault| DerError { at, fault };
    let Some(frame) = Frame::read(input).map_err(fail)? else { return Ok(Seen::Part(Frame::OCTETS_MAX)) };
    if frame.tag != tag::SEQUENCE {
        return Err(fail(DerFault::Tag { expected: tag::SEQUENCE, found: frame.tag }).into());
    }
    let octets = frame.octets();
    if octets > ENTRY_OCTETS_MAX {
        return Err(fail(DerFault::Content("entry longer than any of ours")).into());
    }
    match input.get(..octets) {
        Some(entry) => Ok(Seen::Whole(read(entry).map_err(|error| error.shifted(at))?, octets)),
        None => Ok(Seen::Part(octets)),
    }
}

fn read(entry: &[u8]) -> Result<Entry, CrlError> {
    let mut parts = Reader::only(entry, tag::SEQUENCE)?.inside();
    let serial = Serial::from_der_content(parts.expect(tag::INTEGER)?.content())?;
    let date = parts.any()?;
    let at = match seconds(&date) {
        Some(at) => at,
        // Says what is wrong.
        None => u32::try_from(date.x509_time()?.as_second()).map_err(|_| CrlError::RevocationDate)?,
    };
    let reason = match parts.optional(tag::SEQUENCE)? {
        Some(extensions) => read_reason(&extensions)?,
        None => 0,
    };
    parts.finish()?;
    Ok(Entry { number: Number::of_serial(&serial), at, reason })
}

fn seconds(date: &Element<'_>) -> Option<u32> {
    if date.tag() == tag::GENERALIZED_TIME {
        return moment::generalized_time(date.content());
    }
    let whole: &[u8; 15] = date.raw().try_into().ok()?;
    let (head, tail) = (whole.first_chunk()?, whole.last_chunk()?);
    moment::utc_time(u64::from_le_bytes(*head), u64::from_le_bytes(*tail) >> 8)
}

/// The extensions of an entry, read without a list of them: there are millions.
fn read_reason(extensions: &Element<'_>) -> Result<u8, CrlError> {
    let mut reader = extensions.inside();
    if reader.is_empty() {
        return Err(extensions.error("empty list of extensions").into());
    }
    let mut reason = None;
    let mut unknown = 0_usize;
    while !reader.is_empty() {
        let mut parts = reader.expect(tag::SEQUENCE)?.inside();
        let name = parts.expect(tag::OID)?;
        let critical = match parts.optional(tag::BOOLEAN)? {
            Some(flag) => flag.true_flag().map(|()| true)?,
            None => false,
        };
        let value = parts.expect(tag::OCTET_STRING)?;
        parts.finish()?;
        if name.content() == oid::CRL_REASON.as_bytes() {
            let value = value.only_inside(tag::ENUMERATED)?;
            if reason.replace(read_code(&value)?).is_some() {
                return Err(value.error("reason given twice").into());
            }
        } else if name.content() == oid::CERTIFICATE_ISSUER.as_bytes() {
            // RFC 5280 §5.3.3: this and all entries behind it would be another issuer's.
            return Err(Unsupported::Indirect.into());
        } else if name.content() == INVALIDITY_DATE.as_bytes() {
            value.only_inside(tag::GENERALIZED_TIME)?.generalized_time()?;
        } else {
            let name = name.object_identifier()?;
            unknown = unknown.saturating_add(1);
            if critical {
                return Err(Unsupported::EntryExtension(name).into());
            }
            if unknown > ENTRY_EXTENSIONS_MAX {
                return Err(extensions.error("more extensions of one entry than any of ours").into());
            }
        }
    }
    Ok(reason.unwrap_or(0))
}

fn read_code(value: &Element<'_>) -> Result<u8, CrlError> {
    match *value.content() {
        [code] if RevocationReason::from_code(code).is_some() => Ok(code),
        [code] => Err(Unsupported::Reason(code).into()),
        _ => Err(value.error("reason of one octet expected").into()),
    }
}
