//! The file of a card: who may read it, and what it has kept after whatever happened.

use std::fs;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use enishi_card::{CardError, CardImage, CardParts, ImageFault, SoftwareCard};
use tempfile::TempDir;

use crate::support::*;

fn stored() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.toml");
    let image = CardImage::new(CardParts { face: Some(face_parts()), ..parts(Holder::First) }).unwrap();
    image.create(&path).unwrap();
    (folder, path)
}

fn write_private(path: &Path, text: &str) {
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

fn open_jpki(path: &Path) -> SoftwareCard {
    let mut card = SoftwareCard::open(path).unwrap();
    expect(&mut card, SELECT_JPKI, "9000");
    card
}

/// What a second look at the file finds while the card still holds it.
fn tries_on_disk(path: &Path) -> String {
    let copy = path.with_extension("copy");
    write_private(&copy, &fs::read_to_string(path).unwrap());
    send(&mut open_jpki(&copy), "00200098")
}

#[test]
fn a_new_file_is_readable_by_its_owner_alone_and_is_not_overwritten() {
    let (_folder, path) = stored();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert!(
        fs::read_to_string(&path).unwrap().starts_with("# A software card for the sandbox: not a real card.")
    );
    assert!(matches!(image().create(&path), Err(CardError::Image(ImageFault::Write(_)))));
}

#[test]
fn everything_on_the_card_reads_back() {
    let (folder, path) = stored();
    let again = folder.path().join("again.toml");
    CardImage::load(&path).unwrap().create(&again).unwrap();
    assert_eq!(fs::read(&path).unwrap(), fs::read(&again).unwrap());
    let small = folder.path().join("small.toml");
    CardImage::new(CardParts { signing: None, ..parts(Holder::Second) }).unwrap().create(&small).unwrap();
    assert!(CardImage::load(&small).is_ok());
}

#[test]
fn counters_are_on_disk_before_the_answer_and_survive_a_reload() {
    let (_folder, path) = stored();
    let mut card = open_jpki(&path);
    expect(&mut card, "0020009804 30303030", "63C2");
    assert_eq!(tries_on_disk(&path), "63C2");
    expect(&mut card, "0020009804 30303030", "63C1");
    drop(card);

    let mut card = open_jpki(&path);
    expect(&mut card, "00200098", "63C1");
    expect(&mut card, "0020009804 34303731", "9000");
    assert_eq!(tries_on_disk(&path), "63C3");
    for word in ["63C2", "63C1", "63C0", "6984"] {
        expect(&mut card, "0020009804 30303030", word);
    }
    drop(card);
    expect(&mut open_jpki(&path), "0020009804 34303731", "6984");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
}

#[test]
fn a_changed_pin_survives_a_reload() {
    let (_folder, path) = stored();
    let mut card = open_jpki(&path);
    expect(&mut card, "0020009804 34303731", "9000");
    expect(&mut card, "0024019804 38383838", "9000");
    drop(card);
    expect(&mut open_jpki(&path), "0020009804 38383838", "9000");
}

/// A crash while the replacement is written leaves it half done under its own name; the card keeps the old state,
/// whose answer was the last that anybody saw.
#[test]
fn what_a_crash_left_behind_does_not_count_and_does_not_disturb() {
    let (_folder, path) = stored();
    let mut card = open_jpki(&path);
    expect(&mut card, "0020009804 30303030", "63C2");
    drop(card);
    let beside = PathBuf::from(format!("{}.new", path.display()));
    let whole = fs::read_to_string(&path).unwrap();
    for left_behind in ["", &whole[..whole.len() / 2], &whole] {
        write_private(&beside, left_behind);
        let mut card = open_jpki(&path);
        expect(&mut card, "00200098", "63C2");
        expect(&mut card, "0020009804 30303030", "63C1");
        assert!(!beside.exists());
        expect(&mut card, "0020009804 34303731", "9000");
        expect(&mut card, "0020009804 30303030", "63C2");
    }
}

#[test]
fn a_counter_that_cannot_be_kept_gives_no_answer_and_no_right() {
    let (folder, path) = stored();
    let mut card = open_jpki(&path);
    let aside = folder.path().with_extension("aside");
    fs::rename(folder.path(), &aside).unwrap();
    expect(&mut card, "0020009804 30303030", "6581");
    // The try is spent in the running card, and the right PIN would have to be written down, too.
    expect(&mut card, "00200098", "63C2");
    expect(&mut card, "0020009804 34303731", "6581");
    expect(&mut card, &format!("802A0297 20 {} 00", "11".repeat(32)), "6982");
    fs::rename(&aside, folder.path()).unwrap();
}

#[test]
fn a_file_is_held_by_one_card_at_a_time() {
    let (_folder, path) = stored();
    let mut card = open_jpki(&path);
    assert!(matches!(SoftwareCard::open(&path), Err(CardError::Image(ImageFault::InUse))));
    // The file under the name is another one now; it is held as well.
    expect(&mut card, "0020009804 30303030", "63C2");
    assert!(matches!(SoftwareCard::open(&path), Err(CardError::Image(ImageFault::InUse))));
    drop(card);
    assert!(SoftwareCard::open(&path).is_ok());
}

#[test]
fn a_file_open_to_others_is_refused() {
    let (_folder, path) = stored();
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = SoftwareCard::open(&path);
        assert!(
            matches!(refused, Err(CardError::Image(ImageFault::Exposed { mode: found })) if found == mode)
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(CardImage::load(&path).is_ok());
}

#[test]
fn what_is_no_file_or_too_long_is_refused() {
    let (folder, path) = stored();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(matches!(CardImage::load(folder.path()), Err(CardError::Image(ImageFault::NotAFile))));
    assert!(matches!(
        CardImage::load(&folder.path().join("none.toml")),
        Err(CardError::Image(ImageFault::Read(_)))
    ));
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str(&"#".repeat(64 * 1024));
    write_private(&path, &text);
    assert!(
        matches!(CardImage::load(&path), Err(CardError::Image(ImageFault::TooLarge { len })) if len > 65536)
    );
}

/// Loads the stored image with one piece of its text replaced.
fn load_with(before: &str, after: &str) -> CardError {
    let (_folder, path) = stored();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(before), "{before}");
    write_private(&path, &text.replacen(before, after, 1));
    CardImage::load(&path).unwrap_err()
}

#[test]
fn a_file_without_the_sandbox_marker_is_refused() {
    for after in ["sandbox = \"a real card\"", "sandbox = \"\"", ""] {
        let refused = load_with("sandbox = \"not a real card\"", after);
        assert!(matches!(refused, CardError::Image(ImageFault::NotSandbox)), "{refused}");
    }
}

#[test]
fn unknown_keys_formats_and_algorithms_are_refused() {
    let unknown = [
        load_with("format = 1", "format = 1\nnote = \"x\""),
        load_with("[authentication]", "[authentication]\nnote = 1"),
        load_with("tries_left = 3", "tries_left = 3\nmax = 3"),
        load_with("form = \"card\"", "form = \"ring\""),
        load_with("tries_left = 3", "tries_left = -1"),
        load_with("filler = \"none\"", ""),
    ];
    for refused in unknown {
        assert!(matches!(refused, CardError::Image(ImageFault::Malformed { .. })), "{refused}");
    }
    assert!(matches!(
        load_with("format = 1", "format = 2"),
        CardError::Image(ImageFault::UnknownFormat { format: 2 })
    ));
    assert!(matches!(
        load_with("algorithm = \"rsa-2048\"", "algorithm = \"ecdsa-p384\""),
        CardError::Image(ImageFault::UnsupportedKey { .. })
    ));
    assert!(matches!(
        load_with("form = \"card\"", "form = \"phone\""),
        CardError::Image(ImageFault::FaceOnPhone)
    ));
    assert!(matches!(
        load_with("tries_left = 3", "tries_left = 4"),
        CardError::Image(ImageFault::Pin { .. })
    ));
    assert!(matches!(
        load_with("authentication_ca = \"MI", "authentication_ca = \"AA"),
        CardError::Image(ImageFault::Certificate { field: "authentication_ca" })
    ));
}

#[test]
fn a_fault_names_the_line_and_never_what_stands_there() {
    let refused = load_with(&format!("value = \"{AUTH_PIN}\""), &format!("value = {AUTH_PIN}"));
    let CardError::Image(ImageFault::Malformed { line: Some(line) }) = &refused else { panic!("{refused}") };
    assert!(*line > 3);
    for text in [refused.to_string(), format!("{refused:?}")] {
        assert!(!text.contains(AUTH_PIN), "{text}");
    }
    let shown = format!("{:?} {:?}", card(), image());
    assert!(!shown.contains(AUTH_PIN) && !shown.contains(SIGN_PASSWORD));
}
