//! What everything stands on, bare: signatures, durable writes, exchanges on the loopback.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED, EcdsaKeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use rusqlite::Connection;

use crate::error::BenchError;
use crate::recut::NextKey;

/// What a signature is made over: as long as a Web eID message.
const MESSAGE: [u8; 64] = [0x5a; 64];
/// A page of a database, which a durable write carries at least.
const PAGE: [u8; 4096] = [0x5a; 4096];
/// Pages of the file that is written again and again, so that no write waits for the file to grow.
const PAGES: u64 = 64;

/// An RSA-2048 key with exponent 65537, and a signature of it.
pub(crate) struct Rsa {
    pair: RsaKeyPair,
    public: Vec<u8>,
    parsed: ParsedPublicKey,
    signature: Vec<u8>,
    params: FixedMontyParams<{ U2048::LIMBS }>,
}

impl Rsa {
    pub(crate) fn generate() -> Result<Self, BenchError> {
        let failed = || BenchError::Failed { what: "RSA", why: "the library refused".to_owned() };
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| failed())?;
        let public = pair.public_key().as_ref().to_vec();
        let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public).map_err(|_| failed())?;
        let modulus = RsaPublicKeyComponents::from(pair.public_key());
        let modulus: RsaPublicKeyComponents<Vec<u8>> = modulus;
        let odd =
            Option::<Odd<U2048>>::from(Odd::new(U2048::from_be_slice(&modulus.n))).ok_or_else(failed)?;
        let params = FixedMontyParams::new_vartime(odd);
        let signature = sign(&pair)?;
        Ok(Self { pair, public, parsed, signature, params })
    }

    /// A key that was not seen before, as every holder's is.
    pub(crate) fn verify_new_key(&self) -> Result<(), BenchError> {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public)
            .verify(&MESSAGE, &self.signature)
            .map_err(BenchError::of("RSA"))
    }

    /// A key that is at hand, as an authority's could be.
    pub(crate) fn verify_known_key(&self) -> Result<(), BenchError> {
        self.parsed.verify_sig(&MESSAGE, &self.signature).map_err(BenchError::of("RSA"))
    }

    /// The bare power in Rust, without padding and digest: the least that a verifier written in it does.
    pub(crate) fn power_in_rust(&self) -> Result<(), BenchError> {
        let base = U2048::from_be_slice(&self.signature);
        let power = FixedMontyForm::new(&base, &self.params).pow_vartime(&U2048::from_u32(65_537));
        std::hint::black_box(power.retrieve());
        Ok(())
    }

    pub(crate) fn sign(&self) -> Result<(), BenchError> {
        sign(&self.pair).map(|signature| drop(std::hint::black_box(signature)))
    }
}

fn sign(pair: &RsaKeyPair) -> Result<Vec<u8>, BenchError> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &MESSAGE, &mut signature)
        .map_err(BenchError::of("RSA"))?;
    Ok(signature)
}

/// A P-384 key and a signature of it: what the next card's verifications are at least.
pub(crate) struct P384 {
    public: Vec<u8>,
    parsed: ParsedPublicKey,
    signature: Vec<u8>,
}

impl P384 {
    pub(crate) fn generate() -> Result<Self, BenchError> {
        let key = NextKey::generate()?;
        let public = key.public().to_vec();
        let parsed =
            ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &public).map_err(BenchError::of("P-384"))?;
        Ok(Self { public, parsed, signature: key.sign(&MESSAGE)? })
    }

    /// A key that was not seen before.
    pub(crate) fn verify_new_key(&self) -> Result<(), BenchError> {
        UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &self.public)
            .verify(&MESSAGE, &self.signature)
            .map_err(BenchError::of("P-384"))
    }

    /// A key that is at hand.
    pub(crate) fn verify_known_key(&self) -> Result<(), BenchError> {
        self.parsed.verify_sig(&MESSAGE, &self.signature).map_err(BenchError::of("P-384"))
    }
}

/// The key of assertions: ES256.
pub(crate) struct Ec {
    pair: EcdsaKeyPair,
    signature: Vec<u8>,
}

impl Ec {
    pub(crate) fn generate() -> Result<Self, BenchError> {
        let pair =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(BenchError::of("ECDSA"))?;
        let signature = pair.sign(&SystemRandom::new(), &MESSAGE).map_err(BenchError::of("ECDSA"))?;
        let signature = signature.as_ref().to_vec();
        Ok(Self { pair, signature })
    }

    pub(crate) fn sign(&self) -> Result<(), BenchError> {
        let signature = self.pair.sign(&SystemRandom::new(), &MESSAGE).map_err(BenchError::of("ECDSA"))?;
        std::hint::black_box(signature);
        Ok(())
    }

    pub(crate) fn verify(&self) -> Result<(), BenchError> {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key().as_ref())
            .verify(&MESSAGE, &self.signature)
            .map_err(BenchError::of("ECDSA"))
    }
}

/// A file whose pages are overwritten and made durable one by one: the cheapest durable write of this disk.
pub(crate) struct DurableFile {
    file: File,
    path: PathBuf,
    next: u64,
}

impl DurableFile {
    pub(crate) fn create(folder: &Path) -> Result<Self, BenchError> {
        let path = folder.join("durable");
        let open = || -> std::io::Result<File> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
            for _ in 0..PAGES {
                file.write_all(&PAGE)?;
            }
            file.sync_all()?;
            Ok(file)
        };
        let file = open().map_err(BenchError::file(&path))?;
        Ok(Self { file, path, next: 0 })
    }

    pub(crate) fn write(&mut self) -> Result<(), BenchError> {
        let page = self.next % PAGES;
        self.next = self.next.wrapping_add(1);
        let mut write = || -> std::io::Result<()> {
            self.file.seek(SeekFrom::Start(page * 4096))?;
            self.file.write_all(&PAGE)?;
            self.file.sync_data()
        };
        write().map_err(BenchError::file(&self.path))
    }
}

/// One row a commit, in the mode that our databases use: what SQLite itself gives on this disk.
pub(crate) struct BareDatabase(Connection);

impl BareDatabase {
    pub(crate) fn create(folder: &Path) -> Result<Self, BenchError> {
        let connection = Connection::open(folder.join("bare.sqlite"))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body BLOB NOT NULL);",
        )?;
        Ok(Self(connection))
    }

    pub(crate) fn commit(&self) -> Result<(), BenchError> {
        self.0.prepare_cached("INSERT INTO bare (body) VALUES (?1)")?.execute([MESSAGE.as_slice()])?;
        Ok(())
    }
}

/// A peer on the loopback that answers so many octets with so many.
pub(crate) struct Echo {
    stream: TcpStream,
    question: Vec<u8>,
    answer: Vec<u8>,
    _thread: JoinHandle<()>,
}

impl Echo {
    pub(crate) fn start(question: usize, answer: usize) -> Result<Self, BenchError> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let thread = std::thread::spawn(move || {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let (mut asked, answered) = (vec![0; question], vec![0x5a; answer]);
            let _ = stream.set_nodelay(true);
            while stream.read_exact(&mut asked).is_ok() && stream.write_all(&answered).is_ok() {}
        });
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, question: vec![0x5a; question], answer: vec![0; answer], _thread: thread })
    }

    pub(crate) fn ask(&mut self) -> Result<(), BenchError> {
        self.stream.write_all(&self.question)?;
        Ok(self.stream.read_exact(&mut self.answer)?)
    }
}
