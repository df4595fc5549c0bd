//! The serial numbers of a list: bits by number where authorities count, sorted numbers where there are few.
//!
//! Why and since when a number is revoked lies in the list's details, in blocks of one page of numbers each. Only a number
//! whose bit is set is looked up there. Numbers too wide or too scattered for bits of their own have one by their
//! hash: it says "perhaps", and the details decide.
//!
//! *Invariant:* a number that was listed is never answered with "good"; where its details cannot be read there is no answer.

use std::io;

use enishi_jpki::Serial;
use enishi_party::Timestamp;

use super::CrlEntry;
use super::entry::Number;
use crate::revocation::RevocationReason;

mod buckets;
mod gathering;
mod hash;
mod pages;
mod record;
mod rows;
mod spool;
mod steps;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use gathering::Measure;
pub(super) use gathering::{Gathering, MEASURE, SIGNED_MEASURE};

use hash::{HASH_PAGE_BITS, Hash};
use pages::PagesMade;
use record::{Detail, HashRecord, NUMBER_PAGE_BITS, NumberRecord};
use rows::{RowsMade, WideNumbers};
use spool::Details;
use steps::Steps;

/// Words of a page of numbers.
const NUMBER_WORDS: usize = (1 << NUMBER_PAGE_BITS) / 64;
/// Pages that narrow numbers would fill.
const NUMBER_PAGES: usize = 1 << (u32::BITS - NUMBER_PAGE_BITS);
/// Words of a page of hashes.
const HASH_WORDS: usize = (1 << HASH_PAGE_BITS) / 64;

/// The numbers of a list that is in use.
pub(super) struct Index {
    narrow: NarrowMade,
    wide: WideMade,
    details: Details,
}

enum NarrowMade {
    Few(RowsMade<Steps>),
    Many(PagesMade<NUMBER_WORDS>),
}

enum WideMade {
    Few(RowsMade<WideNumbers>),
    Many(Hash, PagesMade<HASH_WORDS>),
}

/// Where a number's details are.
enum Place<'a> {
    /// It is not listed.
    Nowhere,
    /// It is listed; its detail lies here.
    At(u64),
    /// It is listed; its detail is among those of this page.
    Listed(&'a PagesMade<NUMBER_WORDS>, usize),
    /// It may be among those of this page.
    Perhaps(&'a PagesMade<HASH_WORDS>, usize),
}

impl Index {
    /// How many numbers are listed; where there are only hashes of them one that is listed twice counts twice.
    pub(super) const fn len(&self) -> usize {
        let narrow = match &self.narrow {
            NarrowMade::Few(rows) => rows.len(),
            NarrowMade::Many(pages) => pages.len(),
        };
        let wide = match &self.wide {
            WideMade::Few(rows) => rows.len(),
            WideMade::Many(_, pages) => pages.records(),
        };
        narrow.saturating_add(wide)
    }

    /// Whether a number is listed: details are read only where a hash says "perhaps".
    #[inline]
    pub(super) fn has(&self, serial: &Serial) -> io::Result<bool> {
        let number = Number::of_serial(serial);
        // Nearly every question that is ever asked.
        if let (Number::Narrow(number), NarrowMade::Many(pages)) = (number, &self.narrow)
            && let (page, bit) = number_place(number)
            && let Some(set) = pages.is_set(page, bit)
        {
            return Ok(set);
        }
        self.has_elsewhere(number)
    }

    #[cold]
    fn has_elsewhere(&self, number: Number) -> io::Result<bool> {
        match self.place(number) {
            Place::Nowhere => Ok(false),
            Place::At(_) | Place::Listed(..) => Ok(true),
            Place::Perhaps(pages, page) => Ok(self.among_hashed(pages, page, number)?.is_some()),
        }
    }

    #[inline]
    pub(super) fn get(&self, serial: &Serial) -> io::Result<CrlEntry> {
        let number = Number::of_serial(serial);
        if let (Number::Narrow(number), NarrowMade::Many(pages)) = (number, &self.narrow)
            && let (page, bit) = number_place(number)
            && pages.is_set(page, bit) == Some(false)
        {
            return Ok(CrlEntry::Good);
        }
        self.get_listed(number)
    }

    #[cold]
    fn get_listed(&self, number: Number) -> io::Result<CrlEntry> {
        let found = match self.place(number) {
            Place::Nowhere => return Ok(CrlEntry::Good),
            Place::At(offset) => Some(self.details.single(offset)?),
            Place::Listed(pages, page) => pages.earliest::<NumberRecord>(page, number, &self.details)?,
            Place::Perhaps(pages, page) => match self.among_hashed(pages, page, number)? {
                // Another number has the same hash.
                None => return Ok(CrlEntry::Good),
                found => found,
            },
        };
        let Detail { at, reason } = found.ok_or_else(damaged)?;
        Ok(CrlEntry::Revoked {
            reason: RevocationReason::from_code(reason).ok_or_else(damaged)?,
            // Every u32 of seconds is a moment that a timestamp holds.
            at: Timestamp::from_second(i64::from(at)).map_err(|_| damaged())?,
        })
    }

    fn among_hashed(
        &self,
        pages: &PagesMade<HASH_WORDS>,
        page: usize,
        number: Number,
    ) -> io::Result<Option<Detail>> {
        pages.earliest::<HashRecord>(page, number, &self.details)
    }

    /// Whether a number is listed, as far as can be told without its details: certain, but for hashes.
    #[inline]
    fn place(&self, number: Number) -> Place<'_> {
        if let Number::Narrow(number) = number {
            match &self.narrow {
                NarrowMade::Few(rows) => return rows.find(number).map_or(Place::Nowhere, Place::At),
                NarrowMade::Many(pages) => {
                    let (page, bit) = number_place(number);
                    match pages.is_set(page, bit) {
                        Some(true) => return Place::Listed(pages, page),
                        Some(false) => return Place::Nowhere,
                        // It may have come when there were no more pages.
                        None => {}
                    }
                }
            }
        }
        self.place_wide(&number.padded())
    }

    fn place_wide(&self, number: &[u8; 20]) -> Place<'_> {
        match &self.wide {
            WideMade::Few(rows) => rows.find(number).map_or(Place::Nowhere, Place::At),
            WideMade::Many(hash, pages) => {
                let (page, bit) = hash.of(number);
                match pages.is_set(page, bit) {
                    Some(true) => Place::Perhaps(pages, page),
                    Some(false) | None => Place::Nowhere,
                }
            }
        }
    }

    /// Octets that are held for as long as the list is, its details apart.
    #[cfg(test)]
    pub(super) fn octets(&self) -> usize {
        let narrow = match &self.narrow {
            NarrowMade::Few(rows) => rows.octets(),
            NarrowMade::Many(pages) => pages.octets(),
        };
        let wide = match &self.wide {
            WideMade::Few(rows) => rows.octets(),
            WideMade::Many(_, pages) => pages.octets(),
        };
        narrow + wide + self.details.octets()
    }
}

/// Details that are not those that were written.
fn damaged() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// The page of a number and its bit in it.
#[inline]
fn number_place(number: u32) -> (usize, usize) {
    let (page, bit) = (number >> NUMBER_PAGE_BITS, number & ((1 << NUMBER_PAGE_BITS) - 1));
    (usize::try_from(page).unwrap_or(usize::MAX), usize::try_from(bit).unwrap_or(usize::MAX))
}
