//! The files of the text application (券面入力補助AP), well formed and signed by the card's own sandbox key.
//!
//! On a real card an issuer's key signs the records and a chain of card-verifiable certificates leads to it; a
//! sandbox card is its own issuer, and its key identifiers begin with a digit that no known hierarchy uses.

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

use crate::image::Face;
use crate::key::{CardKey, Scheme};

/// EF 0002: name, address, birth date and sex, behind a table of where each begins.
pub(super) fn attributes(face: &Face) -> Vec<u8> {
    let objects = attribute_objects(face);
    let inner = OFFSET_TABLE_LEN + objects.iter().map(Vec::len).sum::<usize>();
    // DF21 counts from the start of the file.
    let mut at = tlv_header(0xFF20, inner).len() + OFFSET_TABLE_LEN;
    let mut table = Vec::new();
    for object in &objects {
        table.extend(u16::try_from(at).unwrap_or(u16::MAX).to_be_bytes());
        at += object.len();
    }
    let mut value = tlv(0xDF21, &table);
    value.extend(objects.concat());
    tlv(0xFF20, &value)
}

fn attribute_objects(face: &Face) -> [Vec<u8>; 4] {
    [
        tlv(0xDF22, face.name().as_bytes()),
        tlv(0xDF23, face.address().as_bytes()),
        tlv(0xDF24, face.birth_date().as_bytes()),
        tlv(0xDF25, &[face.sex().digit()]),
    ]
}

/// EF 0003: digests of 0001 and 0002 under one signature; `None` if the key fails.
pub(super) fn integrity(face: &Face) -> Option<Vec<u8>> {
    // There is no EF 0001 here, so there is nothing to vouch for.
    let mut record = tlv(0xDF31, &[0; SHA256_OUTPUT_LEN]);
    // DF32 covers the objects without the table.
    let objects = attribute_objects(face).concat();
    record.extend(tlv(0xDF32, digest(&SHA256, &objects).as_ref()));
    signed(0xFF30, record, 0xDF33, face.key())
}

/// EF 0004: a card-verifiable certificate of the card's key by itself.
pub(super) fn certificate(face: &Face) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    body.extend(SANDBOX_ISSUER);
    body.extend(SANDBOX_SUBJECT);
    body.extend(public_key(face.key()));
    let signature = face.key().sign(Scheme::DigestInfo, &body).ok()?;
    let mut value = tlv(0x5F4E, &body);
    value.extend(tlv(0x5F37, &signature));
    Some(tlv(0x7F21, &value))
}

/// EF 0005: what the application is.
pub(super) fn basic_data() -> Vec<u8> {
    let mut value = tlv(0xDF41, &[0x01, 0x03, 0x0E, 0x01]);
    value.extend(tlv(0xDF42, &SANDBOX_ISSUER));
    let mut unknown = vec![0; 32];
    unknown.resize(128, 0xFF);
    value.extend(tlv(0xDF43, &unknown));
    tlv(0xFF40, &value)
}

/// EF 0006: the key that a session key would be sent under.
pub(super) fn session_key(face: &Face) -> Vec<u8> {
    tlv(0xA1, &public_key(face.key()))
}

/// EF 0007: the card's key, signed.
pub(super) fn signed_key(face: &Face) -> Option<Vec<u8>> {
    signed(0xFF50, tlv(0xDF51, &public_key(face.key())), 0xDF52, face.key())
}

/// A record followed by a signature over it.
fn signed(tag: u16, mut record: Vec<u8>, signature_tag: u16, key: &CardKey) -> Option<Vec<u8>> {
    let signature = key.sign(Scheme::DigestInfo, &record).ok()?;
    record.extend(tlv(signature_tag, &signature));
    Some(tlv(tag, &record))
}

/// Exponent (90) and modulus (91).
fn public_key(key: &CardKey) -> Vec<u8> {
    let mut value = tlv(0x90, &[0x01, 0x00, 0x01]);
    value.extend(tlv(0x91, key.modulus()));
    value
}

fn tlv(tag: u16, value: &[u8]) -> Vec<u8> {
    let mut object = tlv_header(tag, value.len());
    object.extend_from_slice(value);
    object
}

/// Tag and length in BER, the length in as few bytes as it takes.
fn tlv_header(tag: u16, len: usize) -> Vec<u8> {
    let mut header = match tag.to_be_bytes() {
        [0, low] => vec![low],
        both => both.to_vec(),
    };
    match u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes() {
        [0, low] if low < 0x80 => header.push(low),
        [0, low] => header.extend([0x81, low]),
        [high, low] => header.extend([0x82, high, low]),
    }
    header
}

/// Bytes of the object DF21: tag, length and four offsets of two bytes.
const OFFSET_TABLE_LEN: usize = 3 + 4 * 2;

/// 証明者鍵ID: seven digits, two bytes, three digits, four bytes.
const SANDBOX_ISSUER: [u8; 16] = *b"9000001\x08\x05001\0\0\0\0";

/// 被証明者鍵ID.
const SANDBOX_SUBJECT: [u8; 16] = *b"9000002\x08\x05001\0\0\0\0";
