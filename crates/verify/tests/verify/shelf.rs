//! The lists that one party keeps.

use enishi_jpki::{CertKind, KeyId};
use enishi_verify::{CrlError, CrlShelf, ListUrl, Placed, ShelfError};

use crate::issue::{full_name, municipality};
use crate::list::{List, point};
use crate::world::{anchors, at, auth_authority, hours, limits, now};

const KIND: CertKind = CertKind::Authentication;

fn shelf() -> CrlShelf {
    CrlShelf::new(anchors(), limits())
}

fn key() -> KeyId {
    auth_authority().subject_key_id().clone()
}

fn place(shelf: &CrlShelf, list: &List) -> Result<Placed, ShelfError> {
    shelf.place(KIND, &key(), &list.build(), now())
}

fn number_on(shelf: &CrlShelf) -> Option<String> {
    shelf.current(KIND, &key(), now()).map(|list| list.number().to_string())
}

#[test]
fn a_newer_list_takes_the_place_of_the_older_and_never_the_other_way() {
    let shelf = shelf();
    assert!(number_on(&shelf).is_none());
    assert_eq!(place(&shelf, &List::new()), Ok(Placed::Newer));
    let first = number_on(&shelf);
    assert_eq!(place(&shelf, &List::new()), Ok(Placed::Same));
    let (older, newer) = (List::new().renumbered(&[4], hours(-2)), List::new().renumbered(&[6], at(-30)));
    assert!(matches!(place(&shelf, &older), Err(ShelfError::List(CrlError::RolledBack { .. }))));
    assert_eq!(number_on(&shelf), first);
    assert_eq!(place(&shelf, &newer), Ok(Placed::Newer));
    assert!(matches!(place(&shelf, &List::new()), Err(ShelfError::List(CrlError::RolledBack { .. }))));
}

#[test]
fn what_is_refused_leaves_the_list_before_in_place() {
    let shelf = shelf();
    place(&shelf, &List::new()).unwrap();
    let before = number_on(&shelf);
    let mut partition = List::new().renumbered(&[7], at(-30));
    partition.extensions.push(point(&[&full_name(&municipality("A"))]));
    assert!(place(&shelf, &partition).is_err());
    assert!(shelf.place(KIND, &key(), b"rubbish", now()).is_err());
    assert!(place(&shelf, &List::new().renumbered(&[8], at(60))).is_err(), "of the future");
    assert_eq!(number_on(&shelf), before);
    assert_eq!(format!("{shelf:?}"), "CrlShelf(1 lists)");
}

#[test]
fn a_partition_is_refused_also_where_nothing_was_before() {
    let shelf = shelf();
    let mut partition = List::new();
    partition.extensions.push(point(&[&full_name(&municipality("A"))]));
    assert_eq!(place(&shelf, &partition), Err(ShelfError::Partition));
    assert_eq!(place(&shelf, &List::new()), Ok(Placed::Newer));
}

#[test]
fn a_kept_list_past_its_window_serves_nobody_and_keeps_older_ones_out() {
    let shelf = shelf();
    let kept = List::new().renumbered(&[9], hours(-25));
    assert!(matches!(place(&shelf, &kept), Err(ShelfError::List(CrlError::Expired { .. }))));
    assert_eq!(shelf.restore(KIND, &key(), &kept.build(), now()), Ok(Placed::Newer));
    assert!(number_on(&shelf).is_none());
    assert!(matches!(place(&shelf, &List::new()), Err(ShelfError::List(CrlError::RolledBack { .. }))));
    assert_eq!(place(&shelf, &List::new().renumbered(&[10], at(-30))), Ok(Placed::Newer));
}

#[test]
fn a_list_of_nobodys_is_refused() {
    let strange = KeyId::from_octets(&[1; 20]).unwrap();
    let refused = shelf().place(KIND, &strange, &List::new().build(), now());
    assert!(matches!(refused, Err(ShelfError::UnknownAuthority { .. })));
    // Right key, wrong kind.
    let refused = shelf().place(CertKind::Signing, &key(), &List::new().build(), now());
    assert!(matches!(refused, Err(ShelfError::UnknownAuthority { .. })));
}

#[test]
fn only_authorities_that_are_valid_now_are_worth_a_fetch() {
    let shelf = shelf();
    assert_eq!(shelf.authorities(now()).count(), 3);
    assert_eq!(shelf.authorities(hours(24 * 365 * 40)).count(), 0);
}

#[test]
fn a_lists_address_is_made_of_kind_and_key() {
    let url: ListUrl = "http://j:1/crl/{kind}/{key_id}.crl".parse().unwrap();
    let key = KeyId::from_octets(&[0xab, 0x01]).unwrap();
    assert_eq!(url.of(CertKind::Authentication, &key), "http://j:1/crl/auth/ab01.crl");
    assert_eq!(url.of(CertKind::Signing, &key), "http://j:1/crl/sign/ab01.crl");
}

#[test]
fn templates_that_name_no_list_or_leave_the_host_open_are_refused() {
    for bad in [
        "",
        "http://j/crl.crl",
        "http://j/{kind}.crl",
        "http://j/{key_id}.crl",
        "https://j/{kind}/{key_id}.crl",
        "ldap://j/{kind}/{key_id}.crl",
        "http://{kind}/{key_id}.crl",
        "http://{key_id}.example/{kind}.crl",
        "http://j/{kind}/{key_id}/{other}",
        "http://j/{kind}/{key_id}/{key_id}",
        "http://user@j/{kind}/{key_id}.crl",
        "http:///{kind}/{key_id}.crl",
        "http://j/{kind}/ {key_id}",
    ] {
        assert!(bad.parse::<ListUrl>().is_err(), "{bad}");
    }
    assert!(format!("http://j/{{kind}}/{{key_id}}{}", "a".repeat(512)).parse::<ListUrl>().is_err());
}
