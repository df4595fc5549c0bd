//! A holder of the tests, who remembers what was asked.

use enishi_card::Tries;
use enishi_jpki::{AuthPin, SigningPassword};
use enishi_party::ChoiceHandle;
use enishi_pinblock::IssuerPin;
use enishi_wire::{Choice, ConsentTerms};

use super::plastic::{AUTH_PIN, SIGN_PASSWORD};
use crate::{CardLost, Consent, Holder, Shown, TapAgain};

/// Twelve digits, so that it is found by no accident.
pub(super) const ISSUER_PIN: &str = "739150264817";

pub(super) struct Person {
    pub(super) pin: Option<&'static str>,
    pub(super) choice: Option<usize>,
    pub(super) issuer_pin: Option<&'static str>,
    pub(super) consent: Consent,
    pub(super) password: Option<&'static str>,
    /// How often the card is tapped again.
    pub(super) taps_again: u8,
    /// What was shown and asked, in order.
    pub(super) asked: Vec<String>,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            pin: Some(AUTH_PIN),
            choice: Some(1),
            issuer_pin: Some(ISSUER_PIN),
            consent: Consent::Yes,
            password: Some(SIGN_PASSWORD),
            taps_again: u8::MAX,
            asked: Vec::new(),
        }
    }
}

impl Holder for Person {
    fn auth_pin(&mut self, shown: &Shown<'_>) -> Option<AuthPin> {
        self.asked.push(format!("{shown:?}"));
        self.pin.map(|pin| AuthPin::parse(pin).unwrap())
    }

    fn card_lost(&mut self, lost: CardLost) -> TapAgain {
        self.asked.push(format!("{lost:?}"));
        match self.taps_again.checked_sub(1) {
            Some(left) => {
                self.taps_again = left;
                TapAgain::Yes
            }
            None => TapAgain::No,
        }
    }

    fn choose(&mut self, entries: &[Choice]) -> Option<ChoiceHandle> {
        self.asked.push(format!("choose of {}", entries.len()));
        self.choice.map(|index| entries[index].handle)
    }

    fn issuer_pin(&mut self) -> Option<IssuerPin> {
        self.asked.push("issuer PIN".to_owned());
        self.issuer_pin.map(|pin| IssuerPin::parse(pin).unwrap())
    }

    fn consent(&mut self, terms: &ConsentTerms) -> Consent {
        self.asked.push(format!("consent to {}", terms.label));
        self.consent
    }

    fn signing_password(&mut self, tries_left: Tries) -> Option<SigningPassword> {
        self.asked.push(format!("password, {tries_left}"));
        self.password.map(|password| SigningPassword::parse(password).unwrap())
    }
}
