use std::fs;
use std::io::ErrorKind;

use enishi_verify::DetailStore;
use tempfile::TempDir;

use super::{DetailFiles, PIECE};

#[test]
fn what_was_appended_is_read_at_any_offset_across_file_and_memory() {
    let folder = TempDir::new().unwrap();
    let mut details = DetailFiles::new(folder.path().to_owned()).begin().unwrap();
    let all: Vec<u8> = (0_u32..1_000_000).map(|number| number.to_be_bytes()[3]).collect();
    for piece in all.chunks(3_333) {
        details.append(piece).unwrap();
    }
    for (offset, octets) in [(0, 10), (PIECE - 5, 10), (PIECE, PIECE), (999_000, 1_000), (0, 1_000_000)] {
        let mut into = vec![0; octets];
        details.read_at(u64::try_from(offset).unwrap(), &mut into).unwrap();
        assert!(into == all[offset..offset + octets], "{octets} octets from {offset}");
    }
    for (offset, octets) in [(999_999, 2), (1_000_000, 1), (5_000_000, 1), (0, 1_000_001)] {
        let error = details.read_at(offset, &mut vec![0; octets]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
}

#[test]
fn details_have_no_name_and_do_not_meet() {
    let folder = TempDir::new().unwrap();
    let store = DetailFiles::new(folder.path().to_owned());
    let (mut one, mut other) = (store.begin().unwrap(), store.begin().unwrap());
    one.append(&vec![1; PIECE]).unwrap();
    other.append(&vec![2; PIECE]).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let mut octet = [0];
    one.read_at(7, &mut octet).unwrap();
    assert_eq!(octet, [1]);
}
