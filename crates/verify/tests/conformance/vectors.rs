//! Where the corpora lie.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Names the folder of all corpora.
const VARIABLE: &str = "ENISHI_VECTORS";

/// A file of a corpus; says so and is nothing where there are no corpora, which under `CI=true` is a failure.
pub(crate) fn read(file: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) else {
        println!("NOT RUN: {file} ({VARIABLE} names no folder of test vectors)");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no test vectors");
        return None;
    };
    let path = PathBuf::from(folder).join(file);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_slice(&text).unwrap())
}

/// The text of a member.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("{member} is no text"))
}

/// The members of an array.
pub(crate) fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().unwrap_or_else(|| panic!("{member} is no list"))
}

/// Octets in hexadecimal.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The DER of a PEM block.
pub(crate) fn der(pem: &str) -> Vec<u8> {
    let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    STANDARD.decode(lines).unwrap()
}
