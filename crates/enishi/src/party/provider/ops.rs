//! A card company as its operator sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use enishi_entrusted::Entrusted;
use enishi_party::{Clock, ContractId};
use enishi_provider::{Event, Login, Observer, RecheckRefused, Refusal, Reversed};
use enishi_provider_store::ProviderStore;
use enishi_server::{ListMetrics, list_checks};
use enishi_transport::{Check, Operated, PartyLabel, response_code_label};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::timeout;

/// How long the store may take to answer; what takes longer is no store for purchases.
const STORE_ANSWERS: Duration = Duration::from_secs(1);
/// The relay waits 10 s.
const SECONDS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0, 10.0];

/// What a card company counts.
#[derive(Clone)]
pub(crate) struct ProviderMetrics {
    contract: PartyLabel,
    authorisations: Family<CodeLabels, Counter>,
    authorisation_took: Histogram,
    refusals: Family<ReasonLabels, Counter>,
    repeats: Counter,
    reversals: Family<ResultLabels, Counter>,
    unanswered: Counter,
    rechecks: Family<ResultLabels, Counter>,
    logins: Family<ResultLabels, Counter>,
    relay_connections: Gauge,
    /// The relay's connections that are signed on; the gauge's own number, for checks.
    signed_on: Arc<AtomicI64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    contract: PartyLabel,
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

impl ProviderMetrics {
    pub(crate) fn register(registry: &mut Registry, contract: &ContractId) -> Self {
        let metrics = Self {
            contract: contract.into(),
            authorisations: Family::default(),
            authorisation_took: Histogram::new(SECONDS),
            refusals: Family::default(),
            repeats: Counter::default(),
            reversals: Family::default(),
            unanswered: Counter::default(),
            rechecks: Family::default(),
            logins: Family::default(),
            relay_connections: Gauge::default(),
            signed_on: Arc::default(),
        };
        metrics.register_decisions(registry);
        registry.register(
            "enishi_provider_app_logins",
            "Attempts to log in to the app, by result",
            metrics.logins.clone(),
        );
        registry.register(
            "enishi_provider_relay_connections",
            "Connections of the relay that are signed on",
            metrics.relay_connections.clone(),
        );
        let contract = metrics.contract.clone();
        drop(metrics.authorisations.get_or_create(&CodeLabels { contract, code: "00" }));
        for result in ["posted", "again", "nothing", "never_seen", "differs"] {
            drop(metrics.reversals.get_or_create(&ResultLabels { result }));
        }
        for result in ["done", "failed", "limited"] {
            drop(metrics.logins.get_or_create(&ResultLabels { result }));
        }
        metrics
    }

    fn register_decisions(&self, registry: &mut Registry) {
        registry.register(
            "enishi_provider_authorisations",
            "Purchases that were decided, by response code",
            self.authorisations.clone(),
        );
        registry.register_with_unit(
            "enishi_provider_authorisation_duration",
            "From a purchase's message to its answer",
            Unit::Seconds,
            self.authorisation_took.clone(),
        );
        registry.register(
            "enishi_provider_refusals",
            "Purchases that were refused before the books decided, by reason; assertion_ are the relay's",
            self.refusals.clone(),
        );
        registry.register(
            "enishi_provider_authorisation_repeats",
            "Purchases that were answered as they had been before",
            self.repeats.clone(),
        );
        registry.register(
            "enishi_provider_reversals",
            "Reversals, by what was there to undo",
            self.reversals.clone(),
        );
        registry.register(
            "enishi_provider_messages_unanswered",
            "Messages that could not be answered: the relay takes them for unknown and reverses",
            self.unanswered.clone(),
        );
        registry.register(
            "enishi_provider_rechecks",
            "Looks at evidence under 委託, by result",
            self.rechecks.clone(),
        );
    }

    fn decided(&self, code: &'static str, refused: Option<Refusal>, took: Duration) {
        let contract = self.contract.clone();
        self.authorisations.get_or_create(&CodeLabels { contract, code }).inc();
        self.authorisation_took.observe(took.as_secs_f64());
        if let Some(refusal) = refused {
            self.refusals.get_or_create(&ReasonLabels { reason: refusal.word() }).inc();
        }
    }
}

impl Observer for ProviderMetrics {
    fn event(&self, event: &Event) {
        match event {
            Event::Authorised { code, refused, took } => {
                self.decided(response_code_label(code), *refused, *took);
            }
            Event::Repeated => {
                self.repeats.inc();
            }
            Event::Reversed(reversed) => {
                let result = match reversed {
                    Reversed::Posted => "posted",
                    Reversed::Again => "again",
                    Reversed::Nothing => "nothing",
                    Reversed::NeverSeen => "never_seen",
                    Reversed::Differs => "differs",
                };
                self.reversals.get_or_create(&ResultLabels { result }).inc();
            }
            Event::Unanswered => {
                self.unanswered.inc();
            }
            Event::Rechecked(outcome) => {
                let result = match outcome {
                    Ok(()) => "borne_out",
                    Err(RecheckRefused::Disproved) => "disproved",
                    Err(RecheckRefused::Unavailable) => "unavailable",
                };
                self.rechecks.get_or_create(&ResultLabels { result }).inc();
            }
            Event::Login(login) => {
                let result = match login {
                    Login::Done => "done",
                    Login::Failed => "failed",
                    Login::Limited => "limited",
                };
                self.logins.get_or_create(&ResultLabels { result }).inc();
            }
            Event::RelaySignedOn(signed_on) => {
                let change = if *signed_on { 1 } else { -1 };
                self.relay_connections.inc_by(change);
                self.signed_on.fetch_add(change, Ordering::AcqRel);
            }
        }
    }
}

/// What a card company looks at when it is asked how it is.
pub(crate) struct ProviderOps {
    pub(crate) metrics: ProviderMetrics,
    pub(crate) store: Arc<ProviderStore>,
    /// 委託 only.
    pub(crate) verifier: Option<OwnVerifier>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A company's own look at revocation.
#[derive(Clone)]
pub(crate) struct OwnVerifier {
    pub(crate) verifier: Arc<Entrusted>,
    pub(crate) metrics: ListMetrics,
}

impl OwnVerifier {
    /// Fetches the lists, and remembers how that went.
    pub(crate) async fn refresh(&self) {
        for renewed in self.verifier.refresh().await {
            self.metrics.fetched(renewed.kind, &renewed.key_id, renewed.outcome.is_ok());
        }
    }
}

#[async_trait]
impl Operated for ProviderOps {
    async fn measure(&self) {
        if let Some(own) = &self.verifier {
            own.metrics.measure(&own.verifier.at_hand());
        }
    }

    async fn checks(&self) -> Vec<Check> {
        let mut checks = vec![match timeout(STORE_ANSWERS, self.store.takes_writes()).await {
            Ok(outcome) => Check::of("store", outcome),
            Err(_) => {
                Check::failed("store", "it takes no writes: is its disk full, or does another hold it?")
            }
        }];
        checks.push(match self.metrics.signed_on.load(Ordering::Acquire) {
            1.. => Check::ok("relay"),
            _ => Check::failed(
                "relay",
                "it has not signed on: is this company in its configuration, and does it reach listen_iso?",
            ),
        });
        if let Some(own) = &self.verifier {
            checks.extend(list_checks(&own.verifier.at_hand(), self.clock.now()));
        }
        checks
    }
}
