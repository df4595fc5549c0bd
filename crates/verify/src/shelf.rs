//! The lists that one party keeps, the newest of each authority; who fetches them is the caller's matter.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Cursor;
use std::sync::{Arc, PoisonError, RwLock};

use enishi_jpki::{CaCertificate, CertKind, EndEntity, KeyId, Validity};
use enishi_party::Timestamp;

use crate::crl::{CrlScope, CrlSource, DetailStore, DetailsInMemory, Ended, Pace};
use crate::{Anchors, Crl, CrlError, Limits};

/// Most partitions of one authority: twice the 1,900 municipalities and wards that JPKI has one each for.
const PARTITIONS_MAX: usize = 4_096;

/// One party's lists by its own anchors: an older list never takes a newer one's place, also where that one has ended.
pub struct CrlShelf {
    anchors: Anchors,
    limits: Limits,
    kept: Kept,
    lists: RwLock<BTreeMap<(CertKind, KeyId), Lists>>,
}

/// Which lists a shelf takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Whole,
    WholeAndPartitions,
}

/// The newest lists of one authority.
#[derive(Default)]
struct Lists {
    whole: Option<Arc<Crl>>,
    /// By the name of their distribution point, DER.
    partitions: BTreeMap<Vec<u8>, Arc<Crl>>,
}

/// Which of an authority's lists is meant.
#[derive(Clone, Copy)]
enum Which<'a> {
    Whole,
    Partition(&'a [u8]),
}

impl<'a> Which<'a> {
    fn of(point: Option<&'a [u8]>) -> Self {
        point.map_or(Self::Whole, Which::Partition)
    }
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
    /// The list is not of the distribution point that it was fetched for.
    #[error("the list is not of this distribution point")]
    OtherPartition,
    /// More distribution points than any authority has.
    #[error("more than {PARTITIONS_MAX} partitions of one authority's list")]
    TooManyPartitions,
    /// The list does not hold.
    #[error(transparent)]
    List(#[from] CrlError),
}

impl CrlShelf {
    /// An empty shelf for whole lists.
    #[must_use]
    pub fn new(anchors: Anchors, limits: Limits) -> Self {
        Self { anchors, limits, kept: Kept::Whole, lists: RwLock::default() }
    }

    /// An empty shelf for whole lists and for partitions, each under its distribution point.
    #[must_use]
    pub fn partitioned(anchors: Anchors, limits: Limits) -> Self {
        Self { kept: Kept::WholeAndPartitions, ..Self::new(anchors, limits) }
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

    /// The newest whole list of an authority that counts at `now`.
    #[must_use]
    pub fn current(&self, kind: CertKind, key_id: &KeyId, now: Timestamp) -> Option<Arc<Crl>> {
        self.newest(kind, key_id).filter(|list| list.is_current(now))
    }

    /// A list that counts at `now` and answers for this certificate: the whole one, else its distribution point's.
    #[must_use]
    pub fn covering(&self, certificate: &EndEntity, now: Timestamp) -> Option<Arc<Crl>> {
        let (whole, partition) = self.of(certificate);
        let current = |list: &Arc<Crl>| list.is_current(now);
        whole.filter(current).or_else(|| partition.filter(current))
    }

    /// The newest list that answers for this certificate, which may count no more: who is revoked in it is revoked.
    #[must_use]
    pub fn newest_covering(&self, certificate: &EndEntity) -> Option<Arc<Crl>> {
        let (whole, partition) = self.of(certificate);
        [partition, whole].into_iter().flatten().max_by_key(|list| list.this_update())
    }

    /// The newest partitions of an authority's list, in the order of their distribution points.
    #[must_use]
    pub fn partitions(&self, kind: CertKind, key_id: &KeyId) -> Vec<Arc<Crl>> {
        self.with(kind, key_id, |lists| lists.partitions.values().cloned().collect())
    }

    /// Checks a fetched whole list and puts it in the place of the one before; its details stay in memory.
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
        self.place_from(kind, key_id, None, &mut Cursor::new(der), &DetailsInMemory, now)
    }

    /// As [`CrlShelf::place`], of a list that comes octet by octet, the whole one or that of one distribution point (its
    /// directory name, DER); its details go to `store`. One processor reads it, for the others work meanwhile.
    ///
    /// # Errors
    /// [`ShelfError`]; the list before stays.
    pub fn place_from(
        &self,
        kind: CertKind,
        key_id: &KeyId,
        point: Option<&[u8]>,
        source: &mut dyn CrlSource,
        store: &dyn DetailStore,
        now: Timestamp,
    ) -> Result<Placed, ShelfError> {
        self.take((kind, key_id), Which::of(point), source, store, (Ended::Refused, Pace::BesideOthers), now)
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
        self.restore_from(kind, key_id, None, &mut Cursor::new(der), &DetailsInMemory, now)
    }

    /// As [`CrlShelf::restore`], in the way of [`CrlShelf::place_from`].
    ///
    /// # Errors
    /// [`ShelfError`]
    pub fn restore_from(
        &self,
        kind: CertKind,
        key_id: &KeyId,
        point: Option<&[u8]>,
        source: &mut dyn CrlSource,
        store: &dyn DetailStore,
        now: Timestamp,
    ) -> Result<Placed, ShelfError> {
        self.take((kind, key_id), Which::of(point), source, store, (Ended::Taken, Pace::Fast), now)
    }

    fn take(
        &self,
        (kind, key_id): (CertKind, &KeyId),
        which: Which<'_>,
        source: &mut dyn CrlSource,
        store: &dyn DetailStore,
        how: (Ended, Pace),
        now: Timestamp,
    ) -> Result<Placed, ShelfError> {
        let unknown = || ShelfError::UnknownAuthority { kind, key_id: key_id.clone() };
        let authority = self.authority(kind, key_id).ok_or_else(unknown)?;
        if self.kept == Kept::Whole && matches!(which, Which::Partition(_)) {
            return Err(ShelfError::Partition);
        }
        // Checking a large list takes its time, so it is done outside the lock.
        let previous = self.with(kind, key_id, |lists| lists.get(which).cloned());
        let list = Crl::take(source, store, authority, previous.as_deref(), &self.limits, how, now)?;
        match (which, list.scope()) {
            (Which::Whole, CrlScope::Full) => {}
            // An honest partition, delivered in the whole list's place, would shut the whole list out from then on.
            (Which::Whole, CrlScope::Partition(_)) => return Err(ShelfError::Partition),
            (Which::Partition(point), CrlScope::Partition(name)) if name == point => {}
            (Which::Partition(_), _) => return Err(ShelfError::OtherPartition),
        }
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        lists.entry((kind, key_id.clone())).or_default().put(Arc::new(list))
    }

    fn newest(&self, kind: CertKind, key_id: &KeyId) -> Option<Arc<Crl>> {
        self.with(kind, key_id, |lists| lists.whole.clone())
    }

    fn of(&self, certificate: &EndEntity) -> (Option<Arc<Crl>>, Option<Arc<Crl>>) {
        self.with(certificate.kind(), certificate.issuer_key_id(), |lists| {
            let point = certificate.crl_distribution_point();
            (lists.whole.clone(), point.and_then(|point| lists.partitions.get(point).cloned()))
        })
    }

    fn with<T: Default>(&self, kind: CertKind, key_id: &KeyId, look: impl FnOnce(&Lists) -> T) -> T {
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        lists.get(&(kind, key_id.clone())).map(look).unwrap_or_default()
    }
}

impl Lists {
    fn get(&self, which: Which<'_>) -> Option<&Arc<Crl>> {
        match which {
            Which::Whole => self.whole.as_ref(),
            Which::Partition(point) => self.partitions.get(point),
        }
    }

    /// Puts a checked list where its scope says; another caller may have put one there meanwhile.
    fn put(&mut self, list: Arc<Crl>) -> Result<Placed, ShelfError> {
        let known = match list.scope() {
            CrlScope::Full => self.whole.as_ref(),
            CrlScope::Partition(point) => self.partitions.get(point),
        };
        match known.map(|known| known.number()) {
            Some(known) if known > list.number() => {
                return Err(CrlError::RolledBack { known, offered: list.number() }.into());
            }
            Some(known) if known == list.number() => return Ok(Placed::Same),
            Some(_) => {}
            None if *list.scope() != CrlScope::Full && self.partitions.len() >= PARTITIONS_MAX => {
                return Err(ShelfError::TooManyPartitions);
            }
            None => {}
        }
        match list.scope().clone() {
            CrlScope::Full => self.whole = Some(list),
            CrlScope::Partition(point) => drop(self.partitions.insert(point, list)),
        }
        Ok(Placed::Newer)
    }
}

impl fmt::Debug for CrlShelf {
    /// Lists of serial numbers print how many they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        let each = lists.values().map(|lists| usize::from(lists.whole.is_some()) + lists.partitions.len());
        write!(f, "CrlShelf({} lists)", each.sum::<usize>())
    }
}
