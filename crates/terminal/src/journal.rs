//! What survives the process: the slip counter, the requests without an outcome, and the record of sales.
//!
//! ```text
//! lock               held while a process works here
//! journal.key        32 octets, under which pending requests are sealed
//! counter.json       whose folder this is, and the next slip
//! pending/KEY.sealed one request each, until its outcome is recorded or its cancellation acknowledged
//! sales.jsonl        one line per event, append-only
//! ```
//!
//! Each change is on the disk (file and folder synced) before the step that relies on it. Sealing keeps a certificate
//! from whoever copies a pending request, or finds it in the old blocks of a flash disk, without the key beside it; it
//! does not keep it from whoever owns the whole folder, as the terminal itself must be able to repeat the request.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enishi_party::{Entropy, IdempotencyKey, SlipNumber, TerminalId};

use crate::{JournalFault, TerminalError};

mod counter;
mod disk;
mod pending;
mod sales;
mod seal;

#[cfg(test)]
pub(crate) use disk::fault;
pub(crate) use pending::{Cause, Pending, Stage};
pub use sales::{Recorded, SaleRecord};

use counter::Counter;
use sales::SalesBook;
use seal::SealKey;

const LOCK: &str = "lock";
const KEY: &str = "journal.key";
const COUNTER: &str = "counter.json";
const SALES: &str = "sales.jsonl";
const PENDING: &str = "pending";
const SEALED: &str = "sealed";
const UNFINISHED: &str = "unfinished";

/// Largest file of a pending request: a body of 16 KiB in base64 within JSON.
const PENDING_OCTETS: u64 = 32 * 1024;

/// Whether every change so far is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Sound,
    Failed,
}

/// The terminal's folder.
pub(crate) struct Journal {
    folder: PathBuf,
    key: SealKey,
    terminal: TerminalId,
    counter: Counter,
    sales: SalesBook,
    pending: BTreeMap<IdempotencyKey, Pending>,
    entropy: Arc<dyn Entropy>,
    health: Health,
    /// The lock ends with the file's handle, and so with the process.
    _lock: File,
}

impl Journal {
    /// Opens the folder, or makes it; reads every pending request.
    pub(crate) fn open(
        folder: &Path,
        terminal: &TerminalId,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, TerminalError> {
        make_folder(folder)?;
        let lock = lock(folder)?;
        make_folder(&folder.join(PENDING))?;
        for place in [folder, &folder.join(PENDING)] {
            drop_unfinished(place)?;
        }
        let mut journal = Self {
            folder: folder.to_owned(),
            key: SealKey::open(&folder.join(KEY), &*entropy)?,
            terminal: terminal.clone(),
            counter: Counter::open(&folder.join(COUNTER), terminal)?,
            sales: SalesBook::open(folder.join(SALES))?,
            pending: BTreeMap::new(),
            entropy,
            health: Health::Sound,
            _lock: lock,
        };
        journal.read_pending()?;
        Ok(journal)
    }

    /// Takes the next slip number, for good.
    pub(crate) fn next_slip(&mut self) -> Result<SlipNumber, TerminalError> {
        let slip = self.counter.take()?;
        let content = self.counter.to_json(&self.terminal)?;
        self.on_disk(&self.folder.join(COUNTER), |path| disk::replace(path, &content))?;
        Ok(slip)
    }

    /// Writes a request, or its next stage, to the disk. On return it outlives the process.
    pub(crate) fn keep(&mut self, key: &IdempotencyKey, pending: Pending) -> Result<(), TerminalError> {
        let path = self.path_of(key);
        let clear = pending.to_json()?;
        let sealed = self.key.seal(&clear, &self.terminal, key, self.entropy.octets())?;
        self.on_disk(&path, |path| disk::replace(path, &sealed))?;
        self.pending.insert(key.clone(), pending);
        Ok(())
    }

    /// Overwrites and deletes a request whose outcome is recorded.
    pub(crate) fn erase(&mut self, key: &IdempotencyKey) -> Result<(), TerminalError> {
        let path = self.path_of(key);
        self.on_disk(&path, disk::erase)?;
        self.pending.remove(key);
        Ok(())
    }

    /// Appends to the record of sales. On return it outlives the process.
    pub(crate) fn record(&mut self, record: &SaleRecord) -> Result<(), TerminalError> {
        let line = record.to_line()?;
        self.on_disk(&self.folder.join(SALES), |path| disk::append(path, &line))
    }

    /// The outcome that was recorded for a request, if one was.
    pub(crate) fn recorded(&self, key: &IdempotencyKey) -> Result<Option<SaleRecord>, TerminalError> {
        self.sales.outcome_of(key)
    }

    /// The outcome recorded last.
    pub(crate) fn last_sale(&self) -> Result<Option<SaleRecord>, TerminalError> {
        self.sales.last()
    }

    /// The requests without an outcome, or with a cancellation that nobody acknowledged.
    pub(crate) const fn pending(&self) -> &BTreeMap<IdempotencyKey, Pending> {
        &self.pending
    }

    /// Changes the folder. Once that has failed nothing more is changed: after a failed fsync the system may show what
    /// the disk does not hold, so only a new process may go on.
    fn on_disk(
        &mut self,
        path: &Path,
        change: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<(), TerminalError> {
        if self.health == Health::Failed {
            return Err(TerminalError::FolderFailed);
        }
        change(path).map_err(|source| {
            self.health = Health::Failed;
            folder_error(path, source)
        })
    }

    fn path_of(&self, key: &IdempotencyKey) -> PathBuf {
        self.folder.join(PENDING).join(format!("{key}.{SEALED}"))
    }

    fn read_pending(&mut self) -> Result<(), TerminalError> {
        for path in files(&self.folder.join(PENDING))? {
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let key = stem
                .filter(|_| path.extension().is_some_and(|extension| extension == SEALED))
                .and_then(|stem| stem.parse::<IdempotencyKey>().ok())
                .ok_or_else(|| journal_error(&path, JournalFault::UnknownFile))?;
            let sealed = disk::read(&path, PENDING_OCTETS)
                .map_err(|source| folder_error(&path, source))?
                .ok_or_else(|| journal_error(&path, JournalFault::TooLarge))?;
            let clear = self
                .key
                .open_sealed(&sealed, &self.terminal, &key)
                .ok_or_else(|| journal_error(&path, JournalFault::NotSealedHere))?;
            let pending =
                Pending::from_json(&clear).ok_or_else(|| journal_error(&path, JournalFault::Malformed))?;
            self.pending.insert(key, pending);
        }
        Ok(())
    }
}

fn make_folder(path: &Path) -> Result<(), TerminalError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| folder_error(path, source))
}

fn lock(folder: &Path) -> Result<File, TerminalError> {
    let path = folder.join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|source| folder_error(&path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(TerminalError::FolderInUse),
        Err(TryLockError::Error(source)) => Err(folder_error(&path, source)),
    }
}

/// A file whose writing was cut off was relied upon by nobody.
fn drop_unfinished(folder: &Path) -> Result<(), TerminalError> {
    for path in files(folder)? {
        if path.extension().is_some_and(|extension| extension == UNFINISHED) {
            disk::erase(&path).map_err(|source| folder_error(&path, source))?;
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, TerminalError> {
    let entries = || -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            paths.push(entry?.path());
        }
        paths.sort();
        Ok(paths)
    };
    entries().map_err(|source| folder_error(folder, source))
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn folder_error(path: &Path, source: io::Error) -> TerminalError {
    TerminalError::Folder { file: name_of(path), source }
}

fn journal_error(path: &Path, fault: JournalFault) -> TerminalError {
    TerminalError::Journal { file: name_of(path), fault }
}

#[cfg(test)]
mod tests;
