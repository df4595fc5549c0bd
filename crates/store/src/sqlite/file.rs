//! One file: a writer, some readers.

use std::path::Path;
use std::sync::Arc;

use enishi_linkage::StoreFault;
use rusqlite::Connection;

use super::connection::{reading, writing};
use super::folder::{Folder, private_file};
use super::migration::{Schema, migrate};
use super::readers::Readers;
use super::session::SqliteSession;
use super::writer::Writer;
use crate::OpenError;
use crate::fault::Fault;
use crate::session::Session;

/// An open file. Reads see every write that was answered.
pub(crate) struct SqliteFile {
    // Readers first: the writer folds its log into the file when it ends, which a reader would hinder.
    readers: Readers,
    writer: Writer,
    // Declared last, so released last: after every connection is closed.
    _folder: Arc<Folder>,
}

impl SqliteFile {
    /// `claim` sees the connection once the schema is there, before anyone else does.
    pub(super) fn open(
        path: &Path,
        schema: &Schema,
        readers: usize,
        folder: Arc<Folder>,
        claim: impl FnOnce(&Connection) -> Result<(), OpenError>,
    ) -> Result<Self, OpenError> {
        drop(private_file(path)?);
        let mut connection = writing(path)?;
        migrate(&mut connection, path, schema)?;
        claim(&connection)?;
        let connections = (0..readers).map(|_| reading(path)).collect::<Result<Vec<_>, _>>()?;
        let failed = |source| OpenError::Thread { path: path.to_owned(), source };
        Ok(Self {
            readers: Readers::start(connections).map_err(failed)?,
            writer: Writer::start(connection).map_err(failed)?,
            _folder: folder,
        })
    }

    /// Runs the work in the writer's next transaction; an error undoes it alone. Answers once it is durable.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        self.writer.write(move |connection| work(&SqliteSession(connection))).await
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        self.readers.read(move |connection| work(&SqliteSession(connection))).await
    }
}
