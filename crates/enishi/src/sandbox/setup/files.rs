//! Files and folders for their owner's eyes alone.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use serde::Serialize;

use crate::sandbox::SandboxError;

pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> SandboxError {
    move |reason| SandboxError::File { path: path.to_owned(), reason }
}

pub(super) fn make_folder(path: &Path) -> Result<(), SandboxError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(file(path))
}

pub(super) fn private_file(path: &Path, contents: &[u8]) -> Result<(), SandboxError> {
    let mut opened =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(file(path))?;
    opened.write_all(contents).map_err(file(path))
}

pub(super) fn write_toml(path: &Path, config: &impl Serialize) -> Result<(), SandboxError> {
    let text = toml::to_string_pretty(config).map_err(|error| SandboxError::Making(error.to_string()))?;
    private_file(path, text.as_bytes())
}
