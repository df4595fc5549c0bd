//! Few numbers: sorted, their details in the same order.

use super::record::{DETAIL, Detail};
use super::spool::Spool;
use super::steps::Steps;
use crate::crl::CrlError;

/// Numbers as they come.
pub(super) struct Rows<K>(Vec<(K, Detail)>);

/// Numbers in order, and their details in the same.
pub(super) struct RowsMade<N> {
    numbers: N,
    /// Where the first number's detail lies.
    details_at: u64,
}

/// Wide numbers in order.
pub(super) type WideNumbers = Box<[[u8; 20]]>;

impl<K> Default for Rows<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord + Copy> Rows<K> {
    pub(super) fn push(&mut self, number: K, detail: Detail) {
        self.0.push((number, detail));
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn into_rows(self) -> impl Iterator<Item = (K, Detail)> {
        self.0.into_iter()
    }

    /// Of a number listed twice the earliest revocation stays, for it is revoked since then.
    fn sorted(mut self, spool: &mut Spool<'_>) -> Result<(Vec<K>, u64), CrlError> {
        self.0.sort_unstable();
        self.0.dedup_by_key(|row| row.0);
        let details_at = spool.octets();
        for (_, detail) in &self.0 {
            spool.write(&detail.octets())?;
        }
        Ok((self.0.into_iter().map(|row| row.0).collect(), details_at))
    }
}

impl Rows<u32> {
    pub(super) fn finish(self, spool: &mut Spool<'_>) -> Result<RowsMade<Steps>, CrlError> {
        let (numbers, details_at) = self.sorted(spool)?;
        Ok(RowsMade { numbers: Steps::of(&numbers), details_at })
    }
}

impl Rows<[u8; 20]> {
    pub(super) fn finish(self, spool: &mut Spool<'_>) -> Result<RowsMade<WideNumbers>, CrlError> {
        let (numbers, details_at) = self.sorted(spool)?;
        Ok(RowsMade { numbers: numbers.into_iter().collect(), details_at })
    }
}

impl RowsMade<Steps> {
    pub(super) const fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Where a number's detail lies.
    pub(super) fn find(&self, number: u32) -> Option<u64> {
        self.place(self.numbers.rank(number)?)
    }

    #[cfg(test)]
    pub(super) const fn octets(&self) -> usize {
        self.numbers.octets()
    }
}

impl RowsMade<WideNumbers> {
    pub(super) const fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Where a number's detail lies.
    pub(super) fn find(&self, number: &[u8; 20]) -> Option<u64> {
        self.place(self.numbers.binary_search(number).ok()?)
    }

    #[cfg(test)]
    pub(super) const fn octets(&self) -> usize {
        size_of_val(&*self.numbers)
    }
}

impl<N> RowsMade<N> {
    fn place(&self, rank: usize) -> Option<u64> {
        u64::try_from(rank).ok()?.checked_mul(u64::try_from(DETAIL).ok()?)?.checked_add(self.details_at)
    }
}
