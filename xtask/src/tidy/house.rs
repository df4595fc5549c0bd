//! What the checks look at: the texts of the repository, its graph of packages, its list of licences.

use std::fs;
use std::process::Command;

use super::licences::Licences;
use crate::command;
use crate::error::TaskError;
use crate::metadata::Metadata;
use crate::workspace::Workspace;

pub(super) struct House {
    pub(super) files: Vec<TextFile>,
    pub(super) metadata: Metadata,
    pub(super) licences: Licences,
}

/// A file of the repository that is text.
pub(super) struct TextFile {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl House {
    pub(super) fn read(workspace: &Workspace) -> Result<Self, TaskError> {
        let deny = workspace.root().join("deny.toml");
        let deny = fs::read_to_string(&deny).map_err(TaskError::file(&deny))?;
        Ok(Self {
            files: files(workspace)?,
            metadata: Metadata::of(workspace)?,
            licences: Licences::parse(&deny)?,
        })
    }

    pub(super) fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    pub(super) fn rust_files(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// The folders that hold a manifest, `/` at the end, the root's left out.
    pub(super) fn package_folders(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter_map(|file| file.path.strip_suffix("Cargo.toml")).filter(|it| !it.is_empty())
    }
}

impl TextFile {
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether only tests are built from it.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs")
    }
}

/// What git tracks or would track; what is not UTF-8 is not text.
fn files(workspace: &Workspace) -> Result<Vec<TextFile>, TaskError> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(workspace.root());
    let mut files = Vec::new();
    for path in command::read(git)?.split_terminator('\0') {
        // A file that was deleted and not yet committed is still listed.
        if let Ok(text) = fs::read_to_string(workspace.root().join(path)) {
            files.push(TextFile { path: path.to_owned(), text });
        }
    }
    Ok(files)
}

#[cfg(test)]
pub(super) mod samples {
    use super::{House, TextFile};
    use crate::metadata::Metadata;
    use crate::tidy::licences::Licences;

    /// A house of these files and nothing else.
    pub(in crate::tidy) fn house(files: &[(&str, &str)]) -> House {
        with_packages(files, "[]", "[]")
    }

    /// A house with these packages and nodes, as JSON; the members are those whose name is of the house.
    pub(in crate::tidy) fn with_packages(files: &[(&str, &str)], packages: &str, nodes: &str) -> House {
        let listed: serde_json::Value = serde_json::from_str(packages).unwrap();
        let own: Vec<&str> = listed
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|package| package["id"].as_str())
            .filter(|id| id.starts_with("enishi") || *id == "xtask")
            .collect();
        let members = serde_json::to_string(&own).unwrap();
        let json = format!(
            r#"{{"packages": {packages}, "workspace_members": {members}, "resolve": {{"nodes": {nodes}}}}}"#
        );
        House {
            files: files
                .iter()
                .map(|&(path, text)| TextFile { path: path.to_owned(), text: text.to_owned() })
                .collect(),
            metadata: Metadata::parse(&json).unwrap(),
            licences: Licences::parse("[licenses]\nallow = [\"MIT\"]").unwrap(),
        }
    }

    /// A package in `cargo metadata`'s form; its id is its name.
    pub(in crate::tidy) fn package(name: &str, licence: &str, dependencies: &[(&str, &str)]) -> String {
        let lines: Vec<String> = dependencies
            .iter()
            .map(|(name, kind)| match *kind {
                "normal" => format!(r#"{{"name": "{name}", "kind": null}}"#),
                kind => format!(r#"{{"name": "{name}", "kind": "{kind}"}}"#),
            })
            .collect();
        format!(
            r#"{{"id": "{name}", "name": "{name}", "version": "1.0.0", "license": "{licence}",
                "dependencies": [{}]}}"#,
            lines.join(",")
        )
    }

    /// A node of the graph.
    pub(in crate::tidy) fn node(name: &str, edges: &[(&str, &str)]) -> String {
        let edges: Vec<String> = edges
            .iter()
            .map(|(name, kind)| match *kind {
                "normal" => format!(r#"{{"pkg": "{name}", "dep_kinds": [{{"kind": null}}]}}"#),
                kind => format!(r#"{{"pkg": "{name}", "dep_kinds": [{{"kind": "{kind}"}}]}}"#),
            })
            .collect();
        format!(r#"{{"id": "{name}", "deps": [{}]}}"#, edges.join(","))
    }
}
