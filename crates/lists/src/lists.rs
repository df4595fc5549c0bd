use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use enishi_jpki::{CaCertificate, CertKind, EndEntity, KeyId};
use enishi_party::{Clock, Timestamp};
use enishi_transport::PlainHttpClient;
use enishi_verify::{Anchors, Crl, CrlShelf, Limits, Placed};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::aside::aside;
use crate::download::{Download, restore};
use crate::flight::{Flight, Turn};
use crate::folder::ListFolder;
use crate::name::ListName;
use crate::{ListError, ListsConfig, round};

/// Most partitions of one authority that are fetched: the shelf's own bound.
pub(crate) const PARTITIONS_MAX: usize = 4_096;

/// The revocation lists of the authorities that one party trusts. Cheap to clone.
///
/// The caller ticks [`Lists::refresh`]; a look-up fetches a list itself only where none counts.
#[derive(Clone)]
pub struct Lists(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: ListsConfig,
    client: PlainHttpClient,
    pub(crate) shelf: CrlShelf,
    folder: Option<ListFolder>,
    flights: Mutex<BTreeMap<ListName, Flight>>,
    /// One list is checked at a time, so that only one is in memory twice.
    checking: Arc<Semaphore>,
    /// Where each authority's next round of partitions begins.
    pub(crate) cursors: Mutex<BTreeMap<(CertKind, KeyId), ListName>>,
    clock: Arc<dyn Clock>,
}

/// What became of one authority's lists in a refresh.
#[derive(Debug)]
pub struct Renewed {
    /// What the authority is for.
    pub kind: CertKind,
    /// Its key.
    pub key_id: KeyId,
    /// `None` where nothing was fetched: another fetch ended meanwhile, or no partition was ever needed. After an error the
    /// list before stays; of several partitions the first error is told, and the others were fetched all the same.
    pub outcome: Result<Option<Placed>, ListError>,
}

/// What lies at hand of one authority.
#[derive(Debug, Clone)]
pub struct AtHand {
    /// What the authority is for.
    pub kind: CertKind,
    /// Its key.
    pub key_id: KeyId,
    /// How its lists come.
    pub keeping: Keeping,
    /// The newest, which may count no more: one or none of a whole list, any number of partitions.
    pub lists: Vec<Arc<Crl>>,
}

/// How an authority's lists come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// One list for all its certificates.
    Whole,
    /// One for each distribution point, from when it is first needed.
    Partitions,
}

impl Lists {
    /// Takes the lists that were kept, if a folder is configured, which takes about as long as hashing them; fetches nothing
    /// yet.
    ///
    /// `client` bounds each exchange with its own time-out too: it should not be below `refresh_timeout`.
    ///
    /// # Errors
    /// A setting out of its rule, or a folder that cannot be used. A kept list that does not hold is passed over.
    pub fn open(
        config: ListsConfig,
        client: PlainHttpClient,
        anchors: Anchors,
        limits: Limits,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ListError> {
        config.check()?;
        let folder = config.folder.as_deref().map(ListFolder::open).transpose()?;
        let authorities: Vec<_> =
            anchors.iter().map(|its| (its.kind(), its.subject_key_id().clone())).collect();
        let shelf = match config.url.is_partitioned() {
            true => CrlShelf::partitioned(anchors, limits),
            false => CrlShelf::new(anchors, limits),
        };
        let (flights, cursors, checking) = (Mutex::default(), Mutex::default(), Arc::new(Semaphore::new(1)));
        let inner = Inner { config, client, shelf, folder, flights, checking, cursors, clock };
        inner.restore(&authorities);
        Ok(Self(Arc::new(inner)))
    }

    /// Fetches the lists of every authority that is valid now, side by side; they are checked one after the other.
    ///
    /// A list that cannot be had, does not hold or is older leaves the one before in place until its own end.
    pub async fn refresh(&self) -> Vec<Renewed> {
        round::refresh(&self.0, self.0.clock.now()).await
    }

    /// The anchor of this kind with this key.
    #[must_use]
    pub fn authority(&self, kind: CertKind, key_id: &KeyId) -> Option<&CaCertificate> {
        self.0.shelf.authority(kind, key_id)
    }

    /// The bounds by which lists are checked.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.0.shelf.limits()
    }

    /// What lies at hand of each authority that is valid now: for whoever watches.
    #[must_use]
    pub fn at_hand(&self) -> Vec<AtHand> {
        let lies = |at_hand: enishi_verify::AtHand| {
            let enishi_verify::AtHand { kind, key_id, list } = at_hand;
            let (keeping, lists) = match self.0.config.url.is_partitioned() {
                true => (Keeping::Partitions, self.0.shelf.partitions(kind, &key_id)),
                false => (Keeping::Whole, list.into_iter().collect()),
            };
            AtHand { kind, key_id, keeping, lists }
        };
        self.0.shelf.at_hand(self.0.clock.now()).into_iter().map(lies).collect()
    }

    /// How long the whole list of an authority counts; none where no such list counts now.
    #[must_use]
    pub fn fresh_until(&self, kind: CertKind, key_id: &KeyId) -> Option<Timestamp> {
        self.0.shelf.current(kind, key_id, self.0.clock.now()).map(|list| list.fresh_until())
    }

    /// The newest list at hand that answers for a certificate, which may have ended: who is revoked in it is revoked.
    #[must_use]
    pub fn newest_covering(&self, certificate: &EndEntity) -> Option<Arc<Crl>> {
        self.0.shelf.newest_covering(certificate)
    }

    /// A list that counts at `now` and answers for a certificate, fetched where none does: at most one call.
    ///
    /// The certificate's path was checked before: what it names is what is fetched.
    ///
    /// # Errors
    /// [`ListError`]: no list counts, and none could be had in time.
    pub async fn covering(&self, certificate: &EndEntity, now: Timestamp) -> Result<Arc<Crl>, ListError> {
        let at_hand = || self.0.shelf.covering(certificate, now);
        if let Some(list) = at_hand() {
            return Ok(list);
        }
        let name = self.0.name_of(certificate)?;
        self.0.fetch_within(self.0.config.lookup_timeout, &name).await?;
        at_hand().ok_or(ListError::NoneCurrent)
    }

    /// A list newer than `known` where the authority has one, else the one at hand: at most one call.
    ///
    /// # Errors
    /// [`ListError`]: nothing could be had in time.
    pub async fn newer(
        &self,
        certificate: &EndEntity,
        known: &Crl,
        now: Timestamp,
    ) -> Result<Arc<Crl>, ListError> {
        let at_hand = || self.0.shelf.covering(certificate, now);
        let newer = || at_hand().filter(|list| list.number() > known.number());
        if let Some(list) = newer() {
            return Ok(list);
        }
        let name = self.0.name_of(certificate)?;
        let limit = self.0.config.lookup_timeout;
        if self.0.fetch_within(limit, &name).await?.is_none() && newer().is_none() {
            // Another's call may have begun before the newer list was there.
            self.0.fetch_within(limit, &name).await?;
        }
        at_hand().ok_or(ListError::NoneCurrent)
    }
}

impl Inner {
    /// The list that answers for a certificate.
    fn name_of(&self, certificate: &EndEntity) -> Result<ListName, ListError> {
        let (kind, key_id) = (certificate.kind(), certificate.issuer_key_id().clone());
        if self.shelf.authority(kind, &key_id).is_none() {
            return Err(ListError::OtherAuthority);
        }
        if !self.config.url.is_partitioned() {
            return Ok(ListName::whole(kind, key_id));
        }
        let point = certificate.crl_distribution_point().ok_or(ListError::NoPartition)?;
        Ok(ListName::partition(kind, key_id, point.to_vec()))
    }

    pub(crate) async fn fetch_within(
        self: &Arc<Self>,
        limit: Duration,
        name: &ListName,
    ) -> Result<Option<Placed>, ListError> {
        timeout(limit, self.fetch(name)).await.unwrap_or(Err(ListError::TimedOut(limit)))
    }

    /// Fetches one list, unless another fetch of it ends while this one waits.
    async fn fetch(self: &Arc<Self>, name: &ListName) -> Result<Option<Placed>, ListError> {
        let Some(turn) = self.flight(name)?.board().await else { return Ok(None) };
        let url = name.address(&self.config.url);
        let fetched = Download::fetch(&self.client, self.folder.as_ref(), name, &url, self.list_bytes());
        match fetched.await {
            Ok(download) => self.place(name.clone(), turn, download).await.map(Some),
            Err(error) => {
                turn.land();
                Err(error)
            }
        }
    }

    /// Checking a large list takes seconds: off the event loop, and to its end also where nobody waits any more.
    async fn place(
        self: &Arc<Self>,
        name: ListName,
        turn: Turn,
        download: Download,
    ) -> Result<Placed, ListError> {
        let turn_to_check =
            Arc::clone(&self.checking).acquire_owned().await.map_err(|_| ListError::CutOff)?;
        let this = Arc::clone(self);
        let job = tokio::task::spawn_blocking(move || {
            let place = || download.place(&this.shelf, this.folder.as_ref(), &name, this.clock.now());
            // For a partition somebody may be waiting.
            let placed = match name.point {
                None => aside(place).unwrap_or(Err(ListError::CutOff)),
                Some(_) => place(),
            };
            drop(turn_to_check);
            turn.land();
            placed
        });
        job.await.map_err(|_| ListError::CutOff)?
    }

    fn flight(&self, name: &ListName) -> Result<Flight, ListError> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(name) {
            return Ok(flight.clone());
        }
        // Names come from certificates that an authority issued, and still there is a bound.
        let of_authority = |known: &&ListName| known.kind == name.kind && known.key_id == name.key_id;
        if flights.keys().filter(of_authority).count() >= PARTITIONS_MAX {
            return Err(ListError::TooManyPartitions(PARTITIONS_MAX));
        }
        Ok(flights.entry(name.clone()).or_default().clone())
    }

    fn restore(&self, authorities: &[(CertKind, KeyId)]) {
        let Some(folder) = &self.folder else { return };
        let now = self.clock.now();
        for (kind, key_id) in authorities {
            let names = match self.config.url.is_partitioned() {
                false => Ok(vec![ListName::whole(*kind, key_id.clone())]),
                true => folder.points(*kind, key_id, PARTITIONS_MAX).map(|points| {
                    let name = |point| ListName::partition(*kind, key_id.clone(), point);
                    points.into_iter().map(name).collect()
                }),
            };
            let names = names.unwrap_or_else(|error| passed_over(*kind, key_id, &error));
            for name in names {
                if let Err(error) = restore(&self.shelf, folder, &name, self.list_bytes(), now) {
                    passed_over(*kind, key_id, &error);
                }
            }
        }
    }

    fn list_bytes(&self) -> usize {
        self.config.list_bytes.min(self.shelf.limits().crl_octets_max)
    }
}

fn passed_over(kind: CertKind, key_id: &KeyId, error: &ListError) -> Vec<ListName> {
    tracing::warn!(?kind, %key_id, %error, "a kept revocation list was passed over");
    Vec::new()
}

impl fmt::Debug for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lists({:?})", self.0.shelf)
    }
}
