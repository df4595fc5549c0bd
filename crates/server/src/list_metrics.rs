//! The revocation lists at hand, for a relay and for a verifier of its own.

use std::sync::atomic::AtomicU64;

use enishi_jpki::{CertKind, KeyId};
use enishi_party::Timestamp;
use enishi_revocation::{AtHand, Keeping};
use enishi_transport::Check;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

type Moments = Family<ListLabels, Gauge<f64, AtomicU64>>;

/// Size, age and fetches of each authority's list.
#[derive(Clone)]
pub struct ListMetrics {
    entries: Family<ListLabels, Gauge>,
    issued_at: Moments,
    fresh_until: Moments,
    fetches: Family<FetchLabels, Counter>,
    last_fetch: Family<ListLabels, Gauge>,
}

/// `authority` is an authority's key identifier, which is public and nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ListLabels {
    kind: &'static str,
    authority: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FetchLabels {
    kind: &'static str,
    authority: String,
    result: &'static str,
}

impl ListLabels {
    fn of(kind: CertKind, key_id: &KeyId) -> Self {
        Self { kind: word(kind), authority: key_id.to_string() }
    }
}

impl ListMetrics {
    /// Puts the metrics into a party's registry.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            entries: Family::default(),
            issued_at: Family::default(),
            fresh_until: Family::default(),
            fetches: Family::default(),
            last_fetch: Family::default(),
        };
        registry.register(
            "enishi_revocation_list_entries",
            "Serial numbers in the newest list of an authority",
            metrics.entries.clone(),
        );
        registry.register_with_unit(
            "enishi_revocation_list_issued_timestamp",
            "When the newest list was made, as Unix time; 0 where there is none",
            Unit::Seconds,
            metrics.issued_at.clone(),
        );
        registry.register_with_unit(
            "enishi_revocation_list_fresh_until_timestamp",
            "The last moment at which the newest list counts, as Unix time; 0 where there is none",
            Unit::Seconds,
            metrics.fresh_until.clone(),
        );
        registry.register(
            "enishi_revocation_list_fetches",
            "Regular fetches of lists, by result",
            metrics.fetches.clone(),
        );
        registry.register(
            "enishi_revocation_list_last_fetch_succeeded",
            "1 where the last regular fetch brought a list that holds",
            metrics.last_fetch.clone(),
        );
        metrics
    }

    /// A regular fetch ended.
    pub fn fetched(&self, kind: CertKind, key_id: &KeyId, succeeded: bool) {
        let labels = ListLabels::of(kind, key_id);
        self.last_fetch.get_or_create(&labels).set(i64::from(succeeded));
        let ListLabels { kind, authority } = labels;
        let result = if succeeded { "succeeded" } else { "failed" };
        self.fetches.get_or_create(&FetchLabels { kind, authority, result }).inc();
    }

    /// What lies at hand now.
    pub fn measure(&self, at_hand: &[AtHand]) {
        for AtHand { kind, key_id, lists, keeping: _ } in at_hand {
            let labels = ListLabels::of(*kind, key_id);
            let entries = lists.iter().map(|list| i64::try_from(list.len()).unwrap_or(i64::MAX));
            let unix = |at: Option<Timestamp>| at.map_or(0.0, |at| at.as_duration().as_secs_f64());
            self.entries.get_or_create(&labels).set(entries.fold(0, i64::saturating_add));
            // Of several partitions the oldest is told.
            let issued_at = lists.iter().map(|list| list.this_update()).min();
            self.issued_at.get_or_create(&labels).set(unix(issued_at));
            let fresh_until = lists.iter().map(|list| list.fresh_until()).min();
            self.fresh_until.get_or_create(&labels).set(unix(fresh_until));
        }
    }
}

/// One check for each authority: whether its list counts now, or each of the partitions that were ever needed.
#[must_use]
pub fn list_checks(at_hand: &[AtHand], now: Timestamp) -> Vec<Check> {
    if at_hand.is_empty() {
        let reason =
            "no trust anchor is valid now: put the authorities' certificates into the folder of anchors";
        return vec![Check::failed("lists", reason)];
    }
    let check = |AtHand { kind, key_id, keeping, lists }: &AtHand| {
        let name = format!("list:{}:{key_id}", word(*kind));
        let ended = lists.iter().filter(|list| !list.is_current(now)).map(|list| list.fresh_until()).min();
        match (ended, keeping) {
            (None, Keeping::Whole) if lists.is_empty() => {
                Check::failed(name, "none was ever fetched: is the authority reached, is crl_url right?")
            }
            (None, _) => Check::ok(name),
            (Some(ended), _) => {
                Check::failed(name, format!("it counted until {ended}: see why it is not renewed"))
            }
        }
    };
    at_hand.iter().map(check).collect()
}

const fn word(kind: CertKind) -> &'static str {
    match kind {
        CertKind::Authentication => "auth",
        CertKind::Signing => "sign",
    }
}
