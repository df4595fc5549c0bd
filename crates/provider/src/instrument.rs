use std::fmt;
use std::str::FromStr;

use enishi_party::{CustomerId, Malformed, Money};

use crate::Pan;
use crate::pin::PinRecord;

/// Most cards of one customer; a household has fewer.
const SLOTS: u8 = 32;

/// Longest label in characters; a till shows one line.
const LABEL_CHARACTERS_MAX: usize = 40;

/// A credit card of a customer: the instrument behind an `InstrumentRef`.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    /// Whose.
    pub customer: CustomerId,
    /// Which of the customer's cards.
    pub slot: CardSlot,
    /// Its number, which never leaves the provider.
    pub pan: Pan,
    /// How its holder knows it.
    pub label: CardLabel,
    /// Whether it may be used now.
    pub state: CardState,
    /// Most that may be owed on it.
    pub credit_limit: Money,
    /// Most that one purchase may cost.
    pub transaction_limit: Money,
    /// What checks its PIN.
    pub pin: PinRecord,
}

/// Whether a card may be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// Yes.
    Active,
    /// No: lost, or stopped by its holder or the company.
    Suspended,
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({}, {:?})", self.slot, self.state)
    }
}

/// Which of a customer's cards, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardSlot(u8);

impl CardSlot {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for CardSlot {
    type Error = Malformed;

    fn try_from(number: u8) -> Result<Self, Malformed> {
        match number {
            0..SLOTS => Ok(Self(number)),
            _ => Err(Malformed { noun: "card slot", rule: "0 to 31" }),
        }
    }
}

impl fmt::Display for CardSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The words by which a holder knows a card, as `Card A ••1234`: shown to the holder, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct CardLabel(String);

impl CardLabel {
    /// The words.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for CardLabel {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let short = (1..=LABEL_CHARACTERS_MAX).contains(&text.chars().take(LABEL_CHARACTERS_MAX + 1).count());
        // A label with that many digits is a card number in disguise.
        let digits = text.chars().filter(|character| character.is_numeric()).count();
        if short && digits <= LABEL_DIGITS_MAX && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed { noun: "card label", rule: "1 to 40 characters, at most 6 of them digits" })
        }
    }
}

impl fmt::Debug for CardLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardLabel(…)")
    }
}

/// PCI DSS 3.4: a masked number shows at most its first six or last four digits.
const LABEL_DIGITS_MAX: usize = 6;

#[cfg(test)]
mod tests;
