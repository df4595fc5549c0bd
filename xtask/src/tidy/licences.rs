//! Licences of everything that is built, against the list in deny.toml, which `cargo deny` reads too.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use spdx::{Expression, LicenseReq, ParseMode};

use super::{Finding, house::House};
use crate::error::TaskError;
use crate::metadata::Package;

/// What deny.toml allows, and for whom it allows more.
pub(super) struct Licences {
    allow: BTreeSet<String>,
    exceptions: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
struct Deny {
    licenses: Section,
}

#[derive(Deserialize)]
struct Section {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    package: String,
    allow: BTreeSet<String>,
}

impl Licences {
    pub(super) fn parse(text: &str) -> Result<Self, TaskError> {
        let deny: Deny = toml::from_str(text).map_err(|error| TaskError::form("deny.toml", error))?;
        let exceptions = deny.licenses.exceptions.into_iter().map(|its| (its.package, its.allow)).collect();
        Ok(Self { allow: deny.licenses.allow, exceptions })
    }

    fn allows(&self, package: &Package, requirement: &LicenseReq) -> bool {
        let name = requirement.to_string();
        self.allow.contains(&name)
            || self.exceptions.get(&package.name).is_some_and(|more| more.contains(&name))
    }

    fn refused(&self, package: &Package) -> Option<String> {
        let Some(text) = &package.license else { return Some("names no licence".to_owned()) };
        // Old manifests write MIT/Apache-2.0 where MIT OR Apache-2.0 is meant.
        let mode = ParseMode { allow_slash_as_or_operator: true, ..ParseMode::STRICT };
        let Ok(expression) = Expression::parse_mode(text, mode) else {
            return Some(format!("{text} is no licence expression"));
        };
        // An OR needs one side that is allowed, an AND both: copyleft passes only where it is a choice.
        let allowed = expression.evaluate(|requirement| self.allows(package, requirement));
        (!allowed).then(|| format!("{text} is not allowed by deny.toml"))
    }
}

pub(super) fn check(house: &House) -> Vec<Finding> {
    let foreign = house.metadata.foreign();
    let mut findings: Vec<Finding> = foreign
        .filter_map(|package| {
            let place = format!("{} {}", package.name, package.version);
            house.licences.refused(package).map(|what| Finding::new(place, what))
        })
        .collect();
    let names: BTreeSet<&str> = house.metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let stale = house.licences.exceptions.keys().filter(|name| !names.contains(name.as_str()));
    findings
        .extend(stale.map(|name| Finding::new("deny.toml", format!("excuses {name}, which is not used"))));
    findings
}

#[cfg(test)]
mod tests {
    use super::{Licences, check};
    use crate::tidy::house::samples::{package, with_packages};

    const DENY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        exceptions = [{ crate = "tool", allow = ["NCSA"] }]
    "#;

    fn found(licences: &[(&str, &str)]) -> Vec<String> {
        let packages: Vec<_> = licences.iter().map(|(name, licence)| package(name, licence, &[])).collect();
        let mut house = with_packages(&[], &format!("[{}]", packages.join(",")), "[]");
        house.licences = Licences::parse(DENY).unwrap();
        check(&house).into_iter().map(|its| its.place).collect()
    }

    #[test]
    fn copyleft_passes_only_where_it_is_a_choice() {
        let found = found(&[
            ("a", "MIT OR Apache-2.0"),
            ("b", "MIT/Apache-2.0"),
            ("c", "Apache-2.0 OR LGPL-2.1-or-later OR MIT"),
            ("d", "MIT AND Apache-2.0"),
            ("e", "Apache-2.0 WITH LLVM-exception"),
            ("tool", "(MIT OR Apache-2.0) AND NCSA"),
            ("f", "GPL-3.0-only"),
            ("g", "MIT AND MPL-2.0"),
            ("h", "LGPL-2.1-or-later"),
            ("i", "MIT AND NCSA"),
            ("j", "Mine"),
        ]);
        assert_eq!(found, ["f 1.0.0", "g 1.0.0", "h 1.0.0", "i 1.0.0", "j 1.0.0"]);
    }

    #[test]
    fn an_excuse_that_stopped_applying_is_found() {
        assert_eq!(found(&[("a", "MIT")]), ["deny.toml"]);
    }
}
