//! jpki-cli, an independent implementation in Rust, at our card. It sends every command twice.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use enishi_sandbox::sandbox::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, PersonKey};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::cards::{CardFile, Certificate, fresh};
use crate::desk::{Desk, until};
use crate::programs::{openssl_verifies, program};

/// Set by `cargo xtask test --suite cards`: the built program.
const JPKI_CLI: &str = "ENISHI_JPKI_CLI";

/// Ctrl-D, at the beginning of a line.
const END_OF_FILE: char = '\u{4}';

/// A line, since it is typed.
const DOCUMENT: &str = "signed under SHA-1, which is all that this program knows\n";

#[test]
fn jpki_cli_reads_both_certificates_byte_for_byte() {
    let Some((desk, client)) = set("jpki-cli-reads") else { return };
    let file = fresh(desk.folder.path(), PersonKey::Hanako);
    let card = CardFile::read(&file);
    let _inserted = desk.insert(&file);
    let read = |options: &str, pin: Option<&str>| {
        let out = desk.folder.path().join("read.der");
        let _ = std::fs::remove_file(&out);
        let command = format!(r#"exec "$CLIENT" crypto {options} read-certificate > "$OUT""#);
        typed(&desk, &client, &command, &out, "", pin);
        std::fs::read(out).unwrap()
    };
    assert!(read("--auth", None) == card.certificate(Certificate::Authentication));
    assert!(read("", Some(CARD_SIGNING_PASSWORD)) == card.certificate(Certificate::Signing));
    assert!(read("--auth --ca", None) == card.certificate(Certificate::AuthenticationCa));
    assert!(read("--ca", None) == card.certificate(Certificate::SigningCa));
}

#[test]
fn jpki_cli_signs_with_both_keys_and_openssl_verifies_it() {
    let Some((desk, client)) = set("jpki-cli-signs") else { return };
    let file = fresh(desk.folder.path(), PersonKey::Hanako);
    let card = CardFile::read(&file);
    let _inserted = desk.insert(&file);
    for (options, pin, which) in [
        ("--auth", CARD_AUTH_PIN, Certificate::Authentication),
        ("", CARD_SIGNING_PASSWORD, Certificate::Signing),
    ] {
        let out = desk.folder.path().join("signature");
        let _ = std::fs::remove_file(&out);
        let command = format!(r#"exec "$CLIENT" crypto {options} sign "$OUT""#);
        typed(&desk, &client, &command, &out, DOCUMENT, Some(pin));
        let signature = std::fs::read(&out).unwrap();
        assert!(
            openssl_verifies("-sha1", &card.certificate(which), &signature, DOCUMENT.as_bytes()),
            "{which:?}"
        );
        assert!(!openssl_verifies("-sha1", &card.certificate(which), &signature, b"another"), "{which:?}");
    }
    // Right PINs, each presented twice, have cost nothing.
    assert_eq!(CardFile::read(&file).tries(), (3, 5));
}

fn set(test: &str) -> Option<(Desk, PathBuf)> {
    let desk = Desk::set(test)?;
    let Some(client) = std::env::var_os(JPKI_CLI).map(PathBuf::from) else {
        println!("NOT RUN: {test} (jpki-cli is missing)");
        return None;
    };
    Some((desk, client))
}

/// Runs a line of shell on a terminal of its own, types the document, and the PIN when the echo is off.
fn typed(desk: &Desk, client: &Path, line: &str, out: &Path, document: &str, pin: Option<&str>) {
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&near).unwrap();
    unlockpt(&near).unwrap();
    let name = ptsname(&near, Vec::new()).unwrap().into_string().unwrap();
    let far = File::options().read(true).write(true).open(name).unwrap();
    let mut command = program("setsid", desk.folder.path());
    command.args(["--ctty", "--wait", "sh", "-c", line]);
    command.env("CLIENT", client).env("OUT", out).current_dir(desk.folder.path());
    command.stdin(far.try_clone().unwrap()).stderr(far.try_clone().unwrap()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    drop(command);
    if !document.is_empty() {
        rustix::io::write(&near, format!("{document}{END_OF_FILE}").as_bytes()).unwrap();
    }
    if let Some(pin) = pin {
        until("the program asks for the PIN", || {
            assert!(child.try_wait().unwrap().is_none(), "ended before it asked");
            !tcgetattr(&near).unwrap().local_modes.contains(LocalModes::ECHO)
        });
        rustix::io::write(&near, format!("{pin}\n").as_bytes()).unwrap();
    }
    let status = child.wait().unwrap();
    drop(far);
    let screen = shown(near);
    // It says OK to the shell whatever happened.
    assert!(status.success() && out.is_file(), "{status}: {screen}");
}

/// What stands on the terminal's screen.
fn shown(near: impl Into<File>) -> String {
    let mut screen = Vec::new();
    // Ends with an error, since nobody holds the far end any more.
    let _ = std::io::Read::read_to_end(&mut near.into(), &mut screen);
    String::from_utf8_lossy(&screen).into_owned()
}
