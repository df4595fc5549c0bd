//! Rules are separate from I/O: the pure crates reach no library that opens a socket, a file or a database.

use super::{Finding, house::House};
use crate::metadata::Walk;

/// Crates that hold rules; what they need from outside is an argument or a port.
const PURE: &[&str] = &[
    "enishi-party",
    "enishi-jpki",
    "enishi-iso8583",
    "enishi-pinblock",
    "enishi-wire",
    "enishi-oidc",
    "enishi-audit",
    "enishi-verify",
    "enishi-linkage",
    "enishi-relay",
];

/// Libraries that do I/O, or that nobody has without I/O.
const IO: &[&str] = &[
    "async-std",
    "axum",
    "hyper",
    "hyper-util",
    "libsqlite3-sys",
    "mio",
    "native-tls",
    "pcsc",
    "reqwest",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "sqlx",
    "tokio",
    "tokio-postgres",
    "tokio-rustls",
    "ureq",
];

pub(super) fn check(house: &House) -> Vec<Finding> {
    let pure = house.metadata.own().filter(|package| PURE.contains(&package.name.as_str()));
    pure.flat_map(|package| {
        let reached = house.metadata.reached(package, Walk::Shipped);
        IO.iter()
            .filter(move |name| reached.contains(*name))
            .map(|name| Finding::new(&package.name, format!("is pure and reaches {name}")))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::house::samples::{node, package, with_packages};

    #[test]
    fn a_pure_crate_that_reaches_io_by_a_detour_is_found() {
        let names = ["enishi-jpki", "enishi-transport", "helper", "tokio"];
        let packages: Vec<_> = names.iter().map(|name| package(name, "MIT", &[])).collect();
        let nodes = [
            node("enishi-jpki", &[("helper", "normal")]),
            node("enishi-transport", &[("tokio", "normal")]),
            node("helper", &[("tokio", "normal")]),
        ];
        let packages = format!("[{}]", packages.join(","));
        let found = check(&with_packages(&[], &packages, &format!("[{}]", nodes.join(","))));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].to_string(), "enishi-jpki: is pure and reaches tokio");
    }
}
