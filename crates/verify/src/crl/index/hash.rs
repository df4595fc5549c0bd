//! A keyed hash of wide serial numbers: who makes a list cannot choose which of them meet.

use std::hash::{BuildHasher, RandomState};

/// As many bits as pages of numbers have at most: 64 MiB.
pub(super) const HASH_BITS: u32 = 29;
/// Of these, the bit within a page.
pub(super) const HASH_PAGE_BITS: u32 = 19;

/// The keys, new for each list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hash([u64; 4]);

impl Hash {
    pub(super) fn random() -> Self {
        let state = RandomState::new();
        Self([0_u8, 1, 2, 3].map(|which| state.hash_one(which)))
    }

    /// The page of a number and its bit in it.
    #[inline]
    pub(super) fn of(&self, number: &[u8; 20]) -> (usize, usize) {
        let Self([first, second, third, fourth]) = *self;
        let (high, rest) = number.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let (middle, low) = rest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let low = low.first_chunk::<4>().unwrap_or(&[0; 4]);
        let (high, middle, low) =
            (u64::from_ne_bytes(*high), u64::from_ne_bytes(*middle), u64::from(u32::from_ne_bytes(*low)));
        let mixed = folded(folded(high ^ first, middle ^ second) ^ third, low ^ fourth);
        let hash = mixed >> (64 - HASH_BITS);
        let (page, bit) = (hash >> HASH_PAGE_BITS, hash & ((1 << HASH_PAGE_BITS) - 1));
        (usize::try_from(page).unwrap_or(0), usize::try_from(bit).unwrap_or(0))
    }
}

/// Both halves of a product in one.
#[inline]
fn folded(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
    half(product) ^ half(product >> 64)
}
