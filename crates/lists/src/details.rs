use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use enishi_verify::{DetailFile, DetailStore};

use crate::folder::create_private;

/// What is gathered before it is written; what comes in such pieces is not gathered.
const PIECE: usize = 128 * 1024;

/// Details of lists as files without a name: whatever ends the process, the kernel takes them away.
#[derive(Debug)]
pub struct DetailFiles {
    folder: PathBuf,
    next: AtomicU64,
}

impl DetailFiles {
    /// Where the files are made; it is there already.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder, next: AtomicU64::new(0) }
    }
}

/// The ending of a file that has its name for a moment yet; one that is left behind goes at the next start.
pub(crate) const DETAILS: &str = "details";

impl DetailStore for DetailFiles {
    fn begin(&self) -> io::Result<Box<dyn DetailFile>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{number}.{DETAILS}"));
        let file = create_private(&path)?;
        fs::remove_file(&path)?;
        Ok(Box::new(Details { file, written: 0, gathered: Vec::new() }))
    }
}

/// One list's details; the last piece is in memory until it is full.
struct Details {
    file: File,
    written: u64,
    gathered: Vec<u8>,
}

impl DetailFile for Details {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.gathered.is_empty() && bytes.len() >= PIECE {
            self.file.write_all_at(bytes, self.written)?;
            self.written = self.written.saturating_add(length(bytes));
            return Ok(());
        }
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE {
            self.file.write_all_at(&self.gathered, self.written)?;
            self.written = self.written.saturating_add(length(&self.gathered));
            self.gathered.clear();
        }
        Ok(())
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let in_file = usize::try_from(self.written.saturating_sub(offset)).unwrap_or(usize::MAX);
        let (from_file, from_memory) = into.split_at_mut(in_file.min(into.len()));
        self.file.read_exact_at(from_file, offset)?;
        let at =
            usize::try_from(offset.saturating_sub(self.written)).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let rest = self.gathered.get(at..).and_then(|rest| rest.get(..from_memory.len()));
        from_memory.copy_from_slice(rest.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
