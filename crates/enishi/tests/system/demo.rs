//! `enishi demo`, the built program, as somebody meets it who has just built it.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::child::ENISHI;
use crate::world::{alone, root};

const ESCAPE: char = '\u{1b}';

#[test]
fn the_demo_plays_in_english_through_a_pipe_without_colour_and_leaves_nothing() {
    let _alone = alone();
    let folder = root();
    let output = demo(folder.path(), &["--lang", "en"]).output().unwrap();
    let said = as_expected(&output);
    assert!(said.contains("Approved") && said.contains("came out as expected"), "{said}");
    assert!(!said.contains(ESCAPE), "no terminal, no escape codes");
    assert_eq!(left_in(folder.path()), Vec::<String>::new(), "a temporary folder was left");
}

#[test]
fn the_demo_plays_in_japanese_and_keeps_its_folder_when_asked() {
    let _alone = alone();
    let folder = root();
    let keep = folder.path().join("kept");
    let output = demo(folder.path(), &["--lang", "ja", "--keep", keep.to_str().unwrap()]).output().unwrap();
    let said = as_expected(&output);
    assert!(said.contains("承認"), "{said}");
    assert!(said.contains(keep.to_str().unwrap()), "it says where everything is: {said}");
    assert_eq!(left_in(folder.path()), ["kept"]);
    for part in ["relay/relay.toml", "company-a/provider.sqlite", "terminal-books/journal/sales.jsonl"] {
        assert!(keep.join(part).is_file(), "{part}");
    }

    // A second demo does not play in a folder that is in use.
    let again = demo(folder.path(), &["--keep", keep.to_str().unwrap()]).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert!(!again.stderr.is_empty());
}

#[test]
fn on_a_terminal_the_demo_has_colour_unless_no_color_is_set() {
    let _alone = alone();
    let plain = on_a_terminal(Some("1"));
    assert!(plain.contains("Approved"), "{plain}");
    assert!(!plain.contains(ESCAPE), "NO_COLOR is respected");
    let coloured = on_a_terminal(None);
    assert!(coloured.contains(ESCAPE), "and without it there is colour: {coloured}");
    assert!(on_a_terminal(Some("")).contains(ESCAPE), "an empty NO_COLOR is not set");
}

#[test]
fn an_unknown_language_is_refused() {
    let output = Command::new(ENISHI).args(["demo", "--lang", "tlh"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--lang"));
}

fn demo(temporary: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(ENISHI);
    command.arg("demo").args(arguments).env("TMPDIR", temporary).env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

fn as_expected(output: &Output) -> String {
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}\n{complained}");
    said
}

fn left_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// What comes out of the demo's first second on a pseudo-terminal; nobody waits for the rest.
fn on_a_terminal(no_color: Option<&str>) -> String {
    let folder = root();
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&near).unwrap();
    unlockpt(&near).unwrap();
    let name = ptsname(&near, Vec::new()).unwrap().into_string().unwrap();
    let far = File::options().read(true).write(true).open(name).unwrap();
    let mut command = demo(folder.path(), &["--lang", "en"]);
    if let Some(no_color) = no_color {
        command.env("NO_COLOR", no_color);
    }
    let mut child = command.stdout(Stdio::from(far)).stderr(Stdio::null()).spawn().unwrap();
    // Its copy of the far end is gone with it: reading ends with the child.
    drop(command);
    let (mut near, mut said) = (File::from(near), Vec::new());
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = near.read(&mut buffer) {
        said.extend_from_slice(&buffer[..read]);
        let so_far = String::from_utf8_lossy(&said);
        // The first scene is told, with its heading, its lines and its tick.
        if so_far.contains("card not linked") {
            break;
        }
    }
    let _ = child.kill();
    child.wait().unwrap();
    String::from_utf8_lossy(&said).into_owned()
}
