//! The authority as its operator sees it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use enishi_authority::{Authority, AuthorityError, LookupOutcome, Observer, OcspAnswered};
use enishi_jpki::CertKind;
use enishi_party::{Clock, Timestamp};
use enishi_transport::{Check, Operated};
use jiff::SignedDuration;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

const KINDS: [CertKind; 2] = [CertKind::Authentication, CertKind::Signing];
/// A list is late when it is older than its interval and this.
const PUBLISHING_TAKES: SignedDuration = SignedDuration::from_mins(5);

/// What the authority counts.
#[derive(Clone)]
pub(crate) struct AuthorityMetrics {
    issued: Family<KindLabels, Gauge>,
    revoked: Family<KindLabels, Gauge>,
    awaiting_list: Family<KindLabels, Gauge>,
    list_number: Family<KindLabels, Gauge>,
    published_at: Family<KindLabels, Gauge<f64, AtomicU64>>,
    next_update: Family<KindLabels, Gauge<f64, AtomicU64>>,
    ocsp: Family<OcspLabels, Counter>,
    pairings: Family<PairingLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OcspLabels {
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PairingLabels {
    result: &'static str,
}

impl AuthorityMetrics {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            issued: Family::default(),
            revoked: Family::default(),
            awaiting_list: Family::default(),
            list_number: Family::default(),
            published_at: Family::default(),
            next_update: Family::default(),
            ocsp: Family::default(),
            pairings: Family::default(),
        };
        metrics.register_certificates(registry);
        registry.register(
            "enishi_authority_ocsp_answers",
            "What OCSP said of certificates, or why it said nothing",
            metrics.ocsp.clone(),
        );
        registry.register(
            "enishi_authority_pairing_lookups",
            "Pairings (シリアル番号紐付情報) for registered verifiers, by result",
            metrics.pairings.clone(),
        );
        metrics
    }

    fn register_certificates(&self, registry: &mut Registry) {
        registry.register(
            "enishi_authority_certificates",
            "Certificates in the register that were ever issued",
            self.issued.clone(),
        );
        registry.register(
            "enishi_authority_revoked_certificates",
            "Certificates in the register that are revoked or on hold",
            self.revoked.clone(),
        );
        registry.register(
            "enishi_authority_revocations_awaiting_list",
            "Revoked certificates that no list names yet",
            self.awaiting_list.clone(),
        );
        registry.register(
            "enishi_authority_list_number",
            "The number of the list that is served",
            self.list_number.clone(),
        );
        registry.register_with_unit(
            "enishi_authority_list_published_timestamp",
            "When the list that is served was made, as Unix time",
            Unit::Seconds,
            self.published_at.clone(),
        );
        registry.register_with_unit(
            "enishi_authority_list_next_update_timestamp",
            "When the list that is served ends, as Unix time",
            Unit::Seconds,
            self.next_update.clone(),
        );
    }

    fn measure(&self, authority: &Authority) -> Result<(), AuthorityError> {
        for kind in KINDS {
            let labels = KindLabels { kind: word(kind) };
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            let count = authority.count(kind)?;
            self.issued.get_or_create(&labels).set(number(count.issued));
            self.revoked.get_or_create(&labels).set(number(count.revoked));
            self.awaiting_list.get_or_create(&labels).set(number(count.awaiting_list));
            if let Some(published) = authority.last_published(kind)? {
                let unix = |at: Timestamp| at.as_duration().as_secs_f64();
                self.list_number.get_or_create(&labels).set(number(published.number));
                self.published_at.get_or_create(&labels).set(unix(published.this_update));
                self.next_update.get_or_create(&labels).set(unix(published.next_update));
            }
        }
        Ok(())
    }
}

impl Observer for AuthorityMetrics {
    fn ocsp(&self, answered: OcspAnswered) {
        let status = match answered {
            OcspAnswered::Good => "good",
            OcspAnswered::Revoked => "revoked",
            OcspAnswered::Unknown => "unknown",
            OcspAnswered::Malformed => "malformed_request",
            OcspAnswered::Failed => "internal_error",
            OcspAnswered::TryLater => "try_later",
            OcspAnswered::Unauthorised => "unauthorized",
        };
        self.ocsp.get_or_create(&OcspLabels { status }).inc();
    }

    fn pairing(&self, outcome: LookupOutcome) {
        let result = match outcome {
            LookupOutcome::Found => "found",
            LookupOutcome::NotFound => "none",
        };
        self.pairings.get_or_create(&PairingLabels { result }).inc();
    }
}

/// What the authority looks at when it is asked how it is.
pub(crate) struct AuthorityOps {
    pub(crate) metrics: AuthorityMetrics,
    pub(crate) authority: Arc<Authority>,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Operated for AuthorityOps {
    async fn measure(&self) {
        let (metrics, authority) = (self.metrics.clone(), self.authority.clone());
        let measured = tokio::task::spawn_blocking(move || metrics.measure(&authority)).await;
        if let Ok(Err(error)) = measured {
            tracing::warn!(%error, "the register was not measured");
        }
    }

    async fn checks(&self) -> Vec<Check> {
        let (authority, now) = (self.authority.clone(), self.clock.now());
        let checks =
            tokio::task::spawn_blocking(move || KINDS.map(|kind| check(&authority, kind, now))).await;
        checks.map_or_else(|error| vec![Check::failed("register", error.to_string())], Vec::from)
    }
}

/// A list that is late is still a list; one that has ended is none.
fn check(authority: &Authority, kind: CertKind, now: Timestamp) -> Check {
    let name = format!("list:{}", word(kind));
    match authority.last_published(kind) {
        Err(error) => Check::failed(name, error.to_string()),
        Ok(None) => Check::failed(name, "none was published yet: authority publish"),
        Ok(Some(last)) if now >= last.next_update => {
            Check::failed(name, format!("it ended at {}: see why none is published", last.next_update))
        }
        Ok(Some(last)) => {
            let due = last.this_update.saturating_add(authority.config().publish_every);
            let late = due.and_then(|due| due.saturating_add(PUBLISHING_TAKES)).is_ok_and(|late| now > late);
            match late {
                true => Check::degraded(name, format!("it counts until {}, and is late", last.next_update)),
                false => Check::ok(name),
            }
        }
    }
}

const fn word(kind: CertKind) -> &'static str {
    match kind {
        CertKind::Authentication => "auth",
        CertKind::Signing => "sign",
    }
}

#[cfg(test)]
mod tests;
