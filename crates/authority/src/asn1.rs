//! DER, written from the inside out: every function gives one complete encoding (ITU-T X.690 §10).
//!
//! Certificates here must match J-LIS's octet for octet, so nothing may choose a string type, an order or a default by
//! itself.

use der::asn1::ObjectIdentifier;
use jiff::{Timestamp, tz::TimeZone};

/// The universal tags in use.
mod tag {
    pub(super) const BOOLEAN: u8 = 0x01;
    pub(super) const INTEGER: u8 = 0x02;
    pub(super) const BIT_STRING: u8 = 0x03;
    pub(super) const OCTET_STRING: u8 = 0x04;
    pub(super) const NULL: u8 = 0x05;
    pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(super) const ENUMERATED: u8 = 0x0a;
    pub(super) const UTF8_STRING: u8 = 0x0c;
    pub(super) const PRINTABLE_STRING: u8 = 0x13;
    pub(super) const IA5_STRING: u8 = 0x16;
    pub(super) const UTC_TIME: u8 = 0x17;
    pub(super) const GENERALIZED_TIME: u8 = 0x18;
    pub(super) const SEQUENCE: u8 = 0x30;
    pub(super) const SET: u8 = 0x31;
}

/// Any tag around the parts, joined.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut encoding = Vec::with_capacity(length.saturating_add(6));
    encoding.push(tag);
    push_length(&mut encoding, length);
    for part in parts {
        encoding.extend_from_slice(part);
    }
    encoding
}

fn push_length(encoding: &mut Vec<u8>, length: usize) {
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        encoding.push(short);
        return;
    }
    let octets: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    // A usize has at most 8 octets, so the count always fits the low bits.
    encoding.push(0x80 | u8::try_from(octets.len()).unwrap_or(0x08));
    encoding.extend_from_slice(&octets);
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
        tlv(tag::UTC_TIME, &[full.as_bytes().get(2..).unwrap_or_default()])
    } else {
        generalized_time(at)
    }
}

pub(crate) fn generalized_time(at: Timestamp) -> Vec<u8> {
    tlv(tag::GENERALIZED_TIME, &[digits(at).as_bytes()])
}

/// `YYYYMMDDhhmmssZ`.
fn digits(at: Timestamp) -> String {
    let t = TimeZone::UTC.to_datetime(at);
    format!("{:04}{:02}{:02}{:02}{:02}{:02}Z", t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second())
}

#[cfg(test)]
mod tests;
