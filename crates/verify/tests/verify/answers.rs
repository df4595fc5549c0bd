//! A responder's answers: each rule of RFC 6960 broken once.

use std::time::Duration;

use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{CertKind, ExtensionError};
use enishi_verify::{
    Limits, OcspError as E, OcspFailure, OcspRequest, RevocationReason, Standing, check_ocsp,
};

use crate::answer::{Answer, by_key, cert_id, nonce, revoked, time};
use crate::issue::{self, Ext, Who, authority_name};
use crate::world::{at, auth_authority, hours, limits, now, request, signing_authority};

pub(crate) fn check(answer: &[u8]) -> Result<Standing, E> {
    check_ocsp(answer, &request(), &auth_authority(), &limits(), now()).map(|answer| answer.standing())
}

pub(crate) type Row = (&'static str, fn(&mut Answer), fn(&E) -> bool);

const REFUSED: &[Row] = &[
    ("something behind it", |a| a.trailing = vec![0], |e| matches!(e, E::Der(_))),
    ("an unknown status with an answer", |a| a.status = 4, |e| matches!(e, E::Der(_))),
    ("a failure that brings an answer along", |a| a.status = 3, |e| matches!(e, E::Der(_))),
    ("another response type", |a| a.response_type = oid::OCSP_NONCE, |e| *e == E::ResponseType),
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
    (
        "the version written out",
        |a| a.responder = [vec![0xa0, 3, 2, 1, 0], by_key(Who::Responder.key())].concat(),
        |e| matches!(e, E::Der(_)),
    ),
    ("no responder", |a| a.responder = vec![], |e| matches!(e, E::Der(_))),
    (
        "an extension twice",
        |a| a.extensions.push(nonce(&[7; 32])),
        |e| matches!(e, E::Extension(ExtensionError::Duplicate(_))),
    ),
    (
        "fractions of a second",
        |a| a.produced_at = issue::generalized_time("20260601025900.5Z"),
        |e| matches!(e, E::Der(_)),
    ),
    (
        "an offset instead of Z",
        |a| a.this_update = issue::generalized_time("20260601114900+0900"),
        |e| matches!(e, E::Der(_)),
    ),
    ("nextUpdate without its tag", |a| a.next_update = Some(vec![5, 0]), |e| matches!(e, E::Der(_))),
    (
        "SHA-1 with RSA",
        |a| {
            a.algorithm = Some(encode_all(
                tag::SEQUENCE,
                &[&issue::oid_der(Oid::new_unwrap("1.2.840.113549.1.1.5")), &[5, 0]],
            ))
        },
        |e| matches!(e, E::Der(_)),
    ),
    (
        "a CertID with a serial number of 21 octets",
        |a| a.cert_id = about(CertKind::Authentication, Who::AuthAuthority, &[1; 21]),
        |e| matches!(e, E::Serial(_)),
    ),
    (
        "a CertID without the key's hash",
        |a| a.cert_id = encode(tag::SEQUENCE, &[0x30, 0]),
        |e| matches!(e, E::Der(_)),
    ),
    (
        "revoked with something behind it",
        |a| a.standing = encode_all(0xa1, &[&time(hours(-9)), &[5, 0]]),
        |e| matches!(e, E::Der(_)),
    ),
    ("unknown with content", |a| a.standing = vec![0x82, 1, 0], |e| matches!(e, E::Der(_))),
    ("good by a constructed tag", |a| a.standing = vec![0xa0, 0], |e| matches!(e, E::Der(_))),
];

fn about(kind: CertKind, authority: Who, serial: &[u8]) -> Vec<u8> {
    cert_id(&authority_name(kind, issue::SANDBOX), authority.key(), serial)
}

#[test]
fn an_answer_with_one_rule_broken_is_refused() {
    refused(REFUSED);
}

/// Breaks a good answer once for each row.
pub(crate) fn refused(rows: &[Row]) {
    for (rule, break_it, is_expected) in rows {
        let mut answer = Answer::good();
        break_it(&mut answer);
        match check(&answer.build()) {
            Err(error) => assert!(is_expected(&error), "{rule}: {error:?}"),
            accepted => assert!(accepted.is_err(), "{rule}: accepted"),
        }
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
fn the_request_is_what_rfc_6960_and_rfc_9654_write() {
    let asked = about(CertKind::Authentication, Who::AuthAuthority, &[1, 2, 3]);
    let list = encode(tag::SEQUENCE, &encode(tag::SEQUENCE, &asked));
    let extensions = encode(0xa2, &encode(tag::SEQUENCE, &nonce(&[7; 32]).der()));
    let expected = encode(tag::SEQUENCE, &encode_all(tag::SEQUENCE, &[&list, &extensions]));
    assert_eq!(request().to_der(), expected);
    assert_eq!(format!("{:?}", request()), "OcspRequest(…)");
}
