//! The lists that one party keeps, the newest of each authority; who fetches them is the caller's matter.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use enishi_jpki::{CaCertificate, CertKind, KeyId, Validity};
use enishi_party::Timestamp;

use crate::crl::CrlScope;
use crate::{Anchors, Crl, CrlError, Limits};

/// One party's lists by its own anchors: an older list never takes a newer one's place, also where that one has ended.
pub struct CrlShelf {
    anchors: Anchors,
    limits: Limits,
    lists: RwLock<BTreeMap<(CertKind, KeyId), Arc<Crl>>>,
}

/// What lies at hand of one authority.
#[derive(Debug, Clone)]
pub struct AtHand {
    /// What the authority is for.
    pub kind: CertKind,
    /// Its key.
    pub key_id: KeyId,
    /// Its newest list, which may count no more; none where none was ever had.
    pub list: Option<Arc<Crl>>,
}

/// What a list that was placed changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It is newer than the one before, or the first.
    Newer,
    /// It is the list that was there.
    Same,
}

/// Why a list is not placed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShelfError {
    /// None of this party's anchors.
    #[error("no anchor for {kind:?} has the key {key_id}")]
    UnknownAuthority {
        /// What the authority is for.
        kind: CertKind,
        /// Its key.
        key_id: KeyId,
    },
    /// One municipality's list, where the authority's whole list is kept.
    #[error("a partition of the list where the whole list is kept")]
    Partition,
    /// The list does not hold.
    #[error(transparent)]
    List(#[from] CrlError),
}

impl CrlShelf {
    /// An empty shelf.
    #[must_use]
    pub fn new(anchors: Anchors, limits: Limits) -> Self {
        Self { anchors, limits, lists: RwLock::default() }
    }

    /// The anchor of this kind with this key.
    #[must_use]
    pub fn authority(&self, kind: CertKind, key_id: &KeyId) -> Option<&CaCertificate> {
        self.anchors.by_key_id(kind, key_id)
    }

    /// The anchors whose lists are worth fetching: those that are valid now.
    pub fn authorities(&self, now: Timestamp) -> impl Iterator<Item = &CaCertificate> {
        self.anchors.iter().filter(move |anchor| anchor.validity_at(now) == Validity::Current)
    }

    /// What lies at hand of each authority whose list is worth fetching.
    #[must_use]
    pub fn at_hand(&self, now: Timestamp) -> Vec<AtHand> {
        let lies = |anchor: &CaCertificate| {
            let (kind, key_id) = (anchor.kind(), anchor.subject_key_id().clone());
            let list = self.newest(kind, &key_id);
            AtHand { kind, key_id, list }
        };
        self.authorities(now).map(lies).collect()
    }

    /// The bounds by which lists are checked.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The newest list of an authority that counts at `now`.
    #[must_use]
    pub fn current(&self, kind: CertKind, key_id: &KeyId, now: Timestamp) -> Option<Arc<Crl>> {
        self.newest(kind, key_id).filter(|list| list.is_current(now))
    }

    /// Checks a fetched list and puts it in the place of the one before.
    ///
    /// # Errors
    /// [`ShelfError`]; the list before stays.
    pub fn place(
        &self,
        kind: CertKind,
        key_id: &KeyId,
        der: &[u8],
        now: Timestamp,
    ) -> Result<Placed, ShelfError> {
        let unknown = || ShelfError::UnknownAuthority { kind, key_id: key_id.clone() };
        let authority = self.authority(kind, key_id).ok_or_else(unknown)?;
        // Checking a large list takes seconds, so it is done outside the lock.
        let previous = self.newest(kind, key_id);
        let list = Arc::new(Crl::accept(der, authority, previous.as_deref(), &self.limits, now)?);
        // An honest partition, delivered in the whole list's place, would shut the whole list out from then on.
        if *list.scope() != CrlScope::Full {
            return Err(ShelfError::Partition);
        }
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        let key = (kind, key_id.clone());
        // Another caller may have placed one meanwhile.
        match lists.get(&key).map(|known| known.number()) {
            Some(known) if known > list.number() => {
                Err(CrlError::RolledBack { known, offered: list.number() }.into())
            }
            Some(known) if known == list.number() => Ok(Placed::Same),
            Some(_) | None => {
                lists.insert(key, list);
                Ok(Placed::Newer)
            }
        }
    }

    /// Takes back a list that this party itself kept. One past its window serves nobody, but keeps older ones out.
    ///
    /// # Errors
    /// [`ShelfError`]
    pub fn restore(
        &self,
        kind: CertKind,
        key_id: &KeyId,
        der: &[u8],
        now: Timestamp,
    ) -> Result<Placed, ShelfError> {
        match self.place(kind, key_id, der, now) {
            Err(ShelfError::List(CrlError::Expired { fresh_until })) => {
                self.place(kind, key_id, der, fresh_until)
            }
            outcome => outcome,
        }
    }

    fn newest(&self, kind: CertKind, key_id: &KeyId) -> Option<Arc<Crl>> {
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        lists.get(&(kind, key_id.clone())).cloned()
    }
}

impl fmt::Debug for CrlShelf {
    /// Lists of serial numbers print how many they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        write!(f, "CrlShelf({} lists)", lists.len())
    }
}
