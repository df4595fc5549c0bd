//! Rows of the authorities.

use enishi_jpki::asn1::DerFault::{Content, Trailing};
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid;
use enishi_jpki::{CertKind, CertificateError as E, ExtensionError as X};

use super::Must::{Be, Der, Hold};
use super::Row;
use crate::support::{self, Spec, authority_name, name, oid_der};

fn renamed(spec: &mut Spec, name: Vec<u8>) {
    spec.issuer.clone_from(&name);
    spec.subject = name;
}

/// A name of one attribute, its text of another type.
fn typed(spec: &mut Spec, attribute: oid::Oid, text_type: u8) {
    let parts = [
        (oid::COUNTRY_NAME, tag::PRINTABLE_STRING, "JP"),
        (oid::ORGANIZATION_NAME, tag::UTF8_STRING, support::SANDBOX),
        (oid::ORGANIZATIONAL_UNIT_NAME, tag::UTF8_STRING, "JPKI for user authentication"),
    ];
    let rdns: Vec<u8> = parts
        .iter()
        .flat_map(|&(oid, own, text)| {
            let tag = if oid == attribute { text_type } else { own };
            encode(tag::SET, &encode_all(tag::SEQUENCE, &[&oid_der(oid), &encode(tag, text.as_bytes())]))
        })
        .collect();
    renamed(spec, encode(tag::SEQUENCE, &rdns));
}

/// Rows of the authorities.
pub(crate) const AUTHORITY: &[Row] = &[
    (
        "another organisation",
        |s| renamed(s, authority_name(CertKind::Authentication, "JPKI")),
        Be(E::AuthorityName),
    ),
    ("another country", |s| renamed(s, name(&[(oid::COUNTRY_NAME, "XX")])), Be(E::AuthorityName)),
    (
        "an authority for nothing",
        |s| {
            let unit = (oid::ORGANIZATIONAL_UNIT_NAME, "JPKI for something");
            renamed(s, name(&[(oid::COUNTRY_NAME, "JP"), (oid::ORGANIZATION_NAME, support::SANDBOX), unit]));
        },
        Be(E::AuthorityName),
    ),
    (
        "issued by somebody else",
        |s| s.issuer = authority_name(CertKind::Signing, support::SANDBOX),
        Be(E::NotSelfIssued),
    ),
    ("key usage of a holder", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 7, 0x80], Be(E::KeyUsage)),
    ("key usage without cRLSign", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 2, 4], Be(E::KeyUsage)),
    ("no authority", |s| s.ext(oid::BASIC_CONSTRAINTS).2 = vec![0x30, 0], Be(E::BasicConstraints)),
    (
        "basic constraints not critical",
        |s| s.ext(oid::BASIC_CONSTRAINTS).1 = false,
        Be(E::Extension(X::Criticality(oid::BASIC_CONSTRAINTS))),
    ),
    (
        "no key identifier",
        |s| s.without(oid::SUBJECT_KEY_IDENTIFIER),
        Be(E::Extension(X::Missing(oid::SUBJECT_KEY_IDENTIFIER))),
    ),
    (
        "key usage with digitalSignature too",
        |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 1, 0x86],
        Be(E::KeyUsage),
    ),
    ("key usage without keyCertSign", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 1, 2], Be(E::KeyUsage)),
    (
        "key usage not critical",
        |s| s.ext(oid::KEY_USAGE).1 = false,
        Be(E::Extension(X::Criticality(oid::KEY_USAGE))),
    ),
    ("no key usage", |s| s.without(oid::KEY_USAGE), Be(E::Extension(X::Missing(oid::KEY_USAGE)))),
    (
        "no basic constraints",
        |s| s.without(oid::BASIC_CONSTRAINTS),
        Be(E::Extension(X::Missing(oid::BASIC_CONSTRAINTS))),
    ),
    (
        "a path length",
        |s| s.ext(oid::BASIC_CONSTRAINTS).2 = vec![0x30, 6, 1, 1, 0xff, 2, 1, 0],
        Be(E::BasicConstraints),
    ),
    (
        "TRUE written as 01",
        |s| s.ext(oid::BASIC_CONSTRAINTS).2 = vec![0x30, 3, 1, 1, 1],
        Be(E::BasicConstraints),
    ),
    (
        "key identifier critical",
        |s| s.ext(oid::SUBJECT_KEY_IDENTIFIER).1 = true,
        Be(E::Extension(X::Criticality(oid::SUBJECT_KEY_IDENTIFIER))),
    ),
    (
        "key identifier of no octets",
        |s| s.ext(oid::SUBJECT_KEY_IDENTIFIER).2 = vec![4, 0],
        Der(Content("key identifier")),
    ),
    (
        "key identifier of 65 octets",
        |s| s.ext(oid::SUBJECT_KEY_IDENTIFIER).2 = encode(4, &[1; 65]),
        Der(Content("key identifier")),
    ),
    ("organisation as a PrintableString", |s| typed(s, oid::ORGANIZATION_NAME, tag::PRINTABLE_STRING), Hold),
    ("organisation as an IA5String", |s| typed(s, oid::ORGANIZATION_NAME, 0x16), Be(E::AuthorityName)),
    ("organisation as a BMPString", |s| typed(s, oid::ORGANIZATION_NAME, 0x1e), Be(E::AuthorityName)),
    ("country as a TeletexString", |s| typed(s, oid::COUNTRY_NAME, 0x14), Be(E::AuthorityName)),
    (
        "organisation with a space behind it",
        |s| renamed(s, authority_name(CertKind::Authentication, "JPKI-SANDBOX ")),
        Be(E::AuthorityName),
    ),
    (
        "organisation in small letters",
        |s| renamed(s, authority_name(CertKind::Authentication, "jpki-sandbox")),
        Be(E::AuthorityName),
    ),
    (
        "a common name behind the units",
        |s| {
            let unit = (oid::ORGANIZATIONAL_UNIT_NAME, "JPKI for user authentication");
            let common = (oid::COMMON_NAME, "somebody");
            renamed(
                s,
                name(&[(oid::COUNTRY_NAME, "JP"), (oid::ORGANIZATION_NAME, support::SANDBOX), unit, common]),
            );
        },
        Be(E::AuthorityName),
    ),
    (
        "two attributes in one set",
        |s| {
            let one = encode_all(tag::SEQUENCE, &[&oid_der(oid::COUNTRY_NAME), &encode(0x13, b"JP")]);
            renamed(s, encode(tag::SEQUENCE, &encode(tag::SET, &one.repeat(2))));
        },
        Der(Trailing),
    ),
    ("a name of nothing", |s| renamed(s, vec![0x30, 0]), Be(E::AuthorityName)),
];
