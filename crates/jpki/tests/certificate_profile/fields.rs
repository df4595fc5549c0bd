//! Rows that hold for every certificate.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test material of our own making")]

use enishi_jpki::CertificateError as E;
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{ExtensionError as X, KeyError, SerialError};

use crate::support::{self, Ext, Who, oid_der};
use crate::{Row, rsa_spki};

/// Rows that hold for every certificate.
pub(crate) const FIELDS: &[Row] = &[
    (
        "too large",
        |s| s.subject = encode(tag::SEQUENCE, &[0; 5000]),
        |e| matches!(e, E::TooLarge { octets: 5000.. }),
    ),
    ("something behind it", |s| s.trailing = vec![0], |e| matches!(e, E::Der(_))),
    ("filler of the card's file behind it", |s| s.trailing = vec![0xff; 9], |e| matches!(e, E::Der(_))),
    ("version 1", |s| s.version = vec![], |e| *e == E::Version),
    ("version 2", |s| s.version = vec![0xa0, 3, 2, 1, 1], |e| *e == E::Version),
    ("version 4", |s| s.version = vec![0xa0, 3, 2, 1, 3], |e| *e == E::Version),
    ("serial zero", |s| s.serial = vec![2, 1, 0], |e| *e == E::Serial(SerialError::Zero)),
    ("serial negative", |s| s.serial = vec![2, 1, 0x80], |e| *e == E::Serial(SerialError::NotDer)),
    ("serial not minimal", |s| s.serial = vec![2, 2, 0, 1], |e| *e == E::Serial(SerialError::NotDer)),
    ("serial empty", |s| s.serial = vec![2, 0], |e| *e == E::Serial(SerialError::NotDer)),
    ("serial of 21 octets", |s| s.serial = encode(2, &[1; 21]), |e| *e == E::Serial(SerialError::TooLong)),
    ("serial with a long length", |s| s.serial = vec![2, 0x81, 1, 1], |e| matches!(e, E::Der(_))),
    (
        "signature algorithm differs outside",
        |s| s.outer_algorithm = support::algorithm_der(enishi_jpki::SignatureAlgorithm::Es384),
        |e| *e == E::AlgorithmsDiffer,
    ),
    (
        "RSA without NULL",
        |s| {
            s.inner_algorithm = encode(tag::SEQUENCE, &oid_der(oid::SHA256_WITH_RSA));
            s.outer_algorithm = s.inner_algorithm.clone();
        },
        |e| matches!(e, E::Der(_)),
    ),
    (
        "sha1WithRSAEncryption",
        |s| {
            let sha1 = Oid::new_unwrap("1.2.840.113549.1.1.5");
            s.inner_algorithm = encode_all(tag::SEQUENCE, &[&oid_der(sha1), &[5, 0]]);
            s.outer_algorithm = s.inner_algorithm.clone();
        },
        |e| matches!(e, E::Der(_)),
    ),
    (
        "ECDSA with NULL",
        |s| {
            s.inner_algorithm = encode_all(tag::SEQUENCE, &[&oid_der(oid::ECDSA_WITH_SHA384), &[5, 0]]);
            s.outer_algorithm = s.inner_algorithm.clone();
        },
        |e| matches!(e, E::Der(_)),
    ),
    (
        "ends before it begins",
        |s| s.validity = support::validity("300401145959Z", "250401000000Z"),
        |e| *e == E::ValidityReversed,
    ),
    (
        "no seconds",
        |s| s.validity = support::validity("2504010000Z", "300401145959Z"),
        |e| matches!(e, E::Der(_)),
    ),
    (
        "an offset instead of Z",
        |s| s.validity = support::validity("250401000000+0900", "300401145959Z"),
        |e| matches!(e, E::Der(_)),
    ),
    (
        "30 February",
        |s| s.validity = support::validity("250230000000Z", "300401145959Z"),
        |e| matches!(e, E::Der(_)),
    ),
    (
        "GeneralizedTime before 2050",
        |s| {
            let to = support::generalized_time("20300401145959Z");
            s.validity = encode_all(tag::SEQUENCE, &[&support::utc_time("250401000000Z"), &to]);
        },
        |e| matches!(e, E::Der(_)),
    ),
    (
        "fractions of a second",
        |s| {
            let to = support::generalized_time("20510401145959.5Z");
            s.validity = encode_all(tag::SEQUENCE, &[&support::utc_time("250401000000Z"), &to]);
        },
        |e| matches!(e, E::Der(_)),
    ),
    (
        "RSA of 1024 bits",
        |s| s.spki = rsa_spki(&[0xc1; 128], &[1, 0, 1]),
        |e| *e == E::Key(KeyError::RsaBits { bits: 1024 }),
    ),
    (
        "RSA of 4104 bits",
        |s| s.spki = rsa_spki(&[0xc1; 513], &[1, 0, 1]),
        |e| *e == E::Key(KeyError::RsaBits { bits: 4104 }),
    ),
    ("RSA exponent 3", |s| s.spki = rsa_spki(&[0xc1; 256], &[3]), |e| *e == E::Key(KeyError::RsaNumbers)),
    ("even modulus", |s| s.spki = rsa_spki(&[0xc2; 256], &[1, 0, 1]), |e| *e == E::Key(KeyError::RsaNumbers)),
    (
        "P-256",
        |s| s.spki = Who::EcResponder.key().spki(),
        |e| *e == E::AlgorithmNotAllowed(enishi_jpki::SignatureAlgorithm::Es256),
    ),
    (
        "compressed point",
        |s| {
            let curve = encode_all(tag::SEQUENCE, &[&oid_der(oid::EC_PUBLIC_KEY), &oid_der(oid::P384)]);
            s.spki = encode_all(tag::SEQUENCE, &[&curve, &support::bits(&[2; 49])]);
        },
        |e| *e == E::Key(KeyError::Point),
    ),
    (
        "unknown curve",
        |s| {
            let secp521 = Oid::new_unwrap("1.3.132.0.35");
            let curve = encode_all(tag::SEQUENCE, &[&oid_der(oid::EC_PUBLIC_KEY), &oid_der(secp521)]);
            s.spki = encode_all(tag::SEQUENCE, &[&curve, &support::bits(&[4; 133])]);
        },
        |e| *e == E::Key(KeyError::Algorithm),
    ),
    ("unique identifier", |s| s.unique_ids = vec![0x81, 2, 0, 1], |e| matches!(e, E::Der(_))),
    ("no extensions", |s| s.raw_extensions = Some(vec![]), |e| matches!(e, E::Der(_))),
    ("empty extensions", |s| s.extensions.clear(), |e| matches!(e, E::Extension(X::Der(_)))),
    (
        "an extension twice",
        |s| s.extensions.push(s.extensions[0].clone()),
        |e| *e == E::Extension(X::Duplicate(oid::KEY_USAGE)),
    ),
    (
        "33 extensions",
        |s| {
            let more = (0..40).map(|arc| Oid::new_unwrap("1.3.6.1.4.1.99999").push_arc(arc).unwrap());
            s.extensions.extend(more.map(|oid| Ext(oid, false, vec![5, 0])));
        },
        |e| *e == E::Extension(X::TooMany),
    ),
    (
        "unknown critical extension",
        |s| s.extensions.push(Ext(Oid::new_unwrap("1.3.6.1.4.1.99999.1"), true, vec![5, 0])),
        |e| matches!(e, E::Extension(X::UnknownCritical(_))),
    ),
    (
        "critical written as FALSE",
        |s| {
            let usage = encode(tag::OCTET_STRING, &[3, 2, 7, 0x80]);
            let one = encode_all(tag::SEQUENCE, &[&oid_der(oid::KEY_USAGE), &[1, 1, 0], &usage]);
            s.raw_extensions = Some(encode(0xa3, &encode(tag::SEQUENCE, &one)));
        },
        |e| matches!(e, E::Extension(X::Der(_))),
    ),
    ("signature with unused bits", |s| s.signature = Some(vec![3, 2, 1, 2]), |e| matches!(e, E::Der(_))),
];
