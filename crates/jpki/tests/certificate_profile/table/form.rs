//! Rows that hold for every certificate: its encoding, its fields and its list of extensions.

use enishi_jpki::CertificateError as E;
use enishi_jpki::asn1::DerFault::{Content, Length, LongTag, Tag, Trailing, Truncated};
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{ExtensionError as X, SerialError, SignatureAlgorithm};

use super::Must::{Be, Der, Hold, InExtension, TooLarge};
use super::{Row, UNKNOWN};
use crate::support::{self, Ext, Spec, oid_der};

/// What the reader says of algorithms, dates and bit strings that are none of the profile's.
const NO_ALGORITHM: &str = "signature algorithm not of the profile";
const NO_DATE: &str = "no such date and time";
const UTC_FORM: &str = "YYMMDDHHMMSSZ expected";
const NO_OCTETS: &str = "bit string of whole octets expected";

const SHA1_WITH_RSA: Oid = Oid::new_unwrap("1.2.840.113549.1.1.5");
const NAME_CONSTRAINTS: Oid = Oid::new_unwrap("2.5.29.30");
const POLICY_CONSTRAINTS: Oid = Oid::new_unwrap("2.5.29.36");

const fn unknown(oid: Oid) -> E {
    E::Extension(X::UnknownCritical(oid))
}

/// The field of extensions with this one.
fn raw(extension: &[u8]) -> Vec<u8> {
    encode(0xa3, &encode(tag::SEQUENCE, extension))
}

/// Both algorithm fields, as another algorithm.
fn signed_with(spec: &mut Spec, algorithm: &[u8]) {
    spec.inner_algorithm = algorithm.to_vec();
    spec.outer_algorithm = algorithm.to_vec();
}

/// Rows of encoding, fields and extensions.
pub(crate) const FORM: &[Row] = &[
    ("too large", |s| s.subject = encode(tag::SEQUENCE, &[0; 5000]), TooLarge),
    ("something behind it", |s| s.trailing = vec![0], Der(Trailing)),
    ("filler of the card's file behind it", |s| s.trailing = vec![0xff; 9], Der(Trailing)),
    ("version 1", |s| s.version = vec![], Be(E::Version)),
    ("version 2", |s| s.version = vec![0xa0, 3, 2, 1, 1], Be(E::Version)),
    ("version 4", |s| s.version = vec![0xa0, 3, 2, 1, 3], Be(E::Version)),
    ("serial zero", |s| s.serial = vec![2, 1, 0], Be(E::Serial(SerialError::Zero))),
    ("serial negative", |s| s.serial = vec![2, 1, 0x80], Be(E::Serial(SerialError::NotDer))),
    ("serial not minimal", |s| s.serial = vec![2, 2, 0, 1], Be(E::Serial(SerialError::NotDer))),
    ("serial empty", |s| s.serial = vec![2, 0], Be(E::Serial(SerialError::NotDer))),
    ("serial of 21 octets", |s| s.serial = encode(2, &[1; 21]), Be(E::Serial(SerialError::TooLong))),
    ("serial with a long length", |s| s.serial = vec![2, 0x81, 1, 1], Der(Length)),
    (
        "signature algorithm differs outside",
        |s| s.outer_algorithm = support::algorithm_der(SignatureAlgorithm::Es384),
        Be(E::AlgorithmsDiffer),
    ),
    (
        "RSA without NULL",
        |s| {
            s.inner_algorithm = encode(tag::SEQUENCE, &oid_der(oid::SHA256_WITH_RSA));
            s.outer_algorithm = s.inner_algorithm.clone();
        },
        Der(Content(NO_ALGORITHM)),
    ),
    (
        "sha1WithRSAEncryption",
        |s| {
            let sha1 = Oid::new_unwrap("1.2.840.113549.1.1.5");
            s.inner_algorithm = encode_all(tag::SEQUENCE, &[&oid_der(sha1), &[5, 0]]);
            s.outer_algorithm = s.inner_algorithm.clone();
        },
        Der(Content(NO_ALGORITHM)),
    ),
    (
        "ECDSA with NULL",
        |s| {
            s.inner_algorithm = encode_all(tag::SEQUENCE, &[&oid_der(oid::ECDSA_WITH_SHA384), &[5, 0]]);
            s.outer_algorithm = s.inner_algorithm.clone();
        },
        Der(Content(NO_ALGORITHM)),
    ),
    (
        "ends before it begins",
        |s| s.validity = support::validity("300401145959Z", "250401000000Z"),
        Be(E::ValidityReversed),
    ),
    (
        "no seconds",
        |s| s.validity = support::validity("2504010000Z", "300401145959Z"),
        Der(Content(UTC_FORM)),
    ),
    (
        "an offset instead of Z",
        |s| s.validity = support::validity("250401000000+0900", "300401145959Z"),
        Der(Content(UTC_FORM)),
    ),
    (
        "30 February",
        |s| s.validity = support::validity("250230000000Z", "300401145959Z"),
        Der(Content(NO_DATE)),
    ),
    (
        "GeneralizedTime before 2050",
        |s| {
            let to = support::generalized_time("20300401145959Z");
            s.validity = encode_all(tag::SEQUENCE, &[&support::utc_time("250401000000Z"), &to]);
        },
        Der(Content("GeneralizedTime before 2050")),
    ),
    (
        "fractions of a second",
        |s| {
            let to = support::generalized_time("20510401145959.5Z");
            s.validity = encode_all(tag::SEQUENCE, &[&support::utc_time("250401000000Z"), &to]);
        },
        Der(Content("YYYYMMDDHHMMSSZ expected")),
    ),
    ("unique identifier", |s| s.unique_ids = vec![0x81, 2, 0, 1], Der(Tag { expected: 0xa3, found: 0x81 })),
    ("no extensions", |s| s.raw_extensions = Some(vec![]), Der(Truncated)),
    ("empty extensions", |s| s.extensions.clear(), InExtension(Content("empty list of extensions"))),
    (
        "an extension twice",
        |s| s.extensions.push(s.extensions[0].clone()),
        Be(E::Extension(X::Duplicate(oid::KEY_USAGE))),
    ),
    (
        "33 extensions",
        |s| {
            let more = (0..40).map(|arc| Oid::new_unwrap("1.3.6.1.4.1.99999").push_arc(arc).unwrap());
            s.extensions.extend(more.map(|oid| Ext(oid, false, vec![5, 0])));
        },
        Be(E::Extension(X::TooMany)),
    ),
    (
        "unknown critical extension",
        |s| s.extensions.push(Ext(UNKNOWN, true, vec![5, 0])),
        Be(E::Extension(X::UnknownCritical(UNKNOWN))),
    ),
    (
        "critical written as FALSE",
        |s| {
            let usage = encode(tag::OCTET_STRING, &[3, 2, 7, 0x80]);
            let one = encode_all(tag::SEQUENCE, &[&oid_der(oid::KEY_USAGE), &[1, 1, 0], &usage]);
            s.raw_extensions = Some(encode(0xa3, &encode(tag::SEQUENCE, &one)));
        },
        InExtension(Content("TRUE expected")),
    ),
    ("signature with unused bits", |s| s.signature = Some(vec![3, 2, 1, 2]), Der(Content(NO_OCTETS))),
    ("indefinite length", |s| s.subject = vec![0x30, 0x80, 0, 0], Der(Length)),
    ("a length of two octets where one does", |s| s.subject = vec![0x30, 0x81, 0x02, 5, 0], Der(Length)),
    ("a length that begins with zero", |s| s.subject = vec![0x30, 0x82, 0x00, 0x02, 5, 0], Der(Length)),
    ("a length of five octets", |s| s.subject = vec![0x30, 0x85, 0, 0, 0, 0, 2, 5, 0], Der(Length)),
    (
        "a length that promises more than there is",
        |s| s.raw_extensions = Some(vec![0xa3, 0x7f]),
        Der(Truncated),
    ),
    ("a tag of several octets", |s| s.validity = encode(tag::SEQUENCE, &[0x1f, 0x81, 1, 0]), Der(LongTag)),
    ("version without its tag", |s| s.version = vec![2, 1, 2], Be(E::Version)),
    ("version 3 in two octets", |s| s.version = vec![0xa0, 4, 2, 2, 0, 2], Be(E::Version)),
    ("version as a BIT STRING", |s| s.version = vec![0xa0, 3, 3, 1, 2], Be(E::Version)),
    ("serial of 20 octets", |s| s.serial = encode(2, &[0x41; 20]), Hold),
    ("serial as an OCTET STRING", |s| s.serial = vec![4, 1, 1], Der(Tag { expected: 0x02, found: 0x04 })),
    ("serial missing", |s| s.serial = vec![], Der(Tag { expected: 0x02, found: 0x30 })),
    ("issuer as a SET", |s| s.issuer[0] = 0x31, Der(Tag { expected: 0x30, found: 0x31 })),
    ("subject missing", |s| s.subject = vec![], Der(Tag { expected: 0x30, found: 0xa3 })),
    (
        "the other unique identifier",
        |s| s.unique_ids = vec![0x82, 2, 0, 1],
        Der(Tag { expected: 0xa3, found: 0x82 }),
    ),
    (
        "RSA with SHA-1 outside only",
        |s| s.outer_algorithm = encode_all(tag::SEQUENCE, &[&oid_der(SHA1_WITH_RSA), &[5, 0]]),
        Be(E::AlgorithmsDiffer),
    ),
    (
        "RSA without NULL outside only",
        |s| s.outer_algorithm = encode(tag::SEQUENCE, &oid_der(oid::SHA256_WITH_RSA)),
        Be(E::AlgorithmsDiffer),
    ),
    (
        "md5WithRSAEncryption",
        |s| {
            signed_with(
                s,
                &encode_all(tag::SEQUENCE, &[&oid_der(Oid::new_unwrap("1.2.840.113549.1.1.4")), &[5, 0]]),
            )
        },
        Der(Content(NO_ALGORITHM)),
    ),
    (
        "sha512WithRSAEncryption",
        |s| {
            signed_with(
                s,
                &encode_all(tag::SEQUENCE, &[&oid_der(Oid::new_unwrap("1.2.840.113549.1.1.13")), &[5, 0]]),
            )
        },
        Der(Content(NO_ALGORITHM)),
    ),
    (
        "RSASSA-PSS",
        |s| {
            signed_with(
                s,
                &encode_all(tag::SEQUENCE, &[&oid_der(Oid::new_unwrap("1.2.840.113549.1.1.10")), &[0x30, 0]]),
            )
        },
        Der(Content(NO_ALGORITHM)),
    ),
    (
        "an algorithm with something behind it",
        |s| signed_with(s, &encode_all(tag::SEQUENCE, &[&oid_der(oid::SHA256_WITH_RSA), &[5, 0], &[5, 0]])),
        Der(Trailing),
    ),
    (
        "ES256 over the certificate",
        |s| signed_with(s, &support::algorithm_der(SignatureAlgorithm::Es256)),
        Be(E::AlgorithmNotAllowed(SignatureAlgorithm::Es256)),
    ),
    ("ends as it begins", |s| s.validity = support::validity("250401000000Z", "250401000000Z"), Hold),
    ("hour 24", |s| s.validity = support::validity("250401000000Z", "300401240000Z"), Der(Content(NO_DATE))),
    (
        "second 60",
        |s| s.validity = support::validity("250401000000Z", "300401145960Z"),
        Der(Content(NO_DATE)),
    ),
    ("month 13", |s| s.validity = support::validity("250401000000Z", "301301145959Z"), Der(Content(NO_DATE))),
    (
        "a small z",
        |s| s.validity = support::validity("250401000000Z", "300401145959z"),
        Der(Content(UTC_FORM)),
    ),
    (
        "a sign among the digits",
        |s| s.validity = support::validity("250401000000Z", "30+401145959Z"),
        Der(Content(UTC_FORM)),
    ),
    ("no end", |s| s.validity = encode(tag::SEQUENCE, &support::utc_time("250401000000Z")), Der(Truncated)),
    (
        "three dates",
        |s| s.validity = encode(tag::SEQUENCE, &support::utc_time("250401000000Z").repeat(3)),
        Der(Trailing),
    ),
    (
        "a date as a PrintableString",
        |s| {
            s.validity = encode_all(
                tag::SEQUENCE,
                &[&encode(0x13, b"250401000000Z"), &support::utc_time("300401145959Z")],
            )
        },
        Der(Tag { expected: 0x17, found: 0x13 }),
    ),
    (
        "signature as an OCTET STRING",
        |s| s.signature = Some(vec![4, 2, 0, 1]),
        Der(Tag { expected: 0x03, found: 0x04 }),
    ),
    ("signature without content", |s| s.signature = Some(vec![3, 0]), Der(Content(NO_OCTETS))),
    (
        "an extension without a value",
        |s| s.raw_extensions = Some(raw(&encode(tag::SEQUENCE, &oid_der(UNKNOWN)))),
        InExtension(Truncated),
    ),
    (
        "an extension whose value is no OCTET STRING",
        |s| s.raw_extensions = Some(raw(&encode_all(tag::SEQUENCE, &[&oid_der(UNKNOWN), &[5, 0]]))),
        InExtension(Tag { expected: 0x04, found: 0x05 }),
    ),
    (
        "critical written as 01",
        |s| {
            s.raw_extensions =
                Some(raw(&encode_all(tag::SEQUENCE, &[&oid_der(UNKNOWN), &[1, 1, 1], &[4, 0]])))
        },
        InExtension(Content("TRUE expected")),
    ),
    (
        "an extension with something behind it",
        |s| s.raw_extensions = Some(raw(&encode_all(tag::SEQUENCE, &[&oid_der(UNKNOWN), &[4, 0], &[5, 0]]))),
        InExtension(Trailing),
    ),
    (
        "two lists of extensions",
        |s| s.raw_extensions = Some(encode(0xa3, &[0x30, 0, 0x30, 0])),
        Der(Trailing),
    ),
    (
        "an unknown extension that is not critical",
        |s| s.extensions.push(Ext(UNKNOWN, false, vec![5, 0])),
        Hold,
    ),
    (
        "an unknown extension that is nothing of DER",
        |s| s.extensions.push(Ext(UNKNOWN, false, vec![0xff; 9])),
        Hold,
    ),
    (
        "issuerAltName critical",
        |s| s.extensions.push(Ext(oid::ISSUER_ALT_NAME, true, vec![0x30, 0])),
        Be(unknown(oid::ISSUER_ALT_NAME)),
    ),
    (
        "authorityInfoAccess critical",
        |s| s.extensions.push(Ext(oid::AUTHORITY_INFO_ACCESS, true, vec![0x30, 0])),
        Be(unknown(oid::AUTHORITY_INFO_ACCESS)),
    ),
    (
        "nameConstraints",
        |s| s.extensions.push(Ext(NAME_CONSTRAINTS, true, vec![0x30, 0])),
        Be(unknown(NAME_CONSTRAINTS)),
    ),
    (
        "policyConstraints",
        |s| s.extensions.push(Ext(POLICY_CONSTRAINTS, true, vec![0x30, 0])),
        Be(unknown(POLICY_CONSTRAINTS)),
    ),
    (
        "dates from 2050",
        |s| {
            let to = support::generalized_time("20500101000000Z");
            s.validity = encode_all(tag::SEQUENCE, &[&support::utc_time("491231235959Z"), &to]);
        },
        Hold,
    ),
];
