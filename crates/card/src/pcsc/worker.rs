//! The thread of one reader: it alone makes the calls that block.

use std::ffi::CString;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use ::pcsc::{Card, Context, Disposition, Error, Protocol, Protocols, ReaderState, ShareMode, State};
use zeroize::Zeroizing;

use super::connection::CardProtocol;
use super::{establish, fault};

/// Longer than any answer, short or extended, so that no answer is lost for want of room.
const BUFFER_LEN: usize = ::pcsc::MAX_BUFFER_SIZE_EXTENDED;

/// What the thread is asked to do. None takes longer than a card's answer or [`LOOK`].
pub(super) enum Request {
    /// Tell how the reader is.
    Look { which: Look, reply: Sender<Result<Seen, Error>> },
    /// Power the card and hold it alone.
    Connect { reply: Sender<Result<Held, Error>> },
    /// Send one command over the link of that number.
    Transmit { number: u64, command: Zeroizing<Vec<u8>>, reply: Sender<Result<Vec<u8>, Error>> },
    /// Let go of the card and take its power.
    Release { number: u64, reply: Sender<()> },
}

/// When to tell.
#[derive(Clone, Copy)]
pub(super) enum Look {
    /// At once.
    Now,
    /// When something has changed, or after [`LOOK`].
    AtChange,
}

/// The longest that one look keeps others waiting.
pub(super) const LOOK: Duration = Duration::from_millis(250);

/// How a reader is.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) state: State,
    /// Goes up with each card that comes or goes.
    pub(super) count: u32,
}

/// A card that is held.
pub(super) struct Held {
    pub(super) number: u64,
    pub(super) protocol: CardProtocol,
}

pub(super) struct Worker {
    name: CString,
    service: Option<Service>,
    /// Which link is or was the last one.
    number: u64,
    buffer: Zeroizing<Vec<u8>>,
}

/// What is lost together when the service goes. The card comes first, to be dropped first.
struct Service {
    card: Option<Card>,
    context: Context,
    reader: ReaderState,
}

impl Worker {
    pub(super) fn new(name: CString) -> Self {
        Self { name, service: None, number: 0, buffer: Zeroizing::new(vec![0; BUFFER_LEN]) }
    }

    /// Works until nobody can ask any more.
    pub(super) fn run(mut self, requests: &Receiver<Request>) {
        for request in requests {
            match request {
                Request::Look { which, reply } => {
                    let seen = self.with_service(|service| service.look(which));
                    let _ = reply.send(seen);
                }
                Request::Connect { reply } => {
                    let held = self.connect();
                    // Who has gone meanwhile will not let go of the card.
                    if reply.send(held).is_err() {
                        self.release(self.number);
                    }
                }
                Request::Transmit { number, command, reply } => {
                    let answer = self.transmit(number, &command);
                    let broken = answer.is_err();
                    if reply.send(answer).is_err() || broken {
                        self.release(number);
                    }
                }
                Request::Release { number, reply } => {
                    self.release(number);
                    let _ = reply.send(());
                }
            }
        }
        self.release(self.number);
    }

    /// Runs with a link to the service; one that turns out to be dead is replaced once.
    ///
    /// No command to a card runs in here.
    fn with_service<R>(&mut self, run: impl Fn(&mut Service) -> Result<R, Error>) -> Result<R, Error> {
        if let Some(service) = &mut self.service {
            match run(service) {
                Err(error) if fault::is_service(error) => self.service = None,
                outcome => return outcome,
            }
        }
        let service = self.service.insert(Service::new(&self.name)?);
        run(service)
    }

    fn connect(&mut self) -> Result<Held, Error> {
        let name = self.name.clone();
        let protocol = self.with_service(|service| service.connect(&name))?;
        self.number += 1;
        Ok(Held { number: self.number, protocol })
    }

    fn transmit(&mut self, number: u64, command: &[u8]) -> Result<Vec<u8>, Error> {
        let card = match &self.service {
            Some(Service { card: Some(card), .. }) if number == self.number => card,
            _ => return Err(Error::RemovedCard),
        };
        card.transmit(command, &mut self.buffer).map(<[u8]>::to_vec)
    }

    fn release(&mut self, number: u64) {
        if number == self.number
            && let Some(service) = &mut self.service
        {
            service.release();
        }
    }
}

impl Service {
    fn new(name: &CString) -> Result<Self, Error> {
        let context = establish()?;
        Ok(Self { card: None, context, reader: ReaderState::new(name.clone(), State::UNAWARE) })
    }

    fn look(&mut self, which: Look) -> Result<Seen, Error> {
        let patience = match which {
            Look::Now => Duration::ZERO,
            Look::AtChange => LOOK,
        };
        match self.context.get_status_change(patience, std::slice::from_mut(&mut self.reader)) {
            Ok(()) | Err(Error::Timeout) => {}
            Err(error) => return Err(error),
        }
        self.reader.sync_current_state();
        Ok(Seen { state: self.reader.event_state(), count: self.reader.event_count() })
    }

    fn connect(&mut self, name: &CString) -> Result<CardProtocol, Error> {
        // The earlier link of this very thread is another program as far as holding goes.
        if self.card.is_some() {
            return Err(Error::SharingViolation);
        }
        let card = self.context.connect(name, ShareMode::Exclusive, Protocols::T0 | Protocols::T1)?;
        let protocol = match card.status2_owned().map(|status| status.protocol2()) {
            Ok(Some(Protocol::T0)) => Ok(CardProtocol::T0),
            Ok(Some(Protocol::T1)) => Ok(CardProtocol::T1),
            Ok(Some(Protocol::RAW) | None) => Err(Error::ProtoMismatch),
            Err(error) => Err(error),
        };
        self.card = Some(card);
        protocol.inspect_err(|_| self.release())
    }

    /// Takes the card's power; where that fails, dropping the handle resets it at least.
    fn release(&mut self) {
        if let Some(card) = self.card.take() {
            let _ = card.disconnect(Disposition::UnpowerCard);
        }
    }
}
