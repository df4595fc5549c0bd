//! Many numbers: a bit for each in pages that are made when they are met, and a chain of blocks of details a page.

use std::hint::black_box;
use std::io;

use super::buckets::Buckets;
use super::damaged;
use super::record::{Detail, Record};
use super::spool::{BLOCK, BLOCK_ROOM, Details, NONE, Spool};
use crate::crl::CrlError;
use crate::crl::entry::Number;

const WORD: usize = 64;

/// Pages of so many words of bits while a list is read.
pub(super) struct Pages<R, const WORDS: usize> {
    record: R,
    made: PagesMade<WORDS>,
    pages_max: usize,
    buckets: Buckets,
}

/// Pages of a list that is in use, each under the upper part of its numbers.
pub(super) struct PagesMade<const WORDS: usize> {
    /// The page's place among those that were made, in the order in which they were met.
    slots: Box<[u32]>,
    /// Those that were made, one behind the other: a question reads its slot, which is near, and one word.
    words: Vec<u64>,
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
            slots: vec![NONE; upper_parts].into_boxed_slice(),
            // Room for all of them: it costs addresses until it is written to, and nothing is ever moved.
            words: Vec::with_capacity(pages_max.saturating_mul(WORDS)),
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
            self.close(slot, spool)?;
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
        self.made.words.resize(self.made.words.len().saturating_add(WORDS), 0);
        self.made.last.push(NONE);
        self.buckets.add();
        Some(slot)
    }

    /// Sets the bits of a block's records, all in one page and so near to each other, and sends the block away.
    fn close(&mut self, slot: usize, spool: &mut Spool<'_>) -> Result<(), CrlError> {
        let words = self.made.words.chunks_exact_mut(WORDS).nth(slot);
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
        for slot in 0..self.made.last.len() {
            self.close(slot, spool)?;
        }
        self.made.words.shrink_to_fit();
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
        let slot = usize::try_from(*self.slots.get(upper)?).ok()?;
        // Where there is no page it lies behind all that there are.
        let word = self.words.get(slot.saturating_mul(WORDS).saturating_add(bit / WORD))?;
        Some(word & (1 << (bit % WORD)) != 0)
    }

    #[inline]
    fn slot(&self, upper: usize) -> Option<usize> {
        let slot = *self.slots.get(upper)?;
        if slot == NONE { None } else { usize::try_from(slot).ok() }
    }

    /// The earliest of a number's details among those of a page.
    pub(super) fn earliest<R: Record>(
        &self,
        upper: usize,
        number: Number,
        details: &Details,
    ) -> io::Result<Option<Detail>> {
        let mut found: Option<Detail> = None;
        let slot = self.slot(upper).ok_or_else(damaged)?;
        let mut block = *self.last.get(slot).ok_or_else(damaged)?;
        let mut octets = [0; BLOCK];
        while block != NONE {
            let (count, records, before) = details.block(block, &mut octets)?;
            let records = records.chunks_exact(R::OCTETS).take(usize::from(count));
            found = found.into_iter().chain(records.filter_map(|record| R::detail_of(record, number))).min();
            block = before;
        }
        Ok(found)
    }

    #[cfg(test)]
    pub(super) const fn octets(&self) -> usize {
        self.words.len() * 8 + self.slots.len() * 4 + self.last.len() * 4
    }
}
