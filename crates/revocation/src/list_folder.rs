use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use enishi_jpki::{CertKind, KeyId};

use crate::RevocationError;
use crate::config::kind_word;

const PRIVATE_FOLDER: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

/// Accepted lists as files, one for each authority. They hold serial numbers, so they are for their owner alone.
#[derive(Clone)]
pub(crate) struct ListFolder(PathBuf);

impl ListFolder {
    pub(crate) fn open(path: &Path) -> Result<Self, RevocationError> {
        DirBuilder::new()
            .recursive(true)
            .mode(PRIVATE_FOLDER)
            .create(path)
            .map_err(|source| RevocationError::Folder { path: path.to_owned(), source })?;
        Ok(Self(path.to_owned()))
    }

    /// The list that was kept, if there is one and it is not larger than allowed.
    pub(crate) fn read(
        &self,
        kind: CertKind,
        key_id: &KeyId,
        octets_max: usize,
    ) -> Result<Option<Vec<u8>>, RevocationError> {
        let path = self.file(kind, key_id);
        let read = || -> io::Result<Option<Vec<u8>>> {
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            let limit = u64::try_from(octets_max).unwrap_or(u64::MAX);
            if file.metadata()?.len() > limit {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            let mut list = Vec::new();
            file.take(limit).read_to_end(&mut list)?;
            Ok(Some(list))
        };
        read().map_err(|source| RevocationError::Folder { path: path.clone(), source })
    }

    /// Puts a list in the place of the one before; after a power cut one of the two is there, whole.
    pub(crate) fn keep(&self, kind: CertKind, key_id: &KeyId, list: &[u8]) -> Result<(), RevocationError> {
        let path = self.file(kind, key_id);
        let new = path.with_extension("new");
        let write = || -> io::Result<()> {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE_FILE).open(&new)?;
            file.write_all(list)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(|source| RevocationError::Folder { path: path.clone(), source })
    }

    fn file(&self, kind: CertKind, key_id: &KeyId) -> PathBuf {
        // Letters and hex digits: the name cannot leave the folder.
        self.0.join(format!("{}-{key_id}.crl", kind_word(kind)))
    }
}
