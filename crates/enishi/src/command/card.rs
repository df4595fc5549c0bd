//! `enishi card`

pub(super) mod advice;
mod authenticate;
mod file;
pub(super) mod keypad;
mod read;
#[cfg(feature = "pcsc")]
mod readers;
pub(super) mod secret;
mod sign;
pub(super) mod source;
mod tries;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use enishi_card::Session;

use self::advice::failure;
use self::keypad::{Interrupt, Keypad};
use self::source::{CardLink, CardSource};
use super::exit::{Exit, Failure, ended};
use super::serve::runtime;

#[derive(Args)]
pub(crate) struct Card {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Lists the readers of this machine.
    #[command(after_help = READERS_HELP)]
    Readers,
    /// Asks how many tries the PIN and the password have left; costs none.
    #[command(after_help = tries::HELP)]
    Tries(tries::Tries),
    /// Reads the certificates and says what they are, without saying whose.
    #[command(after_help = read::HELP)]
    Read(read::Read),
    /// Makes a Web eID authentication token, for developers.
    #[command(after_help = authenticate::HELP)]
    Authenticate(authenticate::Authenticate),
    /// Signs a file with the signing key.
    #[command(after_help = sign::HELP)]
    Sign(sign::Sign),
}

const READERS_HELP: &str = "\
Needs a program built with PC/SC (cargo build -p enishi --features pcsc) and a running pcscd.

Exit codes:
  0  listed, one name a line; none is an empty list
  2  built without PC/SC
  3  the PC/SC service cannot be reached";

impl Card {
    pub(crate) fn run(self) -> ExitCode {
        match self.act {
            Act::Readers => ended("card readers", list_readers()),
            Act::Tries(order) => ended("card tries", with_keypad(|at| order.run(at))),
            Act::Read(order) => ended("card read", with_keypad(|at| order.run(at))),
            Act::Authenticate(order) => ended("card authenticate", with_keypad(|at| order.run(at))),
            Act::Sign(order) => ended("card sign", with_keypad(|at| order.run(at))),
        }
    }
}

#[cfg(not(feature = "pcsc"))]
fn list_readers() -> Result<Exit, Failure> {
    Err(Failure::wrong_use(source::WITHOUT_PCSC))
}

#[cfg(feature = "pcsc")]
fn list_readers() -> Result<Exit, Failure> {
    readers::list()
}

/// The person, and the way to stop.
struct Desk {
    keypad: Keypad,
    interrupt: Interrupt,
}

impl Desk {
    /// Waits for the card and selects the application in it.
    fn session(&self, source: &CardSource) -> Result<Session<CardLink>, Failure> {
        let reader = source.open()?;
        if let Some(name) = reader.to_tap() {
            tell(&format!("put the card on {name}"));
        }
        let link = reader.connect(&self.interrupt).map_err(|error| {
            if self.interrupt.is_heard() { Failure::refused("stopped") } else { failure(error) }
        })?;
        Session::open(link).map_err(failure)
    }
}

/// Runs a command with Ctrl-C watched: at a question it stops before the card is asked anything.
fn with_keypad(run: impl FnOnce(&Desk) -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    // Signals are heard by the runtime's own threads while this one waits for a person.
    let _entered = runtime.enter();
    let interrupt = Interrupt::watch().map_err(|error| Failure::surroundings(format!("signals: {error}")))?;
    run(&Desk { keypad: Keypad::new(interrupt.clone()), interrupt })
}

/// A line for the person, beside whatever stdout is for.
fn tell(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// What was asked for, on stdout.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{text}").map_err(|error| Failure::surroundings(format!("stdout: {error}")))
}
