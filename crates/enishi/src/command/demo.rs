//! `enishi demo`

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use enishi_authority::SerialPlan;
use enishi_party::Language;
use enishi_sandbox::demo::{Afterwards, Colour, DemoOptions, Interruption, PartiesPlace, Verdict, play};

use super::exit::{Exit, Failure, ended};
use super::serve::runtime;

/// Where `--serve` listens: the first of thirteen ports.
const SERVE_PORT_BASE: u16 = 14_980;
/// As a shell tells a program that SIGINT ended: 128 and the signal's number.
const INTERRUPTED: u8 = 130;
/// The same of SIGTERM.
const TERMINATED: u8 = 143;

pub(crate) const HELP: &str = "\
Whether the stories end or a signal ends them, no party is left running and no temporary folder is left behind. After a
SIGKILL, which no program hears, its processes still end by themselves, and the temporary folder stays.

Example:
  enishi demo --lang ja
  enishi demo --serve --keep demo-folder

Exit codes:
  0    every story came out as expected
  1    at least one came out otherwise
  2    wrong use: an option, or a folder to keep that is not empty
  3    the sandbox could not be made, or a party ended by itself
  130  ended by Ctrl-C (SIGINT) before the last story
  143  ended by SIGTERM before the last story";

#[derive(Clone, Copy, ValueEnum)]
enum Serial {
    Random,
    Sequential,
}

#[derive(Args)]
#[command(after_help = HELP)]
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
    /// Run every party as a process of its own (`enishi authority|relay|provider serve`, and a terminal for each shop),
    /// from the same folder. The stories are the same. With --keep, `logs` has what each wrote, and `taps` what each saw.
    #[arg(long)]
    processes: bool,
    /// TEST BUILD: take this check out; the demo must then come out otherwise.
    #[cfg(feature = "broken-checks")]
    #[arg(long = "break", value_name = "CHECK", hide = true, conflicts_with = "processes")]
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
        match self.play() {
            Ok(Verdict::Interrupted(by)) => {
                eprintln!(
                    "enishi demo: interrupted; every party is stopped, and a temporary folder is removed"
                );
                ExitCode::from(match by {
                    Interruption::Interrupt => INTERRUPTED,
                    Interruption::Terminate => TERMINATED,
                })
            }
            Ok(Verdict::AsExpected) => Exit::Done.into(),
            Ok(Verdict::Otherwise) => Exit::Refused.into(),
            Err(failure) => ended("demo", Err(failure)),
        }
    }

    fn play(self) -> Result<Verdict, Failure> {
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
            parties: if self.processes {
                let program = std::env::current_exe();
                PartiesPlace::Processes {
                    program: program.map_err(|error| {
                        Failure::surroundings(format!("this program's own file: {error}"))
                    })?,
                }
            } else {
                PartiesPlace::Here
            },
        };
        Ok(runtime()?.block_on(play(&options, &mut std::io::stdout()))?)
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
        break_one(check).err().map(|error| ended("demo", Err(Failure::wrong_use(error))))
    }
}

/// POSIX: LC_ALL before LC_MESSAGES before LANG; an empty one is not set.
pub(super) fn language_of_environment() -> Language {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .and_then(|value| value.parse().ok())
        .unwrap_or(Language::En)
}
