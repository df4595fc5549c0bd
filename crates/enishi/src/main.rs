//! The `enishi` program: one file per subcommand.

mod command;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

const HELP: &str = "\
First steps:
  enishi demo                             plays a day at the shops, and leaves nothing behind
  enishi keys init sandbox town    makes a small world, and says how to start it

Exit codes, the same for every command:
  0  done
  1  refused, declined, or otherwise than expected: a person must decide
  2  wrong use: arguments or configuration
  3  the surroundings failed: a file, a socket, a reader, the other party
  4  unknown: the payment is not completed; run `enishi terminal resume`";

#[derive(Parser)]
#[command(name = "enishi", version, about = "縁 (Enishi): one My Number Card for payment, on JPKI", after_help = HELP)]
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
