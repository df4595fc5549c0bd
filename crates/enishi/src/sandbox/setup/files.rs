//! Files and folders for their owner's eyes alone.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use serde::Serialize;

use crate::party::{TemplateError, is_open_to_others, templates};
use crate::sandbox::SandboxError;

pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> SandboxError {
    move |reason| SandboxError::File { path: path.to_owned(), reason }
}

pub(super) fn make_folder(path: &Path) -> Result<(), SandboxError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(file(path))
}

/// Refuses a folder that holds anything, or to which others may write.
pub(super) fn require_empty(path: &Path) -> Result<(), SandboxError> {
    match fs::read_dir(path) {
        Ok(mut entries) => match entries.next() {
            None if is_open_to_others(path).map_err(file(path))? => {
                Err(SandboxError::FolderOpenToOthers(path.to_owned()))
            }
            None => Ok(()),
            Some(_) => Err(SandboxError::FolderNotEmpty(path.to_owned())),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file(path)(error)),
    }
}

pub(super) fn private_file(path: &Path, contents: &[u8]) -> Result<(), SandboxError> {
    let mut opened =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(file(path))?;
    opened.write_all(contents).map_err(file(path))
}

/// Writes a configuration with the explanations of its template.
pub(super) fn write_config(path: &Path, config: &impl Serialize) -> Result<(), SandboxError> {
    let making = |error: TemplateError| SandboxError::Making(error.to_string());
    let template = templates().map_err(making)?.iter();
    let named = template.clone().find(|template| path.file_name().is_some_and(|name| name == template.file));
    let template = named.ok_or_else(|| SandboxError::Making(format!("{}: no template", path.display())))?;
    private_file(path, template.write(config).map_err(making)?.as_bytes())
}
