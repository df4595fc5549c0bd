//! `cargo xtask test`: the list of suites, their order, and the closing line.

use std::env;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::error::TaskError;
use crate::install::{self, Need};
use crate::suite::{Session, Suite, Tally, Without, api, cards, cargo, demo, fuzzing, package, rust_tests};
use crate::tidy;
use crate::workspace::Workspace;

/// What `cargo xtask test` is asked.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only this suite; may be given more than once
    #[arg(long = "suite", value_name = "NAME")]
    suites: Vec<String>,
    /// Name the suites and end
    #[arg(long)]
    list: bool,
    /// Seconds of fuzzing for each target
    #[arg(long, value_name = "N", default_value_t = 10)]
    fuzz_seconds: u64,
}

/// Cheap checks first, so that a slip is told within the first minute.
const SUITES: &[Suite] = &[
    Suite {
        name: "tidy",
        about: "the style: edges, sizes, words, documents, licences, versions",
        needs: &[],
        without: Without::IsNotRun,
        budget: minutes(1),
        applies: always,
        run: |session| tidy::tally(session.workspace),
    },
    Suite {
        name: "fmt",
        about: "cargo fmt --check",
        needs: &[],
        without: Without::IsNotRun,
        budget: minutes(1),
        applies: always,
        run: cargo::format,
    },
    Suite {
        name: "clippy",
        about: "cargo clippy, all targets, warnings denied",
        needs: &[],
        without: Without::IsNotRun,
        budget: minutes(6),
        applies: always,
        run: cargo::lints,
    },
    Suite {
        name: "docs",
        about: "cargo doc, warnings denied",
        needs: &[],
        without: Without::IsNotRun,
        budget: minutes(2),
        applies: always,
        run: cargo::documentation,
    },
    Suite {
        name: "test",
        about: "cargo test of the workspace, with OpenSSL and pyiso8583 as second opinions, on SQLite and PostgreSQL; replays the fuzz corpora",
        needs: &[Need::Openssl, Need::Pyiso8583, Need::Postgres],
        without: Without::Runs,
        budget: minutes(10),
        applies: always,
        run: rust_tests::run,
    },
    Suite {
        name: "cards",
        about: "OpenSC, jpki-cli and our terminal at the software card in a virtual reader, behind a pcscd of its own",
        needs: &[Need::Openssl, Need::CardReaders, Need::Namespaces],
        without: Without::IsNotRun,
        budget: minutes(5),
        applies: cards::exists,
        run: cards::run,
    },
    Suite {
        name: "api",
        about: "schemathesis asks a sandbox everything that its descriptions allow, and more",
        needs: &[Need::Schemathesis],
        without: Without::IsNotRun,
        budget: minutes(4),
        applies: api::exists,
        run: api::run,
    },
    Suite {
        name: "package",
        about: "the Debian package: built, installed over a copy of this machine, its services run as their units say",
        needs: &[Need::CardReaders, Need::Systemd, Need::Namespaces],
        without: Without::IsNotRun,
        budget: minutes(6),
        applies: always,
        run: package::run,
    },
    Suite {
        name: "fuzz",
        about: "every fuzz target for some seconds, guided by coverage",
        needs: &[Need::CxxCompiler],
        without: Without::IsNotRun,
        budget: minutes(8),
        applies: always,
        run: fuzzing::run,
    },
    Suite {
        name: "demo",
        about: "enishi demo in both languages, release build",
        needs: &[],
        without: Without::IsNotRun,
        budget: minutes(5),
        applies: demo::exists,
        run: demo::run,
    },
    Suite {
        name: "broken",
        about: "enishi demo without one of its checks each: it must notice",
        needs: &[],
        without: Without::IsNotRun,
        budget: minutes(6),
        applies: demo::can_be_broken,
        run: demo::broken,
    },
];

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

const fn always(_: &Workspace) -> bool {
    true
}

/// A suite's name, its result and its time.
struct Done {
    suite: &'static Suite,
    tally: Tally,
    took: Duration,
}

/// Runs them.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode, TaskError> {
    let chosen = choose(workspace, &arguments.suites)?;
    if arguments.list {
        for suite in chosen {
            let needs: Vec<_> = suite.needs.iter().map(|need| need.name()).collect();
            let needs =
                if needs.is_empty() { String::new() } else { format!(" [needs {}]", needs.join(", ")) };
            println!("{:8} {}{needs}", suite.name, suite.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut session = Session { workspace, python: None, fuzz_seconds: arguments.fuzz_seconds };
    let mut done = Vec::new();
    for suite in chosen {
        println!("\n== {} (budget {}): {}", suite.name, clock(suite.budget), suite.about);
        let start = Instant::now();
        let tally = run_one(suite, &mut session);
        let took = start.elapsed();
        println!("== {}: {} in {}", suite.name, counts(&tally), clock(took));
        done.push(Done { suite, tally, took });
    }
    Ok(close(&done, Strictness::of_environment()))
}

fn choose(workspace: &Workspace, names: &[String]) -> Result<Vec<&'static Suite>, TaskError> {
    let there: Vec<_> = SUITES.iter().filter(|suite| (suite.applies)(workspace)).collect();
    for name in names {
        if !there.iter().any(|suite| suite.name == name) {
            let known: Vec<_> = there.iter().map(|suite| suite.name).collect();
            return Err(TaskError::Unknown { kind: "suite", name: name.clone(), known: known.join(", ") });
        }
    }
    Ok(there
        .into_iter()
        .filter(|suite| names.is_empty() || names.iter().any(|name| name == suite.name))
        .collect())
}

/// A suite that cannot even start has failed; the others still run.
fn run_one(suite: &Suite, session: &mut Session<'_>) -> Tally {
    let mut missing = Vec::new();
    for need in suite.needs {
        if let Err(error) = install::provide(*need, session) {
            println!("{} is missing: {error}", need.name());
            missing.push(format!("{} ({}: {error})", suite.name, need.name()));
        }
    }
    if !missing.is_empty() && suite.without == Without::IsNotRun {
        return Tally { not_run: missing, ..Tally::default() };
    }
    (suite.run)(session).unwrap_or_else(|error| {
        println!("{} could not run: {error}", suite.name);
        Tally::one(false)
    })
}

/// What NOT RUN means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// A machine that lacks something may still test the rest.
    Desk,
    /// `CI=true`: what was not run has failed.
    ContinuousIntegration,
}

impl Strictness {
    fn of_environment() -> Self {
        if env::var("CI").is_ok_and(|ci| ci == "true") { Self::ContinuousIntegration } else { Self::Desk }
    }
}

/// Prints what became of each suite, then one plain line with the sums.
fn close(done: &[Done], strictness: Strictness) -> ExitCode {
    let mut sum = Tally::default();
    println!("\nsuite      passed  failed skipped not run    time  budget");
    for Done { suite, tally, took } in done {
        println!(
            "{:10} {:6} {:7} {:7} {:7} {:>7} {:>7}",
            suite.name,
            tally.passed,
            tally.failed,
            tally.skipped,
            tally.not_run.len(),
            clock(*took),
            clock(suite.budget)
        );
        sum.add(Tally { not_run: tally.not_run.clone(), ..*tally });
    }
    println!();
    for what in &sum.not_run {
        println!("NOT RUN: {what}");
    }
    let (line, succeeded) = verdict(sum, strictness);
    println!("{line}");
    if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The closing line, and whether it is a success.
fn verdict(sum: Tally, strictness: Strictness) -> (String, bool) {
    let not_run = u64::try_from(sum.not_run.len()).unwrap_or(u64::MAX);
    let (failed, skipped) = match strictness {
        Strictness::ContinuousIntegration => (sum.failed.saturating_add(not_run), sum.skipped),
        Strictness::Desk => (sum.failed, sum.skipped.saturating_add(not_run)),
    };
    let mut line = format!("{} passed, {failed} failed", sum.passed);
    if skipped > 0 {
        line.push_str(&format!(", {skipped} skipped"));
    }
    (line, failed == 0 && sum.passed > 0)
}

fn counts(tally: &Tally) -> String {
    format!("passed {}, failed {}, not run {}", tally.passed, tally.failed, tally.not_run.len())
}

fn clock(span: Duration) -> String {
    format!("{}:{:02}", span.as_secs() / 60, span.as_secs() % 60)
}

#[cfg(test)]
mod tests;
