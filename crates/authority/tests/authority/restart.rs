//! What was confirmed survives: keys, register, numbers.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use enishi_authority::{Authority, AuthorityError, CertificateState, RevocationReason};
use enishi_jpki::{Carrier, CertKind, Serial};
use tempfile::TempDir;

use crate::world::{NOW, World, at, config, keys, person};

const AUTH: CertKind = CertKind::Authentication;

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Tells the test below, run again as a child, that it is the child, and where.
const CHILD_FOLDER: &str = "ENISHI_AUTHORITY_CHILD_FOLDER";
/// Confirmations that are read before the child is killed.
const CONFIRMATIONS: usize = 40;

#[test]
fn a_kill_in_full_work_loses_nothing_that_was_confirmed() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        revoke_without_end(Path::new(&folder));
    }
    let world = World::new();
    let (_, key_id) = world.issuer(AUTH);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "restart::a_kill_in_full_work_loses_nothing_that_was_confirmed", "--nocapture"])
        .env(CHILD_FOLDER, world.folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut revoked, mut number) = (Vec::new(), 0);
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(serial) = line.strip_prefix("revoked ") {
            revoked.push(Serial::from_der_content(&hex::decode(serial).unwrap()).unwrap());
        } else if let Some(published) = line.strip_prefix("published ") {
            number = published.parse().unwrap();
        }
        if revoked.len() == CONFIRMATIONS {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(revoked.len(), CONFIRMATIONS);
    assert!(number > 0);

    let world = world.restart();
    for serial in &revoked {
        let state = world.authority.state(AUTH, serial).unwrap();
        assert!(matches!(state, Some(CertificateState::Revoked { .. })), "{state:?}");
    }
    let next = world.authority.issue(&person("resident-x"), keys(1), Carrier::Card, at(NOW)).unwrap();
    assert!(revoked.iter().all(|serial| *serial < next.auth_serial));
    assert!(world.authority.published_crl(AUTH, &key_id).unwrap().unwrap().number >= number);
    world.authority.publish(at(NOW)).unwrap();
    assert!(world.authority.published_crl(AUTH, &key_id).unwrap().unwrap().number > number);
}

/// The child: issues, revokes, publishes, says each when it is done, until it is killed.
fn revoke_without_end(folder: &Path) -> ! {
    let authority = Authority::open(folder).unwrap();
    let key_id = authority.authority_certificates()[2].key_id.clone();
    let carrier_keys = keys(0);
    for number in 0_u64.. {
        let citizen = person(&format!("resident-{number}"));
        let issued = authority.issue(&citizen, carrier_keys, Carrier::Card, at(NOW)).unwrap();
        authority.revoke(AUTH, &issued.auth_serial, RevocationReason::Superseded, at(NOW)).unwrap();
        println!("revoked {}", hex::encode(issued.auth_serial.expose_der_content()));
        if number % 8 == 7 {
            authority.publish(at(NOW)).unwrap();
            println!("published {}", authority.published_crl(AUTH, &key_id).unwrap().unwrap().number);
        }
    }
    unreachable!("there are more numbers than time");
}

#[test]
fn the_log_alone_holds_what_was_confirmed() {
    let world = World::new();
    let issued = world.card("resident-1");
    world.authority.publish(at(NOW)).unwrap();
    world.authority.publish(at(NOW)).unwrap();
    world.authority.revoke(AUTH, &issued.auth_serial, RevocationReason::KeyCompromise, at(NOW)).unwrap();
    // The files of a process that still runs are what a kill leaves: the log is not merged, nothing was closed.
    let log = world.folder().join("authority.sqlite-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0, "the work is still in the log");
    let left = TempDir::new().unwrap();
    copy(world.folder(), left.path());

    let after = Authority::open(left.path()).unwrap();
    assert!(matches!(
        after.state(AUTH, &issued.auth_serial).unwrap(),
        Some(CertificateState::Revoked { reason: RevocationReason::KeyCompromise, .. })
    ));
    let (_, key_id) = world.issuer(AUTH);
    assert_eq!(after.published_crl(AUTH, &key_id).unwrap().unwrap().number, 2);
    let next = after.issue(&person("resident-2"), keys(1), Carrier::Card, at(NOW)).unwrap();
    assert!(next.auth_serial > issued.auth_serial, "no number is given twice");
    after.publish(at(NOW)).unwrap();
    assert_eq!(after.published_crl(AUTH, &key_id).unwrap().unwrap().number, 3);
}

#[test]
fn a_log_that_breaks_off_in_the_middle_still_opens() {
    let world = World::new();
    let first = world.card("resident-1");
    let before = fs::metadata(world.folder().join("authority.sqlite-wal")).unwrap().len();
    world.authority.revoke(AUTH, &first.auth_serial, RevocationReason::KeyCompromise, at(NOW)).unwrap();
    let left = TempDir::new().unwrap();
    copy(world.folder(), left.path());
    let log = left.path().join("authority.sqlite-wal");
    // The last transaction's page is torn: it was never confirmed, and is as if it had not been.
    fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(before + 2_000).unwrap();
    fs::remove_file(left.path().join("authority.sqlite-shm")).unwrap();
    let after = Authority::open(left.path()).unwrap();
    assert_eq!(after.state(AUTH, &first.auth_serial).unwrap(), Some(CertificateState::Good));
}

#[test]
fn the_folder_says_sandbox_and_its_keys_are_the_owners_alone() {
    let world = World::new();
    assert!(fs::read_to_string(world.folder().join("SANDBOX")).unwrap().contains("SANDBOX"));
    let keys: Vec<_> = fs::read_dir(world.folder().join("keys")).unwrap().map(|its| its.unwrap()).collect();
    assert_eq!(keys.len(), 8);
    for key in &keys {
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_dir(world.folder().join("certificates")).unwrap().count(), 6);
    let open = keys[0].path();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(
        matches!(Authority::open(world.folder()), Err(AuthorityError::KeyFileOpen(path)) if path == open)
    );
}

#[test]
fn another_folder_or_half_an_authority_is_not_opened() {
    let folder = TempDir::new().unwrap();
    assert!(matches!(Authority::open(folder.path()), Err(AuthorityError::NoMarker(_))));
    fs::write(folder.path().join("SANDBOX"), "something else").unwrap();
    assert!(matches!(Authority::open(folder.path()), Err(AuthorityError::NoMarker(_))));
    let refused = Authority::create(folder.path(), config(), at(NOW));
    assert!(matches!(refused, Err(AuthorityError::FolderNotEmpty(_))));
}

#[test]
fn a_key_of_another_generation_is_noticed() {
    let world = World::new();
    let keys = world.folder().join("keys");
    fs::copy(keys.join("authca01.p8"), keys.join("authca03.p8")).unwrap();
    let refused = Authority::open(world.folder());
    assert!(matches!(refused, Err(AuthorityError::KeyMismatch { kind: AUTH, generation: 3 })), "{refused:?}");
}

#[test]
fn the_settings_are_those_it_was_made_with() {
    let world = World::new().restart();
    assert_eq!(world.authority.config(), &config());
}
