//! Rows of the authentication certificate (利用者証明用電子証明書).

use enishi_jpki::asn1::DerFault::{Tag, Trailing, Truncated};
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{CertKind, CertificateError as E, ExtensionError as X};

use super::Must::{Be, Der, Hold};
use super::{ANY_POLICY, Row};
use crate::support::{Ext, Spec, oid_der, policies};

const ANY_PURPOSE: Oid = Oid::new_unwrap("2.5.29.37.0");
const SERVER_AUTH: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.3.1");
const EMAIL: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.3.4");
const FOREIGN_POLICY: Oid = Oid::new_unwrap("2.23.140.1.2.1");
const LONGER_POLICY: Oid = Oid::new_unwrap("1.2.392.200149.8.5.1.0.30.1");
const SHORTER_POLICY: Oid = Oid::new_unwrap("1.2.392.200149.8.5.1.0");

/// Another key usage, as its BIT STRING.
fn usage(spec: &mut Spec, bits: &[u8]) {
    spec.ext(oid::KEY_USAGE).2 = bits.to_vec();
}

/// Other extended key usages.
fn purposes(spec: &mut Spec, purposes: &[Oid]) {
    let each: Vec<u8> = purposes.iter().flat_map(|&purpose| oid_der(purpose)).collect();
    spec.ext(oid::EXT_KEY_USAGE).2 = encode(tag::SEQUENCE, &each);
}

/// A qualifier of a policy.
fn qualifiers(count: usize) -> Vec<u8> {
    let one =
        encode_all(tag::SEQUENCE, &[&oid_der(oid::CPS_QUALIFIER), &encode(0x16, b"https://cps.example")]);
    let policy = oid_der(oid::POLICY_TEST_AUTHENTICATION);
    let each = encode(tag::SEQUENCE, &one.repeat(count));
    encode(tag::SEQUENCE, &encode_all(tag::SEQUENCE, &[&policy, &each]))
}

/// Rows of policy and key usage.
pub(crate) const AUTHENTICATION: &[Row] = &[
    ("no key usage", |s| s.without(oid::KEY_USAGE), Be(E::Extension(X::Missing(oid::KEY_USAGE)))),
    (
        "key usage not critical",
        |s| s.ext(oid::KEY_USAGE).1 = false,
        Be(E::Extension(X::Criticality(oid::KEY_USAGE))),
    ),
    ("key usage of a signer", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 6, 0xc0], Be(E::KeyUsage)),
    ("key usage keyEncipherment", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 5, 0x20], Be(E::KeyUsage)),
    ("key usage not minimal", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 0, 0x80], Be(E::KeyUsage)),
    (
        "no extended key usage",
        |s| s.without(oid::EXT_KEY_USAGE),
        Be(E::Extension(X::Missing(oid::EXT_KEY_USAGE))),
    ),
    (
        "extended key usage of a responder",
        |s| s.ext(oid::EXT_KEY_USAGE).2 = encode(tag::SEQUENCE, &oid_der(oid::OCSP_SIGNING)),
        Be(E::ExtendedKeyUsage),
    ),
    (
        "two extended key usages",
        |s| {
            let two = [oid_der(oid::CLIENT_AUTH), oid_der(oid::OCSP_SIGNING)].concat();
            s.ext(oid::EXT_KEY_USAGE).2 = encode(tag::SEQUENCE, &two);
        },
        Be(E::ExtendedKeyUsage),
    ),
    (
        "extended key usage critical",
        |s| s.ext(oid::EXT_KEY_USAGE).1 = true,
        Be(E::Extension(X::Criticality(oid::EXT_KEY_USAGE))),
    ),
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
        "two policies",
        |s| {
            let two = [oid::POLICY_TEST_AUTHENTICATION, oid::POLICY_SANDBOX_PHONE_AUTHENTICATION];
            s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&two);
        },
        Be(E::PolicyCount),
    ),
    (
        "policy of the signing certificate",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_TEST_SIGNING]),
        Be(E::WrongKind(CertKind::Signing)),
    ),
    (
        "policy of production in the sandbox",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_AUTHENTICATION]),
        Be(E::PolicyUnknown(oid::POLICY_AUTHENTICATION)),
    ),
    (
        "anyPolicy",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[ANY_POLICY]),
        Be(E::PolicyUnknown(ANY_POLICY)),
    ),
    (
        "an authority",
        |s| s.extensions.push(Ext(oid::BASIC_CONSTRAINTS, true, vec![0x30, 3, 1, 1, 0xff])),
        Be(E::BasicConstraints),
    ),
    ("key usage of no bits", |s| usage(s, &[3, 1, 0]), Be(E::KeyUsage)),
    ("key usage nonRepudiation", |s| usage(s, &[3, 2, 6, 0x40]), Be(E::KeyUsage)),
    ("key usage dataEncipherment", |s| usage(s, &[3, 2, 4, 0x10]), Be(E::KeyUsage)),
    ("key usage keyAgreement", |s| usage(s, &[3, 2, 3, 0x08]), Be(E::KeyUsage)),
    ("key usage keyCertSign", |s| usage(s, &[3, 2, 2, 0x04]), Be(E::KeyUsage)),
    ("key usage cRLSign", |s| usage(s, &[3, 2, 1, 0x02]), Be(E::KeyUsage)),
    ("key usage encipherOnly", |s| usage(s, &[3, 2, 0, 0x01]), Be(E::KeyUsage)),
    ("key usage decipherOnly", |s| usage(s, &[3, 3, 7, 0, 0x80]), Be(E::KeyUsage)),
    ("key usage digitalSignature and keyEncipherment", |s| usage(s, &[3, 2, 5, 0xa0]), Be(E::KeyUsage)),
    ("key usage digitalSignature and keyAgreement", |s| usage(s, &[3, 2, 3, 0x88]), Be(E::KeyUsage)),
    ("key usage digitalSignature and keyCertSign", |s| usage(s, &[3, 2, 2, 0x84]), Be(E::KeyUsage)),
    ("key usage digitalSignature and decipherOnly", |s| usage(s, &[3, 3, 7, 0x80, 0x80]), Be(E::KeyUsage)),
    ("key usage as an OCTET STRING", |s| usage(s, &[4, 1, 0x80]), Der(Tag { expected: 0x03, found: 0x04 })),
    ("key usage with something behind it", |s| usage(s, &[3, 2, 7, 0x80, 5, 0]), Der(Trailing)),
    ("key usage without a value", |s| usage(s, &[]), Der(Truncated)),
    ("extended key usage of any kind", |s| purposes(s, &[ANY_PURPOSE]), Be(E::ExtendedKeyUsage)),
    ("extended key usage of a server", |s| purposes(s, &[SERVER_AUTH]), Be(E::ExtendedKeyUsage)),
    ("extended key usage for mail", |s| purposes(s, &[EMAIL]), Be(E::ExtendedKeyUsage)),
    ("extended key usage clientAuth twice", |s| purposes(s, &[oid::CLIENT_AUTH; 2]), Be(E::ExtendedKeyUsage)),
    (
        "extended key usage clientAuth and any",
        |s| purposes(s, &[oid::CLIENT_AUTH, ANY_PURPOSE]),
        Be(E::ExtendedKeyUsage),
    ),
    ("extended key usage of nothing", |s| purposes(s, &[]), Be(E::ExtendedKeyUsage)),
    (
        "extended key usage without its SEQUENCE",
        |s| s.ext(oid::EXT_KEY_USAGE).2 = oid_der(oid::CLIENT_AUTH),
        Der(Tag { expected: 0x30, found: 0x06 }),
    ),
    ("no policy in the list", |s| s.ext(oid::CERTIFICATE_POLICIES).2 = vec![0x30, 0], Der(Truncated)),
    (
        "the same policy twice",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_TEST_AUTHENTICATION; 2]),
        Be(E::PolicyCount),
    ),
    (
        "both policies of the card",
        |s| {
            s.ext(oid::CERTIFICATE_POLICIES).2 =
                policies(&[oid::POLICY_TEST_AUTHENTICATION, oid::POLICY_TEST_SIGNING])
        },
        Be(E::PolicyCount),
    ),
    (
        "its own policy and anyPolicy",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_TEST_AUTHENTICATION, ANY_POLICY]),
        Be(E::PolicyCount),
    ),
    (
        "policy of a phone's signing certificate",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_SANDBOX_PHONE_SIGNING]),
        Be(E::WrongKind(CertKind::Signing)),
    ),
    (
        "policy of somebody else",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[FOREIGN_POLICY]),
        Be(E::PolicyUnknown(FOREIGN_POLICY)),
    ),
    (
        "policy one arc longer",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[LONGER_POLICY]),
        Be(E::PolicyUnknown(LONGER_POLICY)),
    ),
    (
        "policy one arc shorter",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[SHORTER_POLICY]),
        Be(E::PolicyUnknown(SHORTER_POLICY)),
    ),
    ("policy with four qualifiers", |s| s.ext(oid::CERTIFICATE_POLICIES).2 = qualifiers(4), Hold),
    ("policy with five qualifiers", |s| s.ext(oid::CERTIFICATE_POLICIES).2 = qualifiers(5), Der(Trailing)),
    (
        "policy without qualifier",
        |s| {
            let policy = encode(tag::SEQUENCE, &oid_der(oid::POLICY_TEST_AUTHENTICATION));
            s.ext(oid::CERTIFICATE_POLICIES).2 = encode(tag::SEQUENCE, &policy);
        },
        Hold,
    ),
    (
        "policy of a phone",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_SANDBOX_PHONE_AUTHENTICATION]),
        Hold,
    ),
    (
        "an authority with a path of none",
        |s| s.extensions.push(Ext(oid::BASIC_CONSTRAINTS, true, vec![0x30, 6, 1, 1, 0xff, 2, 1, 0])),
        Be(E::BasicConstraints),
    ),
    (
        "no authority, written out",
        |s| s.extensions.push(Ext(oid::BASIC_CONSTRAINTS, true, vec![0x30, 3, 1, 1, 0])),
        Be(E::BasicConstraints),
    ),
    ("no authority", |s| s.extensions.push(Ext(oid::BASIC_CONSTRAINTS, true, vec![0x30, 0])), Hold),
    ("no subject key identifier", |s| s.without(oid::SUBJECT_KEY_IDENTIFIER), Hold),
    (
        "alternative names that are critical",
        |s| s.extensions.push(Ext(oid::SUBJECT_ALT_NAME, true, vec![0x30, 0])),
        Be(E::Extension(X::UnknownCritical(oid::SUBJECT_ALT_NAME))),
    ),
    (
        "subject key identifier critical",
        |s| s.ext(oid::SUBJECT_KEY_IDENTIFIER).1 = true,
        Be(E::Extension(X::UnknownCritical(oid::SUBJECT_KEY_IDENTIFIER))),
    ),
];
