use enishi_authority::{
    AuthorityConfig, AuthorityError, CarrierKeys, CertificateState, GenerationNumber, Publication,
    RegisteredBirth, Relation, RevocationReason, SerialPlan, WithSigning,
};
use enishi_jpki::{Carrier, CertKind, Serial};
use jiff::civil::date;
use x509_cert::{Certificate, der::Decode};

use crate::world::{NOW, World, at, config, key, keys, person};

const AUTH: CertKind = CertKind::Authentication;
const SIGN: CertKind = CertKind::Signing;

fn end(der: &[u8]) -> String {
    Certificate::from_der(der).unwrap().tbs_certificate().validity().not_after.to_string()
}

fn without_signing() -> CarrierKeys<'static> {
    CarrierKeys { signing: WithSigning::Without, ..keys(0) }
}

#[test]
fn a_certificate_ends_with_the_fifth_birthday_after_its_issue() {
    let world = World::new();
    let issued = world.card("resident-1");
    assert_eq!(end(&issued.auth_der), "2031-02-17T14:59:59Z");
    assert_eq!(end(&issued.signing.unwrap().der), "2031-02-17T14:59:59Z");
}

#[test]
fn neither_card_nor_authority_is_outlived() {
    let world = World::new();
    let mut citizen = person("resident-1");
    citizen.carrier_expiry = Some(date(2028, 2, 17));
    let issued = world.authority.issue(&citizen, keys(0), Carrier::Card, at(NOW)).unwrap();
    assert_eq!(end(&issued.auth_der), "2028-02-17T14:59:59Z");
    assert_eq!(end(&issued.signing.unwrap().der), "2028-02-17T14:59:59Z");

    let old = world
        .authority
        .issue_from(GenerationNumber::First, &person("resident-2"), keys(0), Carrier::Card, at(NOW))
        .unwrap();
    assert_eq!(end(&old.auth_der), "2028-10-20T14:59:59Z");
    assert_eq!(old.auth_ca_der, world.generation(AUTH, GenerationNumber::First).0);

    citizen = person("resident-3");
    citizen.carrier_expiry = Some(date(2026, 11, 19));
    let refused = world.authority.issue(&citizen, keys(0), Carrier::Card, at(NOW));
    assert!(matches!(refused, Err(AuthorityError::NothingToIssue { .. })), "{refused:?}");
    let early = at("2018-01-01T00:00:00Z");
    let refused = world.authority.issue_from(
        GenerationNumber::First,
        &person("resident-4"),
        keys(0),
        Carrier::Card,
        early,
    );
    assert!(matches!(refused, Err(AuthorityError::NothingToIssue { .. })), "{refused:?}");
}

#[test]
fn a_child_under_fifteen_gets_no_signing_certificate() {
    let world = World::new();
    let mut child = person("resident-1");
    child.birth_date = RegisteredBirth::Known(date(2011, 11, 21));
    let refused = world.authority.issue(&child, keys(0), Carrier::Card, at(NOW));
    assert!(matches!(refused, Err(AuthorityError::TooYoungToSign)));
    // The refusal left nothing behind.
    let issued = world.authority.issue(&child, without_signing(), Carrier::Card, at(NOW)).unwrap();
    assert!(issued.signing.is_none());
    assert_eq!(world.authority.pairing(AUTH, &issued.auth_serial, Relation::Counterpart).unwrap(), None);
    // The next day is the fifteenth birthday.
    let signing = world
        .authority
        .issue_signing(&issued.auth_serial, &child, key(1).spki_der(), at("2026-11-20T15:00:00Z"))
        .unwrap();
    assert_eq!(
        world.authority.pairing(AUTH, &issued.auth_serial, Relation::Counterpart).unwrap(),
        Some(signing.serial)
    );
}

#[test]
fn sequential_serials_count_per_authority_and_go_on_after_a_restart() {
    let world = World::new();
    let first = world.card("resident-1");
    let world = world.restart();
    let second = world.card("resident-2");
    assert_eq!(first.auth_serial.expose_decimal(), "120000001");
    assert_eq!(first.signing.unwrap().serial.expose_decimal(), "114000001");
    assert_eq!(second.auth_serial.expose_decimal(), "120000002");
    assert_eq!(second.signing.unwrap().serial.expose_decimal(), "114000002");
}

#[test]
fn random_serials_have_sixteen_octets_and_are_positive() {
    let world = World::with(AuthorityConfig { serials: SerialPlan::Random, ..config() });
    for number in 0..20 {
        let issued = world
            .authority
            .issue(&person(&format!("resident-{number}")), without_signing(), Carrier::Card, at(NOW))
            .unwrap();
        let content = issued.auth_serial.expose_der_content();
        assert_eq!(content.len(), 16);
        assert!((0x40..0x80).contains(&content[0]));
        let parsed = Certificate::from_der(&issued.auth_der).unwrap();
        assert_eq!(parsed.tbs_certificate().serial_number().as_bytes(), content);
        assert_eq!(world.authority.certificate(AUTH, &issued.auth_serial).unwrap(), Some(issued.auth_der));
    }
}

#[test]
fn both_certificates_of_a_card_are_paired_each_way() {
    let world = World::new();
    let issued = world.card("resident-1");
    let signing = issued.signing.unwrap().serial;
    let pairing =
        |kind, serial: &Serial| world.authority.pairing(kind, serial, Relation::Counterpart).unwrap();
    assert_eq!(pairing(SIGN, &signing), Some(issued.auth_serial.clone()));
    assert_eq!(pairing(AUTH, &issued.auth_serial), Some(signing.clone()));
    // Serials of the two authorities are different lines.
    assert_eq!(pairing(AUTH, &signing), None);
}

#[test]
fn card_and_phone_of_one_person_are_paired_each_way() {
    let world = World::new();
    let card = world.card("resident-1");
    let phone = world.authority.issue(&person("resident-1"), keys(1), Carrier::Phone, at(NOW)).unwrap();
    let stranger = world.authority.issue(&person("resident-2"), keys(2), Carrier::Phone, at(NOW)).unwrap();
    let other =
        |kind, serial: &Serial| world.authority.pairing(kind, serial, Relation::OtherCarrier).unwrap();
    assert_eq!(other(AUTH, &card.auth_serial), Some(phone.auth_serial.clone()));
    assert_eq!(other(AUTH, &phone.auth_serial), Some(card.auth_serial));
    let (card, phone) = (card.signing.unwrap().serial, phone.signing.unwrap().serial);
    assert_eq!(other(SIGN, &card), Some(phone.clone()));
    assert_eq!(other(SIGN, &phone), Some(card));
    assert_eq!(other(AUTH, &stranger.auth_serial), None);
}

#[test]
fn a_second_card_needs_the_first_one_revoked() {
    let world = World::new();
    let issued = world.card("resident-1");
    let again = || world.authority.issue(&person("resident-1"), keys(1), Carrier::Card, at(NOW));
    assert!(matches!(again(), Err(AuthorityError::AlreadyHolds(AUTH))));
    let lost = RevocationReason::CertificateHold;
    world.authority.revoke(AUTH, &issued.auth_serial, lost, at(NOW)).unwrap();
    assert!(matches!(again(), Err(AuthorityError::AlreadyHolds(SIGN))));
    world.authority.revoke(SIGN, &issued.signing.unwrap().serial, lost, at(NOW)).unwrap();
    assert!(again().is_ok());
}

#[test]
fn a_renewal_supersedes_the_old_and_pairs_old_with_new() {
    let world = World::new();
    let old = world.card("resident-1");
    let old_signing = old.signing.unwrap().serial;
    // Two months before the end: the sixth birthday.
    let later = at("2030-12-20T00:00:00Z");
    let new = world.authority.renew(&old.auth_serial, &person("resident-1"), keys(1), later).unwrap();
    assert_eq!(end(&new.auth_der), "2036-02-17T14:59:59Z");
    let new_signing = new.signing.unwrap().serial;
    for (kind, old, new) in [(AUTH, &old.auth_serial, &new.auth_serial), (SIGN, &old_signing, &new_signing)] {
        assert_eq!(
            world.authority.state(kind, old).unwrap(),
            Some(CertificateState::Revoked {
                reason: RevocationReason::Superseded,
                at: later,
                publication: Publication::Awaited,
            })
        );
        assert_eq!(world.authority.state(kind, new).unwrap(), Some(CertificateState::Good));
        assert_eq!(world.authority.pairing(kind, old, Relation::Successor).unwrap().as_ref(), Some(new));
        assert_eq!(world.authority.pairing(kind, new, Relation::Successor).unwrap(), None);
    }
    assert_eq!(
        world.authority.pairing(SIGN, &new_signing, Relation::Counterpart).unwrap(),
        Some(new.auth_serial)
    );
    let again = world.authority.renew(&old.auth_serial, &person("resident-1"), keys(1), later);
    assert!(matches!(
        again,
        Err(AuthorityError::AlreadyRevoked { reason: RevocationReason::Superseded, .. })
    ));
}

#[test]
fn an_early_renewal_and_one_after_the_end_run_to_the_fifth_birthday() {
    let world = World::new();
    let old = world.card("resident-1");
    let early = at("2028-06-01T00:00:00Z");
    let new = world.authority.renew(&old.auth_serial, &person("resident-1"), keys(1), early).unwrap();
    assert_eq!(end(&new.auth_der), "2033-02-17T14:59:59Z");
    let late = at("2033-03-01T00:00:00Z");
    let newest = world.authority.renew(&new.auth_serial, &person("resident-1"), keys(0), late).unwrap();
    // The authority itself ends before the fifth birthday.
    assert_eq!(end(&newest.auth_der), "2036-10-20T14:59:59Z");
    // What had expired is not revoked on top.
    assert_eq!(world.authority.state(AUTH, &new.auth_serial).unwrap(), Some(CertificateState::Good));
    assert_eq!(
        world.authority.pairing(AUTH, &new.auth_serial, Relation::Successor).unwrap(),
        Some(newest.auth_serial)
    );
}

#[test]
fn a_move_ends_the_signing_certificate_alone() {
    let world = World::new();
    let issued = world.card("resident-1");
    let old = issued.signing.unwrap().serial;
    let moved = at("2027-04-01T02:00:00Z");
    let citizen = person("resident-1");
    let again = || world.authority.issue_signing(&issued.auth_serial, &citizen, key(3).spki_der(), moved);
    assert!(matches!(again(), Err(AuthorityError::AlreadyHolds(SIGN))));
    world.authority.revoke(SIGN, &old, RevocationReason::AffiliationChanged, moved).unwrap();
    let new = again().unwrap();
    // No longer than the authentication certificate beside it, though the fifth birthday is a year later.
    assert_eq!(end(&new.der), "2031-02-17T14:59:59Z");
    assert_eq!(world.authority.pairing(SIGN, &old, Relation::Successor).unwrap(), Some(new.serial.clone()));
    for signing in [&old, &new.serial] {
        assert_eq!(
            world.authority.pairing(SIGN, signing, Relation::Counterpart).unwrap().as_ref(),
            Some(&issued.auth_serial)
        );
    }
    assert_eq!(
        world.authority.pairing(AUTH, &issued.auth_serial, Relation::Counterpart).unwrap(),
        Some(new.serial)
    );
}

#[test]
fn another_citizens_certificate_is_not_renewed() {
    let world = World::new();
    let issued = world.card("resident-1");
    let refused = world.authority.renew(&issued.auth_serial, &person("resident-2"), keys(1), at(NOW));
    assert!(matches!(refused, Err(AuthorityError::AnotherCitizen)));
    let nobodys = Serial::from_u64(5).unwrap();
    let refused = world.authority.renew(&nobodys, &person("resident-1"), keys(1), at(NOW));
    assert!(matches!(refused, Err(AuthorityError::NeverIssued(AUTH))));
}

#[test]
fn a_hold_may_become_final_and_nothing_else_changes_a_revocation() {
    let world = World::new();
    let serial = world.card("resident-1").auth_serial;
    let revoke = |reason, now: &str| world.authority.revoke(AUTH, &serial, reason, at(now));
    revoke(RevocationReason::CertificateHold, "2026-11-21T00:00:00Z").unwrap();
    let again = revoke(RevocationReason::CertificateHold, "2026-11-22T00:00:00Z");
    assert!(matches!(again, Err(AuthorityError::AlreadyRevoked { .. })));
    revoke(RevocationReason::CessationOfOperation, "2026-11-23T00:00:00Z").unwrap();
    assert_eq!(
        world.authority.state(AUTH, &serial).unwrap(),
        Some(CertificateState::Revoked {
            reason: RevocationReason::CessationOfOperation,
            at: at("2026-11-21T00:00:00Z"),
            publication: Publication::Awaited,
        })
    );
    let again = revoke(RevocationReason::KeyCompromise, "2026-11-24T00:00:00Z");
    assert!(matches!(again, Err(AuthorityError::AlreadyRevoked { .. })));
}

#[test]
fn what_was_never_issued_or_has_expired_is_not_revoked() {
    let world = World::new();
    let serial = world.card("resident-1").auth_serial;
    let unspecified = RevocationReason::Unspecified;
    let never = world.authority.revoke(AUTH, &Serial::from_u64(9).unwrap(), unspecified, at(NOW));
    assert!(matches!(never, Err(AuthorityError::NeverIssued(AUTH))));
    let late = world.authority.revoke(AUTH, &serial, unspecified, at("2031-02-17T15:00:00Z"));
    assert!(matches!(late, Err(AuthorityError::Expired { .. })));
    assert!(world.authority.revoke(AUTH, &serial, unspecified, at("2031-02-17T14:59:59Z")).is_ok());
}

#[test]
fn only_keys_that_cards_have_are_certified() {
    use aws_lc_rs::{
        encoding::AsDer as _,
        rsa::KeySize,
        signature::{
            ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _,
            RsaKeyPair,
        },
    };
    let world = World::new();
    let issue = |citizen: &str, spki: &[u8]| {
        let keys = CarrierKeys { authentication_spki: spki, signing: WithSigning::Without };
        world.authority.issue(&person(citizen), keys, Carrier::Card, at(NOW))
    };
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
    let p384 = p384.public_key().as_der().unwrap();
    assert!(issue("resident-1", p384.as_ref()).is_ok());

    let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let rsa_3072 = RsaKeyPair::generate(KeySize::Rsa3072).unwrap();
    let mut exponent_3 = key(0).spki_der().to_vec();
    *exponent_3.last_mut().unwrap() = 3;
    let mut off_the_curve = p384.as_ref().to_vec();
    *off_the_curve.last_mut().unwrap() ^= 1;
    for (what, spki) in [
        ("P-256", p256.public_key().as_der().unwrap().as_ref().to_vec()),
        ("RSA-3072", rsa_3072.public_key().as_der().unwrap().as_ref().to_vec()),
        ("exponent 65539", exponent_3),
        ("a point off the curve", off_the_curve),
        ("a key cut short", key(0).spki_der()[..200].to_vec()),
        ("nothing", Vec::new()),
    ] {
        let refused = issue("resident-2", &spki);
        assert!(matches!(refused, Err(AuthorityError::PublicKey(_))), "{what}: {refused:?}");
    }
}

#[test]
fn nothing_of_a_person_is_printed() {
    let world = World::new();
    let issued = world.card("resident-1");
    assert_eq!(format!("{issued:?}{:?}", person("resident-1")), "IssuedCertificates(…)CitizenRecord(…)");
    assert_eq!(format!("{:?}{:?}", world.authority, key(0)), "Authority(…)CardKey(…)");
    let error = world
        .authority
        .revoke(AUTH, &Serial::from_u64(424_242).unwrap(), RevocationReason::Unspecified, at(NOW))
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("424242"));
}
