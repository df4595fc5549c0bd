//! Where a list's reasons and dates lie during a run: a nameless file in the run's folder.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use enishi_verify::{DetailFile, DetailStore};

/// The folder.
pub(crate) struct DetailFolder(pub(crate) PathBuf);

struct Details(File);

impl DetailStore for DetailFolder {
    fn begin(&self) -> io::Result<Box<dyn DetailFile>> {
        Ok(Box::new(Details(tempfile::tempfile_in(&self.0)?)))
    }
}

impl DetailFile for Details {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(into, offset)
    }
}
