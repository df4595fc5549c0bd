//! The machine's own clock and randomness: the one place that reads them.

use enishi_party::{Clock, Entropy, Timestamp};

/// The wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the adapter behind which everything else takes the time as an argument"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// aws-lc's random source, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// The random source cannot fail once seeded; a process without randomness must not go on.
    #[expect(
        clippy::panic,
        reason = "keys, tickets and identifiers made of zeros would be worse than no process"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        if aws_lc_rs::rand::fill(buffer).is_err() {
            panic!("no randomness from the operating system");
        }
    }
}
