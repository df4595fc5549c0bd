//! One customer's visit to the reader: what stays while the card comes and goes.

use std::time::Duration;

use enishi_card::{CardError, PinKind, Step, TokenKind, Tries};

use crate::{CardLost, Holder, SecretFate, TapAgain};

/// How often the holder is asked to tap again in one visit.
const TAPS_AGAIN_MAX: u8 = 3;

/// A card at a reader, until it has proven or nobody taps any more.
#[derive(Debug)]
pub(crate) struct Visit {
    contact: Contact,
    again_left: u8,
    /// What the card's commands took in all taps together.
    pub(crate) card: Duration,
}

/// Whether a card was there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    NotYet,
    Made,
}

impl Visit {
    pub(crate) const fn new() -> Self {
        Self { contact: Contact::NotYet, again_left: TAPS_AGAIN_MAX, card: Duration::ZERO }
    }

    /// A card was in the reader: from here on its absence is a card that was taken away.
    pub(crate) const fn met(&mut self) {
        self.contact = Contact::Made;
    }

    /// After a failure: whether the contact was lost, and the holder taps again.
    pub(crate) fn goes_on(
        &mut self,
        error: &CardError,
        secret: SecretFate,
        holder: &mut dyn Holder,
    ) -> TapAgain {
        let lost = match error {
            CardError::CardMoved { .. } => true,
            // After a first contact a card that is not there or does not answer is one that lies badly.
            CardError::NoCard | CardError::CardMute => self.contact == Contact::Made,
            _ => false,
        };
        let Some(left) = self.again_left.checked_sub(1).filter(|_| lost) else { return TapAgain::No };
        self.again_left = left;
        self.contact = Contact::Made;
        holder.card_lost(CardLost { secret, taps_left: left })
    }
}

/// A secret that was entered and that no card can have seen.
#[derive(Debug)]
pub(crate) struct Kept<S> {
    secret: S,
    shown: Tries,
}

impl<S> Kept<S> {
    /// Keeps the secret, if the card cannot have seen it when the contact was lost.
    ///
    /// One that may have been seen is never kept: presented once more by itself it could cost a second try.
    pub(crate) fn unless_seen(
        secret: S,
        shown: Tries,
        error: &CardError,
        which: PinKind,
        token: TokenKind,
    ) -> Option<Self> {
        let before_verify = match error {
            CardError::CardMoved {
                step: Step::Select | Step::TokenInformation | Step::Availability | Step::Tries,
            } => true,
            // A card shows its authentication certificate before the PIN; everything else shows it after.
            CardError::CardMoved { step: Step::Certificate } => {
                matches!((which, token), (PinKind::Authentication, TokenKind::Card))
            }
            _ => false,
        };
        before_verify.then_some(Self { secret, shown })
    }

    /// The secret, for a card with as many tries left as the holder was shown. The last try is never spent on a card
    /// that the holder was not asked about: it may be another one.
    pub(crate) fn for_card_with(self, tries: Tries) -> Option<S> {
        (tries == self.shown && tries != Tries::Left(1)).then_some(self.secret)
    }
}
