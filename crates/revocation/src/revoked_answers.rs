use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use enishi_party::Timestamp;

use crate::newest_answers::{Fingerprint, NewestAnswers};

/// Certificates remembered at a time: so many revoked ones are not shown in the day for which they count.
const REMEMBERED_MAX: usize = 100_000;
const FILE: &str = "revoked.answer";
const PRIVATE_FILE: u32 = 0o600;

/// When the newest answer that said *revoked* about each certificate was signed: a list from before does not stand in then.
///
/// The disk has one moment alone, that of the newest of them, and nothing of whom it spoke: after a restart a list from before
/// it stands in for nobody.
pub(crate) struct RevokedAnswers {
    newest: NewestAnswers,
    before_start: Option<Timestamp>,
    file: Option<PathBuf>,
    written: Option<Timestamp>,
}

impl RevokedAnswers {
    /// Takes back the moment that was kept.
    pub(crate) fn open(folder: Option<&Path>) -> io::Result<Self> {
        let file = folder.map(|folder| folder.join(FILE));
        let before_start = file.as_deref().map(read).transpose()?.flatten();
        let newest = NewestAnswers::new(REMEMBERED_MAX);
        Ok(Self { newest, before_start, file, written: before_start })
    }

    /// Remembers an answer that said *revoked*, and forgets those that were signed before `horizon`.
    pub(crate) fn note(
        &mut self,
        certificate: Fingerprint,
        produced_at: Timestamp,
        horizon: Timestamp,
    ) -> io::Result<()> {
        if self.newest.get(&certificate).is_none_or(|known| known < produced_at) {
            self.newest.note(certificate, produced_at, horizon);
        }
        if let Some(file) = &self.file
            && self.written.is_none_or(|written| written < produced_at)
        {
            write(file, produced_at)?;
            self.written = Some(produced_at);
        }
        Ok(())
    }

    /// When the newest answer of this process that said *revoked* about a certificate was signed.
    pub(crate) fn about(&self, certificate: &Fingerprint) -> Option<Timestamp> {
        self.newest.get(certificate)
    }

    /// The moment after which a list must have been made to stand in for an answer about a certificate.
    pub(crate) fn before_lists(&self, certificate: &Fingerprint) -> Option<Timestamp> {
        self.about(certificate).max(self.before_start)
    }
}

/// At most one write a second of the authority's clock, and only for revoked cards that are shown.
fn write(file: &Path, moment: Timestamp) -> io::Result<()> {
    let new = file.with_extension("new");
    let mut open = OpenOptions::new();
    let mut written = open.write(true).create(true).truncate(true).mode(PRIVATE_FILE).open(&new)?;
    writeln!(written, "{}", moment.as_second())?;
    written.sync_all()?;
    fs::rename(&new, file)
}

fn read(file: &Path) -> io::Result<Option<Timestamp>> {
    match fs::read_to_string(file) {
        Ok(text) => {
            let second = text.trim_end().parse().ok();
            let moment = second.and_then(|second| Timestamp::from_second(second).ok());
            moment.map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
