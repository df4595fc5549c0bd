//! Who may answer for an authority (RFC 6960 §4.2.2.2): each rule of a delegation broken once.

use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{CaCertificate, CertKind, CertificateError, Profile};
use enishi_verify::{OcspError as E, Standing, check_ocsp};

use crate::answer::{Answer, by_key, delegate_spec};
use crate::answers::{Row, check, refused};
use crate::issue::{self, Ext, Spec, Who, authority_name};
use crate::world::{auth_authority, limits, request};

/// A delegate's certificate with one thing changed.
fn delegated(answer: &mut Answer, change: fn(&mut Spec)) {
    let mut spec = delegate_spec();
    change(&mut spec);
    answer.certificates = vec![spec.build()];
}

fn by_name(name: &[u8]) -> Vec<u8> {
    encode(tag::context_constructed(1), name)
}

const REFUSED: &[Row] = &[
    (
        "signed by another key than the responder's",
        |a| a.signer = Who::OtherAuthority.key(),
        |e| *e == E::Forged,
    ),
    ("signed by the holder", |a| a.signer = Who::Holder.key(), |e| *e == E::Forged),
    (
        "another algorithm than the responder's key",
        |a| a.signer = Who::EcResponder.key(),
        |e| *e == E::Forged,
    ),
    (
        "in the authority's name, by the delegate",
        |a| a.responder = by_key(Who::AuthAuthority.key()),
        |e| *e == E::Forged,
    ),
    ("no certificate of the delegate", |a| a.certificates.clear(), |e| *e == E::ResponderUnknown),
    (
        "a responder that nobody knows",
        |a| a.responder = by_key(Who::Holder.key()),
        |e| *e == E::ResponderUnknown,
    ),
    ("a responder without name or key", |a| a.responder = vec![0xa3, 0], |e| matches!(e, E::Der(_))),
    (
        "five certificates",
        |a| a.certificates = vec![crate::world::holder_spec().build(); 5],
        |e| *e == E::TooManyCertificates,
    ),
    (
        "a holder's certificate",
        |a| {
            a.certificates = vec![crate::world::holder_spec().build()];
            a.responder = by_key(Who::Holder.key());
            a.signer = Who::Holder.key();
        },
        |e| *e == E::ResponderProfile(CertificateError::ExtendedKeyUsage),
    ),
    (
        "a delegate without OCSPSigning",
        |a| delegated(a, |s| s.without(oid::EXT_KEY_USAGE)),
        |e| *e == E::ResponderProfile(CertificateError::ExtendedKeyUsage),
    ),
    (
        "a delegate for clientAuth",
        |a| delegated(a, |s| s.ext(oid::EXT_KEY_USAGE).2 = encode(0x30, &issue::oid_der(oid::CLIENT_AUTH))),
        |e| *e == E::ResponderProfile(CertificateError::ExtendedKeyUsage),
    ),
    (
        "a delegate whose key may not sign",
        |a| delegated(a, |s| s.ext(oid::KEY_USAGE).2 = vec![3, 2, 5, 0x20]),
        |e| *e == E::ResponderProfile(CertificateError::KeyUsage),
    ),
    (
        "a delegate that is an authority",
        |a| delegated(a, |s| s.extensions.push(Ext(oid::BASIC_CONSTRAINTS, true, vec![0x30, 3, 1, 1, 0xff]))),
        |e| *e == E::ResponderProfile(CertificateError::BasicConstraints),
    ),
    (
        "a delegate with an unknown critical extension",
        |a| {
            delegated(a, |s| s.extensions.push(Ext(Oid::new_unwrap("1.3.6.1.4.1.99999.1"), true, vec![5, 0])))
        },
        |e| matches!(e, E::ResponderProfile(CertificateError::Extension(_))),
    ),
    (
        "a delegate of the other authority",
        |a| {
            a.certificates =
                vec![Spec::responder(CertKind::Signing, Who::SigningAuthority, Who::Responder).build()]
        },
        |e| *e == E::ResponderNotDelegated,
    ),
    (
        "a delegate of the same name and another generation's key",
        |a| {
            a.certificates =
                vec![Spec::responder(CertKind::Authentication, Who::EcAuthority, Who::Responder).build()]
        },
        |e| *e == E::ResponderNotDelegated,
    ),
    (
        "a delegate that the authority did not sign",
        |a| delegated(a, |s| s.signer = Who::OtherAuthority.key()),
        |e| *e == E::ResponderNotDelegated,
    ),
    (
        "a delegate that signed itself",
        |a| delegated(a, |s| s.signer = Who::Responder.key()),
        |e| *e == E::ResponderNotDelegated,
    ),
    (
        "a delegate that has expired",
        |a| delegated(a, |s| s.validity = issue::validity("250401000000Z", "260601025959Z")),
        |e| *e == E::ResponderNotValid,
    ),
    (
        "a delegate that is not valid yet",
        |a| delegated(a, |s| s.validity = issue::validity("260601030001Z", "270601030000Z")),
        |e| *e == E::ResponderNotValid,
    ),
    (
        "a delegate whose own revocation is unknown",
        |a| delegated(a, |s| s.without(oid::OCSP_NO_CHECK)),
        |e| *e == E::ResponderRevocationUnknown,
    ),
    (
        "in the authority's name, by another generation of that name",
        |a| {
            a.responder = by_name(&authority_name(CertKind::Authentication, issue::SANDBOX));
            a.signer = Who::EcAuthority.key();
            a.certificates.clear();
        },
        |e| *e == E::Forged,
    ),
    (
        "in the authority's name, by a stranger's key",
        |a| {
            a.responder = by_name(&authority_name(CertKind::Authentication, issue::SANDBOX));
            a.signer = Who::OtherAuthority.key();
        },
        |e| *e == E::Forged,
    ),
    ("a list of no certificates", |a| a.certificates = vec![vec![]], |e| *e == E::ResponderUnknown),
    (
        "a delegate for any purpose",
        |a| {
            let any = issue::oid_der(Oid::new_unwrap("2.5.29.37.0"));
            delegated(a, |s| s.ext(oid::EXT_KEY_USAGE).2.clear());
            let mut spec = delegate_spec();
            spec.ext(oid::EXT_KEY_USAGE).2 = encode(tag::SEQUENCE, &any);
            a.certificates = vec![spec.build()];
        },
        |e| *e == E::ResponderProfile(CertificateError::ExtendedKeyUsage),
    ),
    (
        "a delegate for OCSPSigning and something else",
        |a| {
            delegated(a, |s| {
                let two = [issue::oid_der(oid::OCSP_SIGNING), issue::oid_der(oid::CLIENT_AUTH)].concat();
                s.ext(oid::EXT_KEY_USAGE).2 = encode(tag::SEQUENCE, &two);
            });
        },
        |e| *e == E::ResponderProfile(CertificateError::ExtendedKeyUsage),
    ),
    (
        "a delegate's key usage of no bits",
        |a| delegated(a, |s| s.ext(oid::KEY_USAGE).2 = vec![3, 1, 0]),
        |e| *e == E::ResponderProfile(CertificateError::KeyUsage),
    ),
    (
        "a delegate whose issuer has another name",
        |a| delegated(a, |s| s.issuer = authority_name(CertKind::Signing, issue::SANDBOX)),
        |e| *e == E::ResponderNotDelegated,
    ),
    (
        "a delegate of another generation that names no key",
        |a| {
            let mut spec = Spec::responder(CertKind::Authentication, Who::OtherAuthority, Who::Responder);
            spec.without(oid::AUTHORITY_KEY_IDENTIFIER);
            a.certificates = vec![spec.build()];
        },
        |e| *e == E::ResponderNotDelegated,
    ),
    (
        "a delegate that names another key and was signed with the right one",
        |a| {
            delegated(a, |s| {
                let key = encode(tag::context_primitive(0), &Who::EcAuthority.key().key_id());
                s.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = encode(tag::SEQUENCE, &key);
            });
        },
        |e| *e == E::ResponderNotDelegated,
    ),
    (
        "a delegate's delegate",
        |a| {
            let mut spec = Spec::responder(CertKind::Authentication, Who::Responder, Who::EcResponder);
            spec.issuer = delegate_spec().subject;
            a.certificates = vec![spec.build(), delegate_spec().build()];
            a.responder = by_key(Who::EcResponder.key());
            a.signer = Who::EcResponder.key();
        },
        |e| *e == E::ResponderNotDelegated,
    ),
    (
        "a mark of no check that is critical",
        |a| delegated(a, |s| s.ext(oid::OCSP_NO_CHECK).1 = true),
        |e| matches!(e, E::ResponderProfile(CertificateError::Extension(_))),
    ),
    (
        "a mark of no check that says something",
        |a| delegated(a, |s| s.ext(oid::OCSP_NO_CHECK).2 = vec![1, 1, 0xff]),
        |e| matches!(e, E::ResponderProfile(CertificateError::Der(_))),
    ),
    (
        "a delegate with a key of 1024 bits",
        |a| {
            let modulus = encode_all(tag::INTEGER, &[&[0], &[0xc1; 128]]);
            let key = encode_all(tag::SEQUENCE, &[&modulus, &encode(tag::INTEGER, &[1, 0, 1])]);
            let rsa = encode_all(tag::SEQUENCE, &[&issue::oid_der(oid::RSA_ENCRYPTION), &[tag::NULL, 0]]);
            let mut spec = delegate_spec();
            spec.spki = encode_all(tag::SEQUENCE, &[&rsa, &issue::bits(&key)]);
            a.certificates = vec![spec.build()];
        },
        |e| matches!(e, E::ResponderProfile(CertificateError::Key(_))),
    ),
];

#[test]
fn a_responder_with_one_rule_broken_is_refused() {
    refused(REFUSED);
}

#[test]
fn the_authority_and_its_delegates_may_answer_by_name_or_key_with_any_known_algorithm() {
    let authority = authority_name(CertKind::Authentication, issue::SANDBOX);
    let delegate = delegate_spec();
    let elliptic = Spec::responder(CertKind::Authentication, Who::AuthAuthority, Who::EcResponder);
    let base = Answer::good;
    for (who, answer) in [
        ("delegate by name", Answer { responder: by_name(&delegate.subject), ..base() }),
        (
            "authority by name",
            Answer {
                responder: by_name(&authority),
                signer: Who::AuthAuthority.key(),
                certificates: vec![],
                ..base()
            },
        ),
        (
            "authority by key",
            Answer {
                responder: by_key(Who::AuthAuthority.key()),
                signer: Who::AuthAuthority.key(),
                certificates: vec![],
                ..base()
            },
        ),
        (
            "delegate with P-256",
            Answer {
                responder: by_key(Who::EcResponder.key()),
                signer: Who::EcResponder.key(),
                certificates: vec![elliptic.build()],
                ..base()
            },
        ),
        (
            "the authority's certificate beside the delegate's",
            Answer { certificates: vec![auth_authority().der().to_vec(), delegate.build()], ..base() },
        ),
        ("no nextUpdate", Answer { next_update: None, ..base() }),
    ] {
        assert_eq!(check(&answer.build()), Ok(Standing::Good), "{who}");
    }
}

#[test]
fn a_delegate_may_be_any_of_four_certificates() {
    let other = crate::world::holder_spec().build();
    for place in 0..4 {
        let mut certificates = vec![other.clone(); 4];
        certificates[place] = delegate_spec().build();
        let answer = Answer { certificates, ..Answer::good() };
        assert_eq!(check(&answer.build()), Ok(Standing::Good), "{place}");
    }
}

/// Delegate or authority, its validity, the moment; whether it may answer then.
const VALIDITIES: &[(&str, &str, &str, bool)] = &[
    ("260601030000Z", "270601030000Z", "2026-06-01T03:00:00Z", true),
    ("260601030001Z", "270601030000Z", "2026-06-01T03:00:00Z", false),
    ("260601030001Z", "270601030000Z", "2026-06-01T03:00:00.999Z", false),
    ("250601030000Z", "260601030000Z", "2026-06-01T03:00:00Z", true),
    ("250601030000Z", "260601030000Z", "2026-06-01T03:00:00.999Z", true),
    ("250601030000Z", "260601030000Z", "2026-06-01T03:00:01Z", false),
];

#[test]
fn delegate_and_authority_answer_within_their_own_validity_both_ends_included() {
    for (from, to, moment, holds) in VALIDITIES {
        let expected = if *holds { Ok(Standing::Good) } else { Err(E::ResponderNotValid) };
        let at = moment.parse().unwrap();
        let mut spec = delegate_spec();
        spec.validity = issue::validity(from, to);
        let answer = Answer { certificates: vec![spec.build()], ..Answer::good() }.build();
        let by = |issuer: &CaCertificate, answer: &[u8]| {
            check_ocsp(answer, &request(), issuer, &limits(), at).map(|answer| answer.standing())
        };
        assert_eq!(by(&auth_authority(), &answer), expected, "delegate {from} {to} {moment}");
        let mut spec = Spec::authority(CertKind::Authentication, Who::AuthAuthority);
        spec.validity = issue::validity(from, to);
        let authority = CaCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap();
        let answer = Answer::good().build();
        assert_eq!(by(&authority, &answer), expected, "authority {from} {to} {moment}");
    }
}
