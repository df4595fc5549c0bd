//! How a connection is set before anything is asked of it.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::OpenError;

/// How long one connection waits for another's lock; within one process nothing holds one for longer than a checkpoint.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// More than the number of different statements in this crate.
const CACHED_STATEMENTS: usize = 64;

/// A connection that may write.
pub(super) fn writing(path: &Path) -> Result<Connection, OpenError> {
    connect(path, |connection| {
        // Answered means on the disk: the log is synced at every COMMIT, not only when it is folded in.
        connection.pragma_update(None, "synchronous", "full")?;
        // Erased tokens do not stay in free pages.
        connection.pragma_update(None, "secure_delete", true)
    })
}

/// A connection that cannot write.
pub(super) fn reading(path: &Path) -> Result<Connection, OpenError> {
    connect(path, |connection| connection.pragma_update(None, "query_only", true))
}

fn connect(
    path: &Path,
    set: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<Connection, OpenError> {
    let open = || -> rusqlite::Result<Connection> {
        // The file is made beforehand, with its mode.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        // Sorting must not spill rows into files elsewhere.
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        set(&connection)?;
        Ok(connection)
    };
    open().map_err(|source| OpenError::Database { path: path.to_owned(), source })
}
