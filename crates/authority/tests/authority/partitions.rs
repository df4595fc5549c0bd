//! One municipality's lists, beside the whole one.

use aws_lc_rs::digest;
use enishi_authority::{
    AuthorityError, IssuedCertificates, ListScopes, Municipality, PublishedCrl, RevocationReason,
    ServiceConfig,
};
use enishi_jpki::{AuthCertificate, CaCertificate, Carrier, CertKind, Profile};
use enishi_verify::{Crl, CrlEntry, CrlError, CrlScope, Limits, RevocationStatus};

use crate::world::{NOW, World, at, keys, person};

const AUTH: CertKind = CertKind::Authentication;
const NEXT_DAY: &str = "2026-11-21T03:00:00Z";

/// The word by which a certificate's partition is addressed.
pub(crate) fn point_sha256(certificate: &AuthCertificate) -> [u8; 32] {
    let name = certificate.crl_distribution_point().unwrap();
    digest::digest(&digest::SHA256, name).as_ref().try_into().unwrap()
}

fn parsed(issued: &IssuedCertificates) -> AuthCertificate {
    AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX).unwrap()
}

fn card_of(world: &World, citizen: &str, code: &str, name: &str) -> IssuedCertificates {
    let mut record = person(citizen);
    record.municipality = Municipality::new(code, "Tokyo-to", name).unwrap();
    world.authority.issue(&record, keys(0), Carrier::Card, at(NOW)).unwrap()
}

fn served(world: &World, issued: &IssuedCertificates) -> Option<PublishedCrl> {
    let (_, key_id) = world.issuer(AUTH);
    world.authority.published_partition(AUTH, &key_id, &point_sha256(&parsed(issued))).unwrap()
}

fn accepted(world: &World, list: &PublishedCrl, previous: Option<&Crl>, now: &str) -> Result<Crl, CrlError> {
    let issuer = CaCertificate::parse(&world.issuer(AUTH).0, &Profile::SANDBOX).unwrap();
    Crl::accept(&list.der, &issuer, previous, &Limits::default(), at(now))
}

#[test]
fn a_partition_holds_its_municipalitys_revocations_and_no_others() {
    let world = World::new();
    let (here, there) =
        (card_of(&world, "a", "13221", "Kiyose-shi"), card_of(&world, "b", "13210", "Koganei-shi"));
    for issued in [&here, &there] {
        world.authority.revoke(AUTH, &issued.auth_serial, RevocationReason::Superseded, at(NOW)).unwrap();
    }
    assert!(served(&world, &here).is_none(), "nothing before the first publication");
    world.authority.publish(at(NOW)).unwrap();
    for (own, other) in [(&here, &there), (&there, &here)] {
        let list = accepted(&world, &served(&world, own).unwrap(), None, NOW).unwrap();
        let name = parsed(own).crl_distribution_point().unwrap().to_vec();
        assert_eq!(list.scope(), &CrlScope::Partition(name));
        assert!(RevocationStatus::from_crl(&list, &parsed(own), at(NOW)).is_ok());
        let silent = RevocationStatus::from_crl(&list, &parsed(other), at(NOW));
        assert!(silent.is_err(), "it says nothing of another's residents");
        assert_eq!(list.len(), 1);
        let revoked = CrlEntry::Revoked { reason: RevocationReason::Superseded, at: at(NOW) };
        assert_eq!(list.status(&own.auth_serial), Ok(revoked));
    }
    // The whole list is what it was, and at the same times.
    let (_, key_id) = world.issuer(AUTH);
    let whole = world.authority.published_crl(AUTH, &key_id).unwrap().unwrap();
    let partition = served(&world, &here).unwrap();
    assert_eq!((whole.this_update, whole.next_update), (partition.this_update, partition.next_update));
    let whole = accepted(&world, &whole, None, NOW).unwrap();
    assert_eq!((whole.scope(), whole.len()), (&CrlScope::Full, 2));
}

#[test]
fn a_municipality_where_nobody_is_revoked_has_an_empty_list() {
    let world = World::new();
    // Before, between and behind one that has an entry.
    let cards = [("a", "13221", "Kiyose-shi"), ("b", "13210", "Koganei-shi"), ("c", "13211", "Kodaira-shi")];
    let cards = cards.map(|(citizen, code, name)| card_of(&world, citizen, code, name));
    world.authority.revoke(AUTH, &cards[1].auth_serial, RevocationReason::Unspecified, at(NOW)).unwrap();
    world.authority.publish(at(NOW)).unwrap();
    let counts = cards
        .each_ref()
        .map(|issued| accepted(&world, &served(&world, issued).unwrap(), None, NOW).unwrap().len());
    assert_eq!(counts, [0, 1, 0]);
}

#[test]
fn each_point_counts_for_itself_and_never_back() {
    let mut world = World::new();
    let early = card_of(&world, "a", "13221", "Kiyose-shi");
    world.authority.publish(at(NOW)).unwrap();
    let first = served(&world, &early).unwrap();
    let late = card_of(&world, "b", "13210", "Koganei-shi");
    assert!(served(&world, &late).is_none(), "its first list is the next that is published");
    world.authority.publish(at(NEXT_DAY)).unwrap();
    let number = |world: &World, issued| served(world, issued).unwrap().number;
    assert_eq!((first.number, number(&world, &early), number(&world, &late)), (1, 2, 1));
    let known = accepted(&world, &first, None, NOW).unwrap();
    assert!(accepted(&world, &served(&world, &early).unwrap(), Some(&known), NEXT_DAY).is_ok());

    // Switched off they are no longer served; switched on, they count on.
    let whole = ServiceConfig { lists: ListScopes::Whole, ..ServiceConfig::default() };
    world = world.served_as(whole);
    world.authority.publish(at(NEXT_DAY)).unwrap();
    assert!(served(&world, &early).is_none());
    world = world.restart();
    world.authority.publish(at(NEXT_DAY)).unwrap();
    assert_eq!((number(&world, &early), number(&world, &late)), (3, 2));
    let back = world.authority.publish(at(NOW));
    assert!(matches!(back, Err(AuthorityError::ClockBehind { .. })));
    assert_eq!(number(&world, &early), 3);
}

#[test]
fn a_holder_who_moved_stays_in_the_list_that_the_certificate_names() {
    let world = World::new();
    let issued = card_of(&world, "a", "13221", "Kiyose-shi");
    let signing = issued.signing.as_ref().unwrap();
    world
        .authority
        .revoke(CertKind::Signing, &signing.serial, RevocationReason::AffiliationChanged, at(NOW))
        .unwrap();
    let mut moved = person("a");
    moved.municipality = Municipality::new("13210", "Tokyo-to", "Koganei-shi").unwrap();
    let spki = crate::world::key(3).spki_der();
    world.authority.issue_signing(&issued.auth_serial, &moved, spki, at(NOW)).unwrap();
    world.authority.revoke(AUTH, &issued.auth_serial, RevocationReason::CertificateHold, at(NOW)).unwrap();
    world.authority.publish(at(NOW)).unwrap();
    let list = accepted(&world, &served(&world, &issued).unwrap(), None, NOW).unwrap();
    assert!(matches!(list.status(&issued.auth_serial), Ok(CrlEntry::Revoked { .. })));
}
