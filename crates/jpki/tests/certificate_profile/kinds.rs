//! Rows of the two holders' certificates and of the authorities'.

use enishi_jpki::asn1::{encode, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{CertKind, CertificateError as E, ExtensionError as X};

use crate::Row;
use crate::support::{self, Ext, Spec, authority_name, directory_name, full_name, name, oid_der, policies};

/// Rows of the authentication certificate.
pub(crate) const AUTHENTICATION: &[Row] = &[
    ("no key usage", |s| s.without(oid::KEY_USAGE), |e| *e == E::Extension(X::Missing(oid::KEY_USAGE))),
    (
        "key usage not critical",
        |s| s.ext(oid::KEY_USAGE).1 = false,
        |e| *e == E::Extension(X::Criticality(oid::KEY_USAGE)),
    ),
    ("key usage of a signer", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 6, 0xc0], |e| *e == E::KeyUsage),
    ("key usage keyEncipherment", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 5, 0x20], |e| *e == E::KeyUsage),
    ("key usage not minimal", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 0, 0x80], |e| *e == E::KeyUsage),
    (
        "no extended key usage",
        |s| s.without(oid::EXT_KEY_USAGE),
        |e| *e == E::Extension(X::Missing(oid::EXT_KEY_USAGE)),
    ),
    (
        "extended key usage of a responder",
        |s| s.ext(oid::EXT_KEY_USAGE).2 = encode(tag::SEQUENCE, &oid_der(oid::OCSP_SIGNING)),
        |e| *e == E::ExtendedKeyUsage,
    ),
    (
        "two extended key usages",
        |s| {
            let two = [oid_der(oid::CLIENT_AUTH), oid_der(oid::OCSP_SIGNING)].concat();
            s.ext(oid::EXT_KEY_USAGE).2 = encode(tag::SEQUENCE, &two);
        },
        |e| *e == E::ExtendedKeyUsage,
    ),
    (
        "extended key usage critical",
        |s| s.ext(oid::EXT_KEY_USAGE).1 = true,
        |e| *e == E::Extension(X::Criticality(oid::EXT_KEY_USAGE)),
    ),
    (
        "no policy",
        |s| s.without(oid::CERTIFICATE_POLICIES),
        |e| *e == E::Extension(X::Missing(oid::CERTIFICATE_POLICIES)),
    ),
    (
        "policies not critical",
        |s| s.ext(oid::CERTIFICATE_POLICIES).1 = false,
        |e| *e == E::Extension(X::Criticality(oid::CERTIFICATE_POLICIES)),
    ),
    (
        "two policies",
        |s| {
            let two = [oid::POLICY_TEST_AUTHENTICATION, oid::POLICY_SANDBOX_PHONE_AUTHENTICATION];
            s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&two);
        },
        |e| *e == E::PolicyCount,
    ),
    (
        "policy of the signing certificate",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_TEST_SIGNING]),
        |e| *e == E::WrongKind(CertKind::Signing),
    ),
    (
        "policy of production in the sandbox",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_AUTHENTICATION]),
        |e| *e == E::PolicyUnknown(oid::POLICY_AUTHENTICATION),
    ),
    (
        "anyPolicy",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[Oid::new_unwrap("2.5.29.32.0")]),
        |e| matches!(e, E::PolicyUnknown(_)),
    ),
    (
        "an authority",
        |s| s.extensions.push(Ext(oid::BASIC_CONSTRAINTS, true, vec![0x30, 3, 1, 1, 0xff])),
        |e| *e == E::BasicConstraints,
    ),
    (
        "no authority key identifier",
        |s| s.without(oid::AUTHORITY_KEY_IDENTIFIER),
        |e| *e == E::Extension(X::Missing(oid::AUTHORITY_KEY_IDENTIFIER)),
    ),
    (
        "authority key identifier without key",
        |s| s.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = vec![0x30, 0],
        |e| *e == E::AuthorityKeyId,
    ),
    (
        "authority key identifier with serial but no issuer",
        |s| s.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = vec![0x30, 6, 0x80, 1, 1, 0x82, 1, 1],
        |e| *e == E::AuthorityKeyId,
    ),
    (
        "authority key identifier of another issuer",
        |s| {
            let other = directory_name(&authority_name(CertKind::Signing, support::SANDBOX));
            let parts = [vec![0x80, 1, 1], encode(0xa1, &other), vec![0x82, 1, 1]].concat();
            s.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = encode(tag::SEQUENCE, &parts);
        },
        |e| *e == E::AuthorityKeyId,
    ),
    (
        "distribution point by URI",
        |s| {
            let uri = encode(0xa0, &encode(0xa0, &encode(0x86, b"http://authority.enishi.example/crl")));
            s.ext(oid::CRL_DISTRIBUTION_POINTS).2 = encode(tag::SEQUENCE, &encode(tag::SEQUENCE, &uri));
        },
        |e| *e == E::DistributionPoint,
    ),
    (
        "two distribution points",
        |s| {
            let one = encode(tag::SEQUENCE, &full_name(&support::municipality("A")));
            s.ext(oid::CRL_DISTRIBUTION_POINTS).2 = encode(tag::SEQUENCE, &[one.clone(), one].concat());
        },
        |e| *e == E::DistributionPoint,
    ),
    (
        "distribution point for some reasons",
        |s| {
            let point = [full_name(&support::municipality("A")), vec![0x81, 2, 1, 0x40]].concat();
            s.ext(oid::CRL_DISTRIBUTION_POINTS).2 = encode(tag::SEQUENCE, &encode(tag::SEQUENCE, &point));
        },
        |e| *e == E::DistributionPoint,
    ),
];

/// Rows of the signing certificate.
pub(crate) const SIGNING: &[Row] = &[
    (
        "key usage without nonRepudiation",
        |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 7, 0x80],
        |e| *e == E::KeyUsage,
    ),
    (
        "an extended key usage",
        |s| s.extensions.push(Ext(oid::EXT_KEY_USAGE, false, encode(0x30, &oid_der(oid::CLIENT_AUTH)))),
        |e| *e == E::Extension(X::Forbidden(oid::EXT_KEY_USAGE)),
    ),
    (
        "policy of the authentication certificate",
        |s| s.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[oid::POLICY_TEST_AUTHENTICATION]),
        |e| *e == E::WrongKind(CertKind::Authentication),
    ),
    (
        "alternative names critical",
        |s| s.ext(oid::SUBJECT_ALT_NAME).1 = true,
        |e| *e == E::Extension(X::Criticality(oid::SUBJECT_ALT_NAME)),
    ),
];

/// Rows of the authorities.
pub(crate) const AUTHORITY: &[Row] = &[
    (
        "another organisation",
        |s| renamed(s, authority_name(CertKind::Authentication, "JPKI")),
        |e| *e == E::AuthorityName,
    ),
    ("another country", |s| renamed(s, name(&[(oid::COUNTRY_NAME, "XX")])), |e| *e == E::AuthorityName),
    (
        "an authority for nothing",
        |s| {
            let unit = (oid::ORGANIZATIONAL_UNIT_NAME, "JPKI for something");
            renamed(s, name(&[(oid::COUNTRY_NAME, "JP"), (oid::ORGANIZATION_NAME, support::SANDBOX), unit]));
        },
        |e| *e == E::AuthorityName,
    ),
    (
        "issued by somebody else",
        |s| s.issuer = authority_name(CertKind::Signing, support::SANDBOX),
        |e| *e == E::NotSelfIssued,
    ),
    ("key usage of a holder", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 7, 0x80], |e| *e == E::KeyUsage),
    ("key usage without cRLSign", |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 2, 4], |e| *e == E::KeyUsage),
    ("no authority", |s| s.ext(oid::BASIC_CONSTRAINTS).2 = vec![0x30, 0], |e| *e == E::BasicConstraints),
    (
        "basic constraints not critical",
        |s| s.ext(oid::BASIC_CONSTRAINTS).1 = false,
        |e| *e == E::Extension(X::Criticality(oid::BASIC_CONSTRAINTS)),
    ),
    (
        "no key identifier",
        |s| s.without(oid::SUBJECT_KEY_IDENTIFIER),
        |e| *e == E::Extension(X::Missing(oid::SUBJECT_KEY_IDENTIFIER)),
    ),
];

fn renamed(spec: &mut Spec, name: Vec<u8>) {
    spec.issuer.clone_from(&name);
    spec.subject = name;
}
