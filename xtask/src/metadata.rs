//! What `cargo metadata` knows: packages, their licences, and who depends on whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::command;
use crate::error::TaskError;
use crate::workspace::Workspace;

/// The dependency graph of every platform, with all that the workspace's members ask for.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: BTreeSet<String>,
    pub(crate) resolve: Resolve,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A line of a manifest.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) deps: Vec<Edge>,
}

#[derive(Deserialize)]
pub(crate) struct Edge {
    pub(crate) pkg: String,
    pub(crate) dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
pub(crate) struct EdgeKind {
    pub(crate) kind: Option<String>,
}

/// Which edges a walk starts with; from the second step on, dev-dependencies count for nobody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walk {
    Shipped,
    ShippedAndTested,
}

impl Metadata {
    /// Asks cargo.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self, TaskError> {
        let mut command = workspace.locked("metadata");
        // Features that are off by default are built by somebody, and their licences count.
        command.args(["--format-version", "1", "--all-features"]);
        Self::parse(&command::read(command)?)
    }

    pub(crate) fn parse(json: &str) -> Result<Self, TaskError> {
        serde_json::from_str(json).map_err(|error| TaskError::form("cargo metadata", error))
    }

    /// The workspace's own packages.
    pub(crate) fn own(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// The packages that others wrote.
    pub(crate) fn foreign(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !self.workspace_members.contains(&package.id))
    }

    /// The names of all packages that a package reaches, itself not counted.
    pub(crate) fn reached(&self, start: &Package, walk: Walk) -> BTreeSet<&str> {
        let names: BTreeMap<&str, &str> =
            self.packages.iter().map(|package| (package.id.as_str(), package.name.as_str())).collect();
        let nodes: BTreeMap<&str, &Node> =
            self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut seen = BTreeSet::from([start.id.as_str()]);
        let mut open = vec![(start.id.as_str(), walk)];
        while let Some((id, walk)) = open.pop() {
            for edge in nodes.get(id).into_iter().flat_map(|node| &node.deps) {
                let counts = edge
                    .dep_kinds
                    .iter()
                    .any(|its| its.kind.as_deref() != Some("dev") || walk == Walk::ShippedAndTested);
                if counts && seen.insert(&edge.pkg) {
                    open.push((&edge.pkg, Walk::Shipped));
                }
            }
        }
        seen.remove(start.id.as_str());
        seen.into_iter().filter_map(|id| names.get(id).copied()).collect()
    }
}
