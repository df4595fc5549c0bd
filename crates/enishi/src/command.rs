//! The subcommands.

mod demo;
mod party;

use std::process::ExitCode;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Plays a day at the shops: every party on this machine, every story of slide 9.
    Demo(demo::Demo),
    /// Runs one party from its configuration file. Hidden until its options are settled; then it becomes public.
    #[command(hide = true)]
    Party(party::Party),
}

impl Command {
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Self::Demo(demo) => demo.run(),
            Self::Party(party) => party.run(),
        }
    }
}
