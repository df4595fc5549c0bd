//! `enishi demo`

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use enishi_authority::SerialPlan;
use enishi_party::Language;
use enishi_sandbox::demo::{Afterwards, Colour, DemoOptions, Verdict, play};

/// Where `--serve` listens: the first of nine ports.
const SERVE_PORT_BASE: u16 = 14_980;
/// Some story came out otherwise.
const OTHERWISE: u8 = 1;
/// The sandbox could not be made.
const NOT_PLAYED: u8 = 2;

#[derive(Clone, Copy, ValueEnum)]
enum Serial {
    Random,
    Sequential,
}

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
    /// How the sandbox J-LIS numbers certificates: random (16 octets) or sequential, as J-LIS's look.
    #[arg(long, value_enum, default_value_t = Serial::Random)]
    serial: Serial,
    /// After the stories everything stays up, on fixed ports (from 14980 on unless --port-base says otherwise), and it
    /// is printed how to drive it by hand. Ctrl-C ends it.
    #[arg(long)]
    serve: bool,
    /// TEST BUILD: take this check out; the demo must then come out otherwise.
    #[cfg(feature = "broken-checks")]
    #[arg(long = "break", value_name = "CHECK", hide = true)]
    broken: Option<enishi_party::broken::Check>,
    /// TEST BUILD: name the checks that can be taken out, one a line, and end.
    #[cfg(feature = "broken-checks")]
    #[arg(long, hide = true)]
    list_checks: bool,
}

impl Demo {
    pub(crate) fn run(self) -> ExitCode {
        #[cfg(feature = "broken-checks")]
        if let Some(ended) = self.take_out() {
            return ended;
        }
        let colour = std::io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let options = DemoOptions {
            language: self.lang.unwrap_or_else(language_of_environment),
            port_base: self.port_base.or(self.serve.then_some(SERVE_PORT_BASE)),
            keep: self.keep,
            serials: match self.serial {
                Serial::Random => SerialPlan::Random,
                Serial::Sequential => SerialPlan::default(),
            },
            afterwards: if self.serve { Afterwards::Serve } else { Afterwards::Stop },
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

    /// What the options of a test build ask; an exit code where nothing is left to play.
    #[cfg(feature = "broken-checks")]
    fn take_out(&self) -> Option<ExitCode> {
        use enishi_party::broken::{Check, break_one};

        if self.list_checks {
            Check::ALL.iter().for_each(|check| println!("{check}"));
            return Some(ExitCode::SUCCESS);
        }
        let check = self.broken?;
        eprintln!("enishi demo: played without the check \"{check}\"");
        break_one(check).err().map(|error| failed(&error))
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
