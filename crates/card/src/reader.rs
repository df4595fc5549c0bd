//! A reader in this process, with at most one software card in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use myna_card::Transmit;

use crate::error::CardError;
use crate::software_card::SoftwareCard;

/// A card reader for software cards; clones are the same reader.
#[derive(Clone, Debug, Default)]
pub struct SoftwareReader {
    slot: Arc<Mutex<Slot>>,
}

/// A link to the card that was in the reader when it was made.
///
/// It breaks for good when the card is taken out or somebody connects anew, and takes the card's power when it is
/// dropped, as an exclusive PC/SC connection with SCARD_UNPOWER_CARD does.
#[derive(Debug)]
pub struct SoftwareConnection {
    slot: Arc<Mutex<Slot>>,
    number: u64,
}

#[derive(Debug, Default)]
struct Slot {
    card: Option<SoftwareCard>,
    /// Which connection is the living one; goes up whenever a link is made or broken.
    number: u64,
}

impl SoftwareReader {
    /// A reader with a card in it.
    #[must_use]
    pub fn with_card(card: SoftwareCard) -> Self {
        let reader = Self::default();
        reader.insert(card);
        reader
    }

    /// Puts a card in, and gives back the one that was there.
    pub fn insert(&self, mut card: SoftwareCard) -> Option<SoftwareCard> {
        let before = self.remove();
        card.power_off();
        lock(&self.slot).card = Some(card);
        before
    }

    /// Takes the card out.
    pub fn remove(&self) -> Option<SoftwareCard> {
        let mut slot = lock(&self.slot);
        slot.number += 1;
        let mut card = slot.card.take();
        if let Some(card) = &mut card {
            card.power_off();
        }
        card
    }

    /// Powers the card and links to it; an earlier link is broken.
    ///
    /// # Errors
    /// [`CardError::NoCard`] if the reader is empty.
    pub fn connect(&self) -> Result<SoftwareConnection, CardError> {
        let mut slot = lock(&self.slot);
        slot.number += 1;
        let number = slot.number;
        let card = slot.card.as_mut().ok_or(CardError::NoCard)?;
        card.power_off();
        card.power_on();
        Ok(SoftwareConnection { slot: Arc::clone(&self.slot), number })
    }
}

impl Transmit for SoftwareConnection {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        let mut slot = lock(&self.slot);
        if slot.number != self.number {
            // No byte came back: what myna-card calls a response too short for a status word.
            return Err(myna_card::Error::ShortResponse(0));
        }
        slot.card.as_mut().map(|card| card.transmit(command)).ok_or(myna_card::Error::NoReader)
    }
}

impl Drop for SoftwareConnection {
    fn drop(&mut self) {
        let mut slot = lock(&self.slot);
        if slot.number == self.number
            && let Some(card) = &mut slot.card
        {
            card.power_off();
        }
    }
}

/// The slot is whole after every statement, so a panic elsewhere leaves nothing half done.
fn lock(slot: &Mutex<Slot>) -> MutexGuard<'_, Slot> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
