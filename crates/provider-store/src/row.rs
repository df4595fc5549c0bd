//! Between columns and types. What does not fit is an error, never a default.

use enishi_party::{Currency, InstrumentRef, IntentId, LinkId, Money, PairwiseId, Timestamp};
use enishi_provider::{CardState, CustomerState};
use jiff::SignedDuration;

use crate::StoreError;

/// Milliseconds since 1970.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(crate) fn timestamp(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| StoreError::Inconsistent("time"))
}

/// Milliseconds of the moment that lies so long before `now`.
pub(crate) fn millis_before(now: Timestamp, span: std::time::Duration) -> i64 {
    let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
    millis(now.saturating_sub(span).unwrap_or(Timestamp::MIN))
}

pub(crate) fn minor(amount: Money) -> Result<i64, StoreError> {
    i64::try_from(amount.minor()).map_err(|_| StoreError::Inconsistent("amount"))
}

pub(crate) fn money(minor: i64, currency: &str) -> Result<Money, StoreError> {
    let minor = u64::try_from(minor).map_err(|_| StoreError::Inconsistent("amount"))?;
    Ok(Money::new(minor, self::currency(currency)?)?)
}

pub(crate) fn currency(code: &str) -> Result<Currency, StoreError> {
    match code {
        "JPY" => Ok(Currency::Jpy),
        _ => Err(StoreError::Inconsistent("currency")),
    }
}

pub(crate) const fn customer_state_word(state: CustomerState) -> &'static str {
    match state {
        CustomerState::Active => "active",
        CustomerState::Suspended => "suspended",
    }
}

pub(crate) fn customer_state(word: &str) -> Result<CustomerState, StoreError> {
    match word {
        "active" => Ok(CustomerState::Active),
        "suspended" => Ok(CustomerState::Suspended),
        _ => Err(StoreError::Inconsistent("customer state")),
    }
}

pub(crate) const fn card_state_word(state: CardState) -> &'static str {
    match state {
        CardState::Active => "active",
        CardState::Suspended => "suspended",
    }
}

pub(crate) fn card_state(word: &str) -> Result<CardState, StoreError> {
    match word {
        "active" => Ok(CardState::Active),
        "suspended" => Ok(CardState::Suspended),
        _ => Err(StoreError::Inconsistent("card state")),
    }
}

/// The octets of an identifier, as a parameter.
pub(crate) trait Octets16 {
    fn octets(&self) -> [u8; 16];
}

macro_rules! octets16 {
    ($($name:ty),*) => {
        $(impl Octets16 for $name {
            fn octets(&self) -> [u8; 16] {
                *self.as_octets()
            }
        })*
    };
}

octets16!(InstrumentRef, IntentId, LinkId, PairwiseId, enishi_party::AssertionId);
