//! The folder that a demo plays in.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::party::is_open_to_others;
use crate::sandbox::SandboxError;

/// How often it is tried to remove a folder in which somebody still writes.
const REMOVALS_MAX: u32 = 40;
const BETWEEN_REMOVALS: Duration = Duration::from_millis(50);

/// A folder of the demo's own, temporary or kept.
pub(crate) enum Floor {
    Temporary(TempDir),
    Kept(PathBuf),
}

impl Floor {
    /// A folder to keep must be new or empty: nothing of an earlier sandbox is written over.
    pub(crate) fn make(keep: Option<&Path>) -> Result<Self, SandboxError> {
        let Some(keep) = keep else {
            return Ok(Self::Temporary(tempfile::Builder::new().prefix("enishi-demo-").tempdir()?));
        };
        let file = |reason| SandboxError::File { path: keep.to_owned(), reason };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(keep).map_err(file)?;
        if std::fs::read_dir(keep).map_err(file)?.next().is_some() {
            return Err(SandboxError::FolderNotEmpty(keep.to_owned()));
        }
        if is_open_to_others(keep).map_err(file)? {
            return Err(SandboxError::FolderOpenToOthers(keep.to_owned()));
        }
        Ok(Self::Kept(std::path::absolute(keep).map_err(file)?))
    }

    pub(crate) fn root(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }

    /// Removes what is not to be kept. A database that is just being closed may write once more: it is tried again.
    pub(crate) async fn clear(self) -> Result<(), SandboxError> {
        let Self::Temporary(folder) = self else { return Ok(()) };
        let mut tries = 0;
        loop {
            match std::fs::remove_dir_all(folder.path()) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && !folder.path().exists() => {
                    return Ok(());
                }
                Err(reason) if tries >= REMOVALS_MAX => {
                    return Err(SandboxError::File { path: folder.path().to_owned(), reason });
                }
                Err(_) => tokio::time::sleep(BETWEEN_REMOVALS).await,
            }
            tries += 1;
        }
    }
}
