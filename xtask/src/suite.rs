//! A suite: a name, what it needs, a budget, and how it runs.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::TaskError;
use crate::install::Need;
use crate::workspace::Workspace;

pub(crate) mod api;
pub(crate) mod cards;
pub(crate) mod cargo;
pub(crate) mod demo;
pub(crate) mod fuzzing;
pub(crate) mod package;
pub(crate) mod rust_tests;

/// One kind of check.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) needs: &'static [Need],
    pub(crate) without: Without,
    /// What it may take on two cores from a fresh clone; printed, never asserted.
    pub(crate) budget: Duration,
    pub(crate) applies: fn(&Workspace) -> bool,
    pub(crate) run: fn(&Session<'_>) -> Result<Tally, TaskError>,
}

/// What becomes of a suite when something that it needs is not to be had.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Without {
    /// It runs; its own tests say which of them could not.
    Runs,
    /// It does not run, and is listed as such.
    IsNotRun,
}

/// What the suites of one run share.
pub(crate) struct Session<'a> {
    pub(crate) workspace: &'a Workspace,
    /// A Python interpreter that has pyiso8583, once it was provided.
    pub(crate) python: Option<PathBuf>,
    /// Seconds per fuzz target.
    pub(crate) fuzz_seconds: u64,
}

impl Session<'_> {
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.workspace.kept().join("logs").join(format!("{name}.log"))
    }
}

/// What a suite counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    /// What could not run, in words.
    pub(crate) not_run: Vec<String>,
}

impl Tally {
    /// One check that passed or failed.
    pub(crate) const fn one(passed: bool) -> Self {
        let (passed, failed) = if passed { (1, 0) } else { (0, 1) };
        Self { passed, failed, skipped: 0, not_run: Vec::new() }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
        self.skipped = self.skipped.saturating_add(other.skipped);
        self.not_run.extend(other.not_run);
    }
}
