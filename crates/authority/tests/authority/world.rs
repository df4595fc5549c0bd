//! An authority in a temporary folder, invented citizens, a handful of card keys.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use enishi_authority::{
    Authority, AuthorityConfig, CardKey, CarrierKeys, CitizenId, CitizenRecord, GenerationNumber,
    IssuedCertificates, Municipality, RegisteredBirth, RegisteredText, ServiceConfig, WithSigning,
};
use enishi_jpki::{Carrier, CertKind, KeyId, Sex};
use jiff::{Timestamp, civil::date};
use tempfile::TempDir;

pub(crate) const NOW: &str = "2026-11-20T03:00:00Z";

pub(crate) struct World {
    folder: TempDir,
    pub(crate) authority: Authority,
}

impl World {
    /// One with the default settings; every test gets a copy of the same, whose keys are made once.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for (path, content, mode) in template() {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
        }
        let authority = Authority::open(folder.path()).unwrap();
        Self { folder, authority }
    }

    pub(crate) fn with(config: AuthorityConfig) -> Self {
        let folder = TempDir::new().unwrap();
        let authority = Authority::create(folder.path(), config, at(NOW)).unwrap();
        Self { folder, authority }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Closes the authority and opens it again.
    pub(crate) fn restart(self) -> Self {
        let Self { folder, authority } = self;
        drop(authority);
        let authority = Authority::open(folder.path()).unwrap();
        Self { folder, authority }
    }

    /// Its folder with nobody at work on it.
    pub(crate) fn closed(self) -> (PathBuf, ClosedWorld) {
        let Self { folder, authority } = self;
        drop(authority);
        (folder.path().to_owned(), ClosedWorld(folder))
    }

    /// Closes the authority and opens it again to work by these choices.
    pub(crate) fn served_as(self, service: ServiceConfig) -> Self {
        let Self { folder, authority } = self;
        drop(authority);
        let authority = Authority::open_with(folder.path(), service).unwrap();
        Self { folder, authority }
    }

    /// A card with both certificates for a citizen of that number.
    pub(crate) fn card(&self, citizen: &str) -> IssuedCertificates {
        self.authority.issue(&person(citizen), keys(0), Carrier::Card, at(NOW)).unwrap()
    }

    /// The newest generation's certificate and key identifier.
    pub(crate) fn issuer(&self, kind: CertKind) -> (Vec<u8>, KeyId) {
        self.generation(kind, GenerationNumber::Third)
    }

    pub(crate) fn generation(&self, kind: CertKind, number: GenerationNumber) -> (Vec<u8>, KeyId) {
        let all = self.authority.authority_certificates();
        let found = all.into_iter().find(|its| its.kind == kind && its.generation == number).unwrap();
        (found.der, found.key_id)
    }
}

/// A folder that waits to be opened again.
pub(crate) struct ClosedWorld(TempDir);

impl ClosedWorld {
    pub(crate) fn opened(self) -> World {
        let authority = Authority::open(self.0.path()).unwrap();
        World { folder: self.0, authority }
    }
}

/// Path, content and mode of every file of a new authority.
fn template() -> &'static [(PathBuf, Vec<u8>, u32)] {
    static FILES: OnceLock<Vec<(PathBuf, Vec<u8>, u32)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let world = World::with(config());
        let World { folder, authority } = world;
        drop(authority);
        let mut files = Vec::new();
        for directory in ["", "keys", "certificates"] {
            for entry in fs::read_dir(folder.path().join(directory)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    let path = Path::new(directory).join(entry.file_name());
                    let mode = entry.metadata().unwrap().permissions().mode();
                    files.push((path, fs::read(entry.path()).unwrap(), mode));
                }
            }
        }
        files
    })
}

pub(crate) fn config() -> AuthorityConfig {
    AuthorityConfig::new("http://127.0.0.1:8080/ocsp")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An invented person, aged 46, of an existing municipality.
pub(crate) fn person(id: &str) -> CitizenRecord {
    CitizenRecord {
        id: CitizenId::parse(id).unwrap(),
        name: RegisteredText::name("霧島\u{3000}千景").unwrap().with_substitutes(&[1]).unwrap(),
        address: RegisteredText::address("東京都清瀬市架空町一丁目２番３号").unwrap(),
        birth_date: RegisteredBirth::Known(date(1980, 2, 17)),
        sex: Sex::Female,
        municipality: Municipality::new("13221", "Tokyo-to", "Kiyose-shi").unwrap(),
        carrier_expiry: None,
    }
}

/// The pair of keys of the n-th card.
pub(crate) fn keys(card: usize) -> CarrierKeys<'static> {
    CarrierKeys {
        authentication_spki: key(card * 2).spki_der(),
        signing: WithSigning::Spki(key(card * 2 + 1).spki_der()),
    }
}

/// One of six card keys, made once for all tests.
pub(crate) fn key(number: usize) -> &'static CardKey {
    static KEYS: OnceLock<Vec<CardKey>> = OnceLock::new();
    &KEYS.get_or_init(|| (0..6).map(|_| CardKey::generate().unwrap()).collect())[number]
}
