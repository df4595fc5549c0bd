//! The messages of one link that wait for an answer, by match key.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use enishi_iso8583::{MatchKey, Message};
use tokio::sync::oneshot;

use crate::{ExchangeError, NotSent};

pub(crate) type Outcome = Result<Message, ExchangeError>;

/// How far a message has come. What is `Leaving` may have been received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Queued,
    Leaving,
}

/// One message under way; the number tells it from a later one with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) key: MatchKey,
    number: u64,
}

pub(crate) struct InFlight {
    limit: usize,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    waiting: HashMap<MatchKey, Waiting>,
    claims: u64,
    closed: bool,
}

struct Waiting {
    number: u64,
    stage: Stage,
    answer: oneshot::Sender<Outcome>,
}

impl InFlight {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, table: Mutex::default() }
    }

    /// Takes a place for a message that is about to be queued.
    pub(crate) fn register(&self, key: MatchKey) -> Result<(Claim, oneshot::Receiver<Outcome>), NotSent> {
        let mut table = self.table();
        if table.closed {
            return Err(NotSent::ConnectionLost);
        }
        if table.waiting.len() >= self.limit {
            return Err(NotSent::Busy(self.limit));
        }
        let number = table.claims;
        match table.waiting.entry(key) {
            Entry::Occupied(_) => Err(NotSent::DuplicateKey),
            Entry::Vacant(place) => {
                let (answer, receiver) = oneshot::channel();
                place.insert(Waiting { number, stage: Stage::Queued, answer });
                table.claims += 1;
                Ok((Claim { key, number }, receiver))
            }
        }
    }

    /// Says that the first byte is about to be written; `false` if nobody waits any more, and then it must not be.
    pub(crate) fn leave(&self, claim: &Claim) -> bool {
        match self.table().waiting.get_mut(&claim.key) {
            Some(waiting) if waiting.number == claim.number => {
                waiting.stage = Stage::Leaving;
                true
            }
            _ => false,
        }
    }

    /// Gives a place back without an answer and says how far the message had come; `None` if it had ended already.
    pub(crate) fn withdraw(&self, claim: &Claim) -> Option<Stage> {
        match self.table().waiting.entry(claim.key) {
            Entry::Occupied(place) if place.get().number == claim.number => Some(place.remove().stage),
            _ => None,
        }
    }

    /// Hands an answer to whoever waits for it; gives it back if nobody does.
    pub(crate) fn answer(&self, key: &MatchKey, message: Message) -> Result<(), Message> {
        let mut table = self.table();
        match table.waiting.entry(*key) {
            // An answer to what has not left yet answers something else.
            Entry::Occupied(place) if place.get().stage == Stage::Leaving => {
                match place.remove().answer.send(Ok(message)) {
                    // Whoever waited was dropped at this very moment: the answer is late.
                    Err(Ok(message)) => Err(message),
                    Ok(()) | Err(Err(_)) => Ok(()),
                }
            }
            _ => Err(message),
        }
    }

    /// Ends the link: all who wait hear what is known of their message, and nobody can wait any more.
    pub(crate) fn close(&self) {
        let waiting = {
            let mut table = self.table();
            table.closed = true;
            std::mem::take(&mut table.waiting)
        };
        for waiting in waiting.into_values() {
            let error = match waiting.stage {
                Stage::Queued => ExchangeError::NotSent(NotSent::ConnectionLost),
                Stage::Leaving => ExchangeError::Unanswered,
            };
            // Whoever has gone meanwhile needs no outcome.
            let _gone = waiting.answer.send(Err(error));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.table().waiting.is_empty()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
