//! Why a store does not open.

use std::io;
use std::path::PathBuf;

/// Why a store does not open; a fault of an open store is a `StoreFault` of its port.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or a file in it cannot be made, read or protected.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has the folder open: its payments under way would be taken for leftovers.
    #[error("{} is open in another process", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// SQLite refuses the file.
    #[error("{}: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A newer program wrote the file.
    #[error("{} has schema {found}, and this program knows schemas up to {known}: start the newer program", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: usize,
        /// The newest schema known here.
        known: usize,
    },
    /// The file is not this store's, or another contract's.
    #[error("{} is not what its name says: {reason}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        reason: &'static str,
    },
    /// The address of a PostgreSQL database is not of its form.
    #[error("a PostgreSQL address is written postgresql://user@host/database")]
    Address,
    /// PostgreSQL refuses, or cannot be reached.
    #[error("PostgreSQL: {reason}")]
    Postgres {
        /// Why.
        reason: String,
    },
    /// A newer program made the database's schema.
    #[error(
        "the database has schema {found}, and this program knows schemas up to {known}: start the newer program"
    )]
    NewerDatabase {
        /// Its schema.
        found: usize,
        /// The newest schema known here.
        known: usize,
    },
    /// The system gives no thread.
    #[error("no thread for {}: {source}", path.display())]
    Thread {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
