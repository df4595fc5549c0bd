//! The bytes that a party received and sent, up to one moment.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use enishi_relay::Hop;
use enishi_transport::Direction;
use memchr::memmem;

use super::Needle;

/// The bytes of one party, by the other end and direction; one message may have come in several pieces.
#[derive(Default, Clone)]
pub struct Seen {
    streams: BTreeMap<(String, u8), Vec<u8>>,
    hops: Vec<(Hop, Duration)>,
}

impl fmt::Debug for Seen {
    /// It holds everything that must not be printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seen(…)")
    }
}

impl Seen {
    pub(crate) fn saw(&mut self, direction: Direction, peer: &str, bytes: &[u8]) {
        self.streams.entry((peer.to_owned(), way(direction))).or_default().extend_from_slice(bytes);
    }

    pub(crate) fn took(&mut self, hop: Hop, took: Duration) {
        self.hops.push((hop, took));
    }

    /// How long each part of the relay's work took, in order; of another party there is none.
    #[must_use]
    pub fn hops(&self) -> &[(Hop, Duration)] {
        &self.hops
    }

    /// Whether any form of a needle passed, in either direction.
    #[must_use]
    pub fn holds(&self, needle: &Needle) -> bool {
        self.streams.values().any(|bytes| needle.is_in(bytes))
    }

    /// How often a text passed, in what was received from peers whose name contains `peer`.
    #[must_use]
    pub fn received(&self, peer: &str, text: &[u8]) -> usize {
        self.of(Direction::Received, peer).map(|bytes| memmem::find_iter(bytes, text).count()).sum()
    }

    /// The bytes of one direction from or to peers whose name contains `peer`, one stream after the other.
    #[must_use]
    pub fn stream(&self, direction: Direction, peer: &str) -> Vec<u8> {
        self.of(direction, peer).flatten().copied().collect()
    }

    fn of(&self, direction: Direction, peer: &str) -> impl Iterator<Item = &Vec<u8>> {
        let streams = self.streams.iter();
        streams
            .filter(move |((other, its), _)| *its == way(direction) && other.contains(peer))
            .map(|(_, bytes)| bytes)
    }
}

const fn way(direction: Direction) -> u8 {
    match direction {
        Direction::Received => 0,
        Direction::Sent => 1,
    }
}
