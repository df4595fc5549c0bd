//! Certificates that J-LIS made, read where cargo keeps the sources of `myna-card`; none is copied.
#![expect(clippy::panic, clippy::expect_used, reason = "without its inputs the test fails and says why")]

use std::path::PathBuf;

/// The version that Cargo.toml pins.
const PACKAGE: &str = "myna-card-3.3.4";

/// Reads a file of the crate `myna-card`.
pub(crate) fn file(path: &str) -> Vec<u8> {
    let path = sources().join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Cargo unpacked it there in order to build this test: registry/src/REGISTRY/PACKAGE.
fn sources() -> PathBuf {
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let registries = cargo.or(home).expect("CARGO_HOME or HOME").join("registry/src");
    std::fs::read_dir(&registries)
        .unwrap_or_else(|error| panic!("{}: {error}", registries.display()))
        .filter_map(|registry| Some(registry.ok()?.path().join(PACKAGE)))
        .find(|sources| sources.is_dir())
        .unwrap_or_else(|| panic!("no {PACKAGE} under {}", registries.display()))
}
