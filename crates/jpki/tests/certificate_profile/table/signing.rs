//! Rows of the signing certificate (署名用電子証明書).

use enishi_jpki::asn1::DerFault::Tag;
use enishi_jpki::asn1::{encode, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{CertKind, CertificateError as E, ExtensionError as X};

use super::Must::{Be, Der, Hold};
use super::{ANY_POLICY, Row};
use crate::support::{Ext, attributes, oid_der, other_name, policies};

/// Where the kana of a name were announced, under an identifier that nobody published: any will do.
const KANA: Oid = Oid::new_unwrap("1.2.392.200149.8.5.5.7");

/// Rows of the signing certificate.
pub(crate) const SIGNING: &[Row] = &[
    ("key usage without nonRepudiation", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 7, 0x80], Be(E::KeyUsage)),
    (
        "an extended key usage",
        |s| s.extensions.push(Ext(oid::EXT_KEY_USAGE, false, encode(0x30, &oid_der(oid::CLIENT_AUTH)))),
        Be(E::Extension(X::Forbidden(oid::EXT_KEY_USAGE))),
    ),
    (
        "policy of the authentication certificate",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_TEST_AUTHENTICATION]),
        Be(E::WrongKind(CertKind::Authentication)),
    ),
    (
        "alternative names critical",
        |s| s.ext(oid::SUBJECT_ALT_NAME).1 = true,
        Be(E::Extension(X::Criticality(oid::SUBJECT_ALT_NAME))),
    ),
    ("no key usage", |s| s.without(oid::KEY_USAGE), Be(E::Extension(X::Missing(oid::KEY_USAGE)))),
    (
        "key usage not critical",
        |s| s.ext(oid::KEY_USAGE).1 = false,
        Be(E::Extension(X::Criticality(oid::KEY_USAGE))),
    ),
    ("key usage nonRepudiation alone", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 6, 0x40], Be(E::KeyUsage)),
    (
        "key usage with keyEncipherment too",
        |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 5, 0xe0],
        Be(E::KeyUsage),
    ),
    ("key usage with cRLSign too", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 1, 0xc2], Be(E::KeyUsage)),
    (
        "no policy",
        |s| s.without(oid::CERTIFICATE_POLICIES),
        Be(E::Extension(X::Missing(oid::CERTIFICATE_POLICIES))),
    ),
    (
        "policies not critical",
        |s| s.ext(oid::CERTIFICATE_POLICIES).1 = false,
        Be(E::Extension(X::Criticality(oid::CERTIFICATE_POLICIES))),
    ),
    (
        "policy of a phone's authentication certificate",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_SANDBOX_PHONE_AUTHENTICATION]),
        Be(E::WrongKind(CertKind::Authentication)),
    ),
    (
        "policy of production in the sandbox",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_SIGNING]),
        Be(E::PolicyUnknown(oid::POLICY_SIGNING)),
    ),
    (
        "anyPolicy",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[ANY_POLICY]),
        Be(E::PolicyUnknown(ANY_POLICY)),
    ),
    (
        "policy of a phone",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_SANDBOX_PHONE_SIGNING]),
        Hold,
    ),
    (
        "an extended key usage that is critical",
        |s| s.extensions.push(Ext(oid::EXT_KEY_USAGE, true, encode(0x30, &oid_der(oid::CLIENT_AUTH)))),
        Be(E::Extension(X::Forbidden(oid::EXT_KEY_USAGE))),
    ),
    (
        "an authority",
        |s| s.extensions.push(Ext(oid::BASIC_CONSTRAINTS, true, vec![0x30, 3, 1, 1, 0xff])),
        Be(E::BasicConstraints),
    ),
    (
        "alternative names that are no SEQUENCE",
        |s| s.ext(oid::SUBJECT_ALT_NAME).2 = vec![4, 0],
        Der(Tag { expected: 0x30, found: 0x04 }),
    ),
    ("alternative names of none", |s| s.ext(oid::SUBJECT_ALT_NAME).2 = vec![0x30, 0], Hold),
    ("no alternative names", |s| s.without(oid::SUBJECT_ALT_NAME), Hold),
    (
        "an unknown other name among them",
        |s| {
            let mut names = attributes();
            names.insert(1, other_name(KANA, "エンムスビ\u{3000}ハナコ"));
            s.ext(oid::SUBJECT_ALT_NAME).2 = encode(tag::SEQUENCE, &names.concat());
        },
        Hold,
    ),
    (
        "a mail address among them",
        |s| {
            let mut names = attributes();
            names.push(encode(0x81, b"hanako@mail.example"));
            s.ext(oid::SUBJECT_ALT_NAME).2 = encode(tag::SEQUENCE, &names.concat());
        },
        Hold,
    ),
];
