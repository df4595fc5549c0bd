//! Files and folders for their owner's eyes alone; nothing is overwritten.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use enishi_party::Malformed;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::party::{Template, TemplateError};

/// Why a party's folder was not made.
#[derive(Debug, thiserror::Error)]
pub enum FoundingError {
    /// The folder holds something.
    #[error("{0} is not empty; name a new folder, nothing is overwritten")]
    NotEmpty(PathBuf),
    /// Others may put files into the folder, or take them away.
    #[error("others may write to {0}: chmod go-w, or name a new folder")]
    OpenToOthers(PathBuf),
    /// A file or folder.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// The name is of another form.
    #[error("--name: {0}")]
    Name(Malformed),
    /// The CA, or a certificate for the party.
    #[error(transparent)]
    Setup(#[from] enishi_transport::SetupError),
    /// The authority's register.
    #[error(transparent)]
    Authority(#[from] enishi_authority::AuthorityError),
    /// A signing key.
    #[error("the assertion key could not be made: {0}")]
    Assertion(#[from] enishi_wire::AssertionError),
    /// The configuration file.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A time that no calendar has.
    #[error("the clock stands at a time that no calendar has")]
    Calendar,
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> FoundingError {
    move |reason| FoundingError::File { path: path.to_owned(), reason }
}

/// Makes a folder (0700); one that is there must be empty, and nobody else may write to it.
pub(super) fn folder(path: &Path) -> Result<(), FoundingError> {
    match fs::read_dir(path) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(FoundingError::NotEmpty(path.to_owned())),
            None if is_open_to_others(path).map_err(failed(path))? => {
                Err(FoundingError::OpenToOthers(path.to_owned()))
            }
            None => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed(path))
        }
        Err(error) => Err(failed(path)(error)),
    }
}

/// Whether others could put their own keys or configuration in the place of those that are made here.
pub(crate) fn is_open_to_others(path: &Path) -> std::io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o022 != 0)
}

/// A new file (0600).
pub(super) fn private(path: &Path, contents: &[u8]) -> Result<(), FoundingError> {
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.and_then(|mut file| file.write_all(contents).and_then(|()| file.sync_all())).map_err(failed(path))
}

/// A new key file: 64 hex digits.
pub(super) fn hex_key(path: &Path, octets: &[u8; 32]) -> Result<(), FoundingError> {
    private(path, Zeroizing::new(hex::encode(octets)).as_bytes())
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<(), FoundingError> {
    private(to, &fs::read(from).map_err(failed(from))?)
}

/// A new configuration file, every key explained.
pub(super) fn write_config(
    path: &Path,
    template: &'static str,
    config: &impl Serialize,
) -> Result<(), FoundingError> {
    private(path, Template::of(template)?.write(config)?.as_bytes())
}
