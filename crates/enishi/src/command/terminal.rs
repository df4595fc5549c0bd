//! `enishi terminal`

mod enrol;
mod pay;
mod person;
mod report;
mod screen;
mod settle;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use enishi_party::Language;
use enishi_sandbox::party::{ReaderEntry, TerminalFile, open_terminal};
use enishi_terminal::{Terminal as Till, TerminalError, TicketFault};
use enishi_transport::{SystemClock, SystemEntropy};

use self::screen::{Hops, Screen};
use super::card::keypad::Interrupt;
use super::card::source::{CardReader, CardSource};
use super::demo::language_of_environment;
use super::exit::{Exit, Failure, ended};
use super::serve::runtime;

#[derive(Args)]
pub(crate) struct Terminal {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Sells: shows amount and payee, asks for the card and its PIN, prints the receipt.
    #[command(after_help = pay::HELP)]
    Pay(pay::Pay),
    /// Registers a card with a company that has invited its customer.
    #[command(after_help = enrol::HELP)]
    Enrol(enrol::Enrol),
    /// Settles what a crash, Ctrl-C or a silent relay has left.
    #[command(after_help = settle::RESUME_HELP)]
    Resume(settle::Resume),
    /// Says what became of the last slip.
    #[command(after_help = settle::LAST_HELP)]
    Last(settle::Last),
}

/// What every command of a terminal takes.
#[derive(Args)]
struct Counter {
    /// The terminal's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Language of what people read: ja or en. Otherwise `LC_ALL`, `LC_MESSAGES` and `LANG` decide, then en.
    #[arg(long)]
    lang: Option<Language>,
    /// One JSON object on stdout; what people read goes to stderr.
    #[arg(long)]
    json: bool,
}

/// A terminal that is open, and whom it talks to.
struct Open {
    till: Till,
    file: TerminalFile,
    screen: Screen,
    interrupt: Interrupt,
}

impl Terminal {
    pub(crate) fn run(self) -> ExitCode {
        match self.act {
            Act::Pay(order) => ended("terminal pay", order.run()),
            Act::Enrol(order) => ended("terminal enrol", order.run()),
            Act::Resume(order) => ended("terminal resume", order.run()),
            Act::Last(order) => ended("terminal last", order.run()),
        }
    }
}

impl Counter {
    /// Opens the terminal's folder; Ctrl-C is watched from here on.
    fn open(&self) -> Result<Open, Failure> {
        let screen = Screen::new(self.lang.unwrap_or_else(language_of_environment), self.json);
        let file = TerminalFile::read(&self.config)?;
        let interrupt =
            Interrupt::watch().map_err(|error| Failure::surroundings(format!("signals: {error}")))?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let till = open_terminal(&self.config, screen.language(), clock, entropy, None)?;
        let till = till.with_watcher(Arc::new(Hops::new(&screen)));
        Ok(Open { till, file, screen, interrupt })
    }

    /// Runs on a runtime of its own: cards and people keep their thread waiting.
    fn run(&self, go: impl AsyncFnOnce(Open) -> Result<Exit, Failure>) -> Result<Exit, Failure> {
        runtime()?.block_on(async { go(self.open()?).await })
    }

    /// A failure of the terminal itself, and what to do.
    fn failure(&self, error: TerminalError) -> Failure {
        let resume = self.resume();
        match error {
            TerminalError::ResumeFirst(_) => Failure::new(
                Exit::Unknown,
                format!("an earlier purchase has no outcome yet; run `{resume}` first"),
            ),
            TerminalError::Folder { .. } | TerminalError::FolderFailed => Failure::new(
                Exit::Unknown,
                format!("{error}; hand over nothing, mend the disk, and run `{resume}`"),
            ),
            TerminalError::FolderInUse => Failure::surroundings(format!("{error}; one at a time")),
            TerminalError::Sale(_) => Failure::wrong_use(error),
            TerminalError::NoTicket(TicketFault::Refused(problem)) => Failure::refused(format!(
                "the relay gives this terminal no ticket ({}); {}",
                problem.code, problem.clerk_action.en
            )),
            TerminalError::NoTicket(_) => Failure::surroundings(format!(
                "{error}; is the relay running at the address in the configuration?"
            )),
            TerminalError::TermsAltered => Failure::refused(format!("{error}; tell the company")),
            other => Failure::surroundings(other),
        }
    }

    fn resume(&self) -> String {
        format!("enishi terminal resume --config {}", self.config.display())
    }
}

/// The card's place: what the command line names, otherwise what the configuration does.
fn card_reader(source: &CardSource, file: &TerminalFile, config: &Path) -> Result<CardReader, Failure> {
    match (source, &file.reader) {
        (CardSource { card: Some(_), .. }, _) if !file.sandbox => Err(Failure::wrong_use(
            "--card: a software card is for the sandbox alone; take a reader (--reader NAME)",
        )),
        (CardSource { card: None, reader: None }, ReaderEntry::Pcsc(pcsc)) => CardReader::named(&pcsc.name),
        (CardSource { card: None, reader: None }, ReaderEntry::Software) => Err(Failure::wrong_use(format!(
            "{} has software cards; name one with --card FILE, or a reader with --reader NAME",
            config.display()
        ))),
        (source, _) => source.open(),
    }
}
