//! Blocks of details on their way to the store, and the chains by which a page finds its own again.

use std::io;

use super::damaged;
use super::record::{DETAIL, Detail};
use crate::crl::{CrlError, DetailFile, DetailStore};

/// Octets of a block: a page's records are read back by so many at a time.
pub(super) const BLOCK: usize = 8_192;
/// What one block holds of records; the rest tells how many they are.
pub(super) const BLOCK_ROOM: usize = BLOCK - 2;
/// Octets that are handed to the store at once.
const BUFFER: usize = 16 * BLOCK;
/// No block.
pub(super) const NONE: u32 = u32::MAX;

/// Writes blocks and single details.
pub(super) struct Spool<'a> {
    store: &'a dyn DetailStore,
    file: Option<Box<dyn DetailFile>>,
    buffer: Vec<u8>,
    /// Octets written, those in the buffer included.
    octets: u64,
    /// For each block the one before of its page.
    chain: Vec<u32>,
}

impl<'a> Spool<'a> {
    /// Nothing is asked of the store before there is something to keep.
    pub(super) const fn new(store: &'a dyn DetailStore) -> Self {
        Self { store, file: None, buffer: Vec::new(), octets: 0, chain: Vec::new() }
    }

    /// Writes a page's block behind `before`, its last, and gives its number. All blocks come before all details.
    pub(super) fn block(&mut self, block: &[u8; BLOCK], records: u16, before: u32) -> Result<u32, CrlError> {
        let number = u32::try_from(self.chain.len()).unwrap_or(NONE);
        self.chain.push(before);
        let room = block.get(..BLOCK_ROOM).unwrap_or_default();
        self.write(room)?;
        self.write(&records.to_le_bytes())?;
        Ok(number)
    }

    /// Lets go of all that was written.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.store);
    }

    /// Where the next octet goes.
    pub(super) const fn octets(&self) -> u64 {
        self.octets
    }

    pub(super) fn write(&mut self, octets: &[u8]) -> Result<(), CrlError> {
        if self.buffer.len().saturating_add(octets.len()) > BUFFER {
            self.flush()?;
        }
        self.buffer.extend_from_slice(octets);
        self.octets = self.octets.saturating_add(u64::try_from(octets.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    fn flush(&mut self) -> Result<(), CrlError> {
        let refused = |error: io::Error| CrlError::Store(error.kind());
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.store.begin().map_err(refused)?),
        };
        file.append(&self.buffer).map_err(refused)?;
        self.buffer.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Details, CrlError> {
        if !self.buffer.is_empty() {
            self.flush()?;
        }
        Ok(Details { file: self.file, chain: self.chain.into_boxed_slice() })
    }
}

/// The details of a list that is in use.
pub(super) struct Details {
    /// `None` where nobody is listed.
    file: Option<Box<dyn DetailFile>>,
    chain: Box<[u32]>,
}

impl Details {
    /// The detail at this place.
    pub(super) fn single(&self, offset: u64) -> io::Result<Detail> {
        let mut octets = [0; DETAIL];
        self.file()?.read_at(offset, &mut octets)?;
        Detail::of(&octets).ok_or_else(damaged)
    }

    /// Reads a block: the octets of its records, and the block before of the same page.
    pub(super) fn block<'b>(
        &self,
        number: u32,
        into: &'b mut [u8; BLOCK],
    ) -> io::Result<(u16, &'b [u8], u32)> {
        let octets = u64::try_from(BLOCK).map_err(|_| damaged())?;
        self.file()?.read_at(u64::from(number) * octets, into)?;
        let before = usize::try_from(number).ok().and_then(|number| self.chain.get(number));
        let (records, count) = into.split_last_chunk::<2>().ok_or_else(damaged)?;
        Ok((u16::from_le_bytes(*count), records, *before.ok_or_else(damaged)?))
    }

    fn file(&self) -> io::Result<&dyn DetailFile> {
        self.file.as_deref().ok_or_else(damaged)
    }

    #[cfg(test)]
    pub(super) const fn octets(&self) -> usize {
        self.chain.len() * 4
    }
}
