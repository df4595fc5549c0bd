use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use enishi_authority::{
    AuthorityConfig, AuthorityError, CertificateState, GenerationNumber, Publication, PublishPolicy,
    PublishedCrl, RevocationReason, SerialPlan,
};
use enishi_jpki::{Carrier, CertKind, Serial};
use x509_cert::{
    Certificate,
    crl::CertificateList,
    der::{Decode, Encode},
};

use crate::world::{NOW, World, at, config, keys, person};

const AUTH: CertKind = CertKind::Authentication;
const SIGN: CertKind = CertKind::Signing;

fn list(world: &World, kind: CertKind) -> PublishedCrl {
    let (_, key_id) = world.issuer(kind);
    world.authority.published_crl(kind, &key_id).unwrap().unwrap()
}

fn parse(der: &[u8]) -> CertificateList {
    let list = CertificateList::from_der(der).unwrap();
    assert_eq!(list.to_der().unwrap(), der, "DER reads back octet for octet");
    list
}

/// Serial in hex, time, entry extensions in hex.
fn entries(der: &[u8]) -> Vec<(String, String, String)> {
    let revoked = parse(der).tbs_cert_list.revoked_certificates.unwrap_or_default();
    revoked
        .iter()
        .map(|entry| {
            let extensions =
                entry.crl_entry_extensions.as_ref().map_or_else(Vec::new, |its| its.to_der().unwrap());
            (
                hex::encode(entry.serial_number.as_bytes()),
                entry.revocation_date.to_string(),
                hex::encode(extensions),
            )
        })
        .collect()
}

fn holds(der: &[u8], serial: &Serial) -> bool {
    entries(der).iter().any(|(number, ..)| *number == hex::encode(serial.expose_der_content()))
}

#[test]
fn nothing_is_served_before_the_first_publication() {
    let world = World::new();
    let (_, key_id) = world.issuer(AUTH);
    assert_eq!(world.authority.published_crl(AUTH, &key_id).unwrap(), None);
    world.authority.publish(at(NOW)).unwrap();
    assert!(world.authority.published_crl(AUTH, &key_id).unwrap().is_some());
    // The other authority's key is none of this one's.
    assert_eq!(world.authority.published_crl(SIGN, &key_id).unwrap(), None);
}

#[test]
fn a_list_has_the_fields_of_the_standard_and_its_keys_signature() {
    let world = World::new();
    world.authority.publish(at("2026-11-20T03:00:00.75Z")).unwrap();
    for certificate in world.authority.authority_certificates() {
        let published =
            world.authority.published_crl(certificate.kind, &certificate.key_id).unwrap().unwrap();
        let list = parse(&published.der);
        let authority = Certificate::from_der(&certificate.der).unwrap();
        let key = authority.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(&list.tbs_cert_list.to_der().unwrap(), list.signature.raw_bytes())
            .unwrap();
        let tbs = &list.tbs_cert_list;
        assert_eq!(u8::from_der(&tbs.version.to_der().unwrap()).unwrap(), 1, "v2");
        assert_eq!(&tbs.issuer, authority.tbs_certificate().subject());
        assert_eq!(tbs.this_update.to_string(), "2026-11-20T03:00:00Z");
        assert_eq!(tbs.next_update.unwrap().to_string(), "2026-11-21T09:00:00Z");
        assert!(tbs.revoked_certificates.is_none(), "absent, not empty");
        let extensions: Vec<String> = tbs
            .crl_extensions
            .as_ref()
            .unwrap()
            .iter()
            .map(|its| {
                assert!(!its.critical);
                format!("{} {}", its.extn_id, hex::encode(its.extn_value.as_bytes()))
            })
            .collect();
        assert_eq!(
            extensions,
            [format!("2.5.29.35 30168014{}", certificate.key_id), "2.5.29.20 020101".to_owned()]
        );
    }
}

#[test]
fn entries_are_sorted_and_say_their_reason_unless_it_is_none() {
    let world = World::new();
    let mut serials = Vec::new();
    for (number, reason) in [
        RevocationReason::CertificateHold,
        RevocationReason::Unspecified,
        RevocationReason::KeyCompromise,
        RevocationReason::CessationOfOperation,
    ]
    .into_iter()
    .enumerate()
    {
        serials.push((world.card(&format!("resident-{number}")).auth_serial, reason));
    }
    for (serial, reason) in serials.iter().rev() {
        world.authority.revoke(AUTH, serial, *reason, at("2026-11-20T04:00:00Z")).unwrap();
    }
    world.authority.publish(at("2026-11-20T05:00:00Z")).unwrap();
    let reason = |code: &str| format!("300c300a0603551d1504030a01{code}");
    let time = "2026-11-20T04:00:00Z";
    let expected = [
        ("07270e01", time, reason("06")),
        ("07270e02", time, String::new()),
        ("07270e03", time, reason("01")),
        ("07270e04", time, reason("05")),
    ];
    assert_eq!(
        entries(&list(&world, AUTH).der),
        expected.map(|(serial, time, reason)| (serial.to_owned(), time.to_owned(), reason))
    );
    assert!(entries(&list(&world, SIGN).der).is_empty());
}

#[test]
fn every_keys_list_holds_the_whole_authoritys_revocations() {
    let world = World::new();
    let old = world
        .authority
        .issue_from(GenerationNumber::Second, &person("resident-1"), keys(0), Carrier::Card, at(NOW))
        .unwrap();
    let new = world.card("resident-2");
    for serial in [&old.auth_serial, &new.auth_serial] {
        world.authority.revoke(AUTH, serial, RevocationReason::KeyCompromise, at(NOW)).unwrap();
    }
    world.authority.publish(at(NOW)).unwrap();
    for number in [GenerationNumber::First, GenerationNumber::Second, GenerationNumber::Third] {
        let (_, key_id) = world.generation(AUTH, number);
        let published = world.authority.published_crl(AUTH, &key_id).unwrap().unwrap();
        assert!(holds(&published.der, &old.auth_serial) && holds(&published.der, &new.auth_serial));
    }
}

#[test]
fn a_revocation_waits_for_the_next_regular_list() {
    let world = World::new();
    let serial = world.card("resident-1").auth_serial;
    world.authority.publish_if_due(at(NOW)).unwrap();
    let state = |publication| {
        Some(CertificateState::Revoked {
            reason: RevocationReason::KeyCompromise,
            at: at("2026-11-20T09:00:00Z"),
            publication,
        })
    };
    world
        .authority
        .revoke(AUTH, &serial, RevocationReason::KeyCompromise, at("2026-11-20T09:00:00Z"))
        .unwrap();
    for early in ["2026-11-20T09:00:01Z", "2026-11-21T02:59:59Z"] {
        world.authority.publish_if_due(at(early)).unwrap();
        assert_eq!(list(&world, AUTH).number, 1);
        assert!(!holds(&list(&world, AUTH).der, &serial));
        assert_eq!(world.authority.state(AUTH, &serial).unwrap(), state(Publication::Awaited));
    }
    world.authority.publish_if_due(at("2026-11-21T03:00:00Z")).unwrap();
    assert!(holds(&list(&world, AUTH).der, &serial));
    assert_eq!(world.authority.state(AUTH, &serial).unwrap(), state(Publication::InList { number: 2 }));
}

#[test]
fn by_the_other_policy_a_revocation_is_published_at_once() {
    let world = World::with(AuthorityConfig { publish: PublishPolicy::OnRevocation, ..config() });
    let serial = world.card("resident-1").auth_serial;
    world.authority.publish_if_due(at(NOW)).unwrap();
    world.authority.revoke(AUTH, &serial, RevocationReason::Superseded, at(NOW)).unwrap();
    assert!(holds(&list(&world, AUTH).der, &serial));
    assert_eq!((list(&world, AUTH).number, list(&world, SIGN).number), (2, 1));
}

#[test]
fn numbers_grow_through_restarts_and_never_go_back() {
    let mut world = World::new();
    for number in 1..=4 {
        world.authority.publish(at(NOW)).unwrap();
        assert_eq!(list(&world, AUTH).number, number);
        world = world.restart();
        assert_eq!(list(&world, AUTH).number, number, "what is served survives");
    }
}

#[test]
fn a_list_is_never_dated_before_its_predecessor() {
    let world = World::new();
    world.authority.publish(at(NOW)).unwrap();
    let back = world.authority.publish(at("2026-11-20T02:59:59Z"));
    assert!(matches!(back, Err(AuthorityError::ClockBehind { .. })));
    assert_eq!(list(&world, AUTH).number, 1);
}

#[test]
fn an_entry_stays_for_one_list_after_the_certificates_end() {
    let world = World::new();
    let mut citizen = person("resident-1");
    citizen.carrier_expiry = Some("2026-11-22".parse().unwrap());
    let issued = world.authority.issue(&citizen, keys(0), Carrier::Card, at(NOW)).unwrap();
    let serial = issued.auth_serial;
    world.authority.revoke(AUTH, &serial, RevocationReason::Unspecified, at("2026-11-22T14:59:59Z")).unwrap();
    // The certificate ended at 14:59:59, and no list has held the entry yet.
    for (day, there) in [("2026-11-23T03:00:00Z", true), ("2026-11-24T03:00:00Z", false)] {
        world.authority.publish(at(day)).unwrap();
        assert_eq!(holds(&list(&world, AUTH).der, &serial), there, "{day}");
    }
}

#[test]
fn a_generation_that_has_ended_publishes_no_more() {
    let world = World::new();
    let (_, first) = world.generation(AUTH, GenerationNumber::First);
    world.authority.publish(at("2028-10-20T14:59:59Z")).unwrap();
    assert!(world.authority.published_crl(AUTH, &first).unwrap().is_some());
    world.authority.publish(at("2028-10-20T15:00:00Z")).unwrap();
    assert_eq!(world.authority.published_crl(AUTH, &first).unwrap(), None);
    assert_eq!(list(&world, AUTH).number, 2);
}

#[test]
fn settings_out_of_their_rule_are_refused() {
    for broken in [
        AuthorityConfig { crl_life: Duration::from_secs(24 * 3_600), ..config() },
        AuthorityConfig { crl_life: Duration::from_secs(32 * 86_400), ..config() },
        AuthorityConfig { publish_every: Duration::ZERO, ..config() },
        AuthorityConfig { ocsp_life: Duration::ZERO, ..config() },
        AuthorityConfig { ocsp_life: Duration::from_secs(3_601), ..config() },
        AuthorityConfig { responder_life: Duration::from_secs(60), ..config() },
        AuthorityConfig {
            serials: SerialPlan::Sequential { authentication_from: 99, signing_from: 1_000 },
            ..config()
        },
        AuthorityConfig { ocsp_uri: "ocsp".to_owned(), ..config() },
        AuthorityConfig { cps_uri: "http://例".to_owned(), ..config() },
    ] {
        let folder = tempfile::TempDir::new().unwrap();
        let refused = enishi_authority::Authority::create(folder.path(), broken, at(NOW));
        assert!(matches!(refused, Err(AuthorityError::Setting { .. })), "{refused:?}");
    }
}
