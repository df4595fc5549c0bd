//! `cargo xtask tidy`: style that is not tested is not style.

mod documents;
mod edges;
mod functions;
mod house;
mod licences;
mod lock;
mod modules;
mod purity;
mod refusals;
mod sizes;
mod source;
mod words;

use std::fmt;
use std::process::ExitCode;

use crate::error::TaskError;
use crate::suite::Tally;
use crate::workspace::Workspace;

use house::House;

/// One rule and what tests it.
struct Check {
    name: &'static str,
    rule: &'static str,
    run: fn(&House) -> Vec<Finding>,
}

/// A place where a rule is broken.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    place: String,
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }

    /// In a line, counted from one.
    fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self::new(format!("{path}:{line}"), what)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

const CHECKS: &[Check] = &[
    Check { name: "edges", rule: "crates depend as the design draws it", run: edges::allowed },
    Check { name: "provider", rule: "a provider reaches no word for a serial number", run: edges::provider },
    Check { name: "purity", rule: "rules reach no I/O", run: purity::check },
    Check { name: "lines", rule: "a file has at most 800 lines", run: sizes::files },
    Check { name: "functions", rule: "a function has at most 70 lines", run: functions::check },
    Check { name: "modules", rule: "every source file is part of a crate", run: modules::reachable },
    Check { name: "names", rule: "no module is a drawer for everything", run: modules::names },
    Check {
        name: "words",
        rule: "no machine paths, promises, registry hosts or allowed lints",
        run: words::check,
    },
    Check { name: "refusals", rule: "every refusal is given by somebody", run: refusals::check },
    Check {
        name: "crate docs",
        rule: "a crate says in at most 15 lines what it does",
        run: documents::crates,
    },
    Check { name: "architecture", rule: "the map names the crates that exist", run: documents::architecture },
    Check { name: "readmes", rule: "both READMEs have one structure", run: documents::readmes },
    Check { name: "changelog", rule: "there is a changelog", run: documents::changelog },
    Check { name: "licences", rule: "every licence is on the list", run: licences::check },
    Check { name: "lock", rule: "every version is pinned and comes from the registry", run: lock::check },
];

pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode, TaskError> {
    let tally = tally(workspace)?;
    println!("{} rules kept, {} broken", tally.passed, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs every check and prints what it finds.
pub(crate) fn tally(workspace: &Workspace) -> Result<Tally, TaskError> {
    let house = House::read(workspace)?;
    let mut tally = Tally::default();
    for check in CHECKS {
        let findings = (check.run)(&house);
        let word = if findings.is_empty() { "ok    " } else { "FAILED" };
        println!("{word} {:13} {}", check.name, check.rule);
        findings.iter().for_each(|finding| println!("       {finding}"));
        tally.add(Tally::one(findings.is_empty()));
    }
    for note in sizes::notes(&house) {
        println!("note: {note}");
    }
    Ok(tally)
}
