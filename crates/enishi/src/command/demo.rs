//! `enishi demo`

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use enishi_party::Language;
use enishi_sandbox::demo::{Colour, DemoOptions, Verdict, play};

/// Some story came out otherwise.
const OTHERWISE: u8 = 1;
/// The sandbox could not be made.
const NOT_PLAYED: u8 = 2;

#[derive(Args)]
pub(crate) struct Demo {
    /// Language of the stories: ja or en. Otherwise `LC_ALL`, `LC_MESSAGES` and `LANG` decide, then en.
    #[arg(long)]
    lang: Option<Language>,
    /// Keep everything in this folder, which must be empty or new, instead of a temporary one.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Use fixed ports from this one on, instead of ports that the kernel chooses.
    #[arg(long, value_name = "PORT")]
    port_base: Option<u16>,
}

impl Demo {
    pub(crate) fn run(self) -> ExitCode {
        let colour = std::io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let options = DemoOptions {
            language: self.lang.unwrap_or_else(language_of_environment),
            port_base: self.port_base,
            keep: self.keep,
            colour: if colour { Colour::Allowed } else { Colour::Plain },
        };
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return failed(&error),
        };
        match runtime.block_on(play(&options, &mut std::io::stdout())) {
            Ok(Verdict::AsExpected) => ExitCode::SUCCESS,
            Ok(Verdict::Otherwise) => ExitCode::from(OTHERWISE),
            Err(error) => failed(&error),
        }
    }
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("enishi demo: {error}");
    ExitCode::from(NOT_PLAYED)
}

/// POSIX: LC_ALL before LC_MESSAGES before LANG; an empty one is not set.
fn language_of_environment() -> Language {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .and_then(|value| value.parse().ok())
        .unwrap_or(Language::En)
}
