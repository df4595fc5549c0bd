//! `enishi sandbox-terminal`: a shop's terminal that the demo works from outside. Hidden: no person types to it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use enishi_sandbox::sandbox::serve_clerk;

use super::exit::{Exit, Failure, ended};
use super::serve::{Logging, runtime};

/// Opens a terminal and takes orders on standard input, one JSON object a line, until that ends.
#[derive(Args)]
pub(crate) struct SandboxTerminal {
    /// The terminal's configuration file, which must say `sandbox = true`.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Write what the terminal sends and receives to this file, decrypted.
    #[arg(long, value_name = "FILE")]
    sandbox_tap: Option<PathBuf>,
    #[command(flatten)]
    log: Logging,
}

impl SandboxTerminal {
    pub(crate) fn run(self) -> ExitCode {
        self.log.start();
        ended("sandbox-terminal", self.take_orders())
    }

    fn take_orders(&self) -> Result<Exit, Failure> {
        runtime()?.block_on(serve_clerk(&self.config, self.sandbox_tap.as_deref()))?;
        Ok(Exit::Done)
    }
}
