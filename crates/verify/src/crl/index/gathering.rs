//! The serial numbers of a list while it is read: few are kept as they come, many go to pages.

use std::io;

use super::hash::{HASH_BITS, HASH_PAGE_BITS, Hash};
use super::pages::{Pages, Put};
use super::record::{Detail, HashRecord, NumberRecord};
use super::rows::Rows;
use super::spool::Spool;
use super::{HASH_WORDS, Index, NUMBER_PAGES, NUMBER_WORDS, NarrowMade, WideMade, number_place};
use crate::crl::entry::{Entry, Number, Usual};
use crate::crl::{CrlError, DetailStore};

/// When few become many, and how many pages numbers may have.
#[derive(Debug, Clone, Copy)]
pub(in crate::crl) struct Measure {
    /// Narrow numbers that are sorted rather than given bits: a town's list, which would waste most of its pages.
    pub(in crate::crl) narrow_rows: usize,
    /// Wide numbers that are sorted rather than given bits by their hash.
    pub(in crate::crl) wide_rows: usize,
    /// Pages of 262,144 numbers, 32 KiB each.
    pub(in crate::crl) pages: usize,
    /// Entries of unusual forms, or without a page, after which the others are put off.
    pub(in crate::crl) unusual: usize,
}

/// Of a list of which nothing is known yet: numbers may be scattered over 268 million.
pub(in crate::crl) const MEASURE: Measure =
    Measure { narrow_rows: 1 << 18, wide_rows: 1 << 17, pages: 1_024, unusual: 1 << 17 };

/// Of a list whose signature holds, which may take its time: 64 MiB of bits at most for numbers, and as much for hashes.
/// A page costs a bit for each number issued in it.
pub(in crate::crl) const SIGNED_MEASURE: Measure = Measure { pages: 2_048, unusual: usize::MAX, ..MEASURE };

/// The numbers of a list while it is read.
pub(in crate::crl) struct Gathering<'a> {
    measure: Measure,
    entries_max: usize,
    entries: usize,
    unusual: usize,
    is_put_off: bool,
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
            unusual: 0,
            is_put_off: false,
            narrow: Narrow::Few(Rows::default()),
            wide: Wide::Few(Rows::default()),
            spool: Spool::new(store),
        }
    }

    /// Whether entries are no longer taken: so many of them cost more time than the digest of the list, which only who
    /// signed it may take.
    pub(in crate::crl) const fn is_put_off(&self) -> bool {
        self.is_put_off
    }

    /// Takes an entry of an unusual form.
    pub(in crate::crl) fn push(&mut self, entry: Entry) -> Result<(), CrlError> {
        if self.put_off() {
            return Ok(());
        }
        match entry.number {
            Number::Narrow(number) => self.push_narrow(number, entry.at, entry.reason),
            Number::Wide(number) => {
                count(&mut self.entries, self.entries_max)?;
                let detail = Detail { at: entry.at, reason: entry.reason };
                push_wide(&mut self.wide, number, detail, &mut self.spool, &self.measure)
            }
        }
    }

    /// Takes entries that stand behind each other.
    #[inline]
    pub(in crate::crl) fn push_usual(&mut self, entries: &[Usual]) -> Result<(), CrlError> {
        if self.is_put_off {
            return Ok(());
        }
        let Narrow::Many(pages) = &mut self.narrow else {
            return entries
                .iter()
                .try_for_each(|entry| self.push_narrow(entry.number, entry.at, entry.reason));
        };
        for (place, &Usual { number, at, reason }) in entries.iter().enumerate() {
            count(&mut self.entries, self.entries_max)?;
            let detail = Detail { at, reason };
            let record = NumberRecord::write(number, detail);
            if pages.put(number_place(number).0, &record, &mut self.spool)? == Put::NoPage {
                let number = Number::Narrow(number).padded();
                push_wide(&mut self.wide, number, detail, &mut self.spool, &self.measure)?;
                // Scattered over more pages than there may be.
                if self.put_off() {
                    return Ok(());
                }
                return self.push_usual(entries.get(place.saturating_add(1)..).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Counts an entry that costs more than others, and drops what there is once there are too many.
    fn put_off(&mut self) -> bool {
        self.unusual = self.unusual.saturating_add(1);
        if self.unusual > self.measure.unusual && !self.is_put_off {
            self.is_put_off = true;
            self.narrow = Narrow::Few(Rows::default());
            self.wide = Wide::Few(Rows::default());
            self.spool.clear();
        }
        self.is_put_off
    }

    pub(in crate::crl) fn push_narrow(&mut self, number: u32, at: u32, reason: u8) -> Result<(), CrlError> {
        if let Narrow::Many(_) = self.narrow {
            return self.push_usual(&[Usual { number, at, reason }]);
        }
        count(&mut self.entries, self.entries_max)?;
        self.push_row(number, Detail { at, reason })
    }

    #[cold]
    fn push_row(&mut self, number: u32, detail: Detail) -> Result<(), CrlError> {
        let Narrow::Few(rows) = &mut self.narrow else { return Ok(()) };
        rows.push(number, detail);
        if rows.len() <= self.measure.narrow_rows {
            return Ok(());
        }
        let rows = std::mem::take(rows);
        self.narrow = Narrow::Many(Box::new(Pages::new(NumberRecord, NUMBER_PAGES, self.measure.pages)));
        for (number, detail) in rows.into_rows() {
            // They were counted when they came.
            self.entries = self.entries.saturating_sub(1);
            self.push_narrow(number, detail.at, detail.reason)?;
        }
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

#[inline]
fn count(entries: &mut usize, limit: usize) -> Result<(), CrlError> {
    if *entries >= limit {
        return Err(CrlError::TooManyEntries { limit });
    }
    *entries = entries.saturating_add(1);
    Ok(())
}

#[cold]
fn push_wide(
    wide: &mut Wide,
    number: [u8; 20],
    detail: Detail,
    spool: &mut Spool<'_>,
    measure: &Measure,
) -> Result<(), CrlError> {
    let rows = match wide {
        Wide::Many(pages) => return put_wide(pages, &number, detail, spool),
        Wide::Few(rows) => rows,
    };
    rows.push(number, detail);
    if rows.len() <= measure.wide_rows {
        return Ok(());
    }
    let rows = std::mem::take(rows);
    let pages = 1 << (HASH_BITS - HASH_PAGE_BITS);
    let mut pages = Box::new(Pages::new(HashRecord(Hash::random()), pages, pages));
    for (number, detail) in rows.into_rows() {
        put_wide(&mut pages, &number, detail, spool)?;
    }
    *wide = Wide::Many(pages);
    Ok(())
}

/// Puts a wide number where its hash says; every hash has a page.
fn put_wide(
    pages: &mut Pages<HashRecord, HASH_WORDS>,
    number: &[u8; 20],
    detail: Detail,
    spool: &mut Spool<'_>,
) -> Result<(), CrlError> {
    let page = pages.record().0.of(number).0;
    match pages.put(page, &HashRecord::write(number, detail), spool)? {
        Put::Done => Ok(()),
        // There are as many as hashes have upper parts; a number is never let go in silence.
        Put::NoPage => Err(CrlError::Store(io::ErrorKind::Other)),
    }
}
