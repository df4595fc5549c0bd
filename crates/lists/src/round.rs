//! The regular fetch of everything that is kept.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use enishi_jpki::{CertKind, KeyId};
use enishi_party::Timestamp;
use enishi_verify::{CrlScope, Placed};
use tokio::task::JoinSet;

use crate::lists::Inner;
use crate::name::ListName;
use crate::{ListError, Renewed};

/// A partition has some hundred kilobytes: whoever does not bring it in this time brings the others no sooner.
const PARTITION_TIMEOUT: Duration = Duration::from_secs(10);
/// After so many partitions of one authority in a row that could not be fetched, the next round goes on.
const FAILURES_MAX: usize = 3;

pub(crate) async fn refresh(inner: &Arc<Inner>, now: Timestamp) -> Vec<Renewed> {
    let mut outcomes = BTreeMap::new();
    let mut fetches = JoinSet::new();
    for authority in inner.shelf.authorities(now) {
        let key = (authority.kind(), authority.subject_key_id().clone());
        // What a job that is cut off leaves.
        outcomes.insert(key.clone(), Err(ListError::CutOff));
        let inner = Arc::clone(inner);
        fetches.spawn(async move { (key.clone(), refresh_authority(&inner, key).await) });
    }
    while let Some(ended) = fetches.join_next().await {
        if let Ok((key, outcome)) = ended {
            outcomes.insert(key, outcome);
        }
    }
    let renewed = outcomes.into_iter().map(|((kind, key_id), outcome)| {
        if let Err(error) = &outcome {
            tracing::warn!(?kind, %key_id, %error, "a revocation list was not renewed");
        }
        Renewed { kind, key_id, outcome }
    });
    renewed.collect()
}

async fn refresh_authority(
    inner: &Arc<Inner>,
    (kind, key_id): (CertKind, KeyId),
) -> Result<Option<Placed>, ListError> {
    let limit = inner.config.refresh_timeout;
    if inner.config.url.is_partitioned() {
        refresh_partitions(inner, kind, key_id, limit.min(PARTITION_TIMEOUT)).await
    } else {
        inner.fetch_within(limit, &ListName::whole(kind, key_id)).await
    }
}

/// Fetches the partitions that were ever needed, from where the round before left off.
async fn refresh_partitions(
    inner: &Arc<Inner>,
    kind: CertKind,
    key_id: KeyId,
    limit: Duration,
) -> Result<Option<Placed>, ListError> {
    let (mut outcome, mut failures) = (Ok(None), 0_usize);
    for name in in_turn(inner, kind, &key_id) {
        let fetched = inner.fetch_within(limit, &name).await;
        inner.cursors.lock().unwrap_or_else(PoisonError::into_inner).insert((kind, key_id.clone()), name);
        failures = match &fetched {
            Err(ListError::Fetch(_) | ListError::TimedOut(_)) => failures.saturating_add(1),
            _ => 0,
        };
        outcome = match (outcome, fetched) {
            (Err(first), _) => Err(first),
            (Ok(_), Err(error)) => Err(error),
            (Ok(Some(Placed::Newer)), Ok(_)) | (Ok(_), Ok(Some(Placed::Newer))) => Ok(Some(Placed::Newer)),
            (Ok(before), Ok(after)) => Ok(after.or(before)),
        };
        if failures >= FAILURES_MAX {
            break;
        }
    }
    outcome
}

fn in_turn(inner: &Inner, kind: CertKind, key_id: &KeyId) -> Vec<ListName> {
    let points = inner.shelf.partitions(kind, key_id).into_iter().filter_map(|list| match list.scope() {
        CrlScope::Partition(point) => Some(ListName::partition(kind, key_id.clone(), point.clone())),
        CrlScope::Full => None,
    });
    let names: std::collections::BTreeSet<_> = points.collect();
    let cursors = inner.cursors.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(last) = cursors.get(&(kind, key_id.clone())) else { return names.into_iter().collect() };
    let after = names.range((Bound::Excluded(last), Bound::Unbounded));
    let before = names.range((Bound::Unbounded, Bound::Included(last)));
    after.chain(before).cloned().collect()
}
