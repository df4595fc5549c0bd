//! Where the reasons and dates of revocations lie: read only for a certificate that is revoked, so not in memory.

use std::io;

/// Where details may be put: a folder, or memory.
pub trait DetailStore: Send + Sync {
    /// A new place for one list's details, empty; whatever is in it goes when it is dropped.
    ///
    /// # Errors
    /// There is no room for it.
    fn begin(&self) -> io::Result<Box<dyn DetailFile>>;
}

/// One list's details: written once from front to end, then read anywhere, by many at a time.
pub trait DetailFile: Send + Sync {
    /// Puts octets behind those before.
    ///
    /// # Errors
    /// They are not all there; the list is refused.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Fills `into` with the octets from `offset`.
    ///
    /// # Errors
    /// They cannot be had, or there are fewer; the certificate asked about then has no status.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;
}

/// Keeps details in memory: for lists of a town, and for tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DetailsInMemory;

impl DetailStore for DetailsInMemory {
    fn begin(&self) -> io::Result<Box<dyn DetailFile>> {
        Ok(Box::new(Octets::default()))
    }
}

/// What one piece holds at most: a growing list is never copied whole.
const PIECE: usize = 1 << 20;

/// Every piece but the last is full.
#[derive(Default)]
struct Octets(Vec<Vec<u8>>);

impl DetailFile for Octets {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = self.0.last().map_or(0, |last| PIECE.saturating_sub(last.len()));
            if room == 0 {
                // The first piece may stay small: most lists are a town's.
                self.0.push(Vec::new());
                continue;
            }
            let (now, later) = rest.split_at(rest.len().min(room));
            if let Some(last) = self.0.last_mut() {
                last.extend_from_slice(now);
            }
            rest = later;
        }
        Ok(())
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let mut at = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let mut rest = into;
        while !rest.is_empty() {
            let there = self.0.get(at / PIECE).and_then(|piece| piece.get(at % PIECE..)).unwrap_or_default();
            if there.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let (now, later) = rest.split_at_mut(rest.len().min(there.len()));
            now.copy_from_slice(there.get(..now.len()).unwrap_or_default());
            at = at.saturating_add(now.len());
            rest = later;
        }
        Ok(())
    }
}
