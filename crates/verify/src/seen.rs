//! Certificates seen before: what an authority's key signed once, it signed.
//!
//! Kept is one fact and nothing beside it: *this authority's key signed exactly these octets*. It is about numbers, so
//! no clock, list, profile or configuration can make it untrue, and whatever these say of a certificate is asked each
//! time: its profile, its authority's name and number, both validities, possession, revocation.
//!
//! *Only what is true is kept.* An entry is written after the authority's signature verified, and after the card
//! signed the challenge; there is no entry for a forgery. Without the card nobody writes, renews or pushes out
//! anything, and a flood by those who have cards pushes out entries, whose certificates are verified again: slower, no
//! more.
//!
//! *Nothing else is found by it.* Of the newest, the authority's key and all octets are compared. Of the others only a
//! [`Fact`] is left, a SHA-256 over the authority's public key, the digest that it signed, and the signature. Beside
//! these two a certificate has only the algorithm, which the parser holds against the one in the signed part octet by
//! octet, and DER's headers, of which there is one form: another octet anywhere is another fact. To be taken for one
//! that is kept, a forgery would need a collision of the very hash on which the authority's signature rests as well.
//!
//! *Nobody learns by it who was here.* Only a proof that the card signed takes the short way; every other takes the
//! long one, whether its certificate is kept or not (see [`crate::prove()`]).
//!
//! *Bounded.* [`CERTIFICATES_MAX`] facts, and [`NEWEST_MAX`] certificates with their holders' keys: under 10 MiB. They
//! lie in sets with a lock each, so that two threads seldom meet; a set forgets what was not used for longest.
//!
//! It lives in memory, within one process, and goes with it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{self, Context, Digest};
use enishi_jpki::Certificate;

use crate::anchors::Anchor;
use crate::signature::{Forged, VerifyingKey, digest_of};

#[cfg(test)]
mod tests;

/// Facts of a set: few enough to look through in the time of a cache miss or two.
const WAYS: usize = 32;
/// Those of them that were used last, with certificate and key: up to 4 KiB each.
const WAYS_NEWEST: usize = 2;
/// Sets, each with its lock.
const SETS: usize = 1024;
/// Most certificates remembered, at 40 octets each.
pub(crate) const CERTIFICATES_MAX: usize = SETS * WAYS;
/// Most holders' keys kept ready.
#[cfg(test)]
pub(crate) const NEWEST_MAX: usize = SETS * WAYS_NEWEST;

/// That an authority's key signed a certificate, as the certificate claims.
pub(crate) struct Claim<'a> {
    authority: &'a Anchor,
    certificate: &'a Certificate,
    signed: Digest,
    fact: Fact,
}

/// The name of one authority's signature over one certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Fact([u8; 32]);

/// A certificate that its authority signed, and its key, ready for use.
pub(crate) struct Kept {
    authority_sha256: [u8; 32],
    der: Arc<[u8]>,
    key: VerifyingKey,
}

/// The memory.
pub(crate) struct Seen {
    sets: Box<[Mutex<Vec<Entry>>]>,
    ways: usize,
}

/// A fact, and its certificate as long as it is one of the newest.
struct Entry {
    fact: Fact,
    kept: Option<Arc<Kept>>,
}

impl<'a> Claim<'a> {
    /// What the certificate claims of this authority.
    pub(crate) fn new(authority: &'a Anchor, certificate: &'a Certificate) -> Self {
        let signed = digest_of(certificate.signature_algorithm(), certificate.tbs_der());
        let mut name = Context::new(&digest::SHA256);
        // The first settles the length of the second, by the algorithm of its key: the three are told apart.
        name.update(authority.key_sha256());
        name.update(signed.as_ref());
        name.update(certificate.signature_bytes());
        let fact = Fact(name.finish().as_ref().try_into().unwrap_or_default());
        Self { authority, certificate, signed, fact }
    }

    /// Verifies the authority's signature.
    pub(crate) fn verify(&self) -> Result<(), Forged> {
        let Self { authority, certificate, signed, .. } = self;
        let algorithm = certificate.signature_algorithm();
        authority.key().verify_digest(algorithm, signed, certificate.signature_bytes())
    }

    /// Verifies it unless it is known to be true, and keeps it with the holder's key.
    ///
    /// Only for whoever proved to hold that key.
    pub(crate) fn verify_once(&self, seen: &Seen, key: VerifyingKey) -> Result<(), Forged> {
        if !seen.knows(self.certificate, &self.fact) {
            self.verify()?;
        }
        let authority_sha256 = *self.authority.key_sha256();
        let kept = Kept { authority_sha256, der: self.certificate.shared_der(), key };
        seen.keep(self.certificate, self.fact, kept);
        Ok(())
    }
}

impl Kept {
    /// The certificate's key.
    pub(crate) const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    fn is(&self, authority: &Anchor, certificate: &Certificate) -> bool {
        self.authority_sha256 == *authority.key_sha256() && *self.der == *certificate.der()
    }
}

impl Seen {
    /// A memory of at most so many certificates; of none, if that is asked.
    pub(crate) fn with_room_for(certificates: usize) -> Self {
        let certificates = certificates.min(CERTIFICATES_MAX);
        let ways = certificates.min(WAYS);
        let sets = certificates.checked_div(WAYS).unwrap_or_default().max(1);
        Self { sets: (0..sets).map(|_| Mutex::default()).collect(), ways }
    }

    /// A certificate that this authority is known to have signed, if it is one of the newest.
    ///
    /// Leaves no trace: anybody may have presented it.
    pub(crate) fn recall(&self, authority: &Anchor, certificate: &Certificate) -> Option<Arc<Kept>> {
        let set = self.set(certificate)?;
        let mut newest = set.iter().filter_map(|entry| entry.kept.as_ref());
        newest.find(|kept| kept.is(authority, certificate)).cloned()
    }

    /// Makes a recalled certificate the newest, since its holder was here.
    pub(crate) fn renew(&self, certificate: &Certificate, recalled: &Arc<Kept>) {
        let Some(mut set) = self.set(certificate) else { return };
        let is = |entry: &Entry| entry.kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, recalled));
        // Others may have pushed it out meanwhile; then it comes back another time.
        if let Some(at) = set.iter().position(is)
            && let Some(newest) = set.get_mut(..=at)
        {
            newest.rotate_right(1);
        }
    }

    fn knows(&self, certificate: &Certificate, fact: &Fact) -> bool {
        self.set(certificate).is_some_and(|set| set.iter().any(|entry| entry.fact == *fact))
    }

    /// Keeps a fact that was verified, as the newest.
    fn keep(&self, certificate: &Certificate, fact: Fact, kept: Kept) {
        let Some(mut set) = self.set(certificate) else { return };
        set.retain(|entry| entry.fact != fact);
        set.truncate(self.ways.saturating_sub(1));
        if self.ways > 0 {
            set.insert(0, Entry { fact, kept: Some(Arc::new(kept)) });
        }
        // At most one moved behind the newest.
        if let Some(older) = set.get_mut(WAYS_NEWEST) {
            older.kept = None;
        }
    }

    /// The set that has a certificate if any has, by the end of its signature: numbers that the authority's key makes,
    /// evenly spread, and that nobody else chooses for a certificate that is kept.
    fn set(&self, certificate: &Certificate) -> Option<MutexGuard<'_, Vec<Entry>>> {
        let number = u32::from_be_bytes(*certificate.signature_bytes().last_chunk()?);
        let set = self.sets.get(usize::try_from(number).ok()?.checked_rem(self.sets.len())?)?;
        // Every entry is true by itself, whatever happened to a thread between two of them.
        Some(set.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self::with_room_for(CERTIFICATES_MAX)
    }
}

impl fmt::Debug for Seen {
    /// Who was here is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seen(…)")
    }
}
