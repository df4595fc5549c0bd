//! A responder's answers: each rule of RFC 6960 broken once.

use std::time::Duration;

use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{CertKind, CertificateError, ExtensionError, Profile};
use enishi_verify::{
    Limits, OcspError as E, OcspFailure, OcspRequest, RevocationReason, Standing, check_ocsp,
};

use crate::answer::{Answer, by_key, cert_id, delegate_spec, nonce, revoked, time};
use crate::issue::{self, Ext, Spec, Who, authority_name};
use crate::world::{at, auth_authority, hours, limits, now, request, signing_authority};

fn check(answer: &[u8]) -> Result<Standing, E> {
    check_ocsp(answer, &request(), &auth_authority(), &limits(), now()).map(|answer| answer.standing())
}

/// A delegate's certificate with one thing changed.
fn delegated(answer: &mut Answer, change: fn(&mut Spec)) {
    let mut spec = delegate_spec();
    change(&mut spec);
    answer.certificates = vec![spec.build()];
}

type Row = (&'static str, fn(&mut Answer), fn(&E) -> bool);

const REFUSED: &[Row] = &[
    ("something behind it", |a| a.trailing = vec![0], |e| matches!(e, E::Der(_))),
    ("an unknown status with an answer", |a| a.status = 4, |e| matches!(e, E::Der(_))),
    ("a failure that brings an answer along", |a| a.status = 3, |e| matches!(e, E::Der(_))),
    ("another response type", |a| a.response_type = oid::OCSP_NONCE, |e| *e == E::ResponseType),
    ("no nonce", |a| a.extensions.clear(), |e| *e == E::Nonce),
    ("another nonce", |a| a.extensions = vec![nonce(&[8; 32])], |e| *e == E::Nonce),
    ("a shortened nonce", |a| a.extensions = vec![nonce(&[7; 31])], |e| *e == E::Nonce),
    ("a lengthened nonce", |a| a.extensions = vec![nonce(&[7; 33])], |e| *e == E::Nonce),
    (
        "an unknown critical extension",
        |a| a.extensions.push(Ext(Oid::new_unwrap("1.3.6.1.4.1.99999.1"), true, vec![5, 0])),
        |e| matches!(e, E::Extension(ExtensionError::UnknownCritical(_))),
    ),
    (
        "an unknown critical extension of the status",
        |a| a.single_extensions.push(Ext(Oid::new_unwrap("1.3.6.1.4.1.99999.1"), true, vec![5, 0])),
        |e| matches!(e, E::Extension(ExtensionError::UnknownCritical(_))),
    ),
    ("no status", |a| a.copies = 0, |e| *e == E::StatusCount),
    ("two statuses", |a| a.copies = 2, |e| *e == E::StatusCount),
    (
        "another serial number",
        |a| a.cert_id = about(CertKind::Authentication, Who::AuthAuthority, &[1, 2, 4]),
        |e| *e == E::OtherCertificate,
    ),
    (
        "another authority's name",
        |a| a.cert_id = about(CertKind::Signing, Who::AuthAuthority, &[1, 2, 3]),
        |e| *e == E::OtherCertificate,
    ),
    (
        "another authority's key",
        |a| a.cert_id = about(CertKind::Authentication, Who::EcAuthority, &[1, 2, 3]),
        |e| *e == E::OtherCertificate,
    ),
    (
        "a CertID under another hash",
        |a| {
            let sha256 = issue::oid_der(Oid::new_unwrap("2.16.840.1.101.3.4.2.1"));
            let hash = encode(tag::OCTET_STRING, &[1; 32]);
            let algorithm = encode(tag::SEQUENCE, &sha256);
            a.cert_id = encode_all(tag::SEQUENCE, &[&algorithm, &hash, &hash, &[2, 3, 1, 2, 3]]);
        },
        |e| *e == E::OtherCertificate,
    ),
    ("unknown", |a| a.standing = vec![0x82, 0], |e| *e == E::UnknownCertificate),
    ("good with content", |a| a.standing = vec![0x80, 1, 0], |e| matches!(e, E::Der(_))),
    ("a status that is none", |a| a.standing = vec![0x83, 0], |e| matches!(e, E::Der(_))),
    ("revoked without a date", |a| a.standing = vec![0xa1, 0], |e| matches!(e, E::Der(_))),
    ("revoked for a delta's reason", |a| a.standing = revoked(hours(-9), 8), |e| *e == E::Reason(8)),
    ("times in UTCTime", |a| a.this_update = crate::list::utc(at(-600)), |e| matches!(e, E::Der(_))),
    ("nextUpdate before thisUpdate", |a| a.next_update = Some(time(at(-601))), |e| *e == E::TimesReversed),
    ("produced before its knowledge", |a| a.produced_at = time(at(-601)), |e| *e == E::TimesReversed),
    ("produced in the future", |a| a.produced_at = time(at(11)), |e| *e == E::NotYetValid),
    (
        "knowledge of the future",
        |a| {
            a.this_update = time(at(11));
            a.produced_at = time(at(11));
        },
        |e| *e == E::NotYetValid,
    ),
    ("past nextUpdate", |a| a.next_update = Some(time(at(-1))), |e| *e == E::Expired { fresh_until: at(-1) }),
    ("older than an hour", |a| a.this_update = time(at(-3601)), |e| *e == E::Expired { fresh_until: at(-1) }),
    (
        "older than an hour, no nextUpdate",
        |a| {
            a.this_update = time(at(-3601));
            a.next_update = None;
        },
        |e| *e == E::Expired { fresh_until: at(-1) },
    ),
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
];

fn about(kind: CertKind, authority: Who, serial: &[u8]) -> Vec<u8> {
    cert_id(&authority_name(kind, issue::SANDBOX), authority.key(), serial)
}

#[test]
fn an_answer_with_one_rule_broken_is_refused() {
    for (rule, break_it, is_expected) in REFUSED {
        let mut answer = Answer::good();
        break_it(&mut answer);
        let error = check(&answer.build()).expect_err(rule);
        assert!(is_expected(&error), "{rule}: {error:?}");
    }
}

#[test]
fn good_and_revoked_are_read() {
    assert_eq!(check(&Answer::good().build()), Ok(Standing::Good));
    let held = Answer { standing: revoked(hours(-9), 6), ..Answer::good() };
    let expected = Standing::Revoked { reason: RevocationReason::CertificateHold, at: hours(-9) };
    assert_eq!(check(&held.build()), Ok(expected));
    let bare = encode(tag::context_constructed(1), &time(hours(-9)));
    let expected = Standing::Revoked { reason: RevocationReason::Unspecified, at: hours(-9) };
    assert_eq!(check(&Answer { standing: bare, ..Answer::good() }.build()), Ok(expected));
}

#[test]
fn the_authority_and_its_delegates_may_answer_by_name_or_key_with_any_known_algorithm() {
    let name = |name: &[u8]| encode(tag::context_constructed(1), name);
    let authority = authority_name(CertKind::Authentication, issue::SANDBOX);
    let delegate = delegate_spec();
    let elliptic = Spec::responder(CertKind::Authentication, Who::AuthAuthority, Who::EcResponder);
    let base = Answer::good;
    for (who, answer) in [
        ("delegate by name", Answer { responder: name(&delegate.subject), ..base() }),
        (
            "authority by name",
            Answer {
                responder: name(&authority),
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
fn windows_hold_at_their_edges() {
    let edges = [
        Answer { produced_at: time(at(10)), ..Answer::good() },
        Answer { this_update: time(at(-3600)), ..Answer::good() },
        Answer { next_update: Some(time(now())), ..Answer::good() },
        Answer { produced_at: time(at(-600)), ..Answer::good() },
    ];
    for answer in edges {
        assert_eq!(check(&answer.build()), Ok(Standing::Good));
    }
}

#[test]
fn yesterdays_good_does_not_answer_todays_question() {
    let stored = Answer::good().build();
    let tomorrow = now() + Duration::from_secs(24 * 60 * 60);
    let again = OcspRequest::new(&crate::world::certificate(), &auth_authority(), [9; 32]);
    let replayed = check_ocsp(&stored, &again, &auth_authority(), &limits(), tomorrow).map(drop);
    assert_eq!(replayed, Err(E::Nonce));
    let same_nonce = check_ocsp(&stored, &request(), &auth_authority(), &limits(), tomorrow).map(drop);
    assert!(matches!(same_nonce, Err(E::Expired { .. })));
}

#[test]
fn a_responders_refusals_have_names() {
    for (status, failure) in [
        (1, OcspFailure::MalformedRequest),
        (2, OcspFailure::InternalError),
        (3, OcspFailure::TryLater),
        (5, OcspFailure::SignatureRequired),
        (6, OcspFailure::Unauthorized),
    ] {
        assert_eq!(check(&[0x30, 3, 0x0a, 1, status]), Err(E::Responder(failure)));
    }
    for status in [0, 4, 7, 255] {
        assert!(matches!(check(&[0x30, 3, 0x0a, 1, status]), Err(E::Der(_))), "{status}");
    }
    assert!(matches!(check(&[]), Err(E::Der(_))));
}

#[test]
fn an_answer_over_the_limit_is_not_read() {
    let octets = Answer::good().build().len();
    let limits = Limits { ocsp_octets_max: octets - 1, ..limits() };
    let refused =
        check_ocsp(&Answer::good().build(), &request(), &auth_authority(), &limits, now()).map(drop);
    assert_eq!(refused, Err(E::TooLarge { octets }));
}

#[test]
fn a_question_for_another_authority_has_no_answer() {
    let refused = check_ocsp(&Answer::good().build(), &request(), &signing_authority(), &limits(), now());
    assert_eq!(refused.map(drop), Err(E::OtherIssuer));
}

#[test]
fn an_expired_authority_answers_nothing() {
    let mut spec = Spec::authority(CertKind::Authentication, Who::AuthAuthority);
    spec.validity = issue::validity("160101000000Z", "260531145959Z");
    let expired = enishi_jpki::CaCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap();
    let refused = check_ocsp(&Answer::good().build(), &request(), &expired, &limits(), now());
    assert_eq!(refused.map(drop), Err(E::ResponderNotValid));
}

#[test]
fn the_request_is_what_rfc_6960_and_rfc_9654_write() {
    let asked = about(CertKind::Authentication, Who::AuthAuthority, &[1, 2, 3]);
    let list = encode(tag::SEQUENCE, &encode(tag::SEQUENCE, &asked));
    let extensions = encode(0xa2, &encode(tag::SEQUENCE, &nonce(&[7; 32]).der()));
    let expected = encode(tag::SEQUENCE, &encode_all(tag::SEQUENCE, &[&list, &extensions]));
    assert_eq!(request().to_der(), expected);
    assert_eq!(format!("{:?}", request()), "OcspRequest(…)");
}
