//! How a revocation is written down: its detail, and what tells it apart from others of its page.

use super::hash::Hash;
use crate::crl::entry::Number;

/// Seconds and reason.
pub(super) const DETAIL: usize = 5;

/// Numbers of a page, as bits: those that differ in no higher one. Of so many bits a record's reason shares an octet
/// with the upper ones.
///
/// Fewer, larger pages: what is written to while a list is read stays near the processor, and a page of bits, once it
/// is there, serves more of its numbers. A page of this size has some 26,000 revoked, of which one's reason is looked for.
pub(super) const NUMBER_PAGE_BITS: u32 = 18;

/// How a page's record is laid out.
pub(super) trait Record {
    /// Octets of a record.
    const OCTETS: usize;
    /// The record's bit within its page.
    fn bit(&self, record: &[u8]) -> usize;
    /// What a record says, where it is about this number of its page.
    fn detail_of(record: &[u8], number: Number) -> Option<Detail>;
}

/// The lower bits of a number.
pub(super) struct NumberRecord;

impl NumberRecord {
    /// Three octets of number and reason, four of seconds.
    #[inline]
    pub(super) fn write(number: u32, detail: Detail) -> [u8; Self::OCTETS] {
        let [low, middle, high, _] = (number_in_page(number) | u32::from(detail.reason) << 20).to_le_bytes();
        let [a, b, c, d] = detail.at.to_le_bytes();
        [low, middle, high, a, b, c, d]
    }
}

impl Record for NumberRecord {
    const OCTETS: usize = 7;

    #[inline]
    fn bit(&self, record: &[u8]) -> usize {
        let &[low, middle, high, ..] = record else { return 0 };
        usize::try_from(number_in_page(u32::from_le_bytes([low, middle, high, 0]))).unwrap_or(0)
    }

    fn detail_of(record: &[u8], number: Number) -> Option<Detail> {
        let (Number::Narrow(number), &[low, middle, high, a, b, c, d]) = (number, record) else {
            return None;
        };
        (number_in_page(u32::from_le_bytes([low, middle, high, 0])) == number_in_page(number))
            .then_some(Detail { at: u32::from_le_bytes([a, b, c, d]), reason: high >> 4 })
    }
}

#[inline]
const fn number_in_page(number: u32) -> u32 {
    number & ((1 << NUMBER_PAGE_BITS) - 1)
}

/// The whole of a number.
pub(super) struct HashRecord(pub(super) Hash);

impl HashRecord {
    pub(super) fn write(number: &[u8; 20], detail: Detail) -> [u8; Self::OCTETS] {
        let mut record = [0; Self::OCTETS];
        let (to, rest) = record.split_at_mut(number.len());
        to.copy_from_slice(number);
        rest.copy_from_slice(&detail.octets());
        record
    }
}

impl Record for HashRecord {
    const OCTETS: usize = 20 + DETAIL;

    fn bit(&self, record: &[u8]) -> usize {
        record.first_chunk().map_or(0, |number| self.0.of(number).1)
    }

    fn detail_of(record: &[u8], number: Number) -> Option<Detail> {
        record.strip_prefix(&number.padded()).and_then(Detail::of)
    }
}

/// What decides among several revocations of one number: the earliest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Detail {
    pub(super) at: u32,
    /// A code that [`crate::revocation::RevocationReason::from_code`] knows: below 16.
    pub(super) reason: u8,
}

impl Detail {
    pub(super) fn octets(self) -> [u8; DETAIL] {
        let [a, b, c, d] = self.at.to_le_bytes();
        [a, b, c, d, self.reason]
    }

    pub(super) fn of(octets: &[u8]) -> Option<Self> {
        let (at, rest) = octets.split_first_chunk::<4>()?;
        Some(Self { at: u32::from_le_bytes(*at), reason: *rest.first()? })
    }
}
