//! Documents that must agree with the tree, or with each other.

use std::collections::BTreeSet;

use super::{Finding, house::House};

/// A page of contents, not a book.
const CRATE_DOC_LINES_MAX: usize = 15;

pub(super) fn crates(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in house.package_folders() {
        let roots = ["src/lib.rs", "src/main.rs"].map(|root| format!("{folder}{root}"));
        for root in roots.iter().filter_map(|root| house.file(root)) {
            let lines = root.text.lines().take_while(|line| line.starts_with("//!")).count();
            match lines {
                0 => findings.push(Finding::new(&root.path, "has no crate doc")),
                1..=CRATE_DOC_LINES_MAX => {}
                _ => findings.push(Finding::new(&root.path, format!("has a crate doc of {lines} lines"))),
            }
        }
    }
    findings
}

/// ARCHITECTURE.md, once it is there, names each crate's folder in a code span, and no other.
pub(super) fn architecture(house: &House) -> Vec<Finding> {
    const MAP: &str = "ARCHITECTURE.md";
    let Some(map) = house.file(MAP) else { return Vec::new() };
    let there: BTreeSet<&str> = house
        .package_folders()
        .filter_map(|folder| folder.strip_prefix("crates/")?.strip_suffix('/'))
        .filter(|name| !name.contains('/'))
        .collect();
    let named: BTreeSet<&str> = code_spans(&map.text).filter_map(crate_named).collect();
    let missing = there.difference(&named).map(|name| format!("does not name crates/{name}"));
    let extra = named.difference(&there).map(|name| format!("names crates/{name}, which is not there"));
    missing.chain(extra).map(|what| Finding::new(MAP, what)).collect()
}

fn crate_named(span: &str) -> Option<&str> {
    let name = span.strip_prefix("crates/")?.split('/').next()?;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        .then_some(name)
}

/// What stands between backticks within a line, fenced blocks included line by line.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The same headings level by level and the same code, to the character, in both languages.
pub(super) fn readmes(house: &House) -> Vec<Finding> {
    const ENGLISH: &str = "README.md";
    const JAPANESE: &str = "README.ja.md";
    let (english, japanese) = match (house.file(ENGLISH), house.file(JAPANESE)) {
        (Some(english), Some(japanese)) => (Outline::of(&english.text), Outline::of(&japanese.text)),
        (None, _) => return vec![Finding::new(ENGLISH, "is missing")],
        (_, None) => return vec![Finding::new(JAPANESE, "is missing")],
    };
    let mut findings = Vec::new();
    if english.headings != japanese.headings {
        let what =
            format!("has headings of levels {:?}, {ENGLISH} {:?}", japanese.headings, english.headings);
        findings.push(Finding::new(JAPANESE, what));
    }
    if english.code != japanese.code {
        let first = english.code.iter().zip(&japanese.code).position(|(one, other)| one != other);
        let first = first.unwrap_or(english.code.len().min(japanese.code.len())).saturating_add(1);
        findings.push(Finding::new(JAPANESE, format!("differs from {ENGLISH} in code block {first}")));
    }
    findings
}

struct Outline {
    headings: Vec<usize>,
    code: Vec<String>,
}

impl Outline {
    fn of(text: &str) -> Self {
        let mut outline = Self { headings: Vec::new(), code: Vec::new() };
        let mut block: Option<String> = None;
        for line in text.lines() {
            match (&mut block, line.starts_with("```")) {
                (Some(_), true) => outline.code.extend(block.take()),
                (Some(code), false) => {
                    code.push_str(line);
                    code.push('\n');
                }
                (None, true) => block = Some(format!("{line}\n")),
                (None, false) => {
                    let level = line.bytes().take_while(|byte| *byte == b'#').count();
                    if level > 0 && line.get(level..).is_some_and(|rest| rest.starts_with(' ')) {
                        outline.headings.push(level);
                    }
                }
            }
        }
        outline.code.extend(block);
        outline
    }
}

pub(super) fn changelog(house: &House) -> Vec<Finding> {
    const CHANGELOG: &str = "CHANGELOG.md";
    match house.file(CHANGELOG) {
        Some(file) if !file.text.trim().is_empty() => Vec::new(),
        _ => vec![Finding::new(CHANGELOG, "is missing or empty")],
    }
}

#[cfg(test)]
mod tests {
    use super::{architecture, changelog, crates, readmes};
    use crate::tidy::house::samples::house;

    #[test]
    fn a_crate_doc_that_is_missing_or_long_is_found() {
        let long = "//! a\n".repeat(16);
        let found = crates(&house(&[
            ("crates/a/Cargo.toml", ""),
            ("crates/a/src/lib.rs", "mod b;"),
            ("crates/b/Cargo.toml", ""),
            ("crates/b/src/main.rs", &long),
            ("crates/c/Cargo.toml", ""),
            ("crates/c/src/lib.rs", &long[6..]),
        ]));
        assert_eq!(
            found.iter().map(|its| its.place.as_str()).collect::<Vec<_>>(),
            ["crates/a/src/lib.rs", "crates/b/src/main.rs"]
        );
    }

    #[test]
    fn a_map_that_disagrees_with_the_tree_is_found() {
        let map = "`crates/a` and `crates/gone/src/x.rs`, not crates/word, `crates/NAME…`, `crates/`.";
        let found = architecture(&house(&[
            ("ARCHITECTURE.md", map),
            ("crates/a/Cargo.toml", ""),
            ("crates/b/Cargo.toml", ""),
            ("xtask/Cargo.toml", ""),
        ]));
        let what: Vec<_> = found.iter().map(|its| its.what.as_str()).collect();
        assert_eq!(what, ["does not name crates/b", "names crates/gone, which is not there"]);
    }

    #[test]
    fn readmes_of_another_structure_are_found() {
        let english = "# A\n## B\n```sh\n# c\n```\n";
        let japanese = "# 縁\n## 紐\n```sh\n# c\n```\n";
        let found =
            |japanese: &str| readmes(&house(&[("README.md", english), ("README.ja.md", japanese)])).len();
        assert_eq!(found(japanese), 0);
        assert_eq!(found(&japanese.replace("## 紐", "### 紐")), 1);
        assert_eq!(found(&japanese.replace("# c", "# d")), 1);
        assert_eq!(found(&japanese.replace("```sh", "```")), 1);
        assert_eq!(found("# 縁\n## 紐\n"), 1);
        assert_eq!(readmes(&house(&[("README.md", english)])).len(), 1);
    }

    #[test]
    fn a_missing_changelog_is_found() {
        assert_eq!(changelog(&house(&[])).len(), 1);
        assert_eq!(changelog(&house(&[("CHANGELOG.md", "\n")])).len(), 1);
        assert_eq!(changelog(&house(&[("CHANGELOG.md", "# Changes")])), []);
    }
}
