//! The exclusive link to one card.

use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use myna_card::Transmit;
use zeroize::Zeroizing;

use super::fault;
use super::worker::Request;

/// How long a card may take for one answer; then it counts as moved. A signature takes about a second.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);

/// How long letting go of a card may take.
const RELEASE_PATIENCE: Duration = Duration::from_secs(5);

/// An exclusive link to a card in a real reader.
///
/// It breaks for good when the card is moved or the reader or the service goes. Dropping it takes the card's power and
/// returns when that is done.
#[derive(Debug)]
pub struct PcscConnection {
    requests: Sender<Request>,
    number: u64,
    protocol: CardProtocol,
    state: State,
}

/// How a reader and a card talk (ISO/IEC 7816-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardProtocol {
    /// Octets; a length that the command lacks is filled in, and an answer is fetched with a command of its own.
    T0,
    /// Blocks, in which a command arrives as it was sent. What every My Number Card seen announces.
    T1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    Broken,
}

impl PcscConnection {
    pub(super) fn new(requests: Sender<Request>, number: u64, protocol: CardProtocol) -> Self {
        Self { requests, number, protocol, state: State::Whole }
    }

    /// What card and reader agreed on.
    #[must_use]
    pub fn protocol(&self) -> CardProtocol {
        self.protocol
    }
}

impl Transmit for PcscConnection {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        // Whatever answers after a break may be another card.
        if self.state == State::Broken {
            return Err(myna_card::Error::ShortResponse(0));
        }
        let (reply, answer) = mpsc::channel();
        let command = Zeroizing::new(command.to_vec());
        let sent = self.requests.send(Request::Transmit { number: self.number, command, reply });
        let answer = match sent {
            Ok(()) => answer.recv_timeout(ANSWER_PATIENCE).ok(),
            Err(_) => None,
        };
        answer
            .unwrap_or(Ok(Vec::new()))
            .map_err(fault::of_the_link)
            .and_then(|answer| match answer.len() {
                0 => Err(myna_card::Error::ShortResponse(0)),
                _ => Ok(answer),
            })
            .inspect_err(|_| self.state = State::Broken)
    }
}

impl Drop for PcscConnection {
    fn drop(&mut self) {
        let (reply, done) = mpsc::channel();
        if self.requests.send(Request::Release { number: self.number, reply }).is_ok() {
            // A driver that hangs keeps its thread, not the caller.
            let _ = done.recv_timeout(RELEASE_PATIENCE);
        }
    }
}
