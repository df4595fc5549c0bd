use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use enishi_jpki::{CertKind, KeyId};

use crate::ListError;
use crate::details::{DETAILS, DetailFiles};
use crate::name::ListName;

const PRIVATE_FOLDER: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

/// An accepted list.
const LIST: &str = "crl";
/// One that is being fetched or checked.
const NEW: &str = "new";
/// The name of a partition's distribution point, beside its list.
const POINT: &str = "point";

/// Longest directoryName kept; those of municipalities have some 100 octets.
const POINT_OCTETS_MAX: u64 = 4096;

/// Accepted lists as files. They hold serial numbers, so they are for their owner alone.
pub(crate) struct ListFolder {
    path: PathBuf,
    details: DetailFiles,
}

impl ListFolder {
    /// Makes the folder where it is missing, and takes away what an earlier process left half done.
    pub(crate) fn open(path: &Path) -> Result<Self, ListError> {
        let ready = || -> io::Result<()> {
            DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(path)?;
            for entry in fs::read_dir(path)? {
                let path = entry?.path();
                let ending = path.extension().and_then(|ending| ending.to_str());
                if matches!(ending, Some(NEW | DETAILS)) {
                    remove(&path)?;
                }
            }
            Ok(())
        };
        ready().map_err(ListError::folder(path))?;
        Ok(Self { path: path.to_owned(), details: DetailFiles::new(path.to_owned()) })
    }

    /// Where the details of lists go.
    pub(crate) const fn details(&self) -> &DetailFiles {
        &self.details
    }

    /// An empty file for a list that is to come: never one that somebody still writes to.
    pub(crate) fn incoming(&self, name: &ListName) -> Result<(File, Incoming), ListError> {
        let path = self.file(name, NEW);
        let begin = || {
            remove(&path)?;
            create_private(&path)
        };
        let file = begin().map_err(ListError::folder(&path))?;
        Ok((file, Incoming(path)))
    }

    /// Puts what came in the place of the list before; after a power cut one of the two is there, whole.
    pub(crate) fn keep(&self, name: &ListName, incoming: &File) -> Result<(), ListError> {
        let path = self.file(name, LIST);
        let keep = || -> io::Result<()> {
            incoming.sync_all()?;
            if let Some(point) = &name.point {
                self.keep_point(name, point)?;
            }
            fs::rename(self.file(name, NEW), &path)?;
            File::open(&self.path)?.sync_all()
        };
        keep().map_err(ListError::folder(&path))
    }

    /// The list that was kept, if there is one and it is not larger than allowed.
    pub(crate) fn kept(&self, name: &ListName, octets_max: usize) -> Result<Option<File>, ListError> {
        let path = self.file(name, LIST);
        let open = || -> io::Result<Option<File>> {
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            if file.metadata()?.len() > u64::try_from(octets_max).unwrap_or(u64::MAX) {
                return Err(ErrorKind::FileTooLarge.into());
            }
            Ok(Some(file))
        };
        open().map_err(ListError::folder(&path))
    }

    /// The points of an authority's partitions that have a list here, at most so many.
    pub(crate) fn points(
        &self,
        kind: CertKind,
        key_id: &KeyId,
        max: usize,
    ) -> Result<Vec<Vec<u8>>, ListError> {
        let read = || -> io::Result<Vec<Vec<u8>>> {
            let mut points = Vec::new();
            for entry in fs::read_dir(&self.path)? {
                let path = entry?.path();
                if path.extension().and_then(|ending| ending.to_str()) != Some(POINT) || points.len() >= max {
                    continue;
                }
                let mut point = Vec::new();
                File::open(&path)?.take(POINT_OCTETS_MAX).read_to_end(&mut point)?;
                // Its own name says whose it is, and that it is whole.
                let name = ListName::partition(kind, key_id.clone(), point);
                if self.file(&name, POINT) == path {
                    points.extend(name.point);
                }
            }
            Ok(points)
        };
        read().map_err(ListError::folder(&self.path))
    }

    /// Written once: a point of another name has another file.
    fn keep_point(&self, name: &ListName, point: &[u8]) -> io::Result<()> {
        let path = self.file(name, POINT);
        if fs::read(&path).is_ok_and(|kept| kept == point) {
            return Ok(());
        }
        let new = self.path.join(format!("{}-{POINT}.{NEW}", name.stem()));
        remove(&new)?;
        let file = create_private(&new)?;
        io::Write::write_all(&mut &file, point)?;
        file.sync_all()?;
        fs::rename(&new, &path)
    }

    fn file(&self, name: &ListName, ending: &str) -> PathBuf {
        self.path.join(format!("{}.{ending}", name.stem()))
    }
}

/// The name of a file that is on its way: taken away with this, unless the file was kept and has another by then.
pub(crate) struct Incoming(PathBuf);

impl Drop for Incoming {
    fn drop(&mut self) {
        // What stays all the same goes at the next fetch or start.
        drop(remove(&self.0));
    }
}

/// A new file that its owner alone may read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(PRIVATE_FILE).open(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
