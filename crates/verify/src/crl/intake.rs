//! Octets from a source: one thread reads and digests them, another walks over them, in a few buffers that go round. Beside
//! other work one thread does both.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use aws_lc_rs::digest::{Algorithm, Context, Digest};
use enishi_jpki::asn1::{DerError, DerFault};

use super::CrlError;
use super::outline::Outline;
use super::walk::{Walk, Walked};

#[cfg(test)]
mod tests;

/// Octets of a buffer: it stays in a processor's own cache. A list that fits into one needs no second thread.
pub(super) const BUFFER: usize = 128 * 1024;
/// Buffers that go round.
const BUFFERS: usize = 6;

/// A buffer and how much of it is filled.
#[derive(Clone)]
struct Filled {
    buffer: Arc<Vec<u8>>,
    octets: usize,
}

impl Filled {
    fn octets(&self) -> &[u8] {
        self.buffer.get(..self.octets).unwrap_or_default()
    }
}

/// How a list is taken in.
pub(super) struct Intake {
    /// Most octets of the whole list.
    pub(super) octets_max: usize,
    /// By what the authority signs.
    pub(super) algorithm: &'static Algorithm,
    /// Octets of a buffer.
    pub(super) buffer: usize,
    pub(super) pace: Pace,
}

/// How many processors a list may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Two: it is waited for.
    Fast,
    /// One: others work meanwhile, with the list before.
    BesideOthers,
}

impl Intake {
    /// Reads a list to its end: all of it walked over, and the digest of what is said to be signed.
    pub(super) fn take<'w>(
        &self,
        source: &mut dyn Read,
        walk: impl FnOnce(Outline) -> Walk<'w>,
    ) -> Result<(Walked, Digest), CrlError> {
        let mut buffer = vec![0; self.buffer.max(Outline::OCTETS_MAX)];
        let octets = fill(source, &mut buffer)?;
        let outline = Outline::read(buffer.get(..octets).unwrap_or_default())?;
        let announced = outline.octets;
        if announced > self.octets_max {
            return Err(CrlError::TooLarge { octets: announced });
        }
        let mut digested =
            Digested { context: Context::new(self.algorithm), outline: outline.clone(), at: 0 };
        let mut walk = walk(outline);
        let first = Filled { buffer: Arc::new(buffer), octets };
        let walked = if octets >= announced {
            digested.push(first.octets());
            walk.push(first.octets());
            if octets > announced {
                return Err(behind(announced));
            }
            walk.finish()
        } else if octets < first.buffer.len() {
            return Err(CrlError::EndsEarly { octets, announced });
        } else {
            match self.pace {
                Pace::Fast => beside(source, first, &mut digested, walk)?,
                Pace::BesideOthers => alone(source, first, &mut digested, walk)?,
            }
        };
        // The source must end where the list does.
        if fill(source, &mut [0])? > 0 {
            return Err(behind(announced));
        }
        Ok((walked, digested.context.finish()))
    }
}

/// Reads, digests and walks here.
fn alone(
    source: &mut dyn Read,
    first: Filled,
    digested: &mut Digested,
    mut walk: Walk<'_>,
) -> Result<Walked, CrlError> {
    digested.push(first.octets());
    walk.push(first.octets());
    let mut buffer = Arc::unwrap_or_clone(first.buffer);
    while let Some(octets) = read_next(source, &mut buffer, digested)? {
        digested.push(octets);
        walk.push(octets);
    }
    Ok(walk.finish())
}

/// Reads, digests and hands on here, walks in another thread.
fn beside(
    source: &mut dyn Read,
    first: Filled,
    digested: &mut Digested,
    mut walk: Walk<'_>,
) -> Result<Walked, CrlError> {
    thread::scope(|scope| {
        let (to_walk, come) = sync_channel::<Filled>(BUFFERS);
        let (give_back, back) = sync_channel(BUFFERS);
        let walking = move || {
            for filled in come {
                walk.push(filled.octets());
                // Nobody waits for the last ones.
                drop(give_back.try_send(filled.buffer));
            }
            walk.finish()
        };
        let walking = thread::Builder::new()
            .name("crl".to_owned())
            .spawn_scoped(scope, walking)
            .map_err(|error| CrlError::Source(error.kind()))?;
        read_on(source, first, digested, to_walk, &back)?;
        match walking.join() {
            Ok(walked) => Ok(walked),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn read_on(
    source: &mut dyn Read,
    first: Filled,
    digested: &mut Digested,
    to_walk: SyncSender<Filled>,
    back: &Receiver<Arc<Vec<u8>>>,
) -> Result<(), CrlError> {
    let size = first.buffer.len();
    let (mut filled, mut buffers) = (first, 1);
    loop {
        // It ends with its last buffer, or not at all.
        drop(to_walk.send(filled.clone()));
        digested.push(filled.octets());
        drop(filled);
        let mut buffer = if buffers < BUFFERS { None } else { back.recv().ok().and_then(Arc::into_inner) }
            .unwrap_or_else(|| vec![0; size]);
        buffers += 1;
        let Some(octets) = read_next(source, &mut buffer, digested)?.map(<[u8]>::len) else { return Ok(()) };
        filled = Filled { buffer: Arc::new(buffer), octets };
    }
}

/// Reads what comes next of what the list announced; nothing where all of it was there.
fn read_next<'b>(
    source: &mut dyn Read,
    buffer: &'b mut [u8],
    digested: &Digested,
) -> Result<Option<&'b [u8]>, CrlError> {
    let announced = digested.outline.octets;
    let wanted = announced.saturating_sub(digested.at).min(buffer.len());
    if wanted == 0 {
        return Ok(None);
    }
    let into = buffer.get_mut(..wanted).unwrap_or_default();
    let octets = fill(source, into)?;
    if octets < wanted {
        return Err(CrlError::EndsEarly { octets: digested.at.saturating_add(octets), announced });
    }
    Ok(Some(into))
}

/// The digest of the signed part.
struct Digested {
    context: Context,
    outline: Outline,
    at: usize,
}

impl Digested {
    fn push(&mut self, octets: &[u8]) {
        let from = self.outline.signed.start.saturating_sub(self.at).min(octets.len());
        let to = self.outline.signed.end.saturating_sub(self.at).min(octets.len());
        self.context.update(octets.get(from..to).unwrap_or_default());
        self.at = self.at.saturating_add(octets.len());
    }
}

/// Fills a buffer as far as the source goes, and tells how far.
fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, CrlError> {
    let mut filled = 0;
    loop {
        let room = buffer.get_mut(filled..).unwrap_or_default();
        if room.is_empty() {
            return Ok(filled);
        }
        match source.read(room) {
            Ok(0) => return Ok(filled),
            Ok(octets) => filled = filled.saturating_add(octets),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(CrlError::Source(error.kind())),
        }
    }
}

fn behind(at: usize) -> CrlError {
    DerError { at, fault: DerFault::Trailing }.into()
}
