//! What went through a party's sockets: every decrypted byte, kept for the run.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use enishi_relay::{Hop, Observer};
use enishi_transport::{Direction, Tap};

use super::Seen;
use super::tap_file::TapEnd;

/// Who holds a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// The shops' terminals.
    Terminal,
    /// The relay.
    Relay,
    /// Company A (代行).
    CompanyA,
    /// Company B (委託).
    CompanyB,
    /// The authority.
    Authority,
}

impl Party {
    /// All of them, in the order in which tables show them.
    pub const ALL: [Self; 5] = [Self::Terminal, Self::Relay, Self::CompanyA, Self::CompanyB, Self::Authority];
}

/// What one party saw since it was last forgotten, wherever the party runs.
pub struct Capture(Source);

/// Where a party's bytes are to be had.
enum Source {
    /// The party runs in this process, and this is its tap.
    Memory(Mutex<Seen>),
    /// The party is one process or more, each of which writes a file.
    Files(Mutex<Vec<TapEnd>>),
}

impl Default for Capture {
    /// Of a party in this process.
    fn default() -> Self {
        Self(Source::Memory(Mutex::default()))
    }
}

impl fmt::Debug for Capture {
    /// It holds everything that must not be printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Capture(…)")
    }
}

impl Tap for Capture {
    fn saw(&self, direction: Direction, peer: &str, bytes: &[u8]) {
        if let Source::Memory(seen) = &self.0 {
            lock(seen).saw(direction, peer, bytes);
        }
    }
}

impl Observer for Capture {
    fn hop(&self, hop: Hop, took: Duration) {
        if let Source::Memory(seen) = &self.0 {
            lock(seen).took(hop, took);
        }
    }
}

impl Capture {
    /// Of a party in other processes, which write these files.
    pub(crate) fn of_files(files: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(Source::Files(Mutex::new(files.into_iter().map(TapEnd::new).collect())))
    }

    /// Forgets everything: a new story begins.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn clear(&self) -> io::Result<()> {
        match &self.0 {
            Source::Memory(seen) => *lock(seen) = Seen::default(),
            Source::Files(ends) => {
                for end in &mut *lock(ends) {
                    *end = end.read_into(&mut Seen::default())?;
                }
            }
        }
        Ok(())
    }

    /// What passed since it was last forgotten.
    ///
    /// # Errors
    /// A file that cannot be read, or that holds something else.
    pub fn seen(&self) -> io::Result<Seen> {
        match &self.0 {
            Source::Memory(seen) => Ok(lock(seen).clone()),
            Source::Files(ends) => {
                let mut seen = Seen::default();
                for end in &*lock(ends) {
                    end.read_into(&mut seen)?;
                }
                Ok(seen)
            }
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
