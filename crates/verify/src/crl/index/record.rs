//! How a revocation is written down: its detail, and what tells it apart from others of its page.

use super::hash::Hash;

/// Seconds and reason.
pub(super) const DETAIL: usize = 5;

/// How a page's record is laid out: what tells it apart within its page, then its detail.
pub(super) trait Record {
    /// Octets of a record.
    const OCTETS: usize;
    /// The record's bit within its page.
    fn bit(&self, record: &[u8]) -> usize;
}

/// The lower half of a number.
pub(super) struct NumberRecord;

impl Record for NumberRecord {
    const OCTETS: usize = 2 + DETAIL;

    fn bit(&self, record: &[u8]) -> usize {
        record.first_chunk().map_or(0, |low| usize::from(u16::from_le_bytes(*low)))
    }
}

/// The whole of a number.
pub(super) struct HashRecord(pub(super) Hash);

impl Record for HashRecord {
    const OCTETS: usize = 20 + DETAIL;

    fn bit(&self, record: &[u8]) -> usize {
        record.first_chunk().map_or(0, |number| self.0.of(number).1)
    }
}

/// What decides among several revocations of one number: the earliest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Detail {
    pub(super) at: u32,
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

pub(super) fn number_record(number: u32, detail: Detail) -> [u8; NumberRecord::OCTETS] {
    let [low, high, ..] = number.to_le_bytes();
    let [a, b, c, d, reason] = detail.octets();
    [low, high, a, b, c, d, reason]
}

pub(super) fn hash_record(number: &[u8; 20], detail: Detail) -> [u8; HashRecord::OCTETS] {
    let mut record = [0; HashRecord::OCTETS];
    let (to, rest) = record.split_at_mut(number.len());
    to.copy_from_slice(number);
    rest.copy_from_slice(&detail.octets());
    record
}
