//! `enishi reference`: docs/reference, from the program's own definitions.

mod cli;
mod configuration;
mod exit_codes;
mod refusals;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::exit::{Exit, Failure, ended};

/// The first line of each file.
const MADE: &str = "<!-- Made by `enishi reference docs/reference`; a test holds it to the program. -->\n\n";

#[derive(Args)]
pub(crate) struct Reference {
    /// Where the files are written; files of the same name are replaced.
    folder: PathBuf,
}

impl Reference {
    pub(crate) fn run(self) -> ExitCode {
        ended("reference", self.write())
    }

    fn write(&self) -> Result<Exit, Failure> {
        let files = [
            ("cli.md", cli::page()),
            ("configuration.md", configuration::page()?),
            ("exit-codes.md", exit_codes::page()),
            ("refusals.md", refusals::page()),
        ];
        for (name, text) in files {
            let path = self.folder.join(name);
            fs::write(&path, format!("{MADE}{text}"))
                .map_err(|error| Failure::surroundings(format!("{}: {error}", path.display())))?;
        }
        Ok(Exit::Done)
    }
}

/// Text in a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
