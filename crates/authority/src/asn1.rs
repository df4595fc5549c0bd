//! DER, written from the inside out: every function gives one complete encoding (ITU-T X.690 §10).
//!
//! Certificates here must match J-LIS's octet for octet, so nothing may choose a string type, an order or a default by
//! itself.

use der::asn1::ObjectIdentifier;
use jiff::{Timestamp, tz::TimeZone};

/// The universal tags in use.
pub(crate) mod tag {
    pub(super) const BOOLEAN: u8 = 0x01;
    pub(super) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(super) const NULL: u8 = 0x05;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(super) const UTF8_STRING: u8 = 0x0c;
    pub(super) const PRINTABLE_STRING: u8 = 0x13;
    pub(super) const IA5_STRING: u8 = 0x16;
    pub(super) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(super) const SET: u8 = 0x31;
}

/// Any tag around the parts, joined.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut encoding = Vec::with_capacity(length.saturating_add(HEADER_MAX_OCTETS));
    push_header(&mut encoding, tag, length);
    for part in parts {
        encoding.extend_from_slice(part);
    }
    encoding
}

/// Tag, count of length octets, and a length as long as a machine's word.
pub(crate) const HEADER_MAX_OCTETS: usize = 2 + size_of::<usize>();

/// Tag and length alone: for content that is written behind it, piece by piece.
pub(crate) fn push_header(encoding: &mut Vec<u8>, tag: u8, length: usize) {
    encoding.push(tag);
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        encoding.push(short);
        return;
    }
    let octets = length.to_be_bytes();
    let significant = octets.iter().position(|octet| *octet != 0).and_then(|first| octets.get(first..));
    let significant = significant.unwrap_or_default();
    // A usize has at most 8 octets, so the count always fits the low bits.
    encoding.push(0x80 | u8::try_from(significant.len()).unwrap_or(0x08));
    encoding.extend_from_slice(significant);
}

/// Octets of a header for that much content.
pub(crate) fn header_octets(length: usize) -> usize {
    let bits = usize::BITS.saturating_sub(length.leading_zeros());
    if length <= 0x7f { 2 } else { 2_usize.saturating_add(usize::try_from(bits.div_ceil(8)).unwrap_or(8)) }
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag::SEQUENCE, parts)
}

pub(crate) fn set_of_one(element: &[u8]) -> Vec<u8> {
    tlv(tag::SET, &[element])
}

/// `[number]` constructed: EXPLICIT around one encoding, or IMPLICIT in place of a SEQUENCE's tag.
pub(crate) fn context(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    tlv(0xa0 | number, parts)
}

/// `[number]` IMPLICIT in place of a primitive tag.
pub(crate) fn context_primitive(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, &[content])
}

pub(crate) fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    tlv(tag::OBJECT_IDENTIFIER, &[oid.as_bytes()])
}

/// An INTEGER from its magnitude, big-endian; leading zeros are dropped, a sign octet is put in where needed.
pub(crate) fn unsigned_integer(magnitude: &[u8]) -> Vec<u8> {
    tlv(tag::INTEGER, &[&integer_content(magnitude)])
}

/// The content octets of that INTEGER, for IMPLICIT tags.
pub(crate) fn integer_content(magnitude: &[u8]) -> Vec<u8> {
    let significant: Vec<u8> = magnitude.iter().copied().skip_while(|octet| *octet == 0).collect();
    match significant.first() {
        None => vec![0],
        Some(0x80..) => std::iter::once(0).chain(significant).collect(),
        Some(_) => significant,
    }
}

pub(crate) fn enumerated(value: u8) -> Vec<u8> {
    tlv(tag::ENUMERATED, &[&[value]])
}

pub(crate) fn boolean_true() -> Vec<u8> {
    tlv(tag::BOOLEAN, &[&[0xff]])
}

pub(crate) fn null() -> Vec<u8> {
    tlv(tag::NULL, &[])
}

pub(crate) fn octet_string(content: &[u8]) -> Vec<u8> {
    tlv(tag::OCTET_STRING, &[content])
}

/// A BIT STRING of whole octets.
pub(crate) fn bit_string(content: &[u8]) -> Vec<u8> {
    tlv(tag::BIT_STRING, &[&[0], content])
}

/// A named-bit BIT STRING of one octet, its trailing zero bits cut off (X.690 §11.2.2).
pub(crate) fn named_bits(bits: u8) -> Vec<u8> {
    let unused = u8::try_from(bits.trailing_zeros().min(7)).unwrap_or(7);
    tlv(tag::BIT_STRING, &[&[unused, bits]])
}

pub(crate) fn utf8(text: &str) -> Vec<u8> {
    tlv(tag::UTF8_STRING, &[text.as_bytes()])
}

pub(crate) fn printable(text: &str) -> Vec<u8> {
    tlv(tag::PRINTABLE_STRING, &[text.as_bytes()])
}

pub(crate) fn ia5(text: &str) -> Vec<u8> {
    tlv(tag::IA5_STRING, &[text.as_bytes()])
}

/// A `Time`: UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5), to the second.
pub(crate) fn time(at: Timestamp) -> Vec<u8> {
    let year = TimeZone::UTC.to_datetime(at).year();
    if (1950..2050).contains(&year) {
        let full = digits(at);
        // The century is what a UTCTime leaves out.
        tlv(tag::UTC_TIME, &[full.get(2..).unwrap_or_default()])
    } else {
        generalized_time(at)
    }
}

pub(crate) fn generalized_time(at: Timestamp) -> Vec<u8> {
    tlv(tag::GENERALIZED_TIME, &[&digits(at)])
}

/// `YYYYMMDDhhmmssZ`.
fn digits(at: Timestamp) -> [u8; 15] {
    let t = TimeZone::UTC.to_datetime(at);
    let two = |value: u16| [b'0' + low(value / 10), b'0' + low(value)];
    let part = |value: i8| two(u16::from(value.unsigned_abs()));
    let [c, y] = [t.year().unsigned_abs() / 100, t.year().unsigned_abs() % 100].map(two);
    let [mo, d, h, mi, s] = [t.month(), t.day(), t.hour(), t.minute(), t.second()].map(part);
    [c[0], c[1], y[0], y[1], mo[0], mo[1], d[0], d[1], h[0], h[1], mi[0], mi[1], s[0], s[1], b'Z']
}

/// The last decimal digit.
fn low(value: u16) -> u8 {
    u8::try_from(value % 10).unwrap_or_default()
}

#[cfg(test)]
mod tests;
