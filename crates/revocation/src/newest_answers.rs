use std::collections::{BTreeSet, HashMap};

use enishi_party::Timestamp;

use crate::RevocationError;

/// SHA-256 of a certificate.
pub(crate) type Fingerprint = [u8; 32];

/// When the newest answer about each certificate was signed, in bounded memory.
pub(crate) struct NewestAnswers {
    capacity: usize,
    of: HashMap<Fingerprint, Timestamp>,
    by_age: BTreeSet<(Timestamp, Fingerprint)>,
}

impl NewestAnswers {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, of: HashMap::new(), by_age: BTreeSet::new() }
    }

    /// Remembers an answer, or refuses it where a newer one is known; forgets those that were signed before `horizon`.
    pub(crate) fn admit(
        &mut self,
        certificate: Fingerprint,
        produced_at: Timestamp,
        horizon: Timestamp,
    ) -> Result<(), RevocationError> {
        match self.of.get(&certificate) {
            Some(&known) if produced_at < known => {
                Err(RevocationError::OlderAnswer { known, offered: produced_at })
            }
            Some(_) | None => {
                self.note(certificate, produced_at, horizon);
                Ok(())
            }
        }
    }

    /// Remembers an answer in the place of the one before; forgets those that were signed before `horizon`.
    pub(crate) fn note(&mut self, certificate: Fingerprint, produced_at: Timestamp, horizon: Timestamp) {
        if let Some(known) = self.of.insert(certificate, produced_at) {
            self.by_age.remove(&(known, certificate));
        }
        self.by_age.insert((produced_at, certificate));
        while let Some(&(oldest, fingerprint)) = self.by_age.first() {
            // Over capacity the oldest goes first: it protects for the shortest time still.
            if oldest >= horizon && self.of.len() <= self.capacity {
                break;
            }
            self.by_age.pop_first();
            self.of.remove(&fingerprint);
        }
    }

    pub(crate) fn get(&self, certificate: &Fingerprint) -> Option<Timestamp> {
        self.of.get(certificate).copied()
    }
}

#[cfg(test)]
mod tests;
