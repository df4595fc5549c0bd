//! The demonstration: it must succeed in both languages, and must fail with any one of its checks taken out.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use super::{Session, Tally};
use crate::command::{self, Channel};
use crate::error::TaskError;
use crate::workspace::Workspace;

/// The crate of the binary.
const CRATE: &str = "enishi";
/// The feature that lets checks be taken out; never in a build that ships.
const BROKEN: &str = "broken-checks";
/// `enishi demo --list-checks` prints one name a line; `enishi demo --break NAME` takes that one out.
const LIST: &str = "--list-checks";
const TAKE_OUT: &str = "--break";
/// The demonstration's own verdict that something came out otherwise; it has another code for not having been played.
const OTHERWISE: i32 = 1;
/// How much of a failed demonstration is repeated; the log has all of it.
const LINES_SHOWN: usize = 60;

pub(crate) fn exists(workspace: &Workspace) -> bool {
    workspace.has_crate(CRATE)
}

pub(crate) fn can_be_broken(workspace: &Workspace) -> bool {
    let manifest = workspace.root().join("crates").join(CRATE).join("Cargo.toml");
    fs::read_to_string(manifest).is_ok_and(|text| text.lines().any(|line| line.starts_with(BROKEN)))
}

/// In both languages, as shipped.
pub(crate) fn run(session: &Session<'_>) -> Result<Tally, TaskError> {
    let binary = build(session.workspace)?;
    let mut tally = Tally::default();
    for language in ["en", "ja"] {
        let name = format!("demo-{language}");
        let played = demo(session, &binary, &name, &["--lang", language])?;
        tally.add(played.judge(&name, played.status.success()));
    }
    Ok(tally)
}

/// Once for each check, without it: a demonstration that still succeeds had not looked.
pub(crate) fn broken(session: &Session<'_>) -> Result<Tally, TaskError> {
    let binary = build_broken(session.workspace)?;
    let mut list = Command::new(&binary);
    list.args(["demo", LIST]).current_dir(session.workspace.root());
    let checks = command::read(list)?;
    let mut tally = Tally::default();
    for check in checks.lines().map(str::trim).filter(|check| !check.is_empty()) {
        let name = format!("demo-without-{check}");
        let played = demo(session, &binary, &name, &["--lang", "en", TAKE_OUT, check])?;
        // A panic, a signal or a sandbox that could not be made is no verdict.
        tally.add(played.judge(&name, played.status.code() == Some(OTHERWISE)));
    }
    if tally.passed == 0 && tally.failed == 0 {
        println!("demo {LIST} named no check");
        tally.failed = 1;
    }
    Ok(tally)
}

fn build(workspace: &Workspace) -> Result<PathBuf, TaskError> {
    let mut command = workspace.locked("build");
    command.args(["--release", "-p", CRATE]);
    command::must(command)?;
    Ok(workspace.target().join("release").join(CRATE))
}

/// Unoptimised, since the libraries stand so from the tests, and the demonstration mostly waits. The program is kept under a
/// name of its own, and the one without the feature put back where a person would run it.
fn build_broken(workspace: &Workspace) -> Result<PathBuf, TaskError> {
    let build = |more: &[&str]| {
        let mut command = workspace.locked("build");
        command.args(["-p", CRATE]).args(more);
        command::must(command)
    };
    let kept = workspace.kept().join("enishi-broken");
    build(&["--features", BROKEN])?;
    fs::create_dir_all(workspace.kept()).map_err(TaskError::file(&workspace.kept()))?;
    fs::copy(workspace.target().join("debug").join(CRATE), &kept).map_err(TaskError::file(&kept))?;
    build(&[])?;
    Ok(kept)
}

/// A demonstration that has ended.
struct Played {
    status: ExitStatus,
    last_lines: VecDeque<String>,
}

fn demo(session: &Session<'_>, binary: &Path, name: &str, arguments: &[&str]) -> Result<Played, TaskError> {
    let mut command = Command::new(binary);
    command.arg("demo").args(arguments).current_dir(session.workspace.root());
    let mut last_lines = VecDeque::new();
    let status = command::follow(command, Channel::Output, &session.log(name), |line| {
        last_lines.push_back(line.to_owned());
        if last_lines.len() > LINES_SHOWN {
            last_lines.pop_front();
        }
    })?;
    Ok(Played { status, last_lines })
}

impl Played {
    fn judge(&self, name: &str, passed: bool) -> Tally {
        println!("{} {name} ({})", if passed { "ok    " } else { "FAILED" }, self.status);
        if !passed {
            self.last_lines.iter().for_each(|line| println!("       {line}"));
        }
        Tally::one(passed)
    }
}
