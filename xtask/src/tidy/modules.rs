//! Source files: each is part of a crate, none is a drawer.

use std::collections::BTreeSet;

use super::source::{after_keyword, code_of, is_name};
use super::{Finding, house::House, house::TextFile};

/// Names that say nothing about what is inside.
const DRAWERS: &[&str] = &["core", "common", "utils", "util", "types", "prelude", "helpers", "misc"];

pub(super) fn names(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.rust_files() {
        let parts = file.path.strip_suffix(".rs").unwrap_or(&file.path).split('/');
        for part in parts.filter(|part| DRAWERS.contains(part)) {
            findings.push(Finding::new(&file.path, format!("{part} names a drawer")));
        }
        let code = code_of(&file.text);
        for name in after_keyword(&code, "mod").map(|after| name_at(&code, after)) {
            if DRAWERS.contains(&name) {
                findings.push(Finding::new(&file.path, format!("mod {name} names a drawer")));
            }
        }
    }
    findings
}

/// Files that no `mod`, `include!` or target names are never compiled, and rot.
pub(super) fn reachable(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in house.package_folders() {
        let own: Vec<&TextFile> =
            house.rust_files().filter(|file| belongs(house, &file.path, folder)).collect();
        let mut reached = BTreeSet::new();
        let mut open: Vec<&TextFile> = own.iter().copied().filter(|its| is_root(&its.path, folder)).collect();
        while let Some(file) = open.pop() {
            if reached.insert(file.path.as_str()) {
                let named = named_by(file, is_root(&file.path, folder));
                open.extend(own.iter().filter(|its| named.iter().any(|name| name.names(&its.path))));
            }
        }
        let forgotten = own.iter().filter(|file| !reached.contains(file.path.as_str()));
        findings.extend(forgotten.map(|file| Finding::new(&file.path, "is named by no mod and no target")));
    }
    findings
}

/// Whether the file lies in this package and in no package inside it.
fn belongs(house: &House, path: &str, folder: &str) -> bool {
    let nearest = house.package_folders().filter(|its| path.starts_with(its)).max_by_key(|its| its.len());
    nearest == Some(folder)
}

/// What cargo finds by itself.
fn is_root(path: &str, folder: &str) -> bool {
    let Some(inside) = path.strip_prefix(folder) else { return false };
    let parts: Vec<&str> = inside.split('/').collect();
    matches!(
        parts.as_slice(),
        ["build.rs"]
            | ["src", "lib.rs" | "main.rs"]
            | ["src", "bin", _]
            | ["src", "bin", _, "main.rs"]
            | ["tests" | "benches" | "examples", _]
            | ["tests" | "benches" | "examples", _, "main.rs"]
    )
}

/// A file that another file names.
enum Named {
    Path(String),
    /// Compile-fail cases are named by a pattern such as `tests/misuse/*.rs`.
    Inside(String),
}

impl Named {
    fn names(&self, path: &str) -> bool {
        match self {
            Self::Path(own) => own == path,
            Self::Inside(folder) => {
                path.strip_prefix(folder.as_str()).is_some_and(|rest| !rest.contains('/'))
            }
        }
    }
}

fn named_by(file: &TextFile, root: bool) -> Vec<Named> {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    let beneath = if root || stem == "mod" { folder.to_owned() } else { format!("{folder}/{stem}") };
    let mut named = Vec::new();
    for module in modules(&file.text) {
        match module.path {
            Some(path) => named.push(Named::Path(joined(folder, &path))),
            None => {
                let place = module.inside.iter().fold(beneath.clone(), |place, its| format!("{place}/{its}"));
                named.push(Named::Path(format!("{place}/{}.rs", module.name)));
                named.push(Named::Path(format!("{place}/{}/mod.rs", module.name)));
            }
        }
    }
    let package = file.path.split("/src/").next().and_then(|it| it.split("/tests/").next()).unwrap_or("");
    for literal in literals(&file.text) {
        if let Some(pattern) = literal.strip_suffix("*.rs") {
            named.push(Named::Inside(format!("{package}/{pattern}")));
        } else if literal.ends_with(".rs") {
            named.push(Named::Path(joined(folder, literal)));
            named.push(Named::Path(format!("{package}/{literal}")));
        }
    }
    named
}

/// String literals without escapes, which is what paths are; text between two of them does no harm.
fn literals(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// A relative path from a folder, `..` followed.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `mod name;`
struct Module {
    name: String,
    /// The `#[path]` before it.
    path: Option<String>,
    /// The inline modules around it.
    inside: Vec<String>,
}

fn modules(text: &str) -> Vec<Module> {
    let code = code_of(text);
    let mut modules = Vec::new();
    let mut inline: Vec<(String, usize)> = Vec::new();
    for after in after_keyword(&code, "mod") {
        let name = name_at(&code, after).to_owned();
        let rest = code.get(after..).unwrap_or("").trim_start();
        inline.retain(|(_, end)| *end > after);
        match rest.get(name.len()..).unwrap_or("").trim_start().chars().next() {
            Some(';') => modules.push(Module {
                path: path_before(text, &code, after),
                inside: inline.iter().map(|(name, _)| name.clone()).collect(),
                name,
            }),
            Some('{') => inline.push((name, block_end(&code, after))),
            _ => {}
        }
    }
    modules
}

/// The name that begins behind an offset; empty if none does.
fn name_at(code: &str, after: usize) -> &str {
    let rest = code.get(after..).unwrap_or("").trim_start();
    rest.split(|it| !is_name(it)).next().unwrap_or("")
}

/// The offset where the block that opens next is closed.
fn block_end(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth = depth.saturating_add(1),
            b'}' if depth <= 1 => return at,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    code.len()
}

/// The value of `#[path = "…"]` between the item before and this one.
fn path_before(text: &str, code: &str, after: usize) -> Option<String> {
    let start = code.get(..after)?.rfind([';', '{', '}']).map_or(0, |at| at.saturating_add(1));
    let attributes = text.get(start..after)?;
    let value = attributes.split_once("#[path")?.1.split('"').nth(1)?;
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{names, reachable};
    use crate::tidy::house::samples::house;

    fn forgotten(files: &[(&str, &str)]) -> Vec<String> {
        let mut all = vec![("crates/a/Cargo.toml", "")];
        all.extend(files);
        reachable(&house(&all)).into_iter().map(|its| its.place).collect()
    }

    #[test]
    fn a_file_that_no_mod_names_is_found() {
        let found = forgotten(&[
            ("crates/a/src/lib.rs", "mod b;\n// mod c;\n#[cfg(test)]\nmod tests { mod inner; }"),
            ("crates/a/src/b.rs", "mod d;"),
            ("crates/a/src/b/d.rs", ""),
            ("crates/a/src/c.rs", ""),
            ("crates/a/src/d.rs", ""),
            ("crates/a/src/tests/inner.rs", ""),
            ("crates/a/src/inner.rs", ""),
            ("crates/a/src/bin/tool.rs", ""),
        ]);
        assert_eq!(found, ["crates/a/src/c.rs", "crates/a/src/d.rs", "crates/a/src/inner.rs"]);
    }

    #[test]
    fn test_targets_paths_and_patterns_name_files() {
        let found = forgotten(&[
            (
                "crates/a/tests/one.rs",
                "#[path = \"../far/x.rs\"]\nmod x;\nfn f() { cases(\"tests/misuse/*.rs\") }",
            ),
            ("crates/a/tests/suite/main.rs", "mod y;"),
            ("crates/a/tests/suite/y.rs", ""),
            ("crates/a/tests/suite/z.rs", ""),
            ("crates/a/far/x.rs", ""),
            ("crates/a/tests/misuse/no.rs", ""),
        ]);
        assert_eq!(found, ["crates/a/tests/suite/z.rs"]);
    }

    #[test]
    fn a_package_inside_a_package_is_its_own() {
        let found = forgotten(&[
            ("crates/a/b/Cargo.toml", ""),
            ("crates/a/b/src/lib.rs", ""),
            ("crates/a/b/src/c.rs", ""),
        ]);
        assert_eq!(found, ["crates/a/b/src/c.rs"]);
    }

    #[test]
    fn drawers_are_found_as_files_folders_and_modules() {
        let house = house(&[
            ("crates/a/src/utils.rs", ""),
            ("crates/a/src/common/b.rs", ""),
            ("crates/a/src/c.rs", "mod prelude {}\nmod types;\nuse std::prelude;"),
            ("crates/a/src/core_banking.rs", ""),
        ]);
        let places: Vec<_> = names(&house).into_iter().map(|its| its.to_string()).collect();
        assert_eq!(places.len(), 4, "{places:?}");
    }
}
