//! The serial numbers of a list while it is read: few are kept as they come, many go to pages.

use std::io;

use super::hash::{HASH_BITS, HASH_PAGE_BITS, Hash};
use super::pages::{Pages, Put};
use super::record::{Detail, HashRecord, NumberRecord, hash_record, number_record};
use super::rows::Rows;
use super::spool::Spool;
use super::{HASH_WORDS, Index, NUMBER_WORDS, NarrowMade, WideMade, half};
use crate::crl::entry::{Entry, Number};
use crate::crl::{CrlError, DetailStore};

/// When few become many, and how many pages numbers may have.
#[derive(Debug, Clone, Copy)]
pub(in crate::crl) struct Measure {
    /// Narrow numbers that are sorted rather than given bits: a town's list, which would waste most of its pages.
    pub(in crate::crl) narrow_rows: usize,
    /// Wide numbers that are sorted rather than given bits by their hash.
    pub(in crate::crl) wide_rows: usize,
    /// Pages of 65,536 numbers, 8 KiB each.
    pub(in crate::crl) pages: usize,
}

/// 64 MiB of bits at most for numbers, and as much for hashes: a full page costs 0.4 bits a number issued in it.
pub(in crate::crl) const MEASURE: Measure =
    Measure { narrow_rows: 1 << 18, wide_rows: 1 << 17, pages: 8_192 };

/// The numbers of a list while it is read.
pub(in crate::crl) struct Gathering<'a> {
    measure: Measure,
    entries_max: usize,
    entries: usize,
    narrow: Narrow,
    wide: Wide,
    spool: Spool<'a>,
}

enum Narrow {
    Few(Rows<u32>),
    Many(Box<Pages<NumberRecord, NUMBER_WORDS>>),
}

enum Wide {
    Few(Rows<[u8; 20]>),
    Many(Box<Pages<HashRecord, HASH_WORDS>>),
}

impl<'a> Gathering<'a> {
    pub(in crate::crl) fn new(store: &'a dyn DetailStore, entries_max: usize, measure: Measure) -> Self {
        Self {
            measure,
            entries_max,
            entries: 0,
            narrow: Narrow::Few(Rows::default()),
            wide: Wide::Few(Rows::default()),
            spool: Spool::new(store),
        }
    }

    pub(in crate::crl) fn push(&mut self, entry: Entry) -> Result<(), CrlError> {
        match entry.number {
            Number::Narrow(number) => self.push_narrow(number, entry.at, entry.reason),
            Number::Wide(number) => {
                self.count()?;
                self.push_wide(number, Detail { at: entry.at, reason: entry.reason })
            }
        }
    }

    #[inline]
    pub(in crate::crl) fn push_narrow(&mut self, number: u32, at: u32, reason: u8) -> Result<(), CrlError> {
        self.count()?;
        let detail = Detail { at, reason };
        if let Narrow::Many(pages) = &mut self.narrow {
            let record = number_record(number, detail);
            return match pages.put(half(number >> 16), &record, &mut self.spool)? {
                Put::Done => Ok(()),
                // Scattered over more pages than there may be.
                Put::NoPage => self.push_wide(Number::Narrow(number).padded(), detail),
            };
        }
        self.push_row(number, detail)
    }

    #[cold]
    fn push_row(&mut self, number: u32, detail: Detail) -> Result<(), CrlError> {
        let Narrow::Few(rows) = &mut self.narrow else { return Ok(()) };
        rows.push(number, detail);
        if rows.len() <= self.measure.narrow_rows {
            return Ok(());
        }
        let rows = std::mem::take(rows);
        self.narrow = Narrow::Many(Box::new(Pages::new(NumberRecord, 1 << 16, self.measure.pages)));
        for (number, detail) in rows.into_rows() {
            // They were counted when they came.
            self.entries = self.entries.saturating_sub(1);
            self.push_narrow(number, detail.at, detail.reason)?;
        }
        Ok(())
    }

    fn push_wide(&mut self, number: [u8; 20], detail: Detail) -> Result<(), CrlError> {
        let rows = match &mut self.wide {
            Wide::Many(pages) => return put_wide(pages, &number, detail, &mut self.spool),
            Wide::Few(rows) => rows,
        };
        rows.push(number, detail);
        if rows.len() <= self.measure.wide_rows {
            return Ok(());
        }
        let rows = std::mem::take(rows);
        let pages = 1 << (HASH_BITS - HASH_PAGE_BITS);
        let mut pages = Box::new(Pages::new(HashRecord(Hash::random()), pages, pages));
        for (number, detail) in rows.into_rows() {
            put_wide(&mut pages, &number, detail, &mut self.spool)?;
        }
        self.wide = Wide::Many(pages);
        Ok(())
    }

    #[inline]
    fn count(&mut self) -> Result<(), CrlError> {
        if self.entries >= self.entries_max {
            return Err(CrlError::TooManyEntries { limit: self.entries_max });
        }
        self.entries = self.entries.saturating_add(1);
        Ok(())
    }

    /// Puts the last details away; nothing of it is in use before the caller says so.
    pub(in crate::crl) fn finish(self) -> Result<Index, CrlError> {
        let mut spool = self.spool;
        // Blocks are found by their number, so all of them come before the details of single rows.
        let (narrow, wide) = match (self.narrow, self.wide) {
            (Narrow::Few(narrow), Wide::Few(wide)) => {
                (NarrowMade::Few(narrow.finish(&mut spool)?), WideMade::Few(wide.finish(&mut spool)?))
            }
            (Narrow::Many(narrow), Wide::Few(wide)) => {
                (NarrowMade::Many(narrow.finish(&mut spool)?.1), WideMade::Few(wide.finish(&mut spool)?))
            }
            (Narrow::Few(narrow), Wide::Many(wide)) => {
                let (record, wide) = wide.finish(&mut spool)?;
                (NarrowMade::Few(narrow.finish(&mut spool)?), WideMade::Many(record.0, wide))
            }
            (Narrow::Many(narrow), Wide::Many(wide)) => {
                let (record, wide) = wide.finish(&mut spool)?;
                (NarrowMade::Many(narrow.finish(&mut spool)?.1), WideMade::Many(record.0, wide))
            }
        };
        Ok(Index { narrow, wide, details: spool.finish()? })
    }
}

/// Puts a wide number where its hash says; every hash has a page.
fn put_wide(
    pages: &mut Pages<HashRecord, HASH_WORDS>,
    number: &[u8; 20],
    detail: Detail,
    spool: &mut Spool<'_>,
) -> Result<(), CrlError> {
    let page = pages.record().0.of(number).0;
    match pages.put(page, &hash_record(number, detail), spool)? {
        Put::Done => Ok(()),
        // There are as many as hashes have upper parts; a number is never let go in silence.
        Put::NoPage => Err(CrlError::Store(io::ErrorKind::Other)),
    }
}
