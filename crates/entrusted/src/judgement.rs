//! What the card signed, held against what the relay says.

use std::time::Duration;

use enishi_jpki::Context;
use enishi_party::{PartyUri, Timestamp};
use enishi_provider::EnrolmentEvidence;
use enishi_wire::{AmountBinding, Assertion};

use crate::{EvidenceRefused, Item};

/// Whether the card signed the payment that the assertion tells of.
pub(crate) fn payment(
    context: &Context,
    assertion: &Assertion,
    relay: &PartyUri,
) -> Result<(), EvidenceRefused> {
    let same = match (context, assertion.amount_binding) {
        (Context::Pay(signed), AmountBinding::Bound) => vec![
            (signed.relay == assertion.issuer && signed.relay == *relay, Item::Relay),
            (signed.terminal == assertion.terminal, Item::Terminal),
            (signed.merchant == assertion.merchant, Item::Merchant),
            (signed.slip == assertion.slip, Item::Slip),
            (signed.amount == assertion.amount, Item::Amount),
            (signed.payment_type == assertion.payment_type, Item::PaymentType),
            (signed.surrogate_pan == assertion.surrogate_pan, Item::SurrogatePan),
        ],
        // The deck's order: the card never saw amount and payment type, and the assertion says so.
        (Context::PayUnbound(signed), AmountBinding::Unbound) => vec![
            (signed.relay == assertion.issuer && signed.relay == *relay, Item::Relay),
            (signed.terminal == assertion.terminal, Item::Terminal),
            (signed.merchant == assertion.merchant, Item::Merchant),
            (signed.slip == assertion.slip, Item::Slip),
            (signed.surrogate_pan == assertion.surrogate_pan, Item::SurrogatePan),
        ],
        (Context::Pay(_), AmountBinding::Unbound) | (Context::PayUnbound(_), AmountBinding::Bound) => {
            return Err(EvidenceRefused::Differs(Item::AmountBinding));
        }
        (Context::Enrol(_) | Context::Login(_), _) => return Err(EvidenceRefused::OtherOccasion),
    };
    first_difference(same)
}

/// Whether the card signed the consent to this very link.
pub(crate) fn enrolment(
    context: &Context,
    enrolment: &EnrolmentEvidence,
    relay: &PartyUri,
) -> Result<(), EvidenceRefused> {
    let Context::Enrol(signed) = context else { return Err(EvidenceRefused::OtherOccasion) };
    first_difference(vec![
        (signed.relay == *relay, Item::Relay),
        (signed.intent == enrolment.intent, Item::Intent),
        (signed.consent_sha256 == enrolment.consent_sha256, Item::Consent),
    ])
}

/// Whether a check and the assertion of `issued_at` (seconds since 1970) belong together.
pub(crate) fn time(
    checked_at: Timestamp,
    issued_at: i64,
    apart_max: Duration,
    skew: Duration,
) -> Result<(), EvidenceRefused> {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    let checked_at = checked_at.as_second();
    // The assertion is made after the check, and not long after: a choice and a PIN may lie between them.
    let fits = checked_at <= issued_at.saturating_add(seconds(skew))
        && issued_at <= checked_at.saturating_add(seconds(apart_max));
    if fits { Ok(()) } else { Err(EvidenceRefused::OtherTime) }
}

fn first_difference(same: Vec<(bool, Item)>) -> Result<(), EvidenceRefused> {
    match same.into_iter().find(|(same, _)| !same) {
        Some((_, item)) => Err(EvidenceRefused::Differs(item)),
        None => Ok(()),
    }
}
