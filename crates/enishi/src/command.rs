//! The subcommands.

mod demo;

use std::process::ExitCode;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Plays a day at the shops: every party on this machine, every story of slide 9.
    Demo(demo::Demo),
}

impl Command {
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Self::Demo(demo) => demo.run(),
        }
    }
}
