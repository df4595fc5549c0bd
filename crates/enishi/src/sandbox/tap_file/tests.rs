use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use enishi_relay::{Hop, Observer};
use enishi_transport::{Direction, Tap};
use tempfile::TempDir;

use super::{FRAME_OCTETS_MAX, TapFile};
use crate::sandbox::{Capture, Item, Needle, SandboxError};

fn folder(config: &str) -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (tap, file) = (folder.path().join("party.tap"), folder.path().join("party.toml"));
    std::fs::write(&file, config).unwrap();
    (folder, tap, file)
}

#[test]
fn what_one_process_saw_another_reads_from_the_moment_it_asks() {
    let (_folder, path, config) = folder("sandbox = true\nlisten = \"x\"\n");
    let tap = TapFile::create(&path, &config).unwrap();
    let capture = Capture::of_files([path.clone()]);
    assert_eq!(capture.seen().unwrap().stream(Direction::Received, ""), b"");
    tap.saw(Direction::Received, "enishi:sandbox:terminal:1", b"first half, ");
    tap.saw(Direction::Received, "enishi:sandbox:terminal:1", b"second half");
    tap.saw(Direction::Sent, "enishi:sandbox:provider:a", b"onwards");
    tap.hop(Hop::Clear, Duration::from_micros(1_600));
    let seen = capture.seen().unwrap();
    assert_eq!(seen.stream(Direction::Received, "terminal"), b"first half, second half");
    assert_eq!(seen.stream(Direction::Sent, ""), b"onwards");
    assert_eq!(seen.received("terminal", b"half"), 2);
    assert!(seen.holds(&Needle::text(Item::Name, "half, second")));
    assert_eq!(seen.hops(), [(Hop::Clear, Duration::from_micros(1_600))]);

    capture.clear().unwrap();
    let seen = capture.seen().unwrap();
    assert!(seen.stream(Direction::Received, "").is_empty() && seen.hops().is_empty());
    tap.saw(Direction::Sent, "enishi:sandbox:provider:a", b"again");
    assert_eq!(capture.seen().unwrap().stream(Direction::Sent, ""), b"again");
}

#[test]
fn every_hop_and_the_longest_piece_come_through() {
    let (_folder, path, config) = folder("sandbox = true\n");
    let tap = TapFile::create(&path, &config).unwrap();
    let long = vec![7; FRAME_OCTETS_MAX + 1];
    tap.saw(Direction::Received, "peer", &long);
    for hop in Hop::ALL {
        tap.hop(hop, Duration::from_secs(1));
    }
    let seen = Capture::of_files([path]).seen().unwrap();
    assert!(seen.stream(Direction::Received, "peer") == long);
    assert_eq!(seen.hops().iter().map(|(hop, _)| *hop).collect::<Vec<_>>(), Hop::ALL);
}

#[test]
fn a_frame_that_is_half_written_is_read_when_it_is_whole() {
    let (_folder, path, config) = folder("sandbox = true\n");
    TapFile::create(&path, &config).unwrap().saw(Direction::Sent, "peer", b"whole");
    let whole = std::fs::read(&path).unwrap();
    let capture = Capture::of_files([path.clone()]);
    let (half, rest) = whole.split_at(9);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(half).unwrap();
    assert_eq!(capture.seen().unwrap().stream(Direction::Sent, ""), b"whole");
    capture.clear().unwrap();
    assert!(capture.seen().unwrap().stream(Direction::Sent, "").is_empty());
    file.write_all(rest).unwrap();
    assert_eq!(capture.seen().unwrap().stream(Direction::Sent, ""), b"whole");
}

#[test]
fn a_file_of_something_else_is_an_error_and_not_an_empty_capture() {
    let (_folder, path, _) = folder("");
    let capture = Capture::of_files([path.clone()]);
    assert!(capture.seen().is_err(), "no file yet");
    for garbage in [
        &[9, 0, 0, 0, 0, 0, 0][..],
        &[0, 0, 0, 0xff, 0, 0, 0],
        &[2, 0, 1, 0, 0, 0, 8, b'x', 0, 0, 0, 0, 0, 0, 0, 0],
    ] {
        std::fs::write(&path, garbage).unwrap();
        assert!(capture.seen().is_err(), "{garbage:?}");
    }
}

#[test]
fn production_has_no_tap_and_a_tap_is_for_its_owner_alone() {
    for config in ["sandbox = false\n", "listen = \"x\"\n", "sandbox = \"true\"\n"] {
        let (_folder, path, file) = folder(config);
        let refused = TapFile::create(&path, &file);
        assert!(refused.is_err() && !path.exists(), "{config}");
    }
    let (_folder, path, file) = folder("sandbox = false\n");
    assert!(matches!(TapFile::create(&path, &file), Err(SandboxError::NotASandbox(_))));
    let (_folder, path, file) = folder("sandbox = true\n");
    drop(TapFile::create(&path, &file).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(TapFile::create(&path, &file).is_err(), "nothing is written over");
}

#[test]
fn a_key_file_taken_for_a_configuration_is_refused_without_an_echo() {
    let key = "04d7".repeat(16);
    let (_folder, path, file) = folder(&key);
    let told = TapFile::create(&path, &file).err().unwrap().to_string();
    assert!(told.contains("party.toml: line 1: "), "{told}");
    assert!(!told.contains(&key), "{told}");
    assert!(!path.exists());
}
