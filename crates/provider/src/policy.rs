use std::time::Duration;

use enishi_party::Money;

/// How long an assertion is good: the relay waits 10 s for an answer, the rest is for the way.
pub const ASSERTION_AGE_MAX: Duration = Duration::from_secs(60);

/// How far another party's clock may be ahead of ours.
pub const CLOCK_SKEW_MAX: Duration = Duration::from_secs(10);

/// What the company itself demands of a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// When its own PIN is needed.
    pub pin: PinRule,
    /// Whether it takes amounts that the card did not sign.
    pub unbound: UnboundRule,
    /// How old an assertion may be.
    pub assertion_age_max: Duration,
}

impl Default for Policy {
    /// No PIN up to ¥15,000, only amounts under the card's signature.
    fn default() -> Self {
        const FIFTEEN_THOUSAND_AND_ONE: PinRule = match Money::yen(15_001) {
            Ok(money) => PinRule::From(money),
            Err(_) => PinRule::Always,
        };
        Self {
            pin: FIFTEEN_THOUSAND_AND_ONE,
            unbound: UnboundRule::Refused,
            assertion_age_max: ASSERTION_AGE_MAX,
        }
    }
}

/// When the company's own PIN is needed. A PIN that comes without being needed is checked all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinRule {
    /// Never.
    Never,
    /// From this amount on.
    From(Money),
    /// For every purchase.
    Always,
}

/// Whether an amount is taken that came after the card's proof (the deck's order, slide 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnboundRule {
    /// Never.
    Refused,
    /// With the company's PIN.
    WithPin,
    /// Up to this amount.
    UpTo(Money),
}

impl Policy {
    /// Whether a purchase of this amount needs the company's PIN, given how its amount stands to the card's signature.
    #[must_use]
    pub fn needs_pin(&self, amount: Money, binding: enishi_wire::AmountBinding) -> bool {
        let by_amount = match self.pin {
            PinRule::Never => false,
            PinRule::From(from) => !is_less(amount, from),
            PinRule::Always => true,
        };
        let by_binding =
            binding == enishi_wire::AmountBinding::Unbound && self.unbound == UnboundRule::WithPin;
        by_amount || by_binding
    }

    /// Whether the amount may stand to the card's signature as it does.
    #[must_use]
    pub fn takes(&self, amount: Money, binding: enishi_wire::AmountBinding) -> bool {
        match (binding, self.unbound) {
            (enishi_wire::AmountBinding::Bound, _) | (_, UnboundRule::WithPin) => true,
            (enishi_wire::AmountBinding::Unbound, UnboundRule::Refused) => false,
            (enishi_wire::AmountBinding::Unbound, UnboundRule::UpTo(ceiling)) => !is_less(ceiling, amount),
        }
    }
}

/// In another currency nothing is less: rules in yen say nothing about it, and the stricter side holds.
pub(crate) fn is_less(left: Money, right: Money) -> bool {
    left.currency() == right.currency() && left.minor() < right.minor()
}
