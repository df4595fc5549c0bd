//! Rows of what a holder's certificate says of its authority and of its list.

use enishi_jpki::asn1::DerFault::Tag;
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid;
use enishi_jpki::{CertKind, CertificateError as E, ExtensionError as X};

use super::Must::{Be, Der, Hold};
use super::Row;
use crate::support::{self, Spec, authority_name, directory_name, full_name};

/// Another authority key identifier, of these parts.
fn authority_key(spec: &mut Spec, parts: &[&[u8]]) {
    spec.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = encode_all(tag::SEQUENCE, parts);
}

/// The issuer's name as the authority key identifier has it.
fn issuer() -> Vec<u8> {
    encode(0xa1, &directory_name(&authority_name(CertKind::Authentication, support::SANDBOX)))
}

/// Other distribution points, of these parts of the one.
fn point(spec: &mut Spec, parts: &[&[u8]]) {
    spec.ext(oid::CRL_DISTRIBUTION_POINTS).2 = encode(tag::SEQUENCE, &encode_all(tag::SEQUENCE, parts));
}

/// Rows of authority key identifier and distribution point.
pub(crate) const LINKS: &[Row] = &[
    (
        "no authority key identifier",
        |s| s.without(oid::AUTHORITY_KEY_IDENTIFIER),
        Be(E::Extension(X::Missing(oid::AUTHORITY_KEY_IDENTIFIER))),
    ),
    (
        "authority key identifier without key",
        |s| s.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = vec![0x30, 0],
        Be(E::AuthorityKeyId),
    ),
    (
        "authority key identifier with serial but no issuer",
        |s| s.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = vec![0x30, 6, 0x80, 1, 1, 0x82, 1, 1],
        Be(E::AuthorityKeyId),
    ),
    (
        "authority key identifier of another issuer",
        |s| {
            let other = directory_name(&authority_name(CertKind::Authentication, "JPKI"));
            let parts = [vec![0x80, 1, 1], encode(0xa1, &other), vec![0x82, 1, 1]].concat();
            s.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = encode(tag::SEQUENCE, &parts);
        },
        Be(E::AuthorityKeyId),
    ),
    (
        "distribution point by URI",
        |s| {
            let uri = encode(0xa0, &encode(0xa0, &encode(0x86, b"http://authority.enishi.example/crl")));
            s.ext(oid::CRL_DISTRIBUTION_POINTS).2 = encode(tag::SEQUENCE, &encode(tag::SEQUENCE, &uri));
        },
        Be(E::DistributionPoint),
    ),
    (
        "two distribution points",
        |s| {
            let one = encode(tag::SEQUENCE, &full_name(&support::municipality("A")));
            s.ext(oid::CRL_DISTRIBUTION_POINTS).2 = encode(tag::SEQUENCE, &[one.clone(), one].concat());
        },
        Be(E::DistributionPoint),
    ),
    (
        "distribution point for some reasons",
        |s| {
            let point = [full_name(&support::municipality("A")), vec![0x81, 2, 1, 0x40]].concat();
            s.ext(oid::CRL_DISTRIBUTION_POINTS).2 = encode(tag::SEQUENCE, &encode(tag::SEQUENCE, &point));
        },
        Be(E::DistributionPoint),
    ),
    (
        "authority key identifier critical",
        |s| s.ext(oid::AUTHORITY_KEY_IDENTIFIER).1 = true,
        Be(E::Extension(X::Criticality(oid::AUTHORITY_KEY_IDENTIFIER))),
    ),
    ("authority's key of no octets", |s| authority_key(s, &[&[0x80, 0]]), Be(E::AuthorityKeyId)),
    ("authority's key of 65 octets", |s| authority_key(s, &[&encode(0x80, &[1; 65])]), Be(E::AuthorityKeyId)),
    (
        "issuer and serial, but no key",
        |s| authority_key(s, &[&issuer(), &[0x82, 1, 1]]),
        Be(E::AuthorityKeyId),
    ),
    (
        "key and issuer, but no serial",
        |s| authority_key(s, &[&[0x80, 1, 1], &issuer()]),
        Be(E::AuthorityKeyId),
    ),
    (
        "authority's serial zero",
        |s| authority_key(s, &[&[0x80, 1, 1], &issuer(), &[0x82, 1, 0]]),
        Be(E::AuthorityKeyId),
    ),
    (
        "authority's serial negative",
        |s| authority_key(s, &[&[0x80, 1, 1], &issuer(), &[0x82, 1, 0x80]]),
        Be(E::AuthorityKeyId),
    ),
    (
        "serial before issuer",
        |s| authority_key(s, &[&[0x80, 1, 1], &[0x82, 1, 1], &issuer()]),
        Be(E::AuthorityKeyId),
    ),
    (
        "issuer twice in the authority key identifier",
        |s| authority_key(s, &[&[0x80, 1, 1], &issuer(), &issuer(), &[0x82, 1, 1]]),
        Be(E::AuthorityKeyId),
    ),
    (
        "issuer by URI",
        |s| {
            authority_key(
                s,
                &[&[0x80, 1, 1], &encode(0xa1, &encode(0x86, b"http://a.example")), &[0x82, 1, 1]],
            )
        },
        Be(E::AuthorityKeyId),
    ),
    (
        "authority key identifier with something behind it",
        |s| authority_key(s, &[&[0x80, 1, 1], &issuer(), &[0x82, 1, 1], &[5, 0]]),
        Be(E::AuthorityKeyId),
    ),
    (
        "no authority key identifier but its octets",
        |s| s.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = vec![4, 1, 1],
        Der(Tag { expected: 0x30, found: 0x04 }),
    ),
    (
        "distribution point critical",
        |s| s.ext(oid::CRL_DISTRIBUTION_POINTS).1 = true,
        Be(E::Extension(X::Criticality(oid::CRL_DISTRIBUTION_POINTS))),
    ),
    ("distribution point without a name", |s| point(s, &[]), Be(E::DistributionPoint)),
    (
        "distribution point of another issuer's lists",
        |s| {
            let other = encode(0xa2, &directory_name(&authority_name(CertKind::Signing, support::SANDBOX)));
            point(s, &[&full_name(&support::municipality("A")), &other]);
        },
        Be(E::DistributionPoint),
    ),
    (
        "distribution point by a relative name",
        |s| point(s, &[&encode(0xa0, &encode(0xa1, &[0x30, 0]))]),
        Be(E::DistributionPoint),
    ),
    (
        "distribution point by two names",
        |s| {
            let two =
                [directory_name(&support::municipality("A")), directory_name(&support::municipality("B"))];
            point(s, &[&encode(0xa0, &encode(0xa0, &two.concat()))]);
        },
        Be(E::DistributionPoint),
    ),
    (
        "distribution point by name and URI",
        |s| {
            let two = [directory_name(&support::municipality("A")), encode(0x86, b"http://a.example/crl")];
            point(s, &[&encode(0xa0, &encode(0xa0, &two.concat()))]);
        },
        Be(E::DistributionPoint),
    ),
    (
        "distribution points of none",
        |s| s.ext(oid::CRL_DISTRIBUTION_POINTS).2 = vec![0x30, 0],
        Be(E::DistributionPoint),
    ),
    ("no distribution point", |s| s.without(oid::CRL_DISTRIBUTION_POINTS), Hold),
];
