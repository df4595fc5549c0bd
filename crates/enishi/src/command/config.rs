//! `enishi config`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use enishi_sandbox::party::check;

use super::exit::{Exit, Failure, ended};

#[derive(Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Says everything that is wrong with a configuration file and the files that it names.
    #[command(after_help = CHECK_HELP)]
    Check(Check),
}

const CHECK_HELP: &str = "\
Recognises whose file it is, and loads what that party would load: identity, CA, keys and their modes, trust anchors, addresses,
contracts. It listens nowhere, calls nobody and writes nothing, so it may run beside the party.

Example:
  enishi config check town/relay/relay.toml

Exit codes:
  0  the party would start, if its sockets and its database let it
  2  something is wrong; every problem is on stderr, one a line";

#[derive(Args)]
struct Check {
    /// authority.toml, relay.toml, provider.toml or terminal.toml.
    file: PathBuf,
}

impl Config {
    pub(crate) fn run(self) -> ExitCode {
        let Act::Check(order) = self.act;
        ended("config check", order.run())
    }
}

impl Check {
    fn run(self) -> Result<Exit, Failure> {
        let checked = check(&self.file).map_err(Failure::wrong_use)?;
        let (file, party) = (self.file.display(), checked.of.name());
        if checked.problems.is_empty() {
            say!("{file}: a good configuration of the {party}");
            return Ok(Exit::Done);
        }
        for problem in &checked.problems {
            let problem = problem.to_string();
            // What a file's own text names first is not said twice.
            match problem.strip_prefix(&format!("{file}: ")) {
                Some(_) => eprintln!("{problem}"),
                None => eprintln!("{file}: {problem}"),
            }
        }
        let problems = match checked.problems.len() {
            1 => "1 problem".to_owned(),
            many => format!("{many} problems"),
        };
        Err(Failure::wrong_use(format!(
            "{file}: {problems} in the configuration of the {party}; mend what is named above"
        )))
    }
}
