//! The verifier's own lists, fetched by itself: what it holds against the relay's word.

use std::sync::Arc;
use std::time::Duration;

use enishi_jpki::{CertKind, EndEntity, KeyId};
use enishi_party::Timestamp;
use enishi_transport::{Fetch, PlainHttpClient};
use enishi_verify::{Anchors, AtHand, Crl, CrlShelf, Limits, ListUrl};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::ListUnavailable;

const LIST_TYPE: &str = "application/pkix-crl";

/// What became of one authority's list in a refresh.
#[derive(Debug)]
pub struct Renewed {
    /// What the authority is for.
    pub kind: CertKind,
    /// Its key.
    pub key_id: KeyId,
    /// After an error the list before stays.
    pub outcome: Result<(), ListUnavailable>,
}

/// The newest list of each authority, by this party's own anchors.
pub(crate) struct OwnLists {
    shelf: Arc<CrlShelf>,
    url: ListUrl,
    client: PlainHttpClient,
    list_bytes: usize,
    /// One fetch at a time.
    turn: Mutex<()>,
}

impl OwnLists {
    pub(crate) fn new(
        anchors: Anchors,
        limits: Limits,
        url: ListUrl,
        client: PlainHttpClient,
        list_bytes: usize,
    ) -> Self {
        let list_bytes = list_bytes.min(limits.crl_octets_max);
        let shelf = Arc::new(CrlShelf::new(anchors, limits));
        Self { shelf, url, client, list_bytes, turn: Mutex::default() }
    }

    /// Fetches the list of every authority that is valid now; whatever fails leaves the list before in place.
    pub(crate) async fn refresh(&self, limit: Duration, now: Timestamp) -> Vec<Renewed> {
        let mut all = Vec::new();
        for authority in self.shelf.authorities(now) {
            let (kind, key_id) = (authority.kind(), authority.subject_key_id());
            let outcome = timeout(limit, async {
                let _turn = self.turn.lock().await;
                self.fetch(kind, key_id, now).await
            });
            let outcome = outcome.await.unwrap_or(Err(ListUnavailable::TimedOut));
            if let Err(error) = &outcome {
                tracing::warn!(?kind, %key_id, %error, "an own revocation list was not renewed");
            }
            all.push(Renewed { kind, key_id: key_id.clone(), outcome });
        }
        all
    }

    pub(crate) fn at_hand(&self, now: Timestamp) -> Vec<AtHand> {
        self.shelf.at_hand(now)
    }

    /// The list that covers a certificate of a trusted authority, fetched where none counts.
    pub(crate) async fn covering(
        &self,
        certificate: &EndEntity,
        limit: Duration,
        now: Timestamp,
    ) -> Result<Arc<Crl>, ListUnavailable> {
        match self.current(certificate, now) {
            Some(list) => Ok(list),
            None => self.after(certificate, None, limit, now).await,
        }
    }

    /// A list newer than `known`, where the authority has one; else `known` again.
    pub(crate) async fn newer(
        &self,
        certificate: &EndEntity,
        known: &Crl,
        limit: Duration,
        now: Timestamp,
    ) -> Result<Arc<Crl>, ListUnavailable> {
        self.after(certificate, Some(known), limit, now).await
    }

    async fn after(
        &self,
        certificate: &EndEntity,
        known: Option<&Crl>,
        limit: Duration,
        now: Timestamp,
    ) -> Result<Arc<Crl>, ListUnavailable> {
        let fetched = timeout(limit, async {
            let _turn = self.turn.lock().await;
            // Whoever had the turn before may have brought it.
            let brought = self.current(certificate, now);
            match (brought, known) {
                (Some(list), None) => return Ok(list),
                (Some(list), Some(known)) if list.number() > known.number() => return Ok(list),
                (Some(_) | None, _) => {}
            }
            self.fetch(certificate.kind(), certificate.issuer_key_id(), now).await?;
            self.current(certificate, now).ok_or(ListUnavailable::NoneCurrent)
        });
        fetched.await.unwrap_or(Err(ListUnavailable::TimedOut))
    }

    fn current(&self, certificate: &EndEntity, now: Timestamp) -> Option<Arc<Crl>> {
        self.shelf.current(certificate.kind(), certificate.issuer_key_id(), now)
    }

    async fn fetch(&self, kind: CertKind, key_id: &KeyId, now: Timestamp) -> Result<(), ListUnavailable> {
        let url = self.url.of(kind, key_id);
        let fetch = Fetch { url: &url, expected_type: LIST_TYPE, body_bytes: self.list_bytes };
        let list = self.client.get(fetch).await?;
        let (shelf, key_id) = (Arc::clone(&self.shelf), key_id.clone());
        // Checking a large list takes seconds.
        let job = tokio::task::spawn_blocking(move || shelf.place(kind, &key_id, &list, now));
        job.await.map_err(|_| ListUnavailable::CutOff)??;
        Ok(())
    }
}
