//! Real readers, through PC/SC.
//!
//! A card is held alone and unpowered when it is let go. A command goes to the card once or not at all: the buffer for
//! answers is larger than any answer, and nothing here repeats a command. Each open reader has a thread that makes all
//! calls that can block; everybody else talks to it through a channel.

use std::ffi::CString;
use std::thread;
use std::time::Duration;

use ::pcsc::{Context, Error, PNP_NOTIFICATION, ReaderState, Scope, State};

use crate::error::CardError;

mod connection;
mod deadline;
mod fault;
mod reader;
mod worker;

pub use connection::{CardProtocol, PcscConnection};
pub use reader::PcscReader;

use deadline::Deadline;

/// How long a wait may go on without looking for what it could have missed.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// How long to wait for a service that is not there before it is asked for again.
const SERVICE_PAUSE: Duration = Duration::from_millis(100);

/// The readers that the PC/SC service knows; they come and go.
///
/// It keeps no link to the service, which may stop and start as it likes.
#[derive(Debug)]
#[non_exhaustive]
pub struct PcscReaders {}

impl PcscReaders {
    /// Makes sure that there is a service.
    ///
    /// # Errors
    /// [`CardError::NoService`] if there is none.
    pub fn new() -> Result<Self, CardError> {
        establish().map(|_| Self {}).map_err(fault::of_the_service)
    }

    /// The names of the readers that are there now, in the service's order.
    ///
    /// # Errors
    /// [`CardError::NoService`].
    pub fn names(&self) -> Result<Vec<String>, CardError> {
        establish().and_then(|context| names(&context)).map_err(fault::of_the_service)
    }

    /// Opens a reader that is there now. It may go and come back while it is open.
    ///
    /// # Errors
    /// [`CardError::NoReader`], [`CardError::NoService`].
    pub fn open(&self, name: &str) -> Result<PcscReader, CardError> {
        let unknown = || CardError::NoReader { name: name.to_owned() };
        if !self.names()?.iter().any(|known| known == name) {
            return Err(unknown());
        }
        let label = CString::new(name).map_err(|_| unknown())?;
        Ok(PcscReader::start(label, name.to_owned()))
    }

    /// Waits until the readers are others than the `known` ones; gives the same names if they stay so for as long.
    ///
    /// # Errors
    /// [`CardError::NoService`] if the service is away at the end; one that comes back before is no error.
    pub fn wait_for_change(&self, known: &[String], patience: Duration) -> Result<Vec<String>, CardError> {
        let deadline = Deadline::after(patience);
        loop {
            let seen = self.change_once(known, &deadline);
            match seen {
                Ok(names) if names != known || deadline.is_over() => return Ok(names),
                Ok(_) => {}
                Err(error) if deadline.is_over() || !fault::is_service(error) => {
                    return Err(fault::of_the_service(error));
                }
                Err(_) => thread::sleep(deadline.left().min(SERVICE_PAUSE)),
            }
        }
    }

    /// One look, and one wait if nothing has changed.
    fn change_once(&self, known: &[String], deadline: &Deadline) -> Result<Vec<String>, Error> {
        let context = establish()?;
        let now = names(&context)?;
        let left = deadline.left().min(LONGEST_WAIT);
        if now != known || left.is_zero() {
            return Ok(now);
        }
        let mut notice = [ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
        match context.get_status_change(left, &mut notice) {
            Ok(()) | Err(Error::Timeout) => names(&context),
            Err(error) => Err(error),
        }
    }
}

fn establish() -> Result<Context, Error> {
    Context::establish(Scope::System)
}

fn names(context: &Context) -> Result<Vec<String>, Error> {
    let names = context.list_readers_owned()?;
    Ok(names.iter().map(|name| name.to_string_lossy().into_owned()).collect())
}
