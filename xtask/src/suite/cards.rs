//! Card readers: what needs the feature `pcsc`, behind a reader service that no other process sees.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use super::rust_tests::Report;
use super::{Session, Tally};
use crate::command::{self, Channel};
use crate::error::TaskError;
use crate::install;
use crate::workspace::Workspace;

/// The test targets, and the folder of the crate that each is in.
const TARGETS: [(&str, &str); 2] = [("pcsc", "card"), ("readers", "enishi")];
const PACKAGES: [&str; 6] = ["-p", "enishi-card", "-p", "enishi", "--features", "pcsc"];
/// Tells the tests that they are alone, and where to keep the reader service's logs and their figures.
const ALONE: &str = "ENISHI_READERS";
/// Our own program with the feature.
const PROGRAM: &str = "ENISHI_PROGRAM";
/// The third-party client, if it could be built.
const JPKI_CLI: &str = "ENISHI_JPKI_CLI";

/// Lines of the tests that go to the terminal, too.
const FIGURE: &str = "FIGURE: ";

pub(crate) fn exists(workspace: &Workspace) -> bool {
    TARGETS.iter().all(|(tests, folder)| {
        workspace.root().join("crates").join(folder).join("tests").join(tests).is_dir()
    })
}

pub(crate) fn run(session: &Session<'_>) -> Result<Tally, TaskError> {
    let kept = session.workspace.kept().join("readers");
    if kept.exists() {
        fs::remove_dir_all(&kept).map_err(TaskError::file(&kept))?;
    }
    fs::create_dir_all(&kept).map_err(TaskError::file(&kept))?;
    // The tests that want it say so where it is missing.
    let client =
        install::jpki_cli(session).inspect_err(|error| println!("jpki-cli is missing: {error}")).ok();
    let messages = build(session)?;
    let program = kept.join("enishi");
    let built = executable(&messages, "enishi", "bin").ok_or_else(|| nothing_built("enishi"))?;
    // Another build at the same time, without the feature, would put its own in the place.
    fs::copy(&built, &program).map_err(TaskError::file(&built))?;
    let mut tally = lints(session)?;
    for (tests, folder) in TARGETS {
        let binary = executable(&messages, tests, "test").ok_or_else(|| nothing_built(tests))?;
        let mut command = install::in_namespaces(&binary);
        // One after another, since they share the service's socket; where cargo would run them.
        command.args(["--test-threads=1", "--show-output"]);
        command
            .current_dir(session.workspace.root().join("crates").join(folder))
            .env(ALONE, &kept)
            .env(PROGRAM, &program);
        if let Some(client) = &client {
            command.env(JPKI_CLI, client);
        }
        let mut report = Report::default();
        let log = session.log(&format!("cards-{tests}"));
        let status = command::follow(command, Channel::Output, &log, |line| {
            if line.starts_with(FIGURE) {
                println!("{line}");
            }
            report.line(line);
        })?;
        tally.add(report.close(status.success()));
    }
    Ok(tally)
}

/// The suite of lints leaves the feature out, since it needs a library of the system.
fn lints(session: &Session<'_>) -> Result<Tally, TaskError> {
    let mut command = session.workspace.locked("clippy");
    command.args(PACKAGES).args(["--all-targets", "--", "-D", "warnings"]);
    Ok(Tally::one(command::show(command)?.success()))
}

/// Builds the tests, and gives what cargo says of that.
fn build(session: &Session<'_>) -> Result<String, TaskError> {
    let mut command = session.workspace.locked("test");
    command.args(PACKAGES).args(["--no-run", "--message-format=json-render-diagnostics"]);
    for (tests, _) in TARGETS {
        command.args(["--test", tests]);
    }
    command::read(command)
}

fn nothing_built(name: &str) -> TaskError {
    TaskError::form("what cargo built", format!("no {name}"))
}

/// What was built from a target of that name and kind, by cargo's messages, one JSON object a line.
fn executable(messages: &str, name: &str, kind: &str) -> Option<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
        target: Option<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        kind: Vec<String>,
    }
    messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok()).find_map(|message| {
        let target = message.target?;
        let wanted = target.name == name && target.kind.iter().any(|its| its == kind);
        message.executable.filter(|_| wanted)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::executable;

    #[test]
    fn the_test_binary_is_found_among_the_messages() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"enishi","kind":["bin"]},"executable":"/t/enishi"}
{"reason":"compiler-artifact","target":{"name":"readers","kind":["lib"]},"executable":null}
not json
{"reason":"compiler-artifact","target":{"name":"readers","kind":["test"]},"executable":"/t/readers-1"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages, "readers", "test").as_deref(), Some(Path::new("/t/readers-1")));
        assert_eq!(executable(r#"{"reason":"build-finished","success":true}"#, "readers", "test"), None);
    }
}
