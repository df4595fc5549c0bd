//! The folder: who may read it, who has it open, and what its files are called.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use enishi_party::ContractId;

use crate::OpenError;

const PRIVATE_FOLDER: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

/// A folder that this process holds; given up when dropped, and by the kernel when the process dies.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        private_folder(path)?;
        private_folder(&path.join("entrusted"))?;
        let lock_file = path.join("relay.lock");
        let lock = private_file(&lock_file)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(OpenError::Folder { path: lock_file, source }),
        }
    }

    pub(super) fn relay_file(&self) -> PathBuf {
        self.path.join("relay.sqlite")
    }

    /// A contract's name is of `[a-z0-9-]`: it cannot leave the folder.
    pub(super) fn partition_file(&self, contract: &ContractId) -> PathBuf {
        self.path.join("entrusted").join(format!("{contract}.sqlite"))
    }
}

fn private_folder(path: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Folder { path: path.to_owned(), source };
    DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(path).map_err(failed)?;
    // The umask took bits away from the mode, and an older folder has its own.
    fs::set_permissions(path, Permissions::from_mode(PRIVATE_FOLDER)).map_err(failed)
}

/// Opens a file, and makes it where it is missing, for its owner's eyes alone.
///
/// SQLite gives its log and shared-memory files the mode of the database's file, so this comes before SQLite.
pub(super) fn private_file(path: &Path) -> Result<File, OpenError> {
    let open = || -> io::Result<File> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(PRIVATE_FILE)
            .open(path)?;
        file.set_permissions(Permissions::from_mode(PRIVATE_FILE))?;
        // SQLite syncs the folder for its log, not for a file that it finds: the name must survive a power cut too.
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(file)
    };
    open().map_err(|source| OpenError::Folder { path: path.to_owned(), source })
}
