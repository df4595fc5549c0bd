//! The files of the contracts under 委託, opened when they are first needed.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use enishi_linkage::StoreFault;
use enishi_party::ContractId;
use rusqlite::Connection;
use tokio::sync::{Mutex, oneshot};

use super::file::SqliteFile;
use super::folder::Folder;
use super::migration::PARTITION;
use crate::OpenError;

const READERS: usize = 1;

pub(crate) struct SqliteFiles {
    open: Mutex<HashMap<ContractId, Arc<SqliteFile>>>,
    folder: Arc<Folder>,
}

impl SqliteFiles {
    pub(super) fn new(folder: Arc<Folder>) -> Self {
        Self { open: Mutex::default(), folder }
    }

    /// A contract's partition; made where there is none.
    pub(crate) async fn of(&self, contract: &ContractId) -> Result<Arc<SqliteFile>, StoreFault> {
        let mut open = self.open.lock().await;
        if let Some(partition) = open.get(contract) {
            return Ok(Arc::clone(partition));
        }
        let partition = Arc::new(self.open_file(contract).await?);
        open.insert(contract.clone(), Arc::clone(&partition));
        Ok(partition)
    }

    /// A contract's partition where there is one: asking never makes a file.
    pub(crate) async fn standing(
        &self,
        contract: &ContractId,
    ) -> Result<Option<Arc<SqliteFile>>, StoreFault> {
        let known = self.open.lock().await.get(contract).cloned();
        match known {
            Some(partition) => Ok(Some(partition)),
            None if self.folder.partition_file(contract).exists() => self.of(contract).await.map(Some),
            None => Ok(None),
        }
    }

    /// Opening waits for the disk several times, so it has a thread of its own.
    async fn open_file(&self, contract: &ContractId) -> Result<SqliteFile, StoreFault> {
        let (reply, answer) = oneshot::channel();
        let (folder, contract) = (Arc::clone(&self.folder), contract.clone());
        let open = move || {
            let path = folder.partition_file(&contract);
            let claim = |connection: &Connection| claim(connection, &folder, &contract);
            // Nobody to tell where the caller stopped waiting: the file is closed again.
            let _ = reply.send(SqliteFile::open(&path, &PARTITION, READERS, Arc::clone(&folder), claim));
        };
        let fault = |reason: String| StoreFault { reason };
        thread::Builder::new()
            .name("store-opener".to_owned())
            .spawn(open)
            .map_err(|error| fault(error.to_string()))?;
        match answer.await {
            Ok(opened) => opened.map_err(|error| fault(error.to_string())),
            Err(_) => Err(fault("a partition's opening stopped".to_owned())),
        }
    }
}

/// A partition knows its contract: a file that was renamed or copied over another's is refused.
fn claim(connection: &Connection, folder: &Folder, contract: &ContractId) -> Result<(), OpenError> {
    let path = folder.partition_file(contract);
    let owner = || -> rusqlite::Result<String> {
        connection.execute(
            "INSERT INTO owner (contract, only) VALUES (?1, 1) ON CONFLICT (only) DO NOTHING",
            [contract.as_str()],
        )?;
        connection.query_row("SELECT contract FROM owner", (), |row| row.get(0))
    };
    match owner() {
        Ok(owner) if owner == contract.as_str() => Ok(()),
        Ok(_) => Err(OpenError::Foreign { path, reason: "the partition of another contract" }),
        Err(source) => Err(OpenError::Database { path, source }),
    }
}
