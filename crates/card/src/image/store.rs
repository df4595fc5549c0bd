//! Keeping an image in a file, so that a retry counter survives whatever happens to the process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{CardImage, ImageFault, file};
use crate::error::CardError;

/// A file that one card holds, under an advisory lock.
pub(crate) struct ImageFile {
    path: PathBuf,
    /// The open file carries the lock; each replacement takes its own before it gets the name.
    held: File,
}

impl ImageFile {
    /// Takes hold of a file and reads the image in it.
    pub(crate) fn open(path: &Path) -> Result<(Self, CardImage), CardError> {
        let held = File::open(path).map_err(ImageFault::Read)?;
        lock(&held)?;
        let metadata = held.metadata().map_err(ImageFault::Read)?;
        if !metadata.is_file() {
            return Err(ImageFault::NotAFile.into());
        }
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(ImageFault::Exposed { mode }.into());
        }
        if metadata.len() > CardImage::MAX_FILE_LEN {
            return Err(ImageFault::TooLarge { len: metadata.len() }.into());
        }
        // Between opening and locking, the former holder may have put a newer file under the name.
        let named = std::fs::metadata(path).map_err(ImageFault::Read)?;
        if (named.dev(), named.ino()) != (metadata.dev(), metadata.ino()) {
            return Err(ImageFault::InUse.into());
        }
        // The limit holds for what is read, too: the file may grow behind our back.
        let mut text = Zeroizing::new(String::new());
        (&held).take(CardImage::MAX_FILE_LEN).read_to_string(&mut text).map_err(|error| {
            match error.kind() {
                ErrorKind::InvalidData => ImageFault::Malformed { line: None },
                _ => ImageFault::Read(error),
            }
        })?;
        let image = file::from_text(&text)?;
        Ok((Self { path: path.to_owned(), held }, image))
    }

    /// Puts the image in the place of the file: after a crash at any point, one of the two is there, whole.
    pub(crate) fn replace(&mut self, image: &CardImage) -> Result<(), ImageFault> {
        let text = file::to_text(image)?;
        let fresh = beside(&self.path);
        // What an earlier crash left behind was never given the name, so nobody has seen an answer for it.
        match std::fs::remove_file(&fresh) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(ImageFault::Write(error)),
            _ => {}
        }
        let file = write_new(&fresh, &text)?;
        lock(&file)?;
        std::fs::rename(&fresh, &self.path).map_err(ImageFault::Write)?;
        sync_folder(&self.path)?;
        self.held = file;
        Ok(())
    }
}

/// Writes an image to a file that must not exist yet.
pub(super) fn create(path: &Path, image: &CardImage) -> Result<(), ImageFault> {
    write_new(path, &file::to_text(image)?)?;
    sync_folder(path)
}

fn write_new(path: &Path, text: &str) -> Result<File, ImageFault> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(ImageFault::Write)?;
    file.write_all(text.as_bytes()).map_err(ImageFault::Write)?;
    file.sync_all().map_err(ImageFault::Write)?;
    Ok(file)
}

fn sync_folder(path: &Path) -> Result<(), ImageFault> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(ImageFault::Write)
}

fn lock(file: &File) -> Result<(), ImageFault> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => ImageFault::InUse,
        TryLockError::Error(error) => ImageFault::Read(error),
    })
}

/// Where a replacement is written before it gets the name.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}
