//! How a command ends: five codes, the same for every command.

use std::fmt;
use std::process::ExitCode;

use enishi_sandbox::party::{Blame, PartyError};
use enishi_sandbox::sandbox::SandboxError;

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The thing asked for was done.
    Done,
    /// It was refused or declined, or came out otherwise than expected: a person must decide.
    Refused,
    /// Arguments or configuration are wrong; clap ends with the same code.
    WrongUse,
    /// The surroundings failed: a file, a socket, a reader, the other party.
    Surroundings,
    /// Whether it was done is not known: the payment is not completed.
    Unknown,
}

impl Exit {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Done, Self::Refused, Self::WrongUse, Self::Surroundings, Self::Unknown];

    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::WrongUse => 2,
            Self::Surroundings => 3,
            Self::Unknown => 4,
        }
    }

    /// What it means, for the reference.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "The thing asked for was done.",
            Self::Refused => {
                "The thing asked for was refused or declined, or came out otherwise than expected. A person must \
                 decide; the same command would end the same way."
            }
            Self::WrongUse => {
                "Wrong use: the arguments, or the configuration with the files that it names. Nothing was begun."
            }
            Self::Surroundings => {
                "The surroundings failed: a file, a socket, a reader or the other party. Trying again may help."
            }
            Self::Unknown => {
                "Unknown: the request may have been received and no answer came. The payment is not completed and the \
                 goods stay; run `enishi terminal resume`."
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command did not do what it was asked; says what went wrong and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    text: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl fmt::Display) -> Self {
        Self { exit, text: text.to_string() }
    }

    /// The code that the command ends with.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// Somebody refused, or it came out otherwise.
    pub(crate) fn refused(text: impl fmt::Display) -> Self {
        Self::new(Exit::Refused, text)
    }

    /// Arguments or configuration.
    pub(crate) fn wrong_use(text: impl fmt::Display) -> Self {
        Self::new(Exit::WrongUse, text)
    }

    /// A file, a socket, a peer.
    pub(crate) fn surroundings(text: impl fmt::Display) -> Self {
        Self::new(Exit::Surroundings, text)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<PartyError> for Failure {
    fn from(error: PartyError) -> Self {
        let exit = match error.blame() {
            Blame::Configuration => Exit::WrongUse,
            Blame::Surroundings => Exit::Surroundings,
        };
        Self::new(exit, error)
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::Party(error) => error.into(),
            SandboxError::FolderNotEmpty(_) | SandboxError::FolderOpenToOthers(_) => Self::wrong_use(error),
            other => Self::surroundings(other),
        }
    }
}

/// Ends a command: the failure, if there is one, goes to stderr as `enishi COMMAND: what went wrong; what to do`.
pub(crate) fn ended(command: &str, outcome: Result<Exit, Failure>) -> ExitCode {
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            eprintln!("enishi {command}: {failure}");
            failure.exit.into()
        }
    }
}
