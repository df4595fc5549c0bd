//! What the relay counts. Each service has a registry of its own; no label can hold a person.

mod ports;

use std::sync::Arc;
use std::time::Duration;

use enishi_party::{ContractId, ProviderId};
use enishi_relay::{Advice, End, Event, Hop, Observer, Question, Stopped};
use enishi_transport::{PartyLabel, response_code_label};
use enishi_wire::{CancelOutcome, ConfirmationAnswer};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

pub(crate) use ports::{CountedMeter, CountedPairing, CountedRevocation, CountedSwitch};

/// A whole payment, up to a provider that takes all its time.
const PAYMENT_SECONDS: [f64; 13] =
    [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0];
/// One part of it, down to a look into an index.
const HOP_SECONDS: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

type Durations<L> = Family<L, Histogram, fn() -> Histogram>;

/// The relay's own metrics.
#[derive(Clone)]
pub(crate) struct RelayMetrics {
    payments: Family<PaymentLabels, Counter>,
    payment_took: Durations<OutcomeLabels>,
    hop_took: Durations<HopLabels>,
    repeats: Counter,
    tickets: Counter,
    questions: Family<QuestionLabels, Counter>,
    cancellations: Family<OutcomeLabels, Counter>,
    left_over: Counter,
    reversals: Family<ProviderResult, Counter>,
    quarantined: Family<ProviderLabels, Counter>,
    enrolments: Family<EnrolmentLabels, Counter>,
    confirmations: Family<ResultLabels, Counter>,
    pub(crate) reversals_pending: Gauge,
    pub(crate) reversals_rejected: Gauge,
    pub(crate) oldest_reversal_at: Gauge<f64, std::sync::atomic::AtomicU64>,
    pub(crate) quarantine: Gauge,
    signed_on: Family<ProviderLabels, Gauge>,
    exchanges: Family<ExchangeLabels, Counter>,
    in_flight: Family<ProviderLabels, Gauge>,
    lookups: Family<LookupLabels, Counter>,
    metered: Family<MeteredLabels, Counter>,
    pairings: Family<ResultLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PaymentLabels {
    contract: PartyLabel,
    outcome: &'static str,
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HopLabels {
    hop: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QuestionLabels {
    question: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProviderLabels {
    provider: PartyLabel,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProviderResult {
    provider: PartyLabel,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ExchangeLabels {
    provider: PartyLabel,
    message: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EnrolmentLabels {
    contract: PartyLabel,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookupLabels {
    method: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MeteredLabels {
    verifier: PartyLabel,
    purpose: &'static str,
    method: &'static str,
}

impl RelayMetrics {
    /// Puts the metrics into the relay's registry, with a zero wherever something may never happen.
    pub(crate) fn register<'a>(
        registry: &mut Registry,
        providers: impl Iterator<Item = &'a ProviderId>,
        contracts: impl Iterator<Item = &'a ContractId>,
    ) -> Self {
        let payment: fn() -> Histogram = || Histogram::new(PAYMENT_SECONDS);
        let hop: fn() -> Histogram = || Histogram::new(HOP_SECONDS);
        let metrics = Self {
            payments: Family::default(),
            payment_took: Family::new_with_constructor(payment),
            hop_took: Family::new_with_constructor(hop),
            repeats: Counter::default(),
            tickets: Counter::default(),
            questions: Family::default(),
            cancellations: Family::default(),
            left_over: Counter::default(),
            reversals: Family::default(),
            quarantined: Family::default(),
            enrolments: Family::default(),
            confirmations: Family::default(),
            reversals_pending: Gauge::default(),
            reversals_rejected: Gauge::default(),
            oldest_reversal_at: Gauge::default(),
            quarantine: Gauge::default(),
            signed_on: Family::default(),
            exchanges: Family::default(),
            in_flight: Family::default(),
            lookups: Family::default(),
            metered: Family::default(),
            pairings: Family::default(),
        };
        metrics.register_payments(registry);
        metrics.register_reversals(registry);
        metrics.register_surroundings(registry);
        for provider in providers {
            metrics.zero_provider(provider);
        }
        for contract in contracts {
            let contract = PartyLabel::from(contract);
            let approved = PaymentLabels { contract, outcome: "approved", code: "00" };
            drop(metrics.payments.get_or_create(&approved));
        }
        metrics
    }

    fn register_payments(&self, registry: &mut Registry) {
        registry.register(
            "enishi_relay_payments",
            "Payments that ended, by contract where it is known, outcome, and response or refusal code",
            self.payments.clone(),
        );
        registry.register_with_unit(
            "enishi_relay_payment_duration",
            "From a payment's request to its end, without the time of its holder",
            Unit::Seconds,
            self.payment_took.clone(),
        );
        registry.register_with_unit(
            "enishi_relay_hop_duration",
            "One part of a payment or an enrolment: prove, link, clear, provider",
            Unit::Seconds,
            self.hop_took.clone(),
        );
        registry.register(
            "enishi_relay_payment_repeats",
            "Requests that were told an earlier answer again",
            self.repeats.clone(),
        );
        registry.register("enishi_relay_tickets_issued", "Tickets made for terminals", self.tickets.clone());
        registry.register(
            "enishi_relay_questions",
            "Questions to holders: which instrument, the company's PIN",
            self.questions.clone(),
        );
        registry.register(
            "enishi_relay_cancellations",
            "Requests that terminals took back, by what it did",
            self.cancellations.clone(),
        );
        registry.register(
            "enishi_relay_left_over_payments",
            "Payments that nobody went on with and that were closed",
            self.left_over.clone(),
        );
        registry.register(
            "enishi_relay_enrolments",
            "A citizen's yes to a link, by its result",
            self.enrolments.clone(),
        );
        registry.register(
            "enishi_relay_confirmations",
            "A provider's last word on a link, by its result",
            self.confirmations.clone(),
        );
    }

    fn register_reversals(&self, registry: &mut Registry) {
        registry.register(
            "enishi_relay_reversals",
            "Reversals (0420, 0421) that were sent, by what became of it",
            self.reversals.clone(),
        );
        registry.register(
            "enishi_relay_reversals_pending",
            "Reversals that are not acknowledged yet",
            self.reversals_pending.clone(),
        );
        registry.register_with_unit(
            "enishi_relay_oldest_pending_reversal_timestamp",
            "When the oldest pending reversal was queued, as Unix time; 0 where none is",
            Unit::Seconds,
            self.oldest_reversal_at.clone(),
        );
        registry.register(
            "enishi_relay_reversals_rejected",
            "Reversals that a provider rejected: cases for people",
            self.reversals_rejected.clone(),
        );
        registry.register(
            "enishi_relay_answers_quarantined",
            "Answers that nobody may be told, since the start",
            self.quarantined.clone(),
        );
        registry.register(
            "enishi_relay_quarantine_entries",
            "Answers that lie in quarantine",
            self.quarantine.clone(),
        );
    }

    fn register_surroundings(&self, registry: &mut Registry) {
        registry.register(
            "enishi_relay_provider_signed_on",
            "1 where messages can be sent to the provider now",
            self.signed_on.clone(),
        );
        registry.register(
            "enishi_relay_provider_exchanges",
            "Messages to providers, by what became of it",
            self.exchanges.clone(),
        );
        registry.register(
            "enishi_relay_provider_messages_in_flight",
            "Messages that wait for their answer",
            self.in_flight.clone(),
        );
        registry.register(
            "enishi_relay_revocation_lookups",
            "Looks at a certificate's revocation, by method and result",
            self.lookups.clone(),
        );
        registry.register(
            "enishi_relay_metered_lookups",
            "Looks that were counted for a verifier, which answers and pays for them",
            self.metered.clone(),
        );
        registry.register(
            "enishi_relay_pairing_lookups",
            "Questions for serial pairings (シリアル番号紐付情報), by result",
            self.pairings.clone(),
        );
    }

    /// What may never happen is 0 from the start, or its first time would raise no alarm.
    fn zero_provider(&self, provider: &ProviderId) {
        let provider = PartyLabel::from(provider);
        for result in ["acknowledged", "unanswered", "rejected"] {
            drop(self.reversals.get_or_create(&ProviderResult { provider: provider.clone(), result }));
        }
        let labels = ProviderLabels { provider };
        drop(self.quarantined.get_or_create(&labels));
        drop(self.in_flight.get_or_create(&labels));
        drop(self.signed_on.get_or_create(&labels));
    }

    /// Whether a provider is there.
    pub(crate) fn signed_on(&self, provider: &ProviderId, signed_on: bool) {
        self.signed_on.get_or_create(&ProviderLabels { provider: provider.into() }).set(i64::from(signed_on));
    }

    /// An answer was kept that nobody waited for.
    pub(crate) fn quarantined(&self, provider: &ProviderId) {
        self.quarantined.get_or_create(&ProviderLabels { provider: provider.into() }).inc();
    }

    fn payment(&self, contract: Option<&ContractId>, end: End, took: Duration) {
        let (outcome, code) = match &end {
            End::Approved => ("approved", "00"),
            End::Declined(code) => ("declined", response_code_label(code)),
            End::Stopped(stopped @ Stopped::Refused(_)) => ("refused", stopped.code()),
            End::Stopped(stopped @ Stopped::Failed) => ("failed", stopped.code()),
        };
        self.payments.get_or_create(&PaymentLabels { contract: label(contract), outcome, code }).inc();
        self.payment_took.get_or_create(&OutcomeLabels { outcome }).observe(took.as_secs_f64());
    }

    fn reversal(&self, provider: &ProviderId, advice: Advice) {
        let result = match advice {
            Advice::Acknowledged => "acknowledged",
            Advice::Unanswered => "unanswered",
            Advice::Rejected => "rejected",
        };
        self.reversals.get_or_create(&ProviderResult { provider: provider.into(), result }).inc();
    }
}

fn label(contract: Option<&ContractId>) -> PartyLabel {
    contract.map_or(PartyLabel::none(), PartyLabel::from)
}

impl Observer for RelayMetrics {
    fn hop(&self, hop: Hop, took: Duration) {
        self.hop_took.get_or_create(&HopLabels { hop: hop.word() }).observe(took.as_secs_f64());
    }

    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Tickets(count) => {
                self.tickets.inc_by(*count);
            }
            Event::Payment { contract, end, took } => self.payment(*contract, *end, *took),
            Event::Repeated => {
                self.repeats.inc();
            }
            Event::Asked(question) => {
                let question = match question {
                    Question::Choice => "choice",
                    Question::Pin => "pin",
                };
                self.questions.get_or_create(&QuestionLabels { question }).inc();
            }
            Event::Cancelled(outcome) => {
                let outcome = match outcome {
                    CancelOutcome::NeverSeen => "never_seen",
                    CancelOutcome::Closed => "closed",
                    CancelOutcome::Reversing => "reversing",
                };
                self.cancellations.get_or_create(&OutcomeLabels { outcome }).inc();
            }
            Event::LeftOver(count) => {
                self.left_over.inc_by(*count);
            }
            Event::Reversal { provider, advice } => self.reversal(provider, *advice),
            Event::Quarantined { provider } => self.quarantined(provider),
            Event::Enrolment { contract, stopped } => {
                let result = stopped.map_or("consented", Stopped::code);
                self.enrolments.get_or_create(&EnrolmentLabels { contract: label(*contract), result }).inc();
            }
            Event::Confirmation(told) => {
                let result = match told {
                    Ok(ConfirmationAnswer::Active) => "active",
                    Ok(ConfirmationAnswer::RolledBack) => "rolled_back",
                    Err(stopped) => stopped.code(),
                };
                self.confirmations.get_or_create(&ResultLabels { result }).inc();
            }
        }
    }
}

/// The metrics, and whoever else listens.
pub(crate) struct Both(pub(crate) RelayMetrics, pub(crate) Arc<dyn Observer>);

impl Observer for Both {
    fn hop(&self, hop: Hop, took: Duration) {
        self.0.hop(hop, took);
        self.1.hop(hop, took);
    }

    fn event(&self, event: &Event<'_>) {
        self.0.event(event);
        self.1.event(event);
    }
}
