//! Octets that look random and never repeat.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest;
use enishi_party::Entropy;

/// SHA-256 over a counter: different octets at each call, the same in each run.
#[derive(Debug, Default)]
pub struct Counting(AtomicU64);

impl Counting {
    /// One that shares nothing with others of another beginning.
    #[must_use]
    pub const fn from(beginning: u64) -> Self {
        Self(AtomicU64::new(beginning))
    }
}

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        for (index, piece) in (0_u64..).zip(buffer.chunks_mut(digest::SHA256_OUTPUT_LEN)) {
            let digest = digest::digest(&digest::SHA256, &[number, index.to_be_bytes()].concat());
            piece.copy_from_slice(&digest.as_ref()[..piece.len()]);
        }
    }
}
