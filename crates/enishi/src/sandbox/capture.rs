//! What went through a party's sockets: every decrypted byte, kept for the run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use enishi_transport::{Direction, Tap};
use memchr::memmem;

use super::Needle;

/// Who holds a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// The shops' terminals.
    Terminal,
    /// The relay.
    Relay,
    /// Company A (代行).
    CompanyA,
    /// Company B (委託).
    CompanyB,
    /// The authority.
    Authority,
}

impl Party {
    /// All of them, in the order in which tables show them.
    pub const ALL: [Self; 5] = [Self::Terminal, Self::Relay, Self::CompanyA, Self::CompanyB, Self::Authority];
}

/// The bytes of one party, by the other end and direction; one message may have come in several pieces.
#[derive(Default)]
pub struct Capture(Mutex<BTreeMap<(String, u8), Vec<u8>>>);

impl fmt::Debug for Capture {
    /// It holds everything that must not be printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Capture(…)")
    }
}

impl Tap for Capture {
    fn saw(&self, direction: Direction, peer: &str, bytes: &[u8]) {
        let way = match direction {
            Direction::Received => 0,
            Direction::Sent => 1,
        };
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        streams.entry((peer.to_owned(), way)).or_default().extend_from_slice(bytes);
    }
}

impl Capture {
    /// Forgets everything: a new story begins.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether any form of a needle passed, in either direction.
    #[must_use]
    pub fn holds(&self, needle: &Needle) -> bool {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        streams.values().any(|bytes| needle.is_in(bytes))
    }

    /// How many bytes passed.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().map(Vec::len).sum()
    }

    /// How often a text passed, in what was received from peers whose name contains `peer`.
    #[must_use]
    pub fn received(&self, peer: &str, text: &[u8]) -> usize {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let received = streams.iter().filter(|((from, way), _)| *way == 0 && from.contains(peer));
        received.map(|(_, bytes)| memmem::find_iter(bytes, text).count()).sum()
    }

    /// The bytes of one direction from or to peers whose name contains `peer`, one stream after the other.
    #[must_use]
    pub fn stream(&self, direction: Direction, peer: &str) -> Vec<u8> {
        let wanted = match direction {
            Direction::Received => 0,
            Direction::Sent => 1,
        };
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        streams
            .iter()
            .filter(|((from, way), _)| *way == wanted && from.contains(peer))
            .flat_map(|(_, bytes)| bytes.iter().copied())
            .collect()
    }
}
