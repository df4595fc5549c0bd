//! OpenSC, an independent implementation in C, at our card.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enishi_sandbox::sandbox::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, PersonKey};

use crate::cards::{CardFile, Certificate, fresh};
use crate::desk::Desk;
use crate::programs::{Said, openssl_verifies, run};

const DOCUMENT: &[u8] = b"whoever reads this has read it twice";

#[test]
fn opensc_reads_every_certificate_byte_for_byte() {
    let Some(desk) = Desk::set("opensc-certificates") else { return };
    let file = fresh(desk.folder.path(), PersonKey::Hanako);
    let card = CardFile::read(&file);
    let _inserted = desk.insert(&file);

    let listed = pkcs15(&desk, &["--list-certificates"]);
    for id in ["01", "03", "04"] {
        assert!(listed.text.contains(&format!("ID             : {id}")), "{}", listed.text);
    }
    for which in [Certificate::Authentication, Certificate::AuthenticationCa, Certificate::SigningCa] {
        let read = pkcs15(&desk, &["--read-certificate", which.id()]);
        assert!(der(&read.well()) == card.certificate(which), "{which:?}");
    }
    // The signing certificate tells name and address, so it stands behind the password.
    assert!(!pkcs15(&desk, &["--read-certificate", "02"]).status.success());
    let password = ["--auth-id", "02", "--verify-pin", "--pin", CARD_SIGNING_PASSWORD];
    let read = pkcs15(&desk, &[["--read-certificate", "02"].as_slice(), &password].concat());
    assert!(der(&read.well()) == card.certificate(Certificate::Signing));
}

#[test]
fn opensc_signs_with_both_keys_and_openssl_verifies_it() {
    let Some(desk) = Desk::set("opensc-signs") else { return };
    let file = fresh(desk.folder.path(), PersonKey::Hanako);
    let card = CardFile::read(&file);
    let _inserted = desk.insert(&file);
    let document = desk.folder.path().join("document");
    std::fs::write(&document, DOCUMENT).unwrap();
    let digest = ["dgst", "-sha256", "-binary", document.to_str().unwrap()];
    let digest_file = desk.folder.path().join("digest");
    std::fs::write(&digest_file, run("openssl", &digest, desk.folder.path()).well()).unwrap();

    for (which, pin) in
        [(Certificate::Authentication, CARD_AUTH_PIN), (Certificate::Signing, CARD_SIGNING_PASSWORD)]
    {
        let signature = desk.folder.path().join(format!("signature-{}", which.id()));
        let sign = |pin: &[&str]| {
            let files = ["--input", digest_file.to_str().unwrap(), "--output", signature.to_str().unwrap()];
            let how = ["--sign", "--pkcs1", "--sha-256", "--raw", "--key", which.id()];
            run("pkcs15-crypt", &[how.as_slice(), &files, pin].concat(), desk.folder.path())
        };
        sign(&["--pin", pin]).well();
        let signed = std::fs::read(&signature).unwrap();
        assert!(openssl_verifies("-sha256", &card.certificate(which), &signed, DOCUMENT), "{which:?}");
        assert!(!openssl_verifies("-sha256", &card.certificate(which), &signed, b"another"), "{which:?}");
    }
}

#[test]
fn pkcs11_tool_finds_no_errors_in_either_slot() {
    let Some(desk) = Desk::set("opensc-pkcs11") else { return };
    let file = fresh(desk.folder.path(), PersonKey::Hanako);
    let _inserted = desk.insert(&file);
    for (slot, pin) in [("0", CARD_AUTH_PIN), ("1", CARD_SIGNING_PASSWORD)] {
        let test = ["--test", "--login", "--slot-index", slot, "--pin", pin];
        let said = run("pkcs11-tool", &test, desk.folder.path());
        assert!(said.status.success() && said.text.contains("No errors"), "slot {slot}: {}", said.text);
    }
    assert_eq!(CardFile::read(&file).tries(), (3, 5));
}

/// The DER in a PEM text.
fn der(pem: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(pem.to_vec()).unwrap();
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----").unwrap();
    let (body, _) = rest.split_once("-----END CERTIFICATE-----").unwrap();
    STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap()
}

fn pkcs15(desk: &Desk, arguments: &[&str]) -> Said {
    tool(desk.folder.path(), arguments)
}

/// `pkcs15-tool`
pub(crate) fn tool(home: &Path, arguments: &[&str]) -> Said {
    run("pkcs15-tool", arguments, home)
}

/// A certificate, as OpenSC reads it from the card in the first reader.
pub(crate) fn certificate(desk: &Desk, which: Certificate) -> Vec<u8> {
    certificate_at(desk, "0", which)
}

/// The same, in the reader of that number.
pub(crate) fn certificate_at(desk: &Desk, reader: &str, which: Certificate) -> Vec<u8> {
    der(&pkcs15(desk, &["--reader", reader, "--read-certificate", which.id()]).well())
}

/// Has OpenSC send commands one by one, without looking what card it is; gives the last status word.
pub(crate) fn sends(desk: &Desk, commands: &[String]) -> String {
    let mut arguments = vec!["--card-driver", "default"];
    for command in commands {
        arguments.extend(["--send-apdu", command]);
    }
    let said = run("opensc-tool", &arguments, desk.folder.path());
    let mut words = said.text.lines().filter_map(|line| line.strip_prefix("Received (SW1=0x"));
    let last = words.next_back().unwrap_or_else(|| panic!("no answer: {}", said.text));
    // `Received (SW1=0x90, SW2=0x00)`
    format!("{}{}", &last[..2], &last[last.find("SW2=0x").unwrap() + 6..][..2])
}
