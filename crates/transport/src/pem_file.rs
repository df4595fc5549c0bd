//! PEM files: bounded reads, private writes.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use crate::SetupError;

/// Largest PEM file read: a bundle of some 40 certificates; ours hold one to three.
const PEM_BYTES_MAX: u64 = 64 * 1024;

/// Permission bits that nobody but the owner of a key may have.
const GROUP_AND_OTHERS: u32 = 0o077;

/// Reads a file of certificates as text; [`parse_certificates`] gives its contents.
pub(crate) fn read_public(path: &Path) -> Result<String, SetupError> {
    let text = read(path, File::open(path).map_err(|source| file(path, source))?)?;
    Ok(text.to_string())
}

pub(crate) fn parse_certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| malformed("certificate file", "it is not PEM"))?;
    if certificates.is_empty() {
        return Err(malformed("certificate file", "it holds no certificate"));
    }
    Ok(certificates)
}

/// Reads a private key; refuses a file that anybody but its owner may touch.
pub(crate) fn read_key(path: &Path) -> Result<Zeroizing<String>, SetupError> {
    let opened = File::open(path).map_err(|source| file(path, source))?;
    // Asked of the open file, so that the file checked is the file read.
    let mode = opened.metadata().map_err(|source| file(path, source))?.mode() & 0o7777;
    if mode & GROUP_AND_OTHERS != 0 {
        return Err(SetupError::KeyReadableByOthers { path: path.to_owned(), mode });
    }
    read(path, opened)
}

/// Makes a folder that only its owner may enter; an existing one is closed to others.
pub(crate) fn make_private_folder(path: &Path) -> Result<(), SetupError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|source| file(path, source))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|source| file(path, source))
}

/// Writes a file under a temporary name and moves it into place, so that no reader meets half a file.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), SetupError> {
    let temporary = path.with_extension("new");
    // A file left by a crash may have other permissions than those that are asked for on creation.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file(&temporary, error)),
        _ => {}
    }
    let write = || {
        let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        new.write_all(text.as_bytes())?;
        new.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|source| file(path, source))
}

pub(crate) fn malformed(what: &'static str, reason: impl ToString) -> SetupError {
    SetupError::Malformed { what, reason: reason.to_string() }
}

fn read(path: &Path, opened: File) -> Result<Zeroizing<String>, SetupError> {
    let mut text = Zeroizing::new(String::new());
    opened.take(PEM_BYTES_MAX + 1).read_to_string(&mut text).map_err(|source| file(path, source))?;
    if u64::try_from(text.len()).is_ok_and(|length| length <= PEM_BYTES_MAX) {
        Ok(text)
    } else {
        Err(SetupError::FileTooLarge { path: path.to_owned(), limit: PEM_BYTES_MAX })
    }
}

fn file(path: &Path, source: std::io::Error) -> SetupError {
    SetupError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
