//! `enishi man`

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Command};

use super::exit::{Exit, Failure, ended};

pub(crate) const HELP: &str = "\
One page for each command, as enishi.1, enishi-relay-serve.1; files of that name are replaced.

Example:
  enishi man /usr/local/share/man/man1
  man enishi-terminal-pay

Exit codes:
  0  written
  3  a file could not be written";

#[derive(Args)]
pub(crate) struct Man {
    /// Where; made where it is missing.
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(self) -> ExitCode {
        ended("man", self.write())
    }

    fn write(&self) -> Result<Exit, Failure> {
        let failed =
            |error: std::io::Error| Failure::surroundings(format!("{}: {error}", self.folder.display()));
        fs::create_dir_all(&self.folder).map_err(failed)?;
        clap_mangen::generate_to(crate::program(), &self.folder).map_err(failed)?;
        Ok(Exit::Done)
    }
}

/// Every command that is shown, with the name of its page.
pub(crate) fn pages(command: &Command, name: &str) -> Vec<(String, Command)> {
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help");
    let inner = inner.flat_map(|inner| pages(inner, &format!("{name}-{}", inner.get_name())));
    [(name.to_owned(), command.clone())].into_iter().chain(inner).collect()
}
