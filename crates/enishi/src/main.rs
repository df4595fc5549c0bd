//! The `enishi` program: one file per subcommand.

mod command;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "enishi", version, about = "縁 (Enishi): one My Number Card for payment, on JPKI")]
struct Arguments {
    #[command(subcommand)]
    command: command::Command,
}

fn main() -> ExitCode {
    Arguments::parse().command.run()
}
