use proptest::prelude::*;

use std::sync::Arc;

use super::{
    presigned::{CAPACITY, Presigned, PresignedAnswers},
    request::{HashKind, OCSP_REQUEST_MAX_OCTETS, OcspRequest},
    response::Window,
};
use crate::{RevocationReason, asn1, register::certificates::Standing};

const SHA1: &str = "1.3.14.3.2.26";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";

fn cert_id(hash: &str, hash_octets: usize, serial: &[u8]) -> Vec<u8> {
    asn1::sequence(&[
        &asn1::sequence(&[&asn1::oid(hash.parse().unwrap()), &asn1::null()]),
        &asn1::octet_string(&vec![0x11; hash_octets]),
        &asn1::octet_string(&vec![0x22; hash_octets]),
        &asn1::unsigned_integer(serial),
    ])
}

fn request(cert_ids: &[Vec<u8>], extensions: &[Vec<u8>]) -> Vec<u8> {
    let singles: Vec<Vec<u8>> = cert_ids.iter().map(|cert_id| asn1::sequence(&[cert_id])).collect();
    let singles: Vec<&[u8]> = singles.iter().map(Vec::as_slice).collect();
    let extensions: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).collect();
    let extensions =
        if extensions.is_empty() { Vec::new() } else { asn1::context(2, &[&asn1::sequence(&extensions)]) };
    asn1::sequence(&[&asn1::sequence(&[&asn1::sequence(&singles), &extensions])])
}

fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { asn1::boolean_true() } else { Vec::new() };
    asn1::sequence(&[&asn1::oid(id.parse().unwrap()), &critical, &asn1::octet_string(value)])
}

fn nonce(octets: usize) -> Vec<u8> {
    extension("1.3.6.1.5.5.7.48.1.2", false, &asn1::octet_string(&vec![7; octets]))
}

#[test]
fn both_hashes_and_every_nonce_of_the_standard_are_read() {
    for (hash, octets, kind) in [(SHA1, 20, HashKind::Sha1), (SHA256, 32, HashKind::Sha256)] {
        for length in [1, 16, 32, 128] {
            let der = cert_id(hash, octets, &[5, 6]);
            let question = request(std::slice::from_ref(&der), &[nonce(length)]);
            let parsed = OcspRequest::parse(&question).unwrap();
            assert_eq!(parsed.nonce, Some(asn1::octet_string(&vec![7; length]).as_slice()));
            let [only] = parsed.cert_ids.as_slice() else { panic!("one certificate") };
            assert_eq!(only.hash, kind);
            assert_eq!(only.der, der);
            assert_eq!(only.serial, [5, 6]);
            assert_eq!((only.issuer_name_hash.len(), only.issuer_key_hash.len()), (octets, octets));
        }
    }
}

#[test]
fn what_is_out_of_bounds_is_malformed() {
    let good = cert_id(SHA1, 20, &[1]);
    let one = std::slice::from_ref(&good);
    assert!(OcspRequest::parse(&request(&vec![good.clone(); 16], &[])).is_some());
    for (what, der) in [
        ("no certificate", request(&[], &[])),
        ("17 certificates", request(&vec![good.clone(); 17], &[])),
        ("an empty nonce", request(one, &[nonce(0)])),
        ("a nonce of 129", request(one, &[nonce(129)])),
        ("two nonces", request(one, &[nonce(8), nonce(8)])),
        (
            "a nonce that is no OCTET STRING",
            request(one, &[extension("1.3.6.1.5.5.7.48.1.2", false, &[7; 8])]),
        ),
        ("a critical unknown", request(one, &[extension("1.2.3", true, &[])])),
        ("a hash of another length", request(&[cert_id(SHA1, 32, &[1])], &[])),
        ("another hash", request(&[cert_id("1.2.840.113549.2.5", 16, &[1])], &[])),
        ("something behind", [request(one, &[]), vec![0]].concat()),
        ("too long", request(one, &[extension("1.2.3", false, &[0; OCSP_REQUEST_MAX_OCTETS])])),
    ] {
        assert!(OcspRequest::parse(&der).is_none(), "{what}");
    }
    assert!(OcspRequest::parse(&request(one, &[extension("1.2.3", false, &[])])).is_some());
}

#[test]
fn what_is_the_default_may_be_said_all_the_same() {
    let good = cert_id(SHA1, 20, &[1]);
    let single = asn1::sequence(&[&asn1::sequence(&[&good])]);
    let version = |number: u8| {
        let version = asn1::context(0, &[&asn1::unsigned_integer(&[number])]);
        asn1::sequence(&[&asn1::sequence(&[&version, &single])])
    };
    assert!(OcspRequest::parse(&version(0)).is_some());
    assert!(OcspRequest::parse(&version(1)).is_none(), "version 2 is none that we know");
    let uncritical =
        asn1::sequence(&[&asn1::oid("1.2.3".parse().unwrap()), &[1, 1, 0], &asn1::octet_string(&[])]);
    assert!(OcspRequest::parse(&request(&[good], &[uncritical])).is_some());
}

fn presigned(standing: Standing, from: &str, to: &str) -> Arc<Presigned> {
    let window = Window { this_update: from.parse().unwrap(), next_update: to.parse().unwrap() };
    Arc::new(Presigned::new(vec![0x30, 0], standing, window))
}

#[test]
fn a_kept_answer_is_given_in_the_first_half_of_its_window_and_as_long_as_the_register_says_the_same() {
    let answers = PresignedAnswers::new();
    answers.keep(b"one", &presigned(Standing::Good, "2026-11-20T03:00:00Z", "2026-11-20T03:15:00Z"));
    let get = |standing, now: &str| answers.get(b"one", standing, now.parse().unwrap()).is_some();
    assert!(get(Standing::Good, "2026-11-20T03:00:00Z"));
    assert!(get(Standing::Good, "2026-11-20T03:07:29Z"));
    assert!(!get(Standing::Good, "2026-11-20T03:07:30Z"), "another is signed in time");
    assert!(!get(Standing::Good, "2026-11-20T02:59:59Z"), "by a clock that was put back");
    let at = "2026-11-20T03:00:01Z".parse().unwrap();
    let revoked = Standing::Revoked { reason: RevocationReason::KeyCompromise, at };
    assert!(!get(revoked, "2026-11-20T03:00:02Z"));
    assert!(answers.get(b"two", Standing::Good, at).is_none());
}

#[test]
fn kept_answers_are_bounded_and_those_in_use_stay() {
    let answers = PresignedAnswers::new();
    let answer = presigned(Standing::Good, "2026-11-20T03:00:00Z", "2026-11-20T03:15:00Z");
    let now = "2026-11-20T03:00:00Z".parse().unwrap();
    answers.keep(b"in use", &answer);
    for number in 0..2 * u32::try_from(CAPACITY).unwrap() {
        answers.keep(&number.to_be_bytes(), &answer);
        assert!(answers.get(b"in use", Standing::Good, now).is_some());
    }
    assert!(answers.len() <= CAPACITY);
    assert!(answers.get(&0_u32.to_be_bytes(), Standing::Good, now).is_none());
}

proptest! {
    #[test]
    fn random_octets_never_panic(octets in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = OcspRequest::parse(&octets);
    }

    #[test]
    fn a_bent_request_never_panics(
        count in 1_usize..4,
        at in any::<prop::sample::Index>(),
        octet in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut der = request(&vec![cert_id(SHA256, 32, &[9; 16]); count], &[nonce(32)]);
        let position = at.index(der.len());
        der[position] = octet;
        let _ = OcspRequest::parse(&der);
        der.truncate(cut.index(der.len()));
        prop_assert!(OcspRequest::parse(&der).is_none());
    }

    #[test]
    fn what_is_read_is_what_was_asked(serial in proptest::collection::vec(any::<u8>(), 1..20)) {
        let der = cert_id(SHA256, 32, &serial);
        let question = request(std::slice::from_ref(&der), &[]);
        let parsed = OcspRequest::parse(&question).unwrap();
        prop_assert_eq!(parsed.cert_ids[0].der, &der);
        prop_assert_eq!(parsed.cert_ids[0].serial, &asn1::integer_content(&serial));
    }
}
