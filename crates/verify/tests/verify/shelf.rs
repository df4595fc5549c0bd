//! The lists that one party keeps.

use std::io::Cursor;

use enishi_jpki::{CertKind, KeyId};
use enishi_party::Timestamp;
use enishi_verify::{CrlError, CrlShelf, DetailsInMemory, ListUrl, Placed, ShelfError};

use crate::issue::{full_name, municipality};
use crate::list::{List, point};
use crate::world::{anchors, at, auth_authority, certificate, hours, limits, now};

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

fn partition(name: &str, number: u8) -> List {
    let mut list = List::new().renumbered(&[number], at(-30));
    list.extensions.push(point(&[&full_name(&municipality(name))]));
    list
}

fn place_partition(shelf: &CrlShelf, name: &str, list: &List) -> Result<Placed, ShelfError> {
    let der = list.build();
    let point = municipality(name);
    shelf.place_from(KIND, &key(), Some(&point), &mut Cursor::new(der), &DetailsInMemory, now())
}

fn covering(shelf: &CrlShelf, moment: Timestamp) -> Option<String> {
    shelf.covering(&certificate(), moment).map(|list| list.number().to_string())
}

/// The point that the holder's certificate names.
const OWN: &str = "Mihon-shi CRLDP";

#[test]
fn partitions_are_kept_by_their_point_and_answer_for_their_own_certificates() {
    let shelf = CrlShelf::partitioned(anchors(), limits());
    assert_eq!(
        place_partition(&shelf, "Tonari-shi CRLDP", &partition("Tonari-shi CRLDP", 9)),
        Ok(Placed::Newer)
    );
    assert!(covering(&shelf, now()).is_none(), "another municipality's");
    assert_eq!(place_partition(&shelf, OWN, &partition(OWN, 7)), Ok(Placed::Newer));
    assert_eq!(place_partition(&shelf, OWN, &partition(OWN, 7)), Ok(Placed::Same));
    let older = place_partition(&shelf, OWN, &partition(OWN, 6));
    assert!(matches!(older, Err(ShelfError::List(CrlError::RolledBack { .. }))));
    assert_eq!(covering(&shelf, now()), Some("0x7".to_owned()));
    assert!(number_on(&shelf).is_none(), "a partition is no whole list");
    assert_eq!(shelf.partitions(KIND, &key()).len(), 2);
    assert_eq!(format!("{shelf:?}"), "CrlShelf(2 lists)");
    // The whole list answers for everybody.
    assert_eq!(place(&shelf, &List::new()), Ok(Placed::Newer));
    assert_eq!(covering(&shelf, now()), Some("0x5".to_owned()));
}

#[test]
fn a_list_of_another_scope_than_it_was_fetched_for_is_refused() {
    let shelf = CrlShelf::partitioned(anchors(), limits());
    let other = place_partition(&shelf, OWN, &partition("Tonari-shi CRLDP", 7));
    assert_eq!(other, Err(ShelfError::OtherPartition));
    assert_eq!(place_partition(&shelf, OWN, &List::new()), Err(ShelfError::OtherPartition));
    assert_eq!(place(&shelf, &partition(OWN, 7)), Err(ShelfError::Partition));
    assert_eq!(format!("{shelf:?}"), "CrlShelf(0 lists)");
    let whole_only = CrlShelf::new(anchors(), limits());
    assert_eq!(place_partition(&whole_only, OWN, &partition(OWN, 7)), Err(ShelfError::Partition));
}

#[test]
fn a_partition_past_its_window_still_tells_who_was_revoked() {
    let shelf = CrlShelf::partitioned(anchors(), limits());
    let der = partition(OWN, 7).renumbered(&[7], hours(-25)).build();
    let point = municipality(OWN);
    let restored =
        shelf.restore_from(KIND, &key(), Some(&point), &mut Cursor::new(der), &DetailsInMemory, now());
    assert_eq!(restored, Ok(Placed::Newer));
    assert!(covering(&shelf, now()).is_none());
    let newest =
        |shelf: &CrlShelf| shelf.newest_covering(&certificate()).map(|list| list.number().to_string());
    assert_eq!(newest(&shelf), Some("0x7".to_owned()));
    // A whole list that was made later knows more, also when it has ended.
    place(&shelf, &List::new()).unwrap();
    assert_eq!(newest(&shelf), Some("0x5".to_owned()));
    assert!(covering(&shelf, hours(24)).is_none());
    assert_eq!(newest(&shelf), Some("0x5".to_owned()));
}

#[test]
fn an_authority_has_no_more_partitions_than_there_are_municipalities() {
    let shelf = CrlShelf::partitioned(anchors(), limits());
    for number in 0..4_096 {
        let name = format!("Town {number}");
        assert_eq!(place_partition(&shelf, &name, &partition(&name, 7)), Ok(Placed::Newer));
    }
    let more = place_partition(&shelf, "One more", &partition("One more", 7));
    assert_eq!(more, Err(ShelfError::TooManyPartitions));
    assert_eq!(place_partition(&shelf, "Town 9", &partition("Town 9", 8)), Ok(Placed::Newer));
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
