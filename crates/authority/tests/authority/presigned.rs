//! Answers signed beforehand, and the other key of the responder.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use enishi_authority::{
    Authority, CertificateState, ListScopes, OcspAnswers, OcspKey, RevocationReason, ServiceConfig,
};
use enishi_jpki::{AuthCertificate, CaCertificate, Carrier, CertKind, Profile};
use enishi_verify::{Limits, OcspRequest, Standing, check_ocsp};
use x509_cert::der::Encode;

use crate::{
    responder::{basic, request, sha1},
    world::{NOW, World, at, keys, person},
};

const AUTH: CertKind = CertKind::Authentication;

fn service(ocsp_key: OcspKey, ocsp_answers: OcspAnswers) -> ServiceConfig {
    ServiceConfig { ocsp_key, ocsp_answers, lists: ListScopes::Whole }
}

fn presigning(key: OcspKey) -> World {
    World::new().served_as(service(key, OcspAnswers::Presigned))
}

/// CertStatus: its tag.
fn status(answer: &[u8]) -> u8 {
    basic(answer).data.singles[0].status.to_der().unwrap()[0]
}

const GOOD: u8 = 0x80;
const REVOKED: u8 = 0xa1;
const UNKNOWN: u8 = 0x82;

#[test]
fn a_p256_delegate_is_accepted_by_the_verifier_and_issued_under_each_key() {
    for answers in [OcspAnswers::Live, OcspAnswers::Presigned] {
        let world = World::new().served_as(service(OcspKey::P256, answers));
        let issued = world.card("resident-1");
        let issuer = CaCertificate::parse(&issued.auth_ca_der, &Profile::SANDBOX).unwrap();
        let certificate = AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX).unwrap();
        let ask = |filler: u8| {
            let request = OcspRequest::new(&certificate, &issuer, [filler; 32]);
            let answer = world.authority.answer_ocsp(&request.to_der(), at(NOW));
            check_ocsp(&answer, &request, &issuer, &Limits::default(), at(NOW)).map(|its| its.standing())
        };
        assert_eq!(ask(1).unwrap(), Standing::Good);
        world.authority.revoke(AUTH, &issued.auth_serial, RevocationReason::Superseded, at(NOW)).unwrap();
        let revoked = Standing::Revoked { reason: RevocationReason::Superseded, at: at(NOW) };
        assert_eq!(ask(2).unwrap(), revoked);
    }
}

#[test]
fn both_keys_have_certificates_of_their_own_in_one_register() {
    let world = World::new();
    let issued = world.card("resident-1");
    let question = request(&[sha1(&issued.auth_ca_der, &issued.auth_serial)], &[]);
    let delegate = |authority: &Authority| {
        let mut certificates = basic(&authority.answer_ocsp(&question, at(NOW))).certificates.unwrap();
        certificates.remove(0)
    };
    let rsa = delegate(&world.authority);
    let p256 = ServiceConfig { ocsp_key: OcspKey::P256, ..ServiceConfig::default() };
    let open = || Authority::open_with(world.folder(), p256).unwrap();
    let ec = delegate(&open());
    assert_ne!(rsa, ec);
    assert_eq!(delegate(&open()), ec, "kept through a restart");
    assert_eq!(delegate(&Authority::open(world.folder()).unwrap()), rsa);
    // A key that was lost is made anew, and gets a certificate of its own.
    std::fs::remove_file(world.folder().join("keys/authocsp-p256.p8")).unwrap();
    assert_ne!(delegate(&open()), ec);
}

#[test]
fn of_many_that_open_at_once_one_makes_the_key() {
    let world = World::new();
    let p256 = ServiceConfig { ocsp_key: OcspKey::P256, ..ServiceConfig::default() };
    let opened: Vec<_> = (0..8)
        .map(|_| {
            let folder = world.folder().to_owned();
            thread::spawn(move || Authority::open_with(&folder, p256).map(drop))
        })
        .collect();
    for opened in opened {
        opened.join().unwrap().unwrap();
    }
    let keys = std::fs::read_dir(world.folder().join("keys")).unwrap().count();
    assert_eq!(keys, 10, "eight, and one for each kind");
}

#[test]
fn one_answer_serves_all_who_ask_without_a_nonce_until_half_of_its_window_is_over() {
    for key in [OcspKey::Rsa2048, OcspKey::P256] {
        let world = presigning(key);
        let issued = world.card("resident-1");
        let ids = [sha1(&issued.auth_ca_der, &issued.auth_serial)];
        let ask = |now: &str| world.authority.answer_ocsp(&request(&ids, &[]), at(now));
        let first = ask("2026-11-20T03:00:00Z");
        assert_eq!(ask("2026-11-20T03:07:29Z"), first);
        let second = ask("2026-11-20T03:07:30Z");
        assert_ne!(second, first);
        assert_eq!(ask("2026-11-20T03:07:31Z"), second);
        assert_ne!(ask("2026-11-20T02:00:00Z"), second, "by a clock that was put back");
        let second = basic(&second);
        let single = &second.data.singles[0];
        let window = single.next_update.unwrap().to_unix_duration() - single.this_update.to_unix_duration();
        assert_eq!(window.as_secs(), 15 * 60);
    }
}

#[test]
fn a_nonce_several_certificates_and_what_was_never_issued_are_answered_live() {
    let world = presigning(OcspKey::P256);
    let (one, two) = (world.card("resident-1"), world.card("resident-2"));
    let id = |serial| sha1(&one.auth_ca_der, serial);
    let never = enishi_jpki::Serial::from_u64(999).unwrap();
    let produced = |ids: &[Vec<u8>], nonce: &[u8], now: &str| {
        basic(&world.authority.answer_ocsp(&request(ids, nonce), at(now))).data.produced_at.to_unix_duration()
    };
    for ids in [vec![id(&one.auth_serial), id(&two.auth_serial)], vec![id(&never)]] {
        assert_ne!(produced(&ids, &[], "2026-11-20T03:00:00Z"), produced(&ids, &[], "2026-11-20T03:00:01Z"));
    }
    let nonce = crate::responder::nonce_extension(&[7; 32]);
    let ids = [id(&one.auth_serial)];
    assert_ne!(
        produced(&ids, &nonce, "2026-11-20T03:00:00Z"),
        produced(&ids, &nonce, "2026-11-20T03:00:01Z")
    );
    assert_eq!(status(&world.authority.answer_ocsp(&request(&[id(&never)], &[]), at(NOW))), UNKNOWN);
}

#[test]
fn a_revocation_is_told_by_the_next_answer_whoever_made_it() {
    let world = presigning(OcspKey::Rsa2048);
    let other = Authority::open(world.folder()).unwrap();
    let revokers: [&Authority; 2] = [&world.authority, &other];
    for (number, revoker) in revokers.into_iter().enumerate() {
        let issued = world.card(&format!("resident-{number}"));
        let question = request(&[sha1(&issued.auth_ca_der, &issued.auth_serial)], &[]);
        let ask = || status(&world.authority.answer_ocsp(&question, at(NOW)));
        assert_eq!((ask(), ask()), (GOOD, GOOD));
        revoker.revoke(AUTH, &issued.auth_serial, RevocationReason::CertificateHold, at(NOW)).unwrap();
        assert_eq!(ask(), REVOKED);
        // Another reason is another answer.
        let before = world.authority.answer_ocsp(&question, at(NOW));
        revoker.revoke(AUTH, &issued.auth_serial, RevocationReason::KeyCompromise, at(NOW)).unwrap();
        assert_ne!(world.authority.answer_ocsp(&question, at(NOW)), before);
    }
}

/// Certificates that are revoked one after the other while others ask.
const RACES: usize = 40;

#[test]
fn no_kept_good_leaves_after_a_revocation_has_returned() {
    let world = presigning(OcspKey::P256);
    let cards: Vec<_> = (0..RACES)
        .map(|number| {
            let citizen = person(&format!("resident-{number}"));
            let issued = world.authority.issue(&citizen, keys(0), Carrier::Card, at(NOW)).unwrap();
            let question = request(&[sha1(&issued.auth_ca_der, &issued.auth_serial)], &[]);
            (issued.auth_serial, question, AtomicBool::new(false))
        })
        .collect();
    let (over, folder) = (AtomicBool::new(false), world.folder().to_owned());
    thread::scope(|scope| {
        let askers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut after = 0_usize;
                    while !over.load(Ordering::SeqCst) {
                        for (_, question, revoked) in &cards {
                            // What is seen before the question holds for its answer.
                            let revoked = revoked.load(Ordering::SeqCst);
                            let status = status(&world.authority.answer_ocsp(question, at(NOW)));
                            assert!(!revoked || status == REVOKED, "good after its revocation");
                            after += usize::from(revoked);
                        }
                    }
                    after
                })
            })
            .collect();
        // Another process, as far as SQLite can tell.
        let other = Authority::open(&folder).unwrap();
        for (serial, _, revoked) in &cards {
            other.revoke(AUTH, serial, RevocationReason::KeyCompromise, at(NOW)).unwrap();
            revoked.store(true, Ordering::SeqCst);
        }
        over.store(true, Ordering::SeqCst);
        for asker in askers {
            asker.join().unwrap();
        }
    });
    for (serial, question, _) in &cards {
        assert_eq!(status(&world.authority.answer_ocsp(question, at(NOW))), REVOKED);
        let state = world.authority.state(AUTH, serial).unwrap();
        assert!(matches!(state, Some(CertificateState::Revoked { .. })));
    }
}
