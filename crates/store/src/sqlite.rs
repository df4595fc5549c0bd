//! The ports on SQLite: one folder, one file for the relay, one for each contract under 委託.

mod clock_value;
mod column;
mod condition;
mod connection;
mod database;
mod evidence;
mod fault;
mod folder;
mod intent_row;
mod intents;
mod journal;
mod link_row;
mod links;
mod meter;
mod migration;
mod partitions;
mod payment_row;
mod payments;
mod purge;
mod readers;
mod records;
mod reversals;
mod traces;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::OpenError;
use database::Database;
use folder::Folder;
use migration::RELAY;
use partitions::Partitions;
use traces::TraceBlocks;

pub use condition::StoreCondition;
pub use purge::Purged;

/// Reader connections to the relay's file: the journal is asked more often than any partition.
const RELAY_READERS: usize = 2;

/// The relay's ports on one folder of SQLite files.
///
/// Every write is durable before it is answered, and is carried out even where the caller stops waiting. Times are kept
/// to the microsecond. A folder is open in one process at a time.
pub struct SqliteStore {
    relay: Database,
    partitions: Partitions,
    traces: TraceBlocks,
    // Declared last, so released last: after every file is closed.
    _folder: Arc<Folder>,
}

impl SqliteStore {
    /// Opens a folder, makes what is missing in it, and brings older files to the present schema.
    ///
    /// The folder becomes 0700 and its files 0600, whatever the umask.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(folder: &Path) -> Result<Arc<Self>, OpenError> {
        let folder = Arc::new(Folder::open(folder)?);
        let relay = Database::open(&folder.relay_file(), &RELAY, RELAY_READERS, |_| Ok(()))?;
        let partitions = Partitions::new(Arc::clone(&folder));
        Ok(Arc::new(Self { relay, partitions, traces: TraceBlocks::default(), _folder: folder }))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore(…)")
    }
}
