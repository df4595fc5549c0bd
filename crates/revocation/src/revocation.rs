use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use enishi_jpki::{CaCertificate, CertKind, EndEntity, KeyId};
use enishi_linkage::{LookupMethod, RevocationSource, RevocationUnavailable};
use enishi_party::{Clock, Entropy, Timestamp};
use enishi_transport::{Fetch, PlainHttpClient};
use enishi_verify::{Anchors, AtHand, CrlShelf, Limits, Placed, RevocationStatus};
use tokio::time::timeout;

use crate::flight::{Flight, Turn};
use crate::list_folder::ListFolder;
use crate::responder::Responder;
use crate::{RevocationConfig, RevocationError};

const LIST_TYPE: &str = "application/pkix-crl";

/// Revocation information of the authorities that this party trusts.
///
/// Lists lie at hand: the caller ticks [`Revocation::refresh`], and a look-up fetches one itself only where none counts.
pub struct Revocation {
    config: RevocationConfig,
    client: PlainHttpClient,
    responder: Responder,
    shelf: Arc<CrlShelf>,
    flights: BTreeMap<(CertKind, KeyId), Flight>,
    folder: Option<ListFolder>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// What became of one authority's list in a refresh.
#[derive(Debug)]
pub struct Refreshed {
    /// What the authority is for.
    pub kind: CertKind,
    /// Its key.
    pub key_id: KeyId,
    /// `None` where another fetch ended while this one waited for its turn. After an error the list before stays.
    pub outcome: Result<Option<Placed>, RevocationError>,
}

impl Revocation {
    /// Takes the lists that were kept, if a folder is configured; fetches nothing yet.
    ///
    /// `client` bounds each exchange with its own time-out too: it should not be below `refresh_timeout`.
    ///
    /// # Errors
    /// A setting out of its rule, or a folder that cannot be used. A kept list that does not hold is passed over.
    pub fn new(
        config: RevocationConfig,
        client: PlainHttpClient,
        anchors: Anchors,
        limits: Limits,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, RevocationError> {
        config.check()?;
        let folder = config.folder.as_deref().map(ListFolder::open).transpose()?;
        let flights = anchors
            .iter()
            .map(|anchor| ((anchor.kind(), anchor.subject_key_id().clone()), Flight::default()))
            .collect();
        let shelf = CrlShelf::new(anchors, limits);
        let responder = Responder::new(client.clone());
        let revocation =
            Self { config, client, responder, shelf: Arc::new(shelf), flights, folder, clock, entropy };
        revocation.restore();
        Ok(revocation)
    }

    /// Fetches the list of every authority that is valid now, one after the other.
    ///
    /// A list that cannot be had, does not hold or is older leaves the one before in place until its own end.
    pub async fn refresh(&self) -> Vec<Refreshed> {
        let mut all = Vec::new();
        for authority in self.shelf.authorities(self.clock.now()) {
            let limit = self.config.refresh_timeout;
            let outcome = timeout(limit, self.fetch(authority)).await;
            let outcome = outcome.unwrap_or(Err(RevocationError::TimedOut(limit)));
            let (kind, key_id) = (authority.kind(), authority.subject_key_id().clone());
            if let Err(error) = &outcome {
                tracing::warn!(?kind, %key_id, %error, "a revocation list was not renewed");
            }
            all.push(Refreshed { kind, key_id, outcome });
        }
        all
    }

    /// How long the list at hand of an authority counts; none where no list counts now.
    #[must_use]
    pub fn fresh_until(&self, kind: CertKind, key_id: &KeyId) -> Option<Timestamp> {
        self.shelf.current(kind, key_id, self.clock.now()).map(|list| list.fresh_until())
    }

    /// What lies at hand of each authority that is valid now: for whoever watches.
    #[must_use]
    pub fn at_hand(&self) -> Vec<AtHand> {
        self.shelf.at_hand(self.clock.now())
    }

    async fn look_up(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        method: LookupMethod,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationError> {
        // An answer is about a number of the authority that was asked: of another's it would tell nothing.
        let (kind, key_id) = (certificate.kind(), certificate.issuer_key_id());
        let anchor = self.shelf.authority(kind, key_id).ok_or(RevocationError::OtherAuthority)?;
        if anchor.der() != authority.der() || anchor.subject_der() != certificate.issuer_der() {
            return Err(RevocationError::OtherAuthority);
        }
        match method {
            LookupMethod::Crl => self.by_list(certificate, anchor, now).await,
            LookupMethod::Ocsp => {
                let (config, limits) = (&self.config, self.shelf.limits());
                self.responder.ask(certificate, anchor, config, limits, &*self.entropy, now).await
            }
        }
    }

    async fn by_list(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationError> {
        let current = || self.shelf.current(authority.kind(), authority.subject_key_id(), now);
        if let Some(list) = current() {
            return Ok(RevocationStatus::from_crl(&list, certificate, now)?);
        }
        let limit = self.config.lookup_timeout;
        timeout(limit, self.fetch(authority)).await.map_err(|_| RevocationError::TimedOut(limit))??;
        let list = current().ok_or(RevocationError::NoCurrentList)?;
        Ok(RevocationStatus::from_crl(&list, certificate, now)?)
    }

    /// Fetches one list, unless another fetch of it ends while this one waits.
    async fn fetch(&self, authority: &CaCertificate) -> Result<Option<Placed>, RevocationError> {
        let (kind, key_id) = (authority.kind(), authority.subject_key_id().clone());
        let flight = self.flights.get(&(kind, key_id.clone())).ok_or(RevocationError::OtherAuthority)?;
        let Some(turn) = flight.board().await else { return Ok(None) };
        let fetch = Fetch {
            url: &self.config.crl_url.of(kind, &key_id),
            expected_type: LIST_TYPE,
            body_bytes: self.list_bytes(),
        };
        match self.client.get(fetch).await {
            Ok(list) => self.place(kind, key_id, list, turn).await.map(Some),
            Err(error) => {
                turn.land();
                Err(error.into())
            }
        }
    }

    /// Checking a large list takes seconds: off the event loop, and to its end also where nobody waits any more.
    async fn place(
        &self,
        kind: CertKind,
        key_id: KeyId,
        list: enishi_transport::Bytes,
        turn: Turn,
    ) -> Result<Placed, RevocationError> {
        let (shelf, folder, now) = (Arc::clone(&self.shelf), self.folder.clone(), self.clock.now());
        let job = tokio::task::spawn_blocking(move || {
            let placed = shelf.place(kind, &key_id, &list, now);
            if let (Ok(Placed::Newer), Some(folder)) = (&placed, folder) {
                // The list serves all the same; only a restart would not have it.
                if let Err(error) = folder.keep(kind, &key_id, &list) {
                    tracing::error!(?kind, %key_id, %error, "a revocation list was not kept");
                }
            }
            turn.land();
            placed
        });
        Ok(job.await.map_err(|_| RevocationError::CutOff)??)
    }

    fn restore(&self) {
        let Some(folder) = &self.folder else { return };
        let now = self.clock.now();
        for (kind, key_id) in self.flights.keys() {
            let restored = folder.read(*kind, key_id, self.list_bytes()).and_then(|kept| match kept {
                Some(list) => Ok(self.shelf.restore(*kind, key_id, &list, now).map(drop)?),
                None => Ok(()),
            });
            if let Err(error) = restored {
                tracing::warn!(?kind, %key_id, %error, "a kept revocation list was passed over");
            }
        }
    }

    fn list_bytes(&self) -> usize {
        self.config.list_bytes.min(self.shelf.limits().crl_octets_max)
    }
}

#[async_trait]
impl RevocationSource for Revocation {
    async fn status(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        method: LookupMethod,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationUnavailable> {
        self.look_up(certificate, authority, method, now).await.map_err(|error| {
            let (kind, reason) = (certificate.kind(), error.to_string());
            tracing::warn!(?kind, ?method, reason, "no revocation status");
            RevocationUnavailable { reason }
        })
    }
}

impl fmt::Debug for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revocation({:?})", self.shelf)
    }
}
