//! 失効情報ファイル: certificate revocation lists (RFC 5280 §5), whole or one municipality's partition.
//!
//! The signature is verified over the whole list before any entry is looked at; then one pass over the entries
//! builds a sorted index without an object per entry.

use std::fmt;

use enishi_jpki::asn1::DerError;
use enishi_jpki::oid::Oid;
use enishi_jpki::{CaCertificate, CertKind, ExtensionError, KeyId, Serial, SerialError, Validity};
use enishi_party::Timestamp;

use crate::Limits;
use crate::limits::{after, before};
use crate::revocation::RevocationReason;
use crate::signature::{Form, verify};

mod entries;
mod list;
mod number;

pub use number::CrlNumber;

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
    index: entries::Index,
}

/// What a list is complete for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CrlScope {
    /// Every certificate of the authority's key.
    Full,
    /// The certificates that name this distribution point; its name, DER.
    Partition(Vec<u8>),
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

/// Why a list is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// Larger than the limit.
    #[error("list of {octets} octets is over the limit")]
    TooLarge {
        /// Its size.
        octets: usize,
    },
    /// More entries than the limit.
    #[error("list has more than {limit} entries")]
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// Not the DER of a list.
    #[error(transparent)]
    Der(#[from] DerError),
    /// Extensions that no list of ours has.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
    /// Not version 2.
    #[error("list not of version 2")]
    Version,
    /// The two algorithm fields differ (RFC 5280 §5.1.1.2).
    #[error("signature algorithm differs inside and outside the signed part")]
    AlgorithmsDiffer,
    /// The authority did not sign it.
    #[error("the authority did not sign this list")]
    Forged,
    /// The list names another authority, or another generation's key.
    #[error("the list is another authority's")]
    OtherIssuer,
    /// The authority's own certificate is not valid now.
    #[error("the authority's certificate is not valid now")]
    AuthorityNotValid,
    /// A list without end is never current.
    #[error("the list does not say when the next is due")]
    NextUpdateMissing,
    /// It ends before it begins.
    #[error("nextUpdate is not after thisUpdate")]
    WindowReversed,
    /// Made in the future.
    #[error("the list is of {this_update}, which lies ahead")]
    NotYetValid {
        /// When it says it was made.
        this_update: Timestamp,
    },
    /// Past its nextUpdate, or older than the limit.
    #[error("the list ended at {fresh_until}")]
    Expired {
        /// The end of its window.
        fresh_until: Timestamp,
    },
    /// Older than the list that is known already.
    #[error("list {offered} is older than the known list {known}")]
    RolledBack {
        /// The known list's number.
        known: CrlNumber,
        /// This list's number.
        offered: CrlNumber,
    },
    /// Another list under the number of the known one.
    #[error("another list has the number {number} already")]
    NumberReused {
        /// The number.
        number: CrlNumber,
    },
    /// The list before is another authority's or partition's.
    #[error("the list before this one has another issuer or scope")]
    PreviousOfAnotherScope,
    /// An entry's serial number is none.
    #[error("entry: {0}")]
    Serial(#[from] SerialError),
    /// An entry's date lies before 1970 or after 2106.
    #[error("entry: revocation date out of range")]
    RevocationDate,
    /// A kind of list that this project does not read, and so does not trust.
    #[error("unsupported list: {0}")]
    Unsupported(#[from] Unsupported),
}

/// What the standard allows and JPKI's lists are not known to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// A list of changes (RFC 5280 §5.2.4).
    #[error("delta list")]
    Delta,
    /// Entries of other issuers (RFC 5280 §5.2.5, §5.3.3).
    #[error("indirect list")]
    Indirect,
    /// Complete for some reasons only.
    #[error("list for some reasons only")]
    SomeReasons,
    /// For authorities or attribute certificates, not for holders.
    #[error("list that does not cover holders")]
    NotForHolders,
    /// A distribution point that is not one directory name.
    #[error("distribution point that is not one directory name")]
    DistributionPoint,
    /// A reason that JPKI does not use.
    #[error("revocation reason {0}")]
    Reason(u8),
    /// An entry with a critical extension that nobody here understands.
    #[error("critical entry extension {0}")]
    EntryExtension(Oid),
}

impl Crl {
    /// Checks a list: size, signature, issuer, window, kind, number; then reads its entries.
    ///
    /// `previous` is the list of the same issuer and scope in use until now, so that an old one cannot come back.
    ///
    /// # Errors
    /// [`CrlError`]
    pub fn accept(
        der: impl AsRef<[u8]>,
        issuer: &CaCertificate,
        previous: Option<&Self>,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Self, CrlError> {
        let der = der.as_ref();
        if der.len() > limits.crl_octets_max {
            return Err(CrlError::TooLarge { octets: der.len() });
        }
        let signed = list::Signed::read(der)?;
        verify(issuer, signed.algorithm, Form::X509, signed.tbs.raw(), signed.signature)
            .map_err(|_| CrlError::Forged)?;
        if issuer.validity_at(now) != Validity::Current {
            return Err(CrlError::AuthorityNotValid);
        }
        let header = list::Header::read(&signed, issuer)?;
        let (this_update, next_update) = (header.this_update, header.next_update);
        let usable_from = before(this_update, limits.clock_skew);
        if now < usable_from {
            return Err(CrlError::NotYetValid { this_update });
        }
        // nextUpdate, and never longer than the limit.
        let fresh_until = next_update.min(after(this_update, limits.crl_age_max));
        if now > fresh_until {
            return Err(CrlError::Expired { fresh_until });
        }
        if let Some(previous) = previous {
            previous.check_successor(&header, issuer, signed.signature)?;
        }
        let index = entries::Index::read(header.entries.as_ref(), limits.crl_entries_max)?;
        Ok(Self {
            kind: issuer.kind(),
            issuer_key_id: issuer.subject_key_id().clone(),
            issuer: issuer.subject_der().to_vec(),
            scope: header.scope,
            number: header.number,
            this_update,
            next_update,
            usable_from,
            fresh_until,
            signature: signed.signature.into(),
            index,
        })
    }

    /// What the list says about a serial number of its issuer.
    #[must_use]
    pub fn status(&self, serial: &Serial) -> CrlEntry {
        self.index.get(serial)
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
    fn check_successor(
        &self,
        next: &list::Header<'_>,
        issuer: &CaCertificate,
        signature: &[u8],
    ) -> Result<(), CrlError> {
        let same = self.kind == issuer.kind()
            && self.issuer_key_id == *issuer.subject_key_id()
            && self.scope == next.scope;
        if !same {
            return Err(CrlError::PreviousOfAnotherScope);
        }
        if next.number < self.number || next.this_update < self.this_update {
            return Err(CrlError::RolledBack { known: self.number, offered: next.number });
        }
        let again = self.this_update == next.this_update && *self.signature == *signature;
        if next.number == self.number && !again {
            return Err(CrlError::NumberReused { number: self.number });
        }
        Ok(())
    }
}

impl fmt::Debug for Crl {
    /// A list of serial numbers prints its number only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl({})", self.number)
    }
}
