//! Many numbers: a bit for each in pages that are made when they are met, and a chain of blocks of details a page.

use std::hint::black_box;
use std::io;

use super::buckets::Buckets;
use super::damaged;
use super::record::{Detail, Record};
use super::spool::{BLOCK, BLOCK_ROOM, Details, NONE, Spool};
use crate::crl::CrlError;

const WORD: usize = 64;

/// The bits of a page.
type Words<const WORDS: usize> = Box<[u64; WORDS]>;

/// Pages of so many words of bits while a list is read.
pub(super) struct Pages<R, const WORDS: usize> {
    record: R,
    made: PagesMade<WORDS>,
    pages_max: usize,
    buckets: Buckets,
}

/// Pages of a list that is in use, each under the upper part of its numbers.
pub(super) struct PagesMade<const WORDS: usize> {
    words: Box<[Option<Words<WORDS>>]>,
    /// The page's place among those that were made.
    slots: Box<[u32]>,
    /// By slot: the last block of the page.
    last: Vec<u32>,
    /// Bits set.
    len: usize,
    records: usize,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    Done,
    /// It has no page, and there may be no more.
    NoPage,
}

impl<R: Record, const WORDS: usize> Pages<R, WORDS> {
    /// What a block holds.
    const RECORDS: usize = BLOCK_ROOM / R::OCTETS;

    /// No pages yet, for numbers of so many upper parts.
    pub(super) fn new(record: R, upper_parts: usize, pages_max: usize) -> Self {
        let made = PagesMade {
            words: std::iter::repeat_with(|| None).take(upper_parts).collect(),
            slots: vec![NONE; upper_parts].into_boxed_slice(),
            last: Vec::new(),
            len: 0,
            records: 0,
        };
        Self { record, made, pages_max, buckets: Buckets::default() }
    }

    pub(super) const fn record(&self) -> &R {
        &self.record
    }

    /// Puts a record where its page's are.
    #[inline]
    pub(super) fn put<const OCTETS: usize>(
        &mut self,
        upper: usize,
        record: &[u8; OCTETS],
        spool: &mut Spool<'_>,
    ) -> Result<Put, CrlError> {
        let slot = match self.made.slot(upper) {
            Some(slot) => slot,
            None => match self.make(upper) {
                Some(slot) => slot,
                None => return Ok(Put::NoPage),
            },
        };
        self.made.records = self.made.records.saturating_add(1);
        if self.buckets.put(slot, record) == Some(Self::RECORDS) {
            self.close(upper, slot, spool)?;
        }
        Ok(Put::Done)
    }

    #[cold]
    fn make(&mut self, upper: usize) -> Option<usize> {
        let slot = self.made.last.len();
        if slot >= self.pages_max {
            return None;
        }
        *self.made.slots.get_mut(upper)? = u32::try_from(slot).ok()?;
        *self.made.words.get_mut(upper)? = Some(vec![0; WORDS].try_into().ok()?);
        self.made.last.push(NONE);
        self.buckets.add();
        Some(slot)
    }

    /// Sets the bits of a block's records, all in one page and so near to each other, and sends the block away.
    fn close(&mut self, upper: usize, slot: usize, spool: &mut Spool<'_>) -> Result<(), CrlError> {
        let words = self.made.words.get_mut(upper).and_then(Option::as_mut);
        let last = self.made.last.get_mut(slot);
        let (Some((block, records)), Some(words), Some(last)) = (self.buckets.take(slot), words, last) else {
            return Ok(());
        };
        // Read from front to end a page comes near faster than by bits set here and there.
        black_box(words.iter().fold(0, |all, word| all | word));
        for record in block.chunks_exact(R::OCTETS).take(usize::from(records)) {
            let bit = self.record.bit(record);
            if let Some(word) = words.get_mut(bit / WORD) {
                let mask = 1 << (bit % WORD);
                self.made.len = self.made.len.saturating_add(usize::from(*word & mask == 0));
                *word |= mask;
            }
        }
        *last = spool.block(block, records, *last)?;
        Ok(())
    }

    pub(super) fn finish(mut self, spool: &mut Spool<'_>) -> Result<(R, PagesMade<WORDS>), CrlError> {
        for upper in 0..self.made.slots.len() {
            if let Some(slot) = self.made.slot(upper) {
                self.close(upper, slot, spool)?;
            }
        }
        self.made.last.shrink_to_fit();
        Ok((self.record, self.made))
    }
}

impl<const WORDS: usize> PagesMade<WORDS> {
    /// Numbers, each once.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Records, also several of one number.
    pub(super) const fn records(&self) -> usize {
        self.records
    }

    /// Whether a bit is set; `None` where there is no page for it.
    #[inline]
    pub(super) fn is_set(&self, upper: usize, bit: usize) -> Option<bool> {
        let words = self.words.get(upper)?.as_ref()?;
        Some(words.get(bit / WORD)? & (1 << (bit % WORD)) != 0)
    }

    #[inline]
    fn slot(&self, upper: usize) -> Option<usize> {
        let slot = *self.slots.get(upper)?;
        if slot == NONE { None } else { usize::try_from(slot).ok() }
    }

    /// The earliest of a page's details whose records begin with these octets.
    pub(super) fn earliest<R: Record>(
        &self,
        upper: usize,
        begin: &[u8],
        details: &Details,
    ) -> io::Result<Option<Detail>> {
        let mut found: Option<Detail> = None;
        let slot = self.slot(upper).ok_or_else(damaged)?;
        let mut block = *self.last.get(slot).ok_or_else(damaged)?;
        let mut octets = [0; BLOCK];
        while block != NONE {
            let (count, records, before) = details.block(block, &mut octets)?;
            for record in records.chunks_exact(R::OCTETS).take(usize::from(count)) {
                if let Some(detail) = record.strip_prefix(begin) {
                    let detail = Detail::of(detail).ok_or_else(damaged)?;
                    found = Some(found.map_or(detail, |known| known.min(detail)));
                }
            }
            block = before;
        }
        Ok(found)
    }

    #[cfg(test)]
    pub(super) const fn octets(&self) -> usize {
        self.words.len() * 8 + self.slots.len() * 4 + self.last.len() * (4 + WORDS * 8)
    }
}
