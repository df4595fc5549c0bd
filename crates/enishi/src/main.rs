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
    #[cfg(feature = "broken-checks")]
    eprintln!("enishi: TEST BUILD. Checks can be taken out of this program; it must not serve anybody.");
    Arguments::parse().command.run()
}
