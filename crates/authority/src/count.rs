//! What the register holds, counted for operators.

use enishi_jpki::CertKind;
use jiff::Timestamp;

use crate::{
    Authority, AuthorityError,
    register::{certificates, publications},
};

/// The register's certificates of one kind, whichever process issued them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateCount {
    /// Ever issued.
    pub issued: u64,
    /// Of these, revoked or on hold.
    pub revoked: u64,
    /// Of these, in no list yet.
    pub awaiting_list: u64,
}

/// The dates of a published list; one number for all keys of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Its CRLNumber.
    pub number: u64,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next is due for whoever relies on it.
    pub next_update: Timestamp,
}

impl Authority {
    /// Counts the certificates of a kind.
    ///
    /// # Errors
    /// A failing disk.
    pub fn count(&self, kind: CertKind) -> Result<CertificateCount, AuthorityError> {
        self.register.read(|connection| certificates::count(connection, kind))
    }

    /// The list of a kind that was published last; none before the first.
    ///
    /// # Errors
    /// A failing disk.
    pub fn last_published(&self, kind: CertKind) -> Result<Option<Published>, AuthorityError> {
        let last = self.register.read(|connection| publications::last(connection, kind))?;
        Ok(last.map(|issue| Published {
            number: issue.number,
            this_update: issue.this_update,
            next_update: issue.next_update,
        }))
    }
}
