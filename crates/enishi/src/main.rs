//! The `enishi` program: one file per subcommand.

mod command;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

#[derive(Parser)]
#[command(name = "enishi", version, about = "縁 (Enishi): one My Number Card for payment, on JPKI")]
struct Arguments {
    #[command(subcommand)]
    command: command::Command,
}

/// The program's own definition, for completions, pages and reference.
pub(crate) fn program() -> clap::Command {
    Arguments::command()
}

fn main() -> ExitCode {
    #[cfg(feature = "broken-checks")]
    eprintln!("enishi: TEST BUILD. Checks can be taken out of this program; it must not serve anybody.");
    Arguments::parse().command.run()
}
