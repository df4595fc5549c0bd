//! The store, whichever database it is on.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::OpenError;
use crate::database::{Database, Partitions};
use crate::ports::TraceBlocks;
use crate::postgres::PostgresRows;
use crate::sqlite;

/// The relay's ports on one database.
///
/// Every write is durable before it is answered, and is carried out even where the caller stops waiting. Times are kept
/// to the microsecond.
pub struct Store {
    pub(crate) relay: Database,
    pub(crate) partitions: Partitions,
    pub(crate) traces: TraceBlocks,
}

impl Store {
    /// Opens a folder of SQLite files, makes what is missing in it, and brings older files to the present schema. A folder
    /// is open in one process at a time.
    ///
    /// The folder becomes 0700 and its files 0600, whatever the umask.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn sqlite(folder: &Path) -> Result<Arc<Self>, OpenError> {
        let (relay, partitions) = sqlite::open(folder)?;
        Ok(Arc::new(Self {
            relay: Database::Sqlite(relay),
            partitions: Partitions::Sqlite(partitions),
            traces: TraceBlocks::default(),
        }))
    }

    /// Connects to a PostgreSQL database (`postgresql://user@host/database`), and brings it to the present schema. Waits
    /// for the database, so it is not called on an event loop.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn postgres(url: &str) -> Result<Arc<Self>, OpenError> {
        let rows = PostgresRows::open(url)?;
        Ok(Arc::new(Self {
            relay: Database::Postgres(rows.clone()),
            partitions: Partitions::Postgres(rows),
            traces: TraceBlocks::default(),
        }))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store(…)")
    }
}
