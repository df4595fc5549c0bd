//! How long to wait before the next attempt to connect.

use std::time::Duration;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// Doublings after which the pause grows no more, whatever the limits; keeps the shift in range.
const DOUBLINGS_MAX: u32 = 16;

/// Pauses that double from `first` to `most`, each shortened at random by up to a half, so that the clients of a provider
/// that comes back do not all come at once.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    most: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, failures: 0 }
    }

    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    pub(crate) fn next_pause(&mut self) -> Duration {
        let mut random = [0; 2];
        // Without randomness there is no jitter, which is no reason to stay away.
        let _ = SystemRandom::new().fill(&mut random);
        self.pause(u16::from_be_bytes(random))
    }

    fn pause(&mut self, random: u16) -> Duration {
        let doubled = self.first.saturating_mul(1_u32 << self.failures.min(DOUBLINGS_MAX));
        self.failures = self.failures.saturating_add(1);
        let full = doubled.min(self.most);
        let shorter = full.mul_f64(f64::from(random) / (2.0 * f64::from(u16::MAX)));
        full.saturating_sub(shorter)
    }
}

#[cfg(test)]
mod tests;
