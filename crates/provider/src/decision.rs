//! What the company decides once the assertion holds: a pure function of the purchase and of what the books say.

use enishi_party::broken::{Check, is_broken};
use enishi_party::{AssertionId, InstrumentRef, MerchantId, Money};
use enishi_wire::{AmountBinding, Subject};

use crate::pin::{PIN_TRIES, PinVerificationValue};
use crate::policy::is_less;
use crate::{Card, CardState, Customer, CustomerState, Legs, Policy, RecheckRefused, Refusal};

/// Blocks that do not decipher, per card within [`UNREADABLE_WINDOW`], before PINs are refused unseen.
///
/// Such blocks are no wrong PINs, so nothing else would stop someone who tries blocks to learn from the difference.
pub const UNREADABLE_MAX: u32 = 5;

/// See [`UNREADABLE_MAX`].
pub const UNREADABLE_WINDOW: std::time::Duration = std::time::Duration::from_secs(3600);

/// A purchase whose assertion holds.
#[derive(Debug, Clone)]
pub struct Purchase {
    /// The assertion, good for one transaction.
    pub assertion: AssertionId,
    /// Whom.
    pub subject: Subject,
    /// Which instrument.
    pub instrument: InstrumentRef,
    /// To whom.
    pub merchant: MerchantId,
    /// How much.
    pub amount: Money,
    /// How the amount stands to the card's signature.
    pub amount_binding: AmountBinding,
    /// What the look at the evidence brought; under 代行 there is none, and it stands.
    pub evidence: Result<(), RecheckRefused>,
    /// What came for a PIN.
    pub pin: PinEntry,
    /// The company's rules at that time.
    pub policy: Policy,
}

/// What came for a PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinEntry {
    /// Nothing.
    Absent,
    /// A block that does not decipher.
    Unreadable,
    /// A PIN, as the value it has for the card of this purchase.
    Entered(PinVerificationValue),
}

/// What the books say about one purchase.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Whether the assertion was used before.
    pub assertion: AssertionUse,
    /// Customer and card, if subject and instrument name a customer and one of that customer's cards.
    pub standing: Option<Standing>,
}

/// Whether an assertion was used before, for another transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssertionUse {
    /// Not yet.
    Fresh,
    /// It was.
    Used,
}

/// A customer's card and what is owed on it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The customer.
    pub customer: Customer,
    /// The card.
    pub card: Card,
    /// What is owed on the card, minor units of the limit's currency.
    pub owed_minor: u64,
    /// Blocks for this card within [`UNREADABLE_WINDOW`] that did not decipher.
    pub unreadable_blocks: u32,
}

/// What is to be written, in one transaction, before anyone hears of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What happens to the card's PIN tries.
    pub pin: PinEffect,
    /// What happens to the money.
    pub outcome: Outcome,
}

/// What happens to a card's PIN tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinEffect {
    /// Nothing.
    None,
    /// A right PIN: none is wrong in a row.
    Right,
    /// One more wrong one.
    Wrong,
    /// One more block that does not decipher.
    Unreadable,
}

/// What happens to the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This entry is posted, and an approval number given.
    Post(Legs),
    /// Nothing.
    Decline(Refusal),
}

impl Purchase {
    /// The checks up to the card, before anything costly is done for the purchase.
    ///
    /// # Errors
    /// The first refusal, in order.
    pub fn admit<'f>(&self, facts: &'f Facts) -> Result<&'f Standing, Refusal> {
        if facts.assertion == AssertionUse::Used && !is_broken(Check::AssertionOnce) {
            return Err(Refusal::AssertionUsed);
        }
        if !self.policy.takes(self.amount, self.amount_binding) && !is_broken(Check::AmountPolicy) {
            return Err(Refusal::AmountUnbound);
        }
        let standing = facts.standing.as_ref().ok_or(Refusal::UnknownHolder)?;
        match (standing.customer.state, standing.card.state) {
            (CustomerState::Active, CardState::Active) => Ok(standing),
            (CustomerState::Suspended, _) | (_, CardState::Suspended) => Err(Refusal::Suspended),
        }
    }

    /// The whole decision, on facts read in the transaction that will write it down.
    #[must_use]
    pub fn decide(&self, facts: &Facts) -> Verdict {
        let standing = match self.admit(facts) {
            Ok(standing) => standing,
            Err(refusal) => return Verdict::decline(PinEffect::None, refusal),
        };
        match self.evidence {
            Ok(()) => {}
            Err(_) if is_broken(Check::Recheck) => {}
            Err(RecheckRefused::Disproved) => {
                return Verdict::decline(PinEffect::None, Refusal::EvidenceRefused);
            }
            Err(RecheckRefused::Unavailable) => {
                return Verdict::decline(PinEffect::None, Refusal::EvidenceUnavailable);
            }
        }
        let pin = match self.check_pin(standing) {
            Ok(effect) => effect,
            Err((effect, refusal)) => return Verdict::decline(effect, refusal),
        };
        match self.check_limits(standing) {
            Ok(legs) => Verdict { pin, outcome: Outcome::Post(legs) },
            Err(refusal) => Verdict::decline(pin, refusal),
        }
    }

    fn check_pin(&self, standing: &Standing) -> Result<PinEffect, (PinEffect, Refusal)> {
        let record = &standing.card.pin;
        if self.pin == PinEntry::Absent {
            return match self.policy.needs_pin(self.amount, self.amount_binding) {
                true => Err((PinEffect::None, Refusal::PinMissing)),
                false => Ok(PinEffect::None),
            };
        }
        if record.wrong_tries >= PIN_TRIES {
            return Err((PinEffect::None, Refusal::PinBlocked));
        }
        if standing.unreadable_blocks >= UNREADABLE_MAX {
            return Err((PinEffect::None, Refusal::PinBlocksLimited));
        }
        match &self.pin {
            PinEntry::Entered(value) if *value == record.value || is_broken(Check::CompanyPin) => {
                Ok(PinEffect::Right)
            }
            PinEntry::Entered(_) => Err((PinEffect::Wrong, Refusal::PinWrong)),
            PinEntry::Unreadable | PinEntry::Absent => {
                Err((PinEffect::Unreadable, Refusal::PinBlockUnreadable))
            }
        }
    }

    fn check_limits(&self, standing: &Standing) -> Result<Legs, Refusal> {
        let card = &standing.card;
        if is_less(card.transaction_limit, self.amount) && !is_broken(Check::Limit) {
            return Err(Refusal::OverTransactionLimit);
        }
        let owed = standing.owed_minor.saturating_add(self.amount.minor());
        let over = card.credit_limit.currency() != self.amount.currency() || owed > card.credit_limit.minor();
        if over && !is_broken(Check::Limit) {
            return Err(Refusal::OverCreditLimit);
        }
        let (customer, merchant) = (card.customer.clone(), self.merchant.clone());
        Ok(Legs::purchase(customer, card.slot, merchant, self.amount))
    }
}

impl Verdict {
    const fn decline(pin: PinEffect, refusal: Refusal) -> Self {
        Self { pin, outcome: Outcome::Decline(refusal) }
    }
}

#[cfg(test)]
mod tests;
