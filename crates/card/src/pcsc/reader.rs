//! One reader: waiting for its card, and holding it.

use std::ffi::CString;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use ::pcsc::{Error, State};

use super::connection::PcscConnection;
use super::deadline::Deadline;
use super::fault;
use super::worker::{LOOK, Look, Request, Seen, Worker};
use crate::error::CardError;

/// A real reader, open; clones are the same reader.
///
/// Its thread ends with the last clone and the last connection.
#[derive(Clone, Debug)]
pub struct PcscReader {
    name: String,
    requests: Sender<Request>,
}

impl PcscReader {
    /// How long [`PcscReader::connect`] waits for another program to let go of the card.
    pub const HELD_PATIENCE: Duration = Duration::from_secs(5);

    /// Starts the reader's thread.
    pub(super) fn start(label: CString, name: String) -> Self {
        let (requests, inbox) = mpsc::channel();
        thread::spawn(move || Worker::new(label).run(&inbox));
        Self { name, requests }
    }

    /// The reader's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until there is a card, through readers and services that go and come back.
    ///
    /// # Errors
    /// When patience ends: [`CardError::NoCard`], [`CardError::CardMute`] if there is one that does not answer,
    /// [`CardError::NoReader`], [`CardError::NoService`]. At once: [`CardError::AccessDenied`], [`CardError::Pcsc`].
    pub fn wait_for_card(&self, patience: Duration) -> Result<(), CardError> {
        self.wait(patience, |seen| {
            if seen.state.contains(State::MUTE) {
                Err(CardError::CardMute)
            } else if seen.state.contains(State::PRESENT) {
                Ok(())
            } else {
                Err(CardError::NoCard)
            }
        })
    }

    /// Waits until the card that is there now has been taken out, even if another one took its place at once.
    ///
    /// A reader that was unplugged took its card along.
    ///
    /// # Errors
    /// When patience ends: [`CardError::CardRemains`], [`CardError::NoService`]. At once: [`CardError::AccessDenied`],
    /// [`CardError::Pcsc`].
    pub fn wait_for_removal(&self, patience: Duration) -> Result<(), CardError> {
        let mut first = None;
        let waited = self.wait(patience, |seen| {
            let count = *first.get_or_insert(seen.count);
            if seen.state.contains(State::PRESENT) && seen.count == count {
                Err(CardError::CardRemains)
            } else {
                Ok(())
            }
        });
        match waited {
            Err(CardError::NoReader { .. }) => Ok(()),
            waited => waited,
        }
    }

    /// Powers the card and holds it alone; waits for a while if another program has it.
    ///
    /// # Errors
    /// [`CardError::NoCard`], [`CardError::CardMute`], [`CardError::CardHeld`] after [`PcscReader::HELD_PATIENCE`] and
    /// also while an earlier connection of this reader lives, [`CardError::NoReader`], [`CardError::NoService`].
    pub fn connect(&self) -> Result<PcscConnection, CardError> {
        self.connect_within(Self::HELD_PATIENCE)
    }

    /// As [`PcscReader::connect`] with another patience; none at all asks once.
    ///
    /// # Errors
    /// As [`PcscReader::connect`].
    pub fn connect_within(&self, patience: Duration) -> Result<PcscConnection, CardError> {
        let deadline = Deadline::after(patience);
        loop {
            match self.ask(|reply| Request::Connect { reply }) {
                Ok(held) => {
                    return Ok(PcscConnection::new(self.requests.clone(), held.number, held.protocol));
                }
                Err(Error::SharingViolation) if !deadline.is_over() => {
                    // Others may take turns: OpenSC holds and lets go several times in one run.
                    thread::sleep(deadline.left().min(HELD_PAUSE));
                }
                Err(error) => return Err(fault::of_the_reader(error, &self.name)),
            }
        }
    }

    /// Looks until something is so.
    fn wait(
        &self,
        patience: Duration,
        mut is_so: impl FnMut(Seen) -> Result<(), CardError>,
    ) -> Result<(), CardError> {
        let deadline = Deadline::after(patience);
        let mut which = Look::Now;
        loop {
            let seen = self.ask(|reply| Request::Look { which, reply });
            which = Look::AtChange;
            let outcome = match seen {
                // As the service says it of a reader that went while it looked.
                Ok(seen) if seen.state.intersects(State::UNKNOWN | State::UNAVAILABLE) => {
                    Err(self.missing(Error::UnknownReader, &deadline))
                }
                Ok(seen) => is_so(seen),
                Err(error) if fault::is_reader(error) || fault::is_service(error) => {
                    Err(self.missing(error, &deadline))
                }
                Err(error) => return Err(fault::of_the_reader(error, &self.name)),
            };
            match outcome {
                Err(_) if !deadline.is_over() => {}
                outcome => return outcome,
            }
        }
    }

    /// Lets time pass where there is nothing that would tell of a change.
    fn missing(&self, error: Error, deadline: &Deadline) -> CardError {
        thread::sleep(deadline.left().min(LOOK));
        fault::of_the_reader(error, &self.name)
    }

    /// Asks the reader's thread.
    fn ask<R>(&self, request: impl FnOnce(Sender<Result<R, Error>>) -> Request) -> Result<R, Error> {
        let (reply, answer) = mpsc::channel();
        // The thread ends before its askers only if the library below gave up on itself.
        self.requests.send(request(reply)).map_err(|_| Error::InternalError)?;
        answer.recv().map_err(|_| Error::InternalError)?
    }
}

/// Between two tries to hold a card that another program has.
const HELD_PAUSE: Duration = Duration::from_millis(50);
