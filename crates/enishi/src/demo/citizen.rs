//! A sample citizen at the terminal. The demo answers for these people, and says so.

use enishi_card::Tries;
use enishi_jpki::{AuthPin, SigningPassword};
use enishi_party::ChoiceHandle;
use enishi_pinblock::IssuerPin;
use enishi_terminal::{CardLost, Consent, Holder, Shown, TapAgain};
use enishi_wire::{Choice, ConsentTerms};

use crate::sandbox::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD};

/// What a citizen will enter and choose.
#[derive(Debug, Clone)]
pub struct Citizen {
    auth_pin: &'static str,
    company_pin: Option<&'static str>,
    choice: Option<&'static str>,
    /// The terms that were shown, for the story.
    pub shown_terms: Option<ConsentTerms>,
    /// How many entries were offered.
    pub offered: usize,
}

impl Citizen {
    /// Knows the card's PIN and nothing else.
    #[must_use]
    pub const fn new() -> Self {
        Self { auth_pin: CARD_AUTH_PIN, company_pin: None, choice: None, shown_terms: None, offered: 0 }
    }

    /// Enters another PIN for the card.
    #[must_use]
    pub const fn with_card_pin(mut self, pin: &'static str) -> Self {
        self.auth_pin = pin;
        self
    }

    /// Enters this PIN when the company asks its own.
    #[must_use]
    pub const fn with_company_pin(mut self, pin: &'static str) -> Self {
        self.company_pin = Some(pin);
        self
    }

    /// Chooses the entry whose label contains these words.
    #[must_use]
    pub const fn choosing(mut self, words: &'static str) -> Self {
        self.choice = Some(words);
        self
    }
}

impl Holder for Citizen {
    fn auth_pin(&mut self, _: &Shown<'_>) -> Option<AuthPin> {
        AuthPin::parse(self.auth_pin).ok()
    }

    /// A card that was taken from the reader stays away: the stories tap it anew.
    fn card_lost(&mut self, _: CardLost) -> TapAgain {
        TapAgain::No
    }

    fn choose(&mut self, entries: &[Choice]) -> Option<ChoiceHandle> {
        self.offered = entries.len();
        let words = self.choice?;
        entries.iter().find(|entry| entry.label.contains(words)).map(|entry| entry.handle)
    }

    fn issuer_pin(&mut self) -> Option<IssuerPin> {
        self.company_pin.and_then(|pin| IssuerPin::parse(pin).ok())
    }

    fn consent(&mut self, terms: &ConsentTerms) -> Consent {
        self.shown_terms = Some(terms.clone());
        Consent::Yes
    }

    fn signing_password(&mut self, _: Tries) -> Option<SigningPassword> {
        SigningPassword::parse(CARD_SIGNING_PASSWORD).ok()
    }
}

impl Default for Citizen {
    fn default() -> Self {
        Self::new()
    }
}
