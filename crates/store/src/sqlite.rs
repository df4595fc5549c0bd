//! SQLite: one folder, one file for the relay, one for each contract under 委託.

mod connection;
mod file;
mod folder;
mod migration;
mod partitions;
mod readers;
mod session;
mod writer;

use std::path::Path;
use std::sync::Arc;

use crate::OpenError;
use folder::Folder;
use migration::RELAY;

pub(crate) use file::SqliteFile;
pub(crate) use partitions::SqliteFiles;

/// Reader connections to the relay's file: the journal is asked more often than any partition.
const RELAY_READERS: usize = 2;

/// Opens the relay's file, and whatever contracts' files are asked for later.
pub(crate) fn open(folder: &Path) -> Result<(Arc<SqliteFile>, SqliteFiles), OpenError> {
    let folder = Arc::new(Folder::open(folder)?);
    let file = folder.relay_file();
    let relay = SqliteFile::open(&file, &RELAY, RELAY_READERS, Arc::clone(&folder), |_| Ok(()))?;
    Ok((Arc::new(relay), SqliteFiles::new(folder)))
}
