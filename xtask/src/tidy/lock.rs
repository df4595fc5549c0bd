//! Cargo.lock is part of the repository, and pins everything to the registry's own packages.

use super::{Finding, house::House};

const LOCK: &str = "Cargo.lock";
/// The one registry, as the lock file writes it.
const REGISTRY: &str = concat!("registry+https://github.com/rust-lang/crates", ".io-index");

/// The asker ran `cargo metadata --locked`, so the file is also complete.
pub(super) fn check(house: &House) -> Vec<Finding> {
    let Some(lock) = house.file(LOCK) else {
        return vec![Finding::new(LOCK, "is missing, or ignored by git")];
    };
    lock.text.split("[[package]]").skip(1).filter_map(unpinned).collect()
}

fn unpinned(package: &str) -> Option<Finding> {
    let value = |key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
        Some(line.trim_matches('"'))
    };
    let name = value("name").unwrap_or("?");
    let source = value("source")?;
    if source != REGISTRY {
        return Some(Finding::new(LOCK, format!("{name} comes from {source}")));
    }
    value("checksum").is_none().then(|| Finding::new(LOCK, format!("{name} has no checksum")))
}

#[cfg(test)]
mod tests {
    use super::{LOCK, REGISTRY, check};
    use crate::tidy::house::samples::house;

    #[test]
    fn a_package_from_elsewhere_or_without_a_checksum_is_found() {
        let text = format!(
            "version = 4\n\n[[package]]\nname = \"own\"\n\n[[package]]\nname = \"a\"\nsource = \"{REGISTRY}\"\n\
             checksum = \"00\"\n\n[[package]]\nname = \"b\"\nsource = \"git+https://a.example/b\"\n\n\
             [[package]]\nname = \"c\"\nsource = \"{REGISTRY}\"\n"
        );
        let what: Vec<_> = check(&house(&[(LOCK, &text)])).into_iter().map(|its| its.what).collect();
        assert_eq!(what, ["b comes from git+https://a.example/b", "c has no checksum"]);
    }

    #[test]
    fn a_missing_lock_is_found() {
        assert_eq!(check(&house(&[])).len(), 1);
    }
}
