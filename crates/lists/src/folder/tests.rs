use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use enishi_jpki::{CertKind, KeyId};
use tempfile::TempDir;

use super::*;

fn key() -> KeyId {
    KeyId::from_octets(&[0xab, 1]).unwrap()
}

fn whole() -> ListName {
    ListName::whole(CertKind::Authentication, key())
}

fn partition(point: &[u8]) -> ListName {
    ListName::partition(CertKind::Authentication, key(), point.to_vec())
}

fn keep(folder: &ListFolder, name: &ListName, list: &[u8]) {
    let (mut file, _incoming) = folder.incoming(name).unwrap();
    file.write_all(list).unwrap();
    folder.keep(name, &file).unwrap();
}

fn kept(folder: &ListFolder, name: &ListName) -> Option<Vec<u8>> {
    let mut list = Vec::new();
    folder.kept(name, 100).unwrap()?.read_to_end(&mut list).unwrap();
    Some(list)
}

#[test]
fn what_is_kept_is_there_after_a_restart_and_for_its_owner_alone() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("lists");
    let folder = ListFolder::open(&path).unwrap();
    keep(&folder, &whole(), b"first");
    keep(&folder, &whole(), b"second");
    keep(&folder, &partition(b"town"), b"third");
    let again = ListFolder::open(&path).unwrap();
    assert_eq!(kept(&again, &whole()).unwrap(), b"second");
    assert_eq!(kept(&again, &partition(b"town")).unwrap(), b"third");
    assert!(kept(&again, &partition(b"city")).is_none());
    assert_eq!(again.points(CertKind::Authentication, &key(), 10).unwrap(), [b"town".to_vec()]);
    assert!(again.points(CertKind::Signing, &key(), 10).unwrap().is_empty());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    let files: Vec<_> = fs::read_dir(&path).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 3);
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[test]
fn what_a_crash_left_half_done_is_taken_away_at_the_start() {
    let place = TempDir::new().unwrap();
    let folder = ListFolder::open(place.path()).unwrap();
    keep(&folder, &whole(), b"whole");
    fs::write(place.path().join("auth-ab01.new"), "half").unwrap();
    fs::write(place.path().join("7.details"), "half").unwrap();
    fs::write(place.path().join("notes.txt"), "somebody's").unwrap();
    let again = ListFolder::open(place.path()).unwrap();
    assert_eq!(kept(&again, &whole()).unwrap(), b"whole");
    let mut names: Vec<_> = fs::read_dir(place.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["auth-ab01.crl", "notes.txt"]);
}

#[test]
fn a_fetch_that_was_given_up_cannot_write_into_the_next() {
    let place = TempDir::new().unwrap();
    let folder = ListFolder::open(place.path()).unwrap();
    let (mut given_up, name) = folder.incoming(&whole()).unwrap();
    drop(name);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    let (mut next, _name) = folder.incoming(&whole()).unwrap();
    next.write_all(b"next").unwrap();
    given_up.write_all(b"given up").unwrap();
    folder.keep(&whole(), &next).unwrap();
    assert_eq!(kept(&folder, &whole()).unwrap(), b"next");
}

#[test]
fn a_point_that_is_not_what_its_file_says_is_passed_over() {
    let place = TempDir::new().unwrap();
    let folder = ListFolder::open(place.path()).unwrap();
    keep(&folder, &partition(b"town"), b"list");
    let file = place.path().join(format!("{}.point", partition(b"town").stem()));
    assert_eq!(fs::read(&file).unwrap(), b"town");
    fs::write(&file, "tow").unwrap();
    assert!(folder.points(CertKind::Authentication, &key(), 10).unwrap().is_empty());
}

#[test]
fn a_kept_list_over_the_bound_is_not_opened() {
    let place = TempDir::new().unwrap();
    let folder = ListFolder::open(place.path()).unwrap();
    keep(&folder, &whole(), b"seven..");
    assert!(folder.kept(&whole(), 7).unwrap().is_some());
    assert!(folder.kept(&whole(), 6).is_err());
}
