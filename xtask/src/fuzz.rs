//! `cargo xtask fuzz`: the targets of `fuzz/` under libFuzzer, on the stable compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::command::{self, Channel};
use crate::error::TaskError;
use crate::suite::Tally;
use crate::workspace::Workspace;

/// What `cargo xtask fuzz` is asked.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Targets; all of them if none is named
    targets: Vec<String>,
    /// Seconds for each target
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// Write the seeds of the corpora anew, and end
    #[arg(long)]
    seeds: bool,
    /// Name the targets and end
    #[arg(long)]
    list: bool,
}

/// rustc's own sanitizer-coverage pass, which needs no nightly compiler; libFuzzer reads its counters.
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing";
/// The variable by which the one binary knows its target.
const TARGET: &str = "ENISHI_FUZZ_TARGET";
/// libFuzzer's code for an input that took too long is another than for a crash; both are findings.
const ONE_INPUT_SECONDS: u64 = 10;
const MEMORY_MIB: u64 = 2048;

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode, TaskError> {
    if arguments.seeds {
        let mut command = workspace.locked("run");
        command.args(["-p", "enishi-fuzz", "--bin", "seeds"]);
        command::must(command)?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.list {
        targets(workspace)?.iter().for_each(|target| println!("{target}"));
        return Ok(ExitCode::SUCCESS);
    }
    let tally = fuzz(workspace, &arguments.targets, arguments.seconds)?;
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds once, then runs each target for so many seconds.
pub(crate) fn fuzz(workspace: &Workspace, chosen: &[String], seconds: u64) -> Result<Tally, TaskError> {
    let known = targets(workspace)?;
    if let Some(name) = chosen.iter().find(|name| !known.contains(name)) {
        return Err(TaskError::Unknown { kind: "target", name: name.clone(), known: known.join(", ") });
    }
    let binary = build(workspace)?;
    let mut tally = Tally::default();
    for target in known.iter().filter(|name| chosen.is_empty() || chosen.contains(name)) {
        let report = run_target(workspace, &binary, target, seconds)?;
        println!("{}", report.line(target));
        report.finding.iter().for_each(|finding| println!("       {finding}"));
        tally.add(Tally::one(report.is_good()));
    }
    Ok(tally)
}

/// The folders of the corpora; a test of `fuzz/` holds them against the targets.
fn targets(workspace: &Workspace) -> Result<Vec<String>, TaskError> {
    let folder = workspace.root().join("fuzz").join("corpus");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(TaskError::file(&folder))? {
        names.push(entry.map_err(TaskError::file(&folder))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn build(workspace: &Workspace) -> Result<PathBuf, TaskError> {
    let host = host()?;
    let folder = workspace.target().join("fuzz");
    let mut command = workspace.locked("build");
    command.args(["--release", "-p", "enishi-fuzz", "--features", "libfuzzer", "--bin", "guided"]);
    // A target triple keeps the coverage flags away from build scripts and macros.
    command.args(["--target", &host, "--target-dir"]).arg(&folder);
    for setting in
        ["lto=false", "debug-assertions=true", "overflow-checks=true", "debug=\"line-tables-only\""]
    {
        command.args(["--config", &format!("profile.release.{setting}")]);
    }
    command.env("RUSTFLAGS", COVERAGE);
    command::must(command)?;
    Ok(folder.join(host).join("release").join("guided"))
}

/// The compiler's own triple.
fn host() -> Result<String, TaskError> {
    let mut rustc = Command::new("rustc");
    rustc.arg("-vV");
    let version = command::read(rustc)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| TaskError::form("rustc -vV", "no host"))
}

fn run_target(workspace: &Workspace, binary: &Path, target: &str, seconds: u64) -> Result<Report, TaskError> {
    let kept = workspace.kept().join("fuzz");
    let grown = kept.join("corpus").join(target);
    let findings = kept.join("findings");
    let passing = kept.join("passing");
    if passing.exists() {
        fs::remove_dir_all(&passing).map_err(TaskError::file(&passing))?;
    }
    for folder in [&grown, &findings, &passing] {
        fs::create_dir_all(folder).map_err(TaskError::file(folder))?;
    }
    let mut command = Command::new(binary);
    // libFuzzer ends the process at once, so that nothing is left to clean up after itself.
    command.env(TARGET, target).env("TMPDIR", &passing);
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-timeout={ONE_INPUT_SECONDS}"));
    command.arg(format!("-rss_limit_mb={MEMORY_MIB}"));
    command.arg(format!("-artifact_prefix={}/{target}-", findings.display()));
    command.arg("-print_final_stats=1");
    // What is new goes to the first folder; the repository's seeds are only read.
    command.arg(&grown).arg(workspace.root().join("fuzz").join("corpus").join(target));
    let mut report = Report::default();
    let log = workspace.kept().join("logs").join(format!("fuzz-{target}.log"));
    let status = command::follow(command, Channel::Error, &log, |line| report.read(line))?;
    report.succeeded = status.success();
    Ok(report)
}

/// What libFuzzer said.
#[derive(Debug, Default)]
struct Report {
    counters: u64,
    runs: u64,
    covered: u64,
    finding: Vec<String>,
    succeeded: bool,
}

impl Report {
    fn read(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("INFO: Loaded ") {
            // INFO: Loaded 1 modules   (7217 inline 8-bit counters): 7217 [0x…, 0x…),
            let count = rest.split_once('(').and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
            self.counters = self.counters.max(count.filter(|_| rest.contains("counters")).unwrap_or(0));
        } else if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            self.runs = count.trim().parse().unwrap_or(0);
        } else if let Some((_, rest)) = line.split_once(" cov: ") {
            self.covered = rest.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(self.covered);
        }
        let told = ["panicked at", "ERROR: libFuzzer", "Test unit written to", "SUMMARY:"];
        if told.iter().any(|part| line.contains(part)) {
            self.finding.push(line.to_owned());
        }
    }

    /// A run that was not guided, or did nothing, found nothing because it did not look.
    const fn is_good(&self) -> bool {
        self.succeeded && self.counters > 0 && self.covered > 0 && self.runs > 0
    }

    fn line(&self, target: &str) -> String {
        let word = if self.is_good() { "ok    " } else { "FAILED" };
        let Self { counters, runs, covered, .. } = self;
        format!("{word} {target:16} {runs:>9} inputs, {covered:>5} of {counters} places reached")
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    fn read(lines: &[&str], succeeded: bool) -> Report {
        let mut report = Report { succeeded, ..Report::default() };
        lines.iter().for_each(|line| report.read(line));
        report
    }

    const GUIDED: &[&str] = &[
        "INFO: Loaded 1 modules   (7217 inline 8-bit counters): 7217 [0x5, 0x6), ",
        "INFO: Loaded 1 PC tables (7217 PCs): 7217 [0x5,0x6), ",
        "#4\tINITED cov: 31 ft: 40 corp: 3/45b exec/s: 0 rss: 40Mb",
        "#9\tDONE   cov: 52 ft: 90 corp: 3/45b lim: 4 exec/s: 0 rss: 40Mb",
        "stat::number_of_executed_units: 9",
    ];

    #[test]
    fn counts_are_read() {
        let report = read(GUIDED, true);
        assert_eq!((report.counters, report.covered, report.runs), (7217, 52, 9));
        assert!(report.is_good());
    }

    #[test]
    fn a_crash_is_told_with_its_place_and_file() {
        let mut lines = GUIDED.to_vec();
        lines.extend([
            "thread '<unnamed>' panicked at crates/a/src/b.rs:1:2:",
            "Test unit written to ./crash-1",
        ]);
        let report = read(&lines, false);
        assert_eq!(report.finding.len(), 2);
        assert!(!report.is_good());
    }

    #[test]
    fn a_run_that_was_not_guided_is_not_good() {
        assert!(!read(GUIDED.get(1..).unwrap(), true).is_good());
        assert!(!read(&[], true).is_good());
    }
}
