//! Random moments that can be had again.

use std::time::Duration;

use enishi_party::Entropy;
use enishi_transport::SystemEntropy;

/// xorshift64* (Vigna 2016): for moments, not for keys.
pub(crate) struct Random(u64);

impl Random {
    /// From `ENISHI_SEED`, or anew; the seed is printed.
    pub(crate) fn seeded(test: &str) -> Self {
        let given =
            std::env::var("ENISHI_SEED").ok().map(|text| text.parse().expect("ENISHI_SEED is a number"));
        let entropy: &dyn Entropy = &SystemEntropy;
        let seed = given.unwrap_or_else(|| u64::from_be_bytes(entropy.octets())).max(1);
        println!("{test}: ENISHI_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Evenly below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// U(0, most).
    pub(crate) fn moment(&mut self, most: Duration) -> Duration {
        let micros = u64::try_from(most.as_micros()).unwrap();
        Duration::from_micros(self.below(micros.max(1)))
    }

    pub(crate) fn octets(&mut self, length: usize) -> Vec<u8> {
        let mut octets = Vec::new();
        while octets.len() < length {
            octets.extend(self.next().to_be_bytes());
        }
        octets.truncate(length);
        octets
    }
}

/// How often a test of crashes kills.
pub(crate) fn kills() -> u64 {
    std::env::var("ENISHI_KILLS").ok().map_or(20, |text| text.parse().expect("ENISHI_KILLS is a number"))
}
