//! The suite on SQLite, and what only its files can show.

mod crash;
mod damage;
mod files;
mod privacy;
mod suite {
    crate::cases::stamp! { Some(super::super::SqliteStores::new()) }
}

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use enishi_party::Timestamp;
use enishi_store::{Purged, Store};
use rusqlite::Connection;

use crate::stores::{Ports, Purge, Stores};

/// A folder of its own for each case.
pub(crate) struct SqliteStores(tempfile::TempDir);

impl SqliteStores {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("store")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    fn store(&self) -> Arc<Store> {
        Store::sqlite(&self.folder()).unwrap()
    }

    /// A connection beside the store's, as a person with a shell would have.
    fn shell(&self, file: &str) -> Connection {
        Connection::open(self.file(file)).unwrap()
    }
}

impl Stores for SqliteStores {
    fn open(&self) -> Ports {
        Ports::of(&self.store())
    }
}

#[async_trait]
impl Purge for Store {
    async fn purge(&self, now: Timestamp) -> Purged {
        Self::purge(self, now).await.unwrap()
    }
}

/// All octets of all files in a folder.
fn octets_below(folder: &Path) -> Vec<u8> {
    let mut octets = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            octets.extend(octets_below(&path));
        } else {
            octets.extend(std::fs::read(&path).unwrap());
        }
    }
    octets
}

fn contains(octets: &[u8], planted: &str) -> bool {
    octets.windows(planted.len()).any(|window| window == planted.as_bytes())
}
