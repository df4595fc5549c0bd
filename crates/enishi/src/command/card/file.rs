//! Files that are written: new ones only, for their owner alone.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::command::exit::Failure;

/// Refuses before the card is asked for anything.
pub(super) fn must_be_new(path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_ok() {
        return Err(Failure::wrong_use(format!("{} exists; name another file", path.display())));
    }
    Ok(())
}

/// Writes a file that did not exist (0600).
pub(super) fn write_new(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let failed = |error| Failure::surroundings(format!("{}: {error}", path.display()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)
}
