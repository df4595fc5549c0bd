//! What the relay's assertion must say before the books are opened.

use std::time::Duration;

use enishi_party::broken::{Check, is_broken};
use enishi_party::{ContractId, PartyUri, Timestamp, VerifierModel};
use enishi_wire::{Assertion, Subject, VerifyingKey};

use crate::policy::CLOCK_SKEW_MAX;
use crate::request::PurchaseRequest;
use crate::{Difference, Policy, Refusal};

/// Whom the company believes, and about what.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The relay.
    pub relay: PartyUri,
    /// Its key for assertions and receipts.
    pub relay_key: VerifyingKey,
    /// The company's own contract: the only audience whose assertions are for it.
    pub contract: ContractId,
    /// Who is the verifier of the law under that contract.
    pub model: VerifierModel,
}

impl Trust {
    /// Opens the assertion and compares it with the message that carries it.
    pub(crate) fn check(
        &self,
        request: &PurchaseRequest,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Assertion, Refusal> {
        let assertion =
            self.relay_key.open(&request.sealed_assertion).map_err(|_| Refusal::AssertionForged)?;
        let difference = self.differences(&assertion, request).filter(|_| !is_broken(Check::AssertionMatch));
        difference.map_or(Ok(()), |it| Err(Refusal::AssertionDiffers(it)))?;
        if is_fresh(assertion.issued_at, policy.assertion_age_max, now) {
            Ok(assertion)
        } else {
            Err(Refusal::AssertionStale)
        }
    }

    /// The first difference, if there is one.
    fn differences(&self, assertion: &Assertion, request: &PurchaseRequest) -> Option<Difference> {
        let model_of_subject = match assertion.subject {
            Subject::Pairwise(_) => VerifierModel::Proxy,
            Subject::Customer(_) => VerifierModel::Entrusted,
        };
        let model = assertion.model == self.model && model_of_subject == self.model;
        let surrogate = request.pin.as_ref().is_none_or(|pin| pin.surrogate_pan == assertion.surrogate_pan);
        [
            (assertion.issuer == self.relay, Difference::Issuer),
            (assertion.audience == self.contract, Difference::Audience),
            (model, Difference::Model),
            (assertion.amount == request.amount, Difference::Amount),
            (assertion.terminal == request.terminal, Difference::Terminal),
            (assertion.merchant == request.merchant, Difference::Merchant),
            (assertion.slip == request.slip, Difference::Slip),
            (assertion.payment_type == request.payment_type, Difference::PaymentType),
            (surrogate, Difference::SurrogatePan),
        ]
        .into_iter()
        .find_map(|(same, difference)| (!same).then_some(difference))
    }
}

fn is_fresh(issued_at: i64, age_max: Duration, now: Timestamp) -> bool {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    let now = now.as_second();
    issued_at <= now.saturating_add(seconds(CLOCK_SKEW_MAX))
        && now.saturating_sub(issued_at) <= seconds(age_max)
}

#[cfg(test)]
mod tests;
