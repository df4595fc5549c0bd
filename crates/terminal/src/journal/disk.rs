//! The few things that are done to files, each in steps between which a process may die.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::UNFINISHED;

/// Only the terminal's own user reads its files.
const MODE: u32 = 0o600;

/// Zeros are written in pieces of this size.
const ZEROS: [u8; 4096] = [0; 4096];

/// Puts a whole file in the place of another, which is overwritten: after a crash there is one or the other.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    fault::point()?;
    let unfinished = path.with_extension(UNFINISHED);
    // The old content outlives its name until it is overwritten through this handle.
    let old = match writable(path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&unfinished)?;
    write(&mut file, content)?;
    fault::point()?;
    file.sync_all()?;
    fault::point()?;
    std::fs::rename(&unfinished, path)?;
    fault::point()?;
    sync_folder(path)?;
    match old {
        Some(old) => overwrite(old),
        None => Ok(()),
    }
}

/// Takes a file's name, overwrites it and deletes it; what is cut off after the first step is finished at the next
/// opening.
///
/// What a flash disk or a journalling file system keeps of old blocks is out of reach; it is sealed.
pub(super) fn erase(path: &Path) -> io::Result<()> {
    fault::point()?;
    let unfinished = path.with_extension(UNFINISHED);
    std::fs::rename(path, &unfinished)?;
    fault::point()?;
    sync_folder(path)?;
    overwrite(writable(&unfinished)?)?;
    fault::point()?;
    std::fs::remove_file(&unfinished)?;
    fault::point()?;
    sync_folder(path)
}

/// Appends one line.
pub(super) fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    fault::point()?;
    let mut file = OpenOptions::new().append(true).create(true).mode(MODE).open(path)?;
    let first = file.metadata()?.len() == 0;
    write(&mut file, line)?;
    fault::point()?;
    file.sync_all()?;
    if first { sync_folder(path) } else { Ok(()) }
}

/// Reads a file whole. `None`: it is larger than allowed.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    let read = File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut content)?;
    let fits = u64::try_from(read).is_ok_and(|length| length <= most);
    Ok(fits.then_some(content))
}

/// Cuts off what stands behind the last whole line: the process died while it was being written, and nobody relied on
/// it.
pub(super) fn cut_to_whole_lines(path: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let mut whole = length;
    while whole > 0 {
        file.seek(SeekFrom::Start(whole - 1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last == *b"\n" {
            break;
        }
        whole -= 1;
    }
    if whole < length {
        file.set_len(whole)?;
        file.sync_all()?;
    }
    Ok(())
}

fn writable(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

fn overwrite(mut file: File) -> io::Result<()> {
    fault::point()?;
    let mut left = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    while left > 0 {
        let piece = ZEROS.get(..left).unwrap_or(&ZEROS);
        file.write_all(piece)?;
        left -= piece.len();
        if left > 0 {
            fault::point()?;
        }
    }
    file.sync_all()
}

fn write(file: &mut File, content: &[u8]) -> io::Result<()> {
    let allowed = fault::torn(content);
    file.write_all(allowed)?;
    if allowed.len() < content.len() { Err(fault::killed()) } else { Ok(()) }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Death between two steps: in tests only.
#[cfg(not(test))]
mod fault {
    use std::io;

    pub(super) const fn point() -> io::Result<()> {
        Ok(())
    }

    pub(super) const fn torn(content: &[u8]) -> &[u8] {
        content
    }

    pub(super) fn killed() -> io::Error {
        io::ErrorKind::WriteZero.into()
    }
}

#[cfg(test)]
pub(crate) mod fault {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    }

    /// Lets so many steps of this thread pass, then none: the process is dead. `None`: it lives.
    pub(crate) fn die_after(steps: Option<u32>) {
        LEFT.set(steps);
    }

    pub(super) fn point() -> io::Result<()> {
        match LEFT.get() {
            None => Ok(()),
            Some(0) => Err(killed()),
            Some(left) => {
                LEFT.set(Some(left - 1));
                Ok(())
            }
        }
    }

    /// A write is a step of its own, and the one at which the process dies writes half.
    pub(super) fn torn(content: &[u8]) -> &[u8] {
        match LEFT.get() {
            None => content,
            Some(0) => &content[..content.len() / 2],
            Some(left) => {
                LEFT.set(Some(left - 1));
                content
            }
        }
    }

    pub(super) fn killed() -> io::Error {
        io::Error::other("killed")
    }
}
