//! How one request about a payment goes: what its parts took and how it ended, for the log and the observer.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use enishi_iso8583::ResponseCode;
use enishi_party::{ContractId, PaymentId, RefusalCode};
use enishi_wire::PaymentStatus;

use crate::journal::Outcome;
use crate::observer::{End, Event, Hop, Observer, Question, Stopped};
use crate::stop::Stop;

/// No part takes so long: it did not come to it.
const NOT_PASSED: u64 = u64::MAX;

/// One request on its way.
pub(crate) struct Course<'a> {
    observer: &'a dyn Observer,
    start: Instant,
    /// Microseconds, as [`Hop::ALL`].
    hops: [AtomicU64; 4],
    payment: OnceLock<PaymentId>,
    contract: OnceLock<ContractId>,
    repeated: AtomicBool,
}

impl<'a> Course<'a> {
    pub(crate) fn start(observer: &'a dyn Observer) -> Self {
        Self {
            observer,
            start: Instant::now(),
            hops: [const { AtomicU64::new(NOT_PASSED) }; 4],
            payment: OnceLock::new(),
            contract: OnceLock::new(),
            repeated: AtomicBool::new(false),
        }
    }

    /// Which payment it turned out to be.
    pub(crate) fn payment(&self, id: PaymentId) {
        let _known = self.payment.set(id);
    }

    /// Which contract it turned out to be about; one of the register, never a caller's word.
    pub(crate) fn contract(&self, id: &ContractId) {
        let _known = self.contract.set(id.clone());
    }

    /// What is told was told before.
    pub(crate) fn repeats(&self) {
        self.repeated.store(true, Ordering::Relaxed);
    }

    /// Runs one part.
    pub(crate) async fn timed<T>(&self, hop: Hop, part: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let result = part.await;
        self.took(hop, start.elapsed());
        result
    }

    /// Runs one part that waits for nothing.
    pub(crate) fn measured<T>(&self, hop: Hop, part: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = part();
        self.took(hop, start.elapsed());
        result
    }

    fn took(&self, hop: Hop, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(NOT_PASSED);
        tracing::debug!(target: "enishi::hop", hop = hop.word(), took_us = micros, "hop");
        for (known, passed) in Hop::ALL.into_iter().zip(&self.hops) {
            if known == hop {
                passed.store(micros, Ordering::Relaxed);
            }
        }
        self.observer.hop(hop, took);
    }

    fn micros(&self, hop: Hop) -> Option<u64> {
        let passed = Hop::ALL.into_iter().zip(&self.hops).find(|(known, _)| *known == hop)?.1;
        Some(passed.load(Ordering::Relaxed)).filter(|micros| *micros != NOT_PASSED)
    }

    /// The request's answer, before it is told: logged and observed once, where it is news.
    pub(crate) fn end(self, told: &Result<Outcome, Stop>) {
        let took = self.start.elapsed();
        if self.repeated.load(Ordering::Relaxed) {
            self.observer.event(&Event::Repeated);
            return;
        }
        let end = match told {
            Ok(Outcome::Answered(answer)) => match &answer.status {
                PaymentStatus::Approved(_) => End::Approved,
                PaymentStatus::Declined { response_code } => End::Declined(
                    ResponseCode::parse(response_code).unwrap_or(ResponseCode::SystemMalfunction),
                ),
                PaymentStatus::Need(need) => {
                    let question = if need.pin.is_some() { Question::Pin } else { Question::Choice };
                    tracing::info!(payment = %answer.payment, ?question, "payment waits for its holder");
                    self.observer.event(&Event::Asked(question));
                    return;
                }
            },
            Ok(Outcome::Refused(code)) => End::Stopped(Stopped::Refused(*code)),
            Err(stop) => End::Stopped(stop.into()),
        };
        self.log(end, took);
        self.observer.event(&Event::Payment { contract: self.contract.get(), end, took });
    }

    fn log(&self, end: End, took: Duration) {
        let declined;
        let (outcome, code) = match end {
            End::Approved => ("approved", "00"),
            End::Declined(code) => {
                declined = code;
                ("declined", declined.as_str())
            }
            End::Stopped(stopped @ Stopped::Refused(_)) => ("refused", stopped.code()),
            End::Stopped(stopped @ Stopped::Failed) => ("failed", stopped.code()),
        };
        tracing::info!(
            target: "enishi::payment",
            payment = self.payment.get().map(tracing::field::display),
            contract = self.contract.get().map(tracing::field::display),
            outcome,
            code,
            prove_us = self.micros(Hop::Prove),
            link_us = self.micros(Hop::Link),
            clear_us = self.micros(Hop::Clear),
            provider_us = self.micros(Hop::Provider),
            took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "payment concluded"
        );
    }
}

impl From<&Stop> for Stopped {
    fn from(stop: &Stop) -> Self {
        match stop {
            Stop::Refused(code) => Self::Refused(*code),
            Stop::Malformed(_) => Self::Refused(RefusalCode::MalformedRequest),
            Stop::Superseded => Self::Refused(RefusalCode::RequestInFlight),
            Stop::Fault(_) => Self::Failed,
        }
    }
}
