//! `cargo test` of the whole workspace, with the second opinions that could be provided.

use std::env;

use super::{Session, Tally};
use crate::command::{self, Channel};
use crate::error::TaskError;

/// Folders outside the repository that tests read; named relative to the root, handed on absolute.
const VECTORS: &str = "ENISHI_VECTORS";
/// The Python interpreter that has the other implementation of ISO 8583.
const PYISO8583: &str = "ENISHI_PYISO8583";

pub(crate) fn run(session: &Session<'_>) -> Result<Tally, TaskError> {
    let mut command = session.workspace.locked("test");
    // The output of tests that pass is wanted: a test that lacks a tool says so there.
    command.args(["--workspace", "--no-fail-fast", "--", "--show-output"]);
    if let Some(python) = &session.python {
        command.env(PYISO8583, python);
    }
    if let Some(vectors) = env::var_os(VECTORS) {
        command.env(VECTORS, session.workspace.root().join(vectors));
    }
    let mut report = Report::default();
    let status = command::follow(command, Channel::Output, &session.log("test"), |line| report.line(line))?;
    Ok(report.close(status.success()))
}

/// Reads what the test harness prints, and repeats what a reader needs.
#[derive(Default)]
pub(super) struct Report {
    tally: Tally,
    binaries: u64,
    part: Part,
}

#[derive(Default, PartialEq, Eq)]
enum Part {
    #[default]
    Running,
    Failures,
}

impl Report {
    pub(super) fn line(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ") {
            self.count(counts);
            self.part = Part::Running;
        } else if line == "failures:" {
            self.part = Part::Failures;
        } else if let Some(what) = line.strip_prefix("NOT RUN: ") {
            self.tally.not_run.push(what.to_owned());
        }
        let slow = line.contains("has been running for over");
        if self.part == Part::Failures || slow || line.ends_with(" ... FAILED") {
            println!("{line}");
        }
    }

    /// `ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`
    fn count(&mut self, counts: &str) {
        let count = |word: &str| {
            counts
                .split(['.', ';'])
                .filter_map(|part| part.trim().strip_suffix(word))
                .find_map(|number| number.trim().parse::<u64>().ok())
                .unwrap_or(0)
        };
        self.binaries = self.binaries.saturating_add(1);
        self.tally.add(Tally {
            passed: count("passed"),
            failed: count("failed"),
            skipped: count("ignored"),
            not_run: Vec::new(),
        });
    }

    /// A build that fails or a binary that is killed prints no result; a run without one test is a failure too.
    pub(super) fn close(mut self, succeeded: bool) -> Tally {
        println!(
            "{} tests in {} binaries",
            self.tally.passed.saturating_add(self.tally.failed),
            self.binaries
        );
        if self.tally.failed == 0 && (!succeeded || self.tally.passed == 0) {
            println!("cargo test failed without a failed test, or ran none");
            self.tally.failed = 1;
        }
        self.tally
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::suite::Tally;

    fn read(lines: &[&str], succeeded: bool) -> Tally {
        let mut report = Report::default();
        lines.iter().for_each(|line| report.line(line));
        report.close(succeeded)
    }

    #[test]
    fn results_of_all_binaries_are_summed() {
        let tally = read(
            &[
                "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
                "NOT RUN: openssl (it is missing)",
                "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s",
            ],
            false,
        );
        assert_eq!((tally.passed, tally.failed, tally.skipped), (7, 3, 1));
        assert_eq!(tally.not_run, ["openssl (it is missing)"]);
    }

    #[test]
    fn a_build_that_fails_counts_as_a_failure() {
        assert_eq!(read(&[], false).failed, 1);
        let result =
            "test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(read(&[result], false).failed, 1);
        assert_eq!(read(&[result], true).failed, 0);
    }

    #[test]
    fn a_run_without_a_test_counts_as_a_failure() {
        assert_eq!(read(&[], true).failed, 1);
    }
}
