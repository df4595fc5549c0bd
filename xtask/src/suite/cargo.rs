//! What cargo itself checks: format, lints, documentation.

use std::process::Command;

use super::{Session, Tally};
use crate::command;
use crate::error::TaskError;

pub(crate) fn format(session: &Session<'_>) -> Result<Tally, TaskError> {
    let mut command = session.workspace.cargo("fmt");
    command.args(["--all", "--", "--check"]);
    passes(command)
}

pub(crate) fn lints(session: &Session<'_>) -> Result<Tally, TaskError> {
    let mut command = session.workspace.locked("clippy");
    command.args(["--workspace", "--all-targets", "--", "-D", "warnings"]);
    passes(command)
}

pub(crate) fn documentation(session: &Session<'_>) -> Result<Tally, TaskError> {
    let mut command = session.workspace.locked("doc");
    command.args(["--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    passes(command)
}

fn passes(command: Command) -> Result<Tally, TaskError> {
    Ok(Tally::one(command::show(command)?.success()))
}
