//! Rows of the public key: which algorithm, how long, written how.

use enishi_jpki::CertificateError as E;
use enishi_jpki::asn1::DerFault::{Content, Trailing, Truncated};
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{KeyError, SignatureAlgorithm};

use super::Must::{Be, Hold, InKey};
use super::Row;
use crate::support::{self, Who, oid_der};

const NOT_MINIMAL: &str = "integer not minimal";

/// An RSA key of this modulus, with a zero before a set top bit.
fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if modulus[0] & 0x80 == 0 { &[] } else { &[0] };
    rsa_of(&encode_all(tag::INTEGER, &[sign, modulus]), &encode(tag::INTEGER, exponent))
}

/// An RSA key of these numbers.
fn rsa_of(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let identifier = encode_all(tag::SEQUENCE, &[&oid_der(oid::RSA_ENCRYPTION), &[tag::NULL, 0]]);
    let key = encode_all(tag::SEQUENCE, &[modulus, exponent]);
    encode_all(tag::SEQUENCE, &[&identifier, &support::bits(&key)])
}

/// A key on a curve that is named.
fn on_curve(curve: Oid, point: &[u8]) -> Vec<u8> {
    let identifier = encode_all(tag::SEQUENCE, &[&oid_der(oid::EC_PUBLIC_KEY), &oid_der(curve)]);
    encode_all(tag::SEQUENCE, &[&identifier, &support::bits(point)])
}

/// The holder's own key under another algorithm identifier.
fn under(identifier: &[&[u8]]) -> Vec<u8> {
    let identifier = encode_all(tag::SEQUENCE, identifier);
    encode_all(tag::SEQUENCE, &[&identifier, &support::bits(Who::Holder.key().public_key())])
}

const fn refused(error: KeyError) -> super::Must {
    Be(E::Key(error))
}

/// Rows of the key.
pub(crate) const KEY: &[Row] = &[
    (
        "RSA of 1024 bits",
        |s| s.spki = rsa_spki(&[0xc1; 128], &[1, 0, 1]),
        Be(E::Key(KeyError::RsaBits { bits: 1024 })),
    ),
    (
        "RSA of 4104 bits",
        |s| s.spki = rsa_spki(&[0xc1; 513], &[1, 0, 1]),
        Be(E::Key(KeyError::RsaBits { bits: 4104 })),
    ),
    ("RSA exponent 3", |s| s.spki = rsa_spki(&[0xc1; 256], &[3]), Be(E::Key(KeyError::RsaNumbers))),
    ("even modulus", |s| s.spki = rsa_spki(&[0xc2; 256], &[1, 0, 1]), Be(E::Key(KeyError::RsaNumbers))),
    (
        "P-256",
        |s| s.spki = Who::EcResponder.key().spki(),
        Be(E::AlgorithmNotAllowed(SignatureAlgorithm::Es256)),
    ),
    ("compressed point", |s| s.spki = on_curve(oid::P384, &[2; 49]), Be(E::Key(KeyError::Point))),
    (
        "unknown curve",
        |s| {
            let secp521 = Oid::new_unwrap("1.3.132.0.35");
            let curve = encode_all(tag::SEQUENCE, &[&oid_der(oid::EC_PUBLIC_KEY), &oid_der(secp521)]);
            s.spki = encode_all(tag::SEQUENCE, &[&curve, &support::bits(&[4; 133])]);
        },
        Be(E::Key(KeyError::Algorithm)),
    ),
    (
        "RSA of 2047 bits",
        |s| s.spki = rsa_spki(&[0x41; 256], &[1, 0, 1]),
        refused(KeyError::RsaBits { bits: 2047 }),
    ),
    (
        "RSA of 4097 bits",
        |s| s.spki = rsa_spki(&[1; 513], &[1, 0, 1]),
        refused(KeyError::RsaBits { bits: 4097 }),
    ),
    ("RSA of 3072 bits", |s| s.spki = rsa_spki(&[0xc1; 384], &[1, 0, 1]), Hold),
    ("RSA of 4096 bits", |s| s.spki = rsa_spki(&[0xc1; 512], &[1, 0, 1]), Hold),
    ("RSA exponent 1", |s| s.spki = rsa_spki(&[0xc1; 256], &[1]), refused(KeyError::RsaNumbers)),
    ("RSA exponent 65539", |s| s.spki = rsa_spki(&[0xc1; 256], &[1, 0, 3]), refused(KeyError::RsaNumbers)),
    (
        "RSA exponent of 256 octets",
        |s| s.spki = rsa_spki(&[0xc1; 256], &[1; 256]),
        refused(KeyError::RsaNumbers),
    ),
    (
        "RSA exponent not minimal",
        |s| s.spki = rsa_spki(&[0xc1; 256], &[0, 1, 0, 1]),
        InKey(Content(NOT_MINIMAL)),
    ),
    (
        "RSA exponent negative",
        |s| s.spki = rsa_spki(&[0xc1; 256], &[0x81]),
        InKey(Content("negative integer")),
    ),
    (
        "modulus negative",
        |s| s.spki = rsa_of(&encode(tag::INTEGER, &[0xc1; 256]), &[2, 3, 1, 0, 1]),
        InKey(Content("negative integer")),
    ),
    (
        "modulus not minimal",
        |s| s.spki = rsa_of(&encode_all(tag::INTEGER, &[&[0, 0], &[0xc1; 256]]), &[2, 3, 1, 0, 1]),
        InKey(Content(NOT_MINIMAL)),
    ),
    (
        "modulus without octets",
        |s| s.spki = rsa_of(&[2, 0], &[2, 3, 1, 0, 1]),
        InKey(Content("empty integer")),
    ),
    (
        "three numbers in an RSA key",
        |s| s.spki = rsa_of(&encode_all(tag::INTEGER, &[&[0], &[0xc1; 256]]), &[2, 3, 1, 0, 1, 2, 1, 1]),
        InKey(Trailing),
    ),
    ("RSA without NULL", |s| s.spki = under(&[&oid_der(oid::RSA_ENCRYPTION)]), InKey(Truncated)),
    (
        "a key for RSASSA-PSS only",
        |s| s.spki = under(&[&oid_der(Oid::new_unwrap("1.2.840.113549.1.1.10")), &[5, 0]]),
        refused(KeyError::Algorithm),
    ),
    ("Ed25519", |s| s.spki = under(&[&oid_der(Oid::new_unwrap("1.3.101.112"))]), InKey(Truncated)),
    (
        "DSA",
        |s| s.spki = under(&[&oid_der(Oid::new_unwrap("1.2.840.10040.4.1")), &[0x30, 0]]),
        refused(KeyError::Algorithm),
    ),
    (
        "a curve by its parameters",
        |s| s.spki = under(&[&oid_der(oid::EC_PUBLIC_KEY), &[0x30, 0]]),
        refused(KeyError::Algorithm),
    ),
    ("P-384 with P-256's length", |s| s.spki = on_curve(oid::P384, &[4; 65]), refused(KeyError::Point)),
    ("a hybrid point", |s| s.spki = on_curve(oid::P384, &[6; 97]), refused(KeyError::Point)),
    ("the point at infinity", |s| s.spki = on_curve(oid::P384, &[0]), refused(KeyError::Point)),
    ("P-384", |s| s.spki = Who::EcHolder.key().spki(), Hold),
    (
        "a key with unused bits",
        |s| {
            let identifier = encode_all(tag::SEQUENCE, &[&oid_der(oid::RSA_ENCRYPTION), &[5, 0]]);
            s.spki = encode_all(tag::SEQUENCE, &[&identifier, &[3, 2, 1, 2]]);
        },
        InKey(Content("bit string of whole octets expected")),
    ),
    (
        "a key with something behind it",
        |s| s.spki = encode_all(tag::SEQUENCE, &[&s.spki[4..], &[5, 0]]),
        InKey(Trailing),
    ),
];
