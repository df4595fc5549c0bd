//! The person at the terminal.

use enishi_card::Tries;
use enishi_jpki::{AuthPin, SigningPassword};
use enishi_party::{ChoiceHandle, Money, Text};
use enishi_pinblock::IssuerPin;
use enishi_wire::{Choice, ConsentTerms};

/// What the holder reads before the PIN is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'a> {
    /// What the PIN is for.
    pub purpose: Purpose<'a>,
    /// How often the card will still take a PIN. At [`Tries::Left`]`(1)` the holder must be told that a wrong one
    /// blocks the card; a PIN given then counts as the holder's agreement.
    pub tries_left: Tries,
}

/// What a PIN is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// To pay this amount; it will stand under the card's signature.
    Pay {
        /// The amount.
        amount: Money,
        /// Whom.
        payee: &'a Text,
    },
    /// To pay in the deck's order (slide 9): the amount does not stand under the signature.
    PayUnbound {
        /// The amount, as the shop says.
        amount: Money,
        /// Whom.
        payee: &'a Text,
    },
    /// To register the card with a provider.
    Enrol {
        /// Which.
        provider: &'a Text,
    },
}

/// The holder's word on the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Agreed.
    Yes,
    /// Not agreed.
    No,
}

/// The contact to the card was lost before the proof was made. The visit goes on: sale, slip and ticket are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardLost {
    /// What became of the PIN or password.
    pub secret: SecretFate,
    /// How often the holder can be asked once more after this tap.
    pub taps_left: u8,
}

/// What became of a PIN or password when the contact was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretFate {
    /// None was entered yet.
    NotEntered,
    /// It was entered, the card cannot have seen it, and it serves the next tap if the card then says the same number
    /// of tries, more than one.
    Kept,
    /// The card may have seen it, so it is gone: the holder will be shown the tries left and asked again.
    AskedAgain,
}

/// Whether the holder taps the card once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TapAgain {
    /// The same card comes to the reader again; `connect` is called next.
    Yes,
    /// The visit is over.
    No,
}

/// The person who holds the card, at the terminal's screen and PIN pad. `None` is "I would rather not".
///
/// None of these is for the clerk: what [`Holder::choose`] shows is nobody else's business.
pub trait Holder: Send {
    /// Shows what is about to be signed and asks the card's PIN.
    fn auth_pin(&mut self, shown: &Shown<'_>) -> Option<AuthPin>;
    /// Says that the card was moved too early, and asks to tap it again.
    fn card_lost(&mut self, lost: CardLost) -> TapAgain;
    /// Shows two to eight instruments and asks for one.
    fn choose(&mut self, entries: &[Choice]) -> Option<ChoiceHandle>;
    /// Asks the company's PIN.
    fn issuer_pin(&mut self) -> Option<IssuerPin>;
    /// Shows the terms of a registration, whole.
    fn consent(&mut self, terms: &ConsentTerms) -> Consent;
    /// Asks the password of the signing key; about the last try as in [`Shown::tries_left`].
    fn signing_password(&mut self, tries_left: Tries) -> Option<SigningPassword>;
}
