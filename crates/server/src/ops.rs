//! The relay as its operator sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use enishi_party::{Clock, PartyRole, Timestamp};
use enishi_revocation::Revocation;
use enishi_store::Store;
use enishi_transport::{Check, HttpMetrics, Operated, register_process};
use prometheus_client::registry::Registry;
use tokio::time::timeout;

use crate::config::RelayConfig;
use crate::list_metrics::{ListMetrics, list_checks};
use crate::metrics::RelayMetrics;
use crate::switch::Connections;

/// How long the store may take to answer; what takes longer is no store for payments.
const STORE_ANSWERS: Duration = Duration::from_secs(1);

/// What the relay counts, and where it is registered.
pub(crate) struct Counters {
    pub(crate) registry: Registry,
    pub(crate) http: HttpMetrics,
    pub(crate) metrics: RelayMetrics,
    pub(crate) lists: ListMetrics,
}

impl Counters {
    pub(crate) fn new(config: &RelayConfig, started_at: Timestamp) -> Self {
        let mut registry = Registry::default();
        register_process(&mut registry, PartyRole::Relay, env!("CARGO_PKG_VERSION"), started_at);
        let http = HttpMetrics::register(&mut registry);
        let providers = config.providers.iter().map(|line| &line.id);
        let contracts = config.contracts.iter().map(|line| &line.id);
        let metrics = RelayMetrics::register(&mut registry, providers, contracts);
        let lists = ListMetrics::register(&mut registry);
        Self { registry, http, metrics, lists }
    }
}

/// What the relay looks at when it is asked how it is.
pub(crate) struct RelayOps {
    pub(crate) metrics: RelayMetrics,
    pub(crate) lists: ListMetrics,
    pub(crate) store: Arc<Store>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) revocation: Arc<Revocation>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether what an earlier process left open is closed.
    pub(crate) recovered: AtomicBool,
}

impl RelayOps {
    /// What an earlier process left open is closed.
    pub(crate) fn recovered(&self) {
        self.recovered.store(true, Ordering::Release);
    }

    /// Fetches the lists, and remembers how that went.
    pub(crate) async fn refresh(&self) {
        for refreshed in self.revocation.refresh().await {
            self.lists.fetched(refreshed.kind, &refreshed.key_id, refreshed.outcome.is_ok());
        }
    }

    async fn store_check(&self) -> Check {
        match timeout(STORE_ANSWERS, self.store.takes_writes()).await {
            Ok(outcome) => Check::of("store", outcome),
            Err(_) => {
                Check::failed("store", "it takes no writes: is its disk full, or does another hold it?")
            }
        }
    }

    /// One provider away is the others' good day; with all of them away nothing can be completed.
    fn provider_checks(&self) -> Vec<Check> {
        let anyone = self.connections.standing().any(|(_, signed_on)| signed_on);
        let check = |(provider, signed_on): (&enishi_party::ProviderId, bool)| {
            let name = format!("provider:{provider}");
            match (signed_on, anyone) {
                (true, _) => Check::ok(name),
                (false, true) => {
                    Check::degraded(name, "not signed on: its payments are declined 91; the others go on")
                }
                (false, false) => Check::failed(name, "not signed on, nor is any other provider"),
            }
        };
        self.connections.standing().map(check).collect()
    }
}

#[async_trait]
impl Operated for RelayOps {
    async fn measure(&self) {
        self.lists.measure(&self.revocation.at_hand());
        for (provider, signed_on) in self.connections.standing() {
            self.metrics.signed_on(provider, signed_on);
        }
        match self.store.condition().await {
            Ok(condition) => {
                let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
                self.metrics.reversals_pending.set(gauge(condition.reversals_pending));
                self.metrics.reversals_rejected.set(gauge(condition.reversals_rejected));
                self.metrics.quarantine.set(gauge(condition.quarantined));
                let oldest = condition.oldest_reversal.map_or(0.0, |at| at.as_duration().as_secs_f64());
                self.metrics.oldest_reversal_at.set(oldest);
            }
            Err(error) => tracing::warn!(%error, "the store was not measured"),
        }
    }

    async fn checks(&self) -> Vec<Check> {
        let mut checks = vec![self.store_check().await];
        checks.push(match self.recovered.load(Ordering::Acquire) {
            true => Check::ok("recovery"),
            false => Check::failed("recovery", "payments of an earlier process are being closed: wait"),
        });
        checks.extend(list_checks(&self.revocation.at_hand(), self.clock.now()));
        checks.extend(self.provider_checks());
        checks
    }
}
