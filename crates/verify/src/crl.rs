//! 失効情報ファイル: certificate revocation lists (RFC 5280 §5), whole or one municipality's partition.
//!
//! A list is read once and is never in memory whole. While one thread digests its octets another walks over its entries;
//! nothing of what the walk found is used, and nothing found wrong is told, before the signature over all of it held.
//!
//! Entries that take more time than their digest are put off until then: who sends a list that nobody signed is not
//! worth more than its digest. A genuine list of such entries is read twice.

use std::fmt;
use std::io::{self, Cursor, Read, Seek};

use enishi_jpki::{CertKind, Issuer, KeyId, Serial, Validity};
use enishi_party::Timestamp;

use crate::limits::{after, before};
use crate::revocation::RevocationReason;
use crate::signature::{hash_of, verify_digest};
use crate::{CoverageError, Limits};

mod details;
mod entry;
mod error;
mod frame;
mod front;
mod index;
mod intake;
mod moment;
mod number;
mod outline;
mod tail;
mod walk;

pub use details::{DetailFile, DetailStore, DetailsInMemory};
pub use error::{CrlError, Unsupported};
pub use number::CrlNumber;

use index::{Gathering, MEASURE, SIGNED_MEASURE};
use intake::Intake;
pub(crate) use intake::Pace;
use tail::{Claims, Seal};
use walk::{Walk, Walked};

/// Where a list comes from: a file, or memory. It is read from where it stands to its end, and once more where it has
/// very many entries of unusual forms.
pub trait CrlSource: Read + Seek {}

impl<S: Read + Seek> CrlSource for S {}

/// A list that was checked: genuine, current when accepted, not older than the one before.
pub struct Crl {
    kind: CertKind,
    issuer_key_id: KeyId,
    issuer: Vec<u8>,
    scope: CrlScope,
    number: CrlNumber,
    this_update: Timestamp,
    next_update: Timestamp,
    usable_from: Timestamp,
    fresh_until: Timestamp,
    signature: Box<[u8]>,
    index: index::Index,
}

/// What a list is complete for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CrlScope {
    /// Every certificate of the authority's key.
    Full,
    /// The certificates that name this distribution point; its name, DER.
    Partition(Vec<u8>),
}

/// What becomes of a list whose window is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It is refused.
    Refused,
    /// It is taken, because it was accepted in its window: it serves nobody, but keeps older ones out.
    Taken,
}

/// What a list says about a serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrlEntry {
    /// Not in the list.
    Good,
    /// In the list; a certificate on hold is.
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// Since when.
        at: Timestamp,
    },
}

impl Crl {
    /// Checks a list: size, signature, issuer, window, kind, number, and every entry; its details stay in memory.
    ///
    /// `previous` is the list of the same issuer and scope in use until now, so that an old one cannot come back.
    ///
    /// # Errors
    /// [`CrlError`]
    pub fn accept(
        der: impl AsRef<[u8]>,
        issuer: &Issuer,
        previous: Option<&Self>,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Self, CrlError> {
        Self::read(&mut Cursor::new(der.as_ref()), &DetailsInMemory, issuer, previous, limits, now)
    }

    /// As [`Crl::accept`], of a list that comes octet by octet and is never in memory whole; reasons and dates go to `store`.
    ///
    /// # Errors
    /// [`CrlError`]
    pub fn read(
        source: &mut dyn CrlSource,
        store: &dyn DetailStore,
        issuer: &Issuer,
        previous: Option<&Self>,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Self, CrlError> {
        Self::take(source, store, issuer, previous, limits, (Ended::Refused, Pace::Fast), now)
    }

    pub(crate) fn take(
        source: &mut dyn CrlSource,
        store: &dyn DetailStore,
        issuer: &Issuer,
        previous: Option<&Self>,
        limits: &Limits,
        (ended, pace): (Ended, Pace),
        now: Timestamp,
    ) -> Result<Self, CrlError> {
        let (walked, seal) = walk_signed(source, store, issuer, limits, pace)?;
        if issuer.validity_at(now) != Validity::Current {
            return Err(CrlError::AuthorityNotValid);
        }
        let claims = walked.claims(issuer);
        let front = walked.front?;
        if front.algorithm != seal.algorithm_der {
            return Err(CrlError::AlgorithmsDiffer);
        }
        if front.issuer != issuer.subject_der() {
            return Err(CrlError::OtherIssuer);
        }
        let Claims { number, scope } = claims?;
        let (this_update, next_update) = (front.this_update, front.next_update);
        let usable_from = before(this_update, limits.clock_skew);
        if now < usable_from {
            return Err(CrlError::NotYetValid { this_update });
        }
        // nextUpdate, and never longer than the limit.
        let fresh_until = next_update.min(after(this_update, limits.crl_age_max));
        if now > fresh_until {
            match ended {
                Ended::Refused => return Err(CrlError::Expired { fresh_until }),
                Ended::Taken if issuer.validity_at(fresh_until) != Validity::Current => {
                    return Err(CrlError::AuthorityNotValid);
                }
                Ended::Taken => {}
            }
        }
        let list = Self {
            kind: issuer.kind(),
            issuer_key_id: issuer.subject_key_id().clone(),
            issuer: front.issuer,
            scope,
            number,
            this_update,
            next_update,
            usable_from,
            fresh_until,
            signature: seal.signature,
            index: walked.index?,
        };
        previous.map_or(Ok(()), |previous| previous.check_successor(&list))?;
        Ok(list)
    }

    /// What the list says about a serial number of its issuer.
    ///
    /// # Errors
    /// [`CoverageError::Details`]: it is revoked, or may be, and why and since when could not be read.
    #[inline]
    pub fn status(&self, serial: &Serial) -> Result<CrlEntry, CoverageError> {
        self.index.get(serial).map_err(|_| CoverageError::Details)
    }

    /// Whether the list has a serial number of its issuer; why and since when is [`Crl::status`]'s.
    ///
    /// # Errors
    /// [`CoverageError::Details`]: it may be listed, and what would tell could not be read.
    #[inline]
    pub fn is_listed(&self, serial: &Serial) -> Result<bool, CoverageError> {
        self.index.has(serial).map_err(|_| CoverageError::Details)
    }

    /// Whose certificates it is about.
    #[must_use]
    pub const fn kind(&self) -> CertKind {
        self.kind
    }

    /// The authority's key that signed it.
    #[must_use]
    pub const fn issuer_key_id(&self) -> &KeyId {
        &self.issuer_key_id
    }

    /// The authority's name, DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    /// What it is complete for.
    #[must_use]
    pub const fn scope(&self) -> &CrlScope {
        &self.scope
    }

    /// Its number.
    #[must_use]
    pub const fn number(&self) -> CrlNumber {
        self.number
    }

    /// When it was made.
    #[must_use]
    pub const fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// When the next is due.
    #[must_use]
    pub const fn next_update(&self) -> Timestamp {
        self.next_update
    }

    /// The last moment at which it counts: its nextUpdate, or the limit of age before that.
    #[must_use]
    pub const fn fresh_until(&self) -> Timestamp {
        self.fresh_until
    }

    /// Whether it counts at `now`; a list is checked again at each use, because it ages where it lies.
    #[must_use]
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.usable_from <= now && now <= self.fresh_until
    }

    /// How many serial numbers it lists.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it lists none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) const fn usable_from(&self) -> Timestamp {
        self.usable_from
    }

    /// RFC 5280 §5.2.3: numbers grow within an issuer and scope; one number is one list.
    fn check_successor(&self, next: &Self) -> Result<(), CrlError> {
        let same =
            self.kind == next.kind && self.issuer_key_id == next.issuer_key_id && self.scope == next.scope;
        if !same {
            return Err(CrlError::PreviousOfAnotherScope);
        }
        if next.number < self.number || next.this_update < self.this_update {
            return Err(CrlError::RolledBack { known: self.number, offered: next.number });
        }
        let again = self.this_update == next.this_update && self.signature == next.signature;
        if next.number == self.number && !again {
            return Err(CrlError::NumberReused { number: self.number });
        }
        Ok(())
    }
}

/// Walks over a list that `issuer` signed.
fn walk_signed(
    source: &mut dyn CrlSource,
    store: &dyn DetailStore,
    issuer: &Issuer,
    limits: &Limits,
    pace: Pace,
) -> Result<(Walked, Seal), CrlError> {
    let intake = Intake {
        octets_max: limits.crl_octets_max,
        algorithm: hash_of(issuer.key_algorithm().signs_with()),
        buffer: intake::BUFFER,
        pace,
    };
    let refused = |error: io::Error| CrlError::Source(error.kind());
    let begin = source.stream_position().map_err(refused)?;
    let walk = |source: &mut dyn CrlSource, measure| {
        let gathering = Gathering::new(store, limits.crl_entries_max, measure);
        intake.take(source, |outline| Walk::new(outline, gathering))
    };
    let (mut walked, digest) = walk(source, MEASURE)?;
    let seal = walked.seal()?;
    verify_digest(issuer, seal.algorithm, &digest, &seal.signature).map_err(|_| CrlError::Forged)?;
    if walked.is_put_off {
        source.seek(io::SeekFrom::Start(begin)).map_err(refused)?;
        let (again, same) = walk(source, SIGNED_MEASURE)?;
        // What is walked over is what was signed.
        if same.as_ref() != digest.as_ref() {
            return Err(CrlError::Forged);
        }
        walked = again;
    }
    Ok((walked, seal))
}

impl fmt::Debug for Crl {
    /// A list of serial numbers prints its number only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl({})", self.number)
    }
}
