use std::path::Path;

use rusqlite::Connection;

use crate::writer::Writer;
use crate::{StoreError, schema};

/// One provider's database. Cheap to clone; clones share the one thread that writes.
///
/// Implements the ports [`Books`](enishi_provider::Books), [`Register`](enishi_provider::Register),
/// [`Conversions`](enishi_provider::Conversions) and [`Sessions`](enishi_provider::Sessions).
#[derive(Clone)]
pub struct ProviderStore {
    pub(crate) writer: Writer,
}

impl ProviderStore {
    /// Opens a database file, which is made (mode 0600) where it is missing, and brings it to the present schema.
    ///
    /// # Errors
    /// The file cannot be made or read, is none of ours, or of a newer version.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        make_private(file)?;
        Self::start(Connection::open(file)?)
    }

    /// A database that ends with its last handle, for tests.
    ///
    /// # Errors
    /// SQLite failed.
    pub fn open_in_memory() -> Result<Self, StoreError> {
        Self::start(Connection::open_in_memory()?)
    }

    /// Goes through the thread that writes, without writing anything: what an operator watches.
    ///
    /// # Errors
    /// No writes are taken now, or any more.
    pub async fn takes_writes(&self) -> Result<(), StoreError> {
        self.writer.run(|_| Ok(())).await
    }

    fn start(mut connection: Connection) -> Result<Self, StoreError> {
        schema::prepare(&mut connection)?;
        Ok(Self { writer: Writer::start(connection)? })
    }
}

impl std::fmt::Debug for ProviderStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProviderStore")
    }
}

/// Before SQLite makes the file with the process's mask; its companions (`-wal`, `-shm`) take the file's mode.
#[cfg(unix)]
fn make_private(file: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(file)?;
    Ok(())
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
