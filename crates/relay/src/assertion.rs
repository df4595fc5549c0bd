//! The assertion: what one provider may rely on, made after the choice and the clearance.

use std::time::Duration;

use enishi_linkage::{Answer, Entrusted, Freshness, Model, Proxy};
use enishi_party::{AssertionId, SurrogatePan, Timestamp};
use enishi_wire::{Assertion, Assurance, PaymentRequest, RevocationMethod, Subject};

use crate::relay::Relay;

/// What is told of whom follows from the model: a third has no way to be written.
pub(crate) trait Told: Model {
    fn subject(answer: &Answer<Self>) -> Subject
    where
        Self: Sized;
    const ASSURANCE: Assurance;
}

impl Told for Proxy {
    fn subject(answer: &Answer<Self>) -> Subject {
        Subject::Pairwise(*answer.subject())
    }
    // Slide 17: relying on a contract is less than verifying oneself.
    const ASSURANCE: Assurance = Assurance::PinByProxy;
}

impl Told for Entrusted {
    fn subject(answer: &Answer<Self>) -> Subject {
        Subject::Customer(answer.subject().clone())
    }
    const ASSURANCE: Assurance = Assurance::Pin;
}

impl Relay {
    pub(crate) fn assertion<M: Told>(
        &self,
        answer: &Answer<M>,
        request: &PaymentRequest,
        surrogate_pan: SurrogatePan,
        now: Timestamp,
    ) -> Assertion {
        Assertion {
            id: AssertionId::from_random(self.ports.entropy.octets()),
            issuer: self.register.relay.clone(),
            audience: answer.contract().id().clone(),
            issued_at: now.as_second(),
            subject: M::subject(answer),
            instrument: answer.instrument(),
            terminal: request.terminal.clone(),
            merchant: request.merchant.clone(),
            slip: request.slip.clone(),
            amount: request.amount,
            payment_type: request.payment_type,
            surrogate_pan,
            amount_binding: request.amount_binding,
            assurance: M::ASSURANCE,
            revocation: coarse(answer.freshness(now)),
            verifier: answer.verifier().clone(),
            model: M::WORD,
        }
    }
}

/// Ages are rounded up, and coarse: an exact one would be another thread between two providers' records.
fn coarse(freshness: Freshness) -> RevocationMethod {
    let in_units = |age: Duration, unit: u64| u32::try_from(age.as_secs().div_ceil(unit)).unwrap_or(u32::MAX);
    match freshness {
        Freshness::Crl(age) => RevocationMethod::Crl { age_h: in_units(age, 3600) },
        Freshness::Ocsp(age) => RevocationMethod::Ocsp { age_min: in_units(age, 60) },
    }
}
