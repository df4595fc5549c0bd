//! A party's capture where the party is a process of its own: a file that it writes and the demo reads.
//!
//! One frame after the other: kind (1 octet), length of the peer's name (2) and of the bytes (4), big-endian, then both.
//! What a party receives is in the file before the party reads it, and what it sends before it does anything further, so
//! a reader who has heard what followed finds what went before.
//!
//! *Invariant:* only the sandbox writes such a file: [`TapFile::create`] looks into the party's configuration, and who
//! says `sandbox = true` there cannot load a production identity.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use enishi_relay::{Hop, Observer};
use enishi_server::explain;
use enishi_transport::{Direction, Tap};
use serde::Deserialize;

use super::{SandboxError, Seen};

/// Kind, length of the name, length of the bytes.
const HEADER_OCTETS: usize = 7;
/// Far above what a party reads at a time.
const FRAME_OCTETS_MAX: usize = 4 * 1024 * 1024;
/// Far above any configuration.
const CONFIG_OCTETS_MAX: u64 = 64 * 1024;
/// The exit code when the surroundings fail.
const SURROUNDINGS_FAILED: i32 = 3;

const RECEIVED: u8 = 0;
const SENT: u8 = 1;
const HOP: u8 = 2;

/// A tap that writes what it sees to a file.
pub struct TapFile {
    file: Mutex<File>,
    path: PathBuf,
}

/// Of a configuration file, the one key that all parties have.
#[derive(Deserialize)]
struct SandboxKey {
    sandbox: bool,
}

impl TapFile {
    /// Begins a file, which must not be there yet, for the party of a configuration file.
    ///
    /// # Errors
    /// The configuration does not say `sandbox = true`, or a file.
    pub fn create(path: &Path, config: &Path) -> Result<Self, SandboxError> {
        require_sandbox(config)?;
        let file = |reason| SandboxError::File { path: path.to_owned(), reason };
        let opened = OpenOptions::new().create_new(true).append(true).mode(0o600).open(path);
        Ok(Self { file: Mutex::new(opened.map_err(file)?), path: path.to_owned() })
    }

    /// One frame by one write, so that a reader sees it whole or not yet.
    fn write(&self, kind: u8, peer: &[u8], bytes: &[u8]) {
        let mut failed = None;
        // A single read of a party is far below this; what is not is written in parts.
        for part in bytes.chunks(FRAME_OCTETS_MAX / 2) {
            let (Ok(peer_length), Ok(length)) = (u16::try_from(peer.len()), u32::try_from(part.len())) else {
                failed = Some(io::Error::from(io::ErrorKind::InvalidInput));
                break;
            };
            let frame =
                [&[kind], &peer_length.to_be_bytes()[..], &length.to_be_bytes()[..], peer, part].concat();
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            failed = failed.or(file.write_all(&frame).err());
        }
        if let Some(error) = failed {
            // A story must never be told from half of what was seen.
            eprintln!("enishi: {}: {error}; without its record this sandbox party ends", self.path.display());
            std::process::exit(SURROUNDINGS_FAILED);
        }
    }
}

impl Tap for TapFile {
    fn saw(&self, direction: Direction, peer: &str, bytes: &[u8]) {
        let kind = match direction {
            Direction::Received => RECEIVED,
            Direction::Sent => SENT,
        };
        self.write(kind, peer.as_bytes(), bytes);
    }
}

impl Observer for TapFile {
    fn hop(&self, hop: Hop, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.write(HOP, hop.word().as_bytes(), &nanos.to_be_bytes());
    }
}

/// Refuses unless a configuration file says `sandbox = true`.
///
/// # Errors
/// It says otherwise, or cannot be read.
pub(crate) fn require_sandbox(config: &Path) -> Result<(), SandboxError> {
    let file = |reason| SandboxError::File { path: config.to_owned(), reason };
    let mut text = String::new();
    let opened = File::open(config).map_err(file)?;
    opened.take(CONFIG_OCTETS_MAX).read_to_string(&mut text).map_err(file)?;
    // The parser's own words repeat the line, which in a wrongly named file may be a key.
    let key: SandboxKey = toml::from_str(&text)
        .map_err(|error| SandboxError::Making(format!("{}: {}", config.display(), explain(&text, &error))))?;
    if key.sandbox { Ok(()) } else { Err(SandboxError::NotASandbox(config.to_owned())) }
}

/// The reading end: a file, and from where on it counts.
#[derive(Debug)]
pub(crate) struct TapEnd {
    path: PathBuf,
    from: u64,
}

impl TapEnd {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path, from: 0 }
    }

    /// Reads every whole frame from here on; gives the place after the last one.
    pub(crate) fn read_into(&self, seen: &mut Seen) -> io::Result<Self> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut rest = bytes.as_slice();
        while let Some((frame, after)) = Frame::split(rest)? {
            frame.tell(seen)?;
            rest = after;
        }
        let read = u64::try_from(bytes.len().saturating_sub(rest.len())).unwrap_or_default();
        Ok(Self { path: self.path.clone(), from: self.from.saturating_add(read) })
    }
}

struct Frame<'a> {
    kind: u8,
    peer: &'a str,
    bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The first frame and what comes after it; none if it is not whole yet.
    fn split(bytes: &'a [u8]) -> io::Result<Option<(Self, &'a [u8])>> {
        let Some((&[kind, p0, p1, l0, l1, l2, l3], rest)) = bytes.split_first_chunk::<HEADER_OCTETS>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        if length > FRAME_OCTETS_MAX {
            return Err(not_a_tap());
        }
        let Some((peer, rest)) = rest.split_at_checked(usize::from(u16::from_be_bytes([p0, p1]))) else {
            return Ok(None);
        };
        let Some((bytes, rest)) = rest.split_at_checked(length) else { return Ok(None) };
        let peer = std::str::from_utf8(peer).map_err(|_| not_a_tap())?;
        Ok(Some((Self { kind, peer, bytes }, rest)))
    }

    fn tell(&self, seen: &mut Seen) -> io::Result<()> {
        match self.kind {
            RECEIVED => seen.saw(Direction::Received, self.peer, self.bytes),
            SENT => seen.saw(Direction::Sent, self.peer, self.bytes),
            HOP => {
                let nanos = self.bytes.try_into().map_err(|_| not_a_tap())?;
                let hop = Hop::ALL.into_iter().find(|hop| hop.word() == self.peer).ok_or_else(not_a_tap)?;
                seen.took(hop, Duration::from_nanos(u64::from_be_bytes(nanos)));
            }
            _ => return Err(not_a_tap()),
        }
        Ok(())
    }
}

fn not_a_tap() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a record of what a sandbox party saw")
}

#[cfg(test)]
mod tests;
