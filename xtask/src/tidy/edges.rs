//! Which crate of the house may depend on which.

use std::collections::BTreeSet;

use super::{Finding, house::House};
use crate::metadata::Walk;

/// Who may depend on whom.
enum May {
    /// On these and on `party`.
    Use(&'static [&'static str]),
    /// On everything: binaries, tests and fuzz targets stand outside.
    UseAll,
}

/// The drawing of ARCHITECTURE.md; a crate that is not in it has no place yet.
const ALLOWED: &[(&str, May)] = &[
    ("party", May::Use(&[])),
    ("jpki", May::Use(&[])),
    ("iso8583", May::Use(&[])),
    ("pinblock", May::Use(&[])),
    ("wire", May::Use(&[])),
    ("oidc", May::Use(&[])),
    ("audit", May::Use(&[])),
    ("card", May::Use(&["jpki"])),
    ("verify", May::Use(&["jpki"])),
    ("linkage", May::Use(&["verify", "jpki"])),
    ("relay", May::Use(&["linkage", "verify", "jpki", "iso8583", "pinblock", "wire"])),
    ("lists", May::Use(&["verify", "transport", "jpki"])),
    ("revocation", May::Use(&["linkage", "verify", "lists", "transport", "jpki", "wire"])),
    ("store", May::Use(&["linkage", "relay", "wire"])),
    ("transport", May::Use(&["iso8583", "wire"])),
    ("provider", May::Use(&["transport", "wire", "iso8583", "pinblock"])),
    ("provider-store", May::Use(&["provider"])),
    ("entrusted", May::Use(&["provider", "verify", "lists", "jpki", "transport", "wire", "iso8583"])),
    ("authority", May::Use(&["jpki", "verify", "transport"])),
    ("terminal", May::Use(&["card", "jpki", "pinblock", "wire", "transport"])),
    (
        "server",
        May::Use(&[
            "relay",
            "linkage",
            "wire",
            "transport",
            "store",
            "revocation",
            "jpki",
            "verify",
            "iso8583",
            "pinblock",
        ]),
    ),
    ("testkit", May::UseAll),
    ("fuzz", May::UseAll),
    ("bench", May::UseAll),
    ("examples", May::UseAll),
    ("enishi", May::UseAll),
];

/// A provider under 代行 runs code that has no word for a serial number.
const PROVIDER: &str = "enishi-provider";
const PROVIDER_NEVER: &[&str] = &["enishi-jpki", "enishi-verify", "enishi-linkage"];

/// Lines of the manifests; dev-dependencies are free.
pub(super) fn allowed(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in house.metadata.own().filter(|package| package.name != "xtask") {
        let Some((_, may)) = ALLOWED.iter().find(|(name, _)| *name == short(&package.name)) else {
            findings.push(Finding::new(&package.name, "is not in the table of tidy/edges.rs"));
            continue;
        };
        let May::Use(may) = may else { continue };
        for dependency in package.dependencies.iter().filter(|its| its.kind.as_deref() != Some("dev")) {
            let name = short(&dependency.name);
            let own = dependency.name.starts_with("enishi");
            if own && name != "party" && !may.contains(&name) {
                findings.push(Finding::new(&package.name, format!("may not depend on {}", dependency.name)));
            }
        }
    }
    findings
}

/// By any path, tests included.
pub(super) fn provider(house: &House) -> Vec<Finding> {
    let providers = house.metadata.own().filter(|package| package.name == PROVIDER);
    providers
        .flat_map(|package| {
            let reached: BTreeSet<&str> = house.metadata.reached(package, Walk::ShippedAndTested);
            PROVIDER_NEVER.iter().filter(move |name| reached.contains(*name))
        })
        .map(|name| Finding::new(PROVIDER, format!("reaches {name}")))
        .collect()
}

fn short(name: &str) -> &str {
    name.strip_prefix("enishi-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{allowed, provider};
    use crate::tidy::house::samples::{node, package, with_packages};

    #[test]
    fn an_edge_that_the_drawing_lacks_is_found() {
        let packages = format!(
            "[{},{}]",
            package("enishi-verify", "MIT", &[("enishi-jpki", "normal"), ("enishi-transport", "normal")]),
            package(
                "enishi-jpki",
                "MIT",
                &[("enishi-party", "normal"), ("enishi-card", "dev"), ("tokio", "normal")]
            ),
        );
        let found = allowed(&with_packages(&[], &packages, "[]"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].to_string(), "enishi-verify: may not depend on enishi-transport");
    }

    #[test]
    fn a_build_dependency_counts_as_an_edge() {
        let packages = format!("[{}]", package("enishi-party", "MIT", &[("enishi-jpki", "build")]));
        assert_eq!(allowed(&with_packages(&[], &packages, "[]")).len(), 1);
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        let packages = format!("[{}]", package("enishi-drawer", "MIT", &[]));
        assert_eq!(allowed(&with_packages(&[], &packages, "[]")).len(), 1);
    }

    #[test]
    fn a_provider_that_reaches_a_serial_by_a_detour_or_a_test_is_found() {
        let names = ["enishi-provider", "enishi-transport", "enishi-jpki", "enishi-testkit", "enishi-verify"];
        let packages: Vec<_> = names.iter().map(|name| package(name, "MIT", &[])).collect();
        let packages = format!("[{}]", packages.join(","));
        let house = |nodes: &[String]| with_packages(&[], &packages, &format!("[{}]", nodes.join(",")));
        let detour = house(&[
            node("enishi-provider", &[("enishi-transport", "normal")]),
            node("enishi-transport", &[("enishi-jpki", "normal")]),
        ]);
        assert_eq!(provider(&detour)[0].what, "reaches enishi-jpki");
        let test = house(&[
            node("enishi-provider", &[("enishi-testkit", "dev")]),
            node("enishi-testkit", &[("enishi-verify", "normal")]),
        ]);
        assert_eq!(provider(&test)[0].what, "reaches enishi-verify");
        // What others test with is theirs alone.
        let foreign_test = house(&[
            node("enishi-provider", &[("enishi-transport", "normal")]),
            node("enishi-transport", &[("enishi-jpki", "dev")]),
        ]);
        assert_eq!(provider(&foreign_test), []);
    }
}
