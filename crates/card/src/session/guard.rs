//! A transport that holds a hostile or broken card to the bounds of the protocol.

use myna_card::{Error, Transmit};

/// The longest short answer: 256 bytes and a status word (ISO/IEC 7816-3 §12.1).
const MAX_ANSWER_LEN: usize = 258;

/// Commands in one operation: a certificate of 4,096 bytes is read in 16, twice in the longest operation, and the
/// crate below may repeat a command once with another Le. A card that needs more is leading us on.
const MAX_COMMANDS: u32 = 96;

/// Forwards commands while the card keeps within bounds.
#[derive(Debug)]
pub(super) struct Guarded<T> {
    inner: T,
    commands_left: u32,
    broken: Option<Break>,
}

/// Why an operation ended at the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    /// No reader or no card.
    NoCard,
    /// The link failed, or the answer had no status word.
    Link,
    /// The answer was longer than any card's, or there were too many commands.
    Bounds,
}

impl<T> Guarded<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, commands_left: MAX_COMMANDS, broken: None }
    }

    /// Begins an operation with a full allowance.
    pub(super) fn begin(&mut self) {
        self.commands_left = MAX_COMMANDS;
        self.broken = None;
    }

    /// What ended the operation here, if anything did.
    pub(super) fn broken(&self) -> Option<Break> {
        self.broken
    }
}

impl<T: Transmit> Transmit for Guarded<T> {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        // Nothing more goes over a link that failed in this operation.
        if self.broken.is_some() {
            return Err(Error::ShortResponse(0));
        }
        let Some(left) = self.commands_left.checked_sub(1) else {
            self.broken = Some(Break::Bounds);
            return Err(Error::Malformed("too many commands".to_owned()));
        };
        self.commands_left = left;
        match self.inner.transmit(command) {
            Ok(answer) if answer.len() > MAX_ANSWER_LEN => {
                self.broken = Some(Break::Bounds);
                Err(Error::Malformed("answer too long".to_owned()))
            }
            Ok(answer) if answer.len() < 2 => {
                self.broken = Some(Break::Link);
                Err(Error::ShortResponse(answer.len()))
            }
            Ok(answer) => Ok(answer),
            Err(error) => {
                self.broken = Some(match error {
                    Error::NoReader | Error::ReaderNotFound(_) => Break::NoCard,
                    _ => Break::Link,
                });
                Err(error)
            }
        }
    }
}
