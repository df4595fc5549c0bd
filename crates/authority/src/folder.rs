//! The authority's folder: marker, keys, certificates for others to copy, and the register's file.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use enishi_jpki::CertKind;
use zeroize::Zeroizing;

use crate::{
    AuthorityError, OcspKey, certificate,
    generation::GenerationNumber,
    key::{EcKey, ResponderKey, RsaKey},
};

const MARKER_FILE: &str = "SANDBOX";
const MARKER: &str =
    "SANDBOX authority of Enishi. Invented people, test keys: nothing here is valid anywhere else.\n";
const REGISTER_FILE: &str = "authority.sqlite";
const KEY_FOLDER: &str = "keys";
const CERTIFICATE_FOLDER: &str = "certificates";
/// A PKCS#8 file of RSA-2048 has some 1,220 octets.
const KEY_FILE_MAX_OCTETS: u64 = 8_192;

/// A folder that is, or becomes, one authority's.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder where it is missing; it must be empty.
    pub(crate) fn create(path: &Path) -> Result<Self, AuthorityError> {
        let folder = Self(path.to_owned());
        for directory in [path.to_owned(), path.join(KEY_FOLDER), path.join(CERTIFICATE_FOLDER)] {
            if directory == path && path.exists() {
                let mut entries = fs::read_dir(path).map_err(|source| failed(path, source))?;
                if entries.next().is_some() {
                    return Err(AuthorityError::FolderNotEmpty(path.to_owned()));
                }
                continue;
            }
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&directory)
                .map_err(|source| failed(&directory, source))?;
        }
        Ok(folder)
    }

    /// Opens a folder that was made to its end: the marker is written last.
    pub(crate) fn open(path: &Path) -> Result<Self, AuthorityError> {
        let marker = path.join(MARKER_FILE);
        match fs::read_to_string(&marker) {
            Ok(text) if text == MARKER => Ok(Self(path.to_owned())),
            _ => Err(AuthorityError::NoMarker(path.to_owned())),
        }
    }

    pub(crate) fn finish(&self) -> Result<(), AuthorityError> {
        self.write_file(&self.0.join(MARKER_FILE), MARKER.as_bytes(), 0o644)
    }

    pub(crate) fn register_file(&self) -> PathBuf {
        self.0.join(REGISTER_FILE)
    }

    pub(crate) fn write_key(&self, name: &str, pkcs8: &[u8]) -> Result<(), AuthorityError> {
        self.write_file(&self.0.join(KEY_FOLDER).join(name), pkcs8, 0o600)
    }

    pub(crate) fn read_key(&self, name: &str) -> Result<RsaKey, AuthorityError> {
        RsaKey::from_pkcs8(&self.read_pkcs8(name)?)
    }

    /// A responder's key; one for P-256 is made when it is first asked for, as older folders have none.
    pub(crate) fn responder_key(&self, kind: CertKind, key: OcspKey) -> Result<ResponderKey, AuthorityError> {
        match key {
            OcspKey::Rsa2048 => Ok(ResponderKey::Rsa(self.read_key(&responder_key_file(kind))?)),
            OcspKey::P256 => {
                let name = p256_responder_key_file(kind);
                if !self.0.join(KEY_FOLDER).join(&name).exists() {
                    self.place_key(&name, &EcKey::generate()?.1)?;
                }
                Ok(ResponderKey::P256(EcKey::from_pkcs8(&self.read_pkcs8(&name)?)?))
            }
        }
    }

    /// Writes a key that another process may be writing too: the first one stays, and is never seen half written.
    fn place_key(&self, name: &str, pkcs8: &[u8]) -> Result<(), AuthorityError> {
        let folder = self.0.join(KEY_FOLDER);
        let draft = format!("{name}.{}", hex::encode(certificate::random::<8>()?));
        let (path, draft) = (folder.join(name), folder.join(draft));
        self.write_file(&draft, pkcs8, 0o600)?;
        let placed = match fs::hard_link(&draft, &path) {
            Err(source) if source.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(&path, source)),
            Ok(()) | Err(_) => Ok(()),
        };
        fs::remove_file(&draft).map_err(|source| failed(&draft, source))?;
        placed?;
        File::open(&folder).and_then(|its| its.sync_all()).map_err(|source| failed(&folder, source))
    }

    fn read_pkcs8(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, AuthorityError> {
        let path = self.0.join(KEY_FOLDER).join(name);
        let file = File::open(&path).map_err(|source| failed(&path, source))?;
        let metadata = file.metadata().map_err(|source| failed(&path, source))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(AuthorityError::KeyFileOpen(path));
        }
        let mut pkcs8 = Zeroizing::new(Vec::new());
        file.take(KEY_FILE_MAX_OCTETS).read_to_end(&mut pkcs8).map_err(|source| failed(&path, source))?;
        Ok(pkcs8)
    }

    pub(crate) fn write_certificate(&self, name: &str, der: &[u8]) -> Result<(), AuthorityError> {
        self.write_file(&self.0.join(CERTIFICATE_FOLDER).join(name), der, 0o644)
    }

    /// Writes a new file and makes it last: content, then the folder's entry.
    fn write_file(&self, path: &Path, content: &[u8], mode: u32) -> Result<(), AuthorityError> {
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
            file.write_all(content)?;
            file.sync_all()?;
            File::open(path.parent().unwrap_or(&self.0))?.sync_all()
        };
        write().map_err(|source| failed(path, source))
    }
}

pub(crate) fn authority_key_file(kind: CertKind, generation: GenerationNumber) -> String {
    format!("{}ca{:02}.p8", short(kind), generation.number())
}

pub(crate) fn certificate_file(kind: CertKind, generation: GenerationNumber) -> String {
    format!("{}ca{:02}.cer", short(kind), generation.number())
}

pub(crate) fn responder_key_file(kind: CertKind) -> String {
    format!("{}ocsp.p8", short(kind))
}

fn p256_responder_key_file(kind: CertKind) -> String {
    format!("{}ocsp-p256.p8", short(kind))
}

const fn short(kind: CertKind) -> &'static str {
    match kind {
        CertKind::Authentication => "auth",
        CertKind::Signing => "sign",
    }
}

fn failed(path: &Path, source: std::io::Error) -> AuthorityError {
    AuthorityError::File { path: path.to_owned(), source }
}
