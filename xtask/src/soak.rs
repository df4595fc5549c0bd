//! `cargo xtask soak`: the large counts, which take hours and are no part of continuous integration.

use std::process::ExitCode;

use crate::command;
use crate::error::TaskError;
use crate::fuzz;
use crate::workspace::Workspace;

/// What `cargo xtask soak` is asked.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How often each test that kills a process does it; the variable ENISHI_KILLS says the same
    #[arg(long, value_name = "N")]
    kills: Option<u64>,
    /// Seconds of fuzzing for each target
    #[arg(long, value_name = "N", default_value_t = 3_600)]
    fuzz_seconds: u64,
}

/// How often the tests that kill a process do it; they have a small count of their own without it.
const KILLS: &str = "ENISHI_KILLS";
const KILLS_DEFAULT: u64 = 1_000;
/// The same for tests of properties.
const CASES: &str = "PROPTEST_CASES";
const CASES_EACH: &str = "20000";

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode, TaskError> {
    let asked = std::env::var(KILLS).ok().and_then(|count| count.parse().ok());
    let kills = arguments.kills.or(asked).unwrap_or(KILLS_DEFAULT);
    println!("== every test, {kills} kills, {CASES_EACH} cases a property");
    let mut tests = workspace.locked("test");
    tests.args(["--workspace", "--release", "--no-fail-fast"]);
    tests.env(KILLS, kills.to_string()).env(CASES, CASES_EACH);
    let tested = command::show(tests)?.success();

    println!("== every fuzz target for {} s", arguments.fuzz_seconds);
    let fuzzed = fuzz::fuzz(workspace, &[], arguments.fuzz_seconds)?;

    let good = tested && fuzzed.failed == 0;
    println!("soak: tests {}, fuzz targets {} good, {} not", verdict(tested), fuzzed.passed, fuzzed.failed);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const fn verdict(passed: bool) -> &'static str {
    if passed { "passed" } else { "FAILED" }
}
