//! The thread in which a card answers its reader.

use std::sync::Arc;

use super::error::VpcdError;
use super::watch::{Exchange, Fate, Moment};
use super::wire::{self, Message};
use super::{End, Link, Unplugged};
use crate::software_card::SoftwareCard;

/// A card, its connection, and who watches.
pub(super) struct Service {
    card: SoftwareCard,
    link: Arc<Link>,
    observer: Box<dyn FnMut(Exchange) -> Fate + Send>,
    powered: Powered,
    exchanges: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Powered {
    Yes,
    No,
}

impl Service {
    pub(super) fn new(
        mut card: SoftwareCard,
        link: Arc<Link>,
        observer: Box<dyn FnMut(Exchange) -> Fate + Send>,
    ) -> Self {
        card.power_off();
        Self { card, link, observer, powered: Powered::No, exchanges: 0 }
    }

    /// Answers until the card is out.
    pub(super) fn run(mut self) -> Unplugged {
        let end = loop {
            match self.answer() {
                Ok(None) => {}
                Ok(Some(end)) => break Ok(end),
                // What broke because this side let go is no error.
                Err(_) if self.link.is_pulled() => break Ok(End::Pulled),
                Err(error) => break Err(error),
            }
        };
        self.link.pull();
        self.card.power_off();
        Unplugged { card: self.card, end }
    }

    fn answer(&mut self) -> Result<Option<End>, VpcdError> {
        let Some(message) = wire::read(&self.link.stream)? else {
            return Ok(Some(if self.link.is_pulled() { End::Pulled } else { End::ReaderClosed }));
        };
        match message {
            Message::PowerOff => {
                self.powered = Powered::No;
                self.card.power_off();
            }
            Message::PowerOn => self.power_on(),
            Message::Reset if self.powered == Powered::Yes => self.card.warm_reset(),
            Message::Reset => self.power_on(),
            Message::GetAtr => wire::write(&self.link.stream, &SoftwareCard::ATR)?,
            Message::Command(_) if self.powered == Powered::No => return Err(VpcdError::CommandWithoutPower),
            Message::Command(command) => return self.exchange(&command),
        }
        Ok(None)
    }

    fn power_on(&mut self) {
        self.powered = Powered::Yes;
        self.card.power_on();
    }

    fn exchange(&mut self, command: &[u8]) -> Result<Option<End>, VpcdError> {
        let header = command.first_chunk().copied().ok_or(VpcdError::NoCommand { len: command.len() })?;
        self.exchanges += 1;
        let number = self.exchanges;
        if (self.observer)(Exchange { number, header, moment: Moment::Command }) == Fate::Pulled {
            return Ok(Some(End::Pulled));
        }
        let answer = self.card.transmit(command);
        let status = answer.last_chunk().copied().map_or(0, u16::from_be_bytes);
        if (self.observer)(Exchange { number, header, moment: Moment::Answer { status } }) == Fate::Pulled {
            return Ok(Some(End::Pulled));
        }
        wire::write(&self.link.stream, &answer)?;
        Ok(None)
    }
}
