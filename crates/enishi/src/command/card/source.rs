//! Where the card is: an image of a software card, or a reader of this machine.

use std::path::PathBuf;
#[cfg(feature = "pcsc")]
use std::time::{Duration, Instant};

use clap::Args;
use enishi_card::{CardError, SoftwareCard, SoftwareConnection, SoftwareReader};
use myna_card::Transmit;

use super::keypad::Interrupt;
use crate::command::exit::Failure;

/// How long somebody may take to put a card on the reader.
#[cfg(feature = "pcsc")]
const TAP_PATIENCE: Duration = Duration::from_secs(60);
/// How long a card may be mute before it counts as one that lies badly, or is none.
#[cfg(feature = "pcsc")]
const MUTE_PATIENCE: Duration = Duration::from_secs(3);
/// Between two looks.
#[cfg(feature = "pcsc")]
const PAUSE: Duration = Duration::from_millis(20);
/// How long Ctrl-C may go unnoticed meanwhile.
#[cfg(feature = "pcsc")]
const GLANCE: Duration = Duration::from_millis(200);

/// Said where a reader is asked of a program that knows none.
#[cfg(not(feature = "pcsc"))]
pub(crate) const WITHOUT_PCSC: &str = "this enishi was built without PC/SC; build it with \
     `cargo build -p enishi --features pcsc` (needs libpcsclite-dev), or name a software card with --card FILE";

/// Which card a command works with.
#[derive(Args, Clone, Debug, Default)]
#[group(multiple = false)]
pub(crate) struct CardSource {
    /// A software card: its image file.
    #[arg(long, value_name = "FILE")]
    pub(crate) card: Option<PathBuf>,
    /// A reader of this machine: its name, or a part of it that no other reader's has (see `enishi card readers`).
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,
}

/// A place where a card is tapped.
pub(crate) enum CardReader {
    Software(SoftwareReader),
    #[cfg(feature = "pcsc")]
    Pcsc(enishi_card::PcscReader),
}

/// A link to the card.
pub(crate) enum CardLink {
    Software(SoftwareConnection),
    #[cfg(feature = "pcsc")]
    Pcsc(enishi_card::PcscConnection),
}

impl CardSource {
    /// Opens whichever was named.
    pub(crate) fn open(&self) -> Result<CardReader, Failure> {
        match (&self.card, &self.reader) {
            (Some(file), _) => {
                let card = SoftwareCard::open(file)
                    .map_err(|error| Failure::wrong_use(format!("{}: {error}", file.display())))?;
                Ok(CardReader::Software(SoftwareReader::with_card(card)))
            }
            (None, Some(name)) => CardReader::named(name),
            (None, None) => Err(Failure::wrong_use(
                "no card; name a software card with --card FILE or a reader with --reader NAME",
            )),
        }
    }
}

impl CardReader {
    /// Opens a reader of this machine.
    #[cfg(not(feature = "pcsc"))]
    pub(crate) fn named(_: &str) -> Result<Self, Failure> {
        Err(Failure::wrong_use(WITHOUT_PCSC))
    }

    /// Opens a reader of this machine.
    #[cfg(feature = "pcsc")]
    pub(crate) fn named(wanted: &str) -> Result<Self, Failure> {
        use super::advice::failure;

        let readers = enishi_card::PcscReaders::new().map_err(failure)?;
        let names = readers.names().map_err(failure)?;
        let exact = names.iter().find(|name| *name == wanted);
        let mut parts = names.iter().filter(|name| name.contains(wanted));
        let name = match (exact, parts.next(), parts.next()) {
            (Some(name), ..) | (None, Some(name), None) => name,
            (None, None, _) if names.is_empty() => {
                return Err(Failure::surroundings("no reader is connected; plug one in"));
            }
            (None, found, _) => {
                let fault = if found.is_some() { "fits several readers" } else { "fits no reader" };
                let names = names.join("\n  ");
                return Err(Failure::wrong_use(format!(
                    "--reader {wanted:?} {fault}; there are:\n  {names}"
                )));
            }
        };
        Ok(Self::Pcsc(readers.open(name).map_err(failure)?))
    }

    /// The reader on which somebody has to put the card; a software card lies in its own.
    pub(crate) fn to_tap(&self) -> Option<&str> {
        match self {
            Self::Software(_) => None,
            #[cfg(feature = "pcsc")]
            Self::Pcsc(reader) => Some(reader.name()),
        }
    }

    /// Waits for a card, if it has to come, and links to it.
    pub(crate) fn connect(&self, interrupt: &Interrupt) -> Result<CardLink, CardError> {
        if interrupt.is_heard() {
            return Err(CardError::NoCard);
        }
        match self {
            Self::Software(reader) => reader.connect().map(CardLink::Software),
            #[cfg(feature = "pcsc")]
            Self::Pcsc(reader) => tapped(reader, interrupt).map(CardLink::Pcsc),
        }
    }
}

/// Waits for a card and powers it. One that is just being laid down may be gone or mute for a moment; nothing was asked
/// of it then, so it is simply waited for.
#[cfg(feature = "pcsc")]
fn tapped(
    reader: &enishi_card::PcscReader,
    interrupt: &Interrupt,
) -> Result<enishi_card::PcscConnection, CardError> {
    let begun = Instant::now();
    let mut mute_since = None;
    loop {
        let error = match reader.wait_for_card(GLANCE).and_then(|()| reader.connect()) {
            Ok(link) => return Ok(link),
            Err(error) => error,
        };
        let given_up = match &error {
            CardError::CardMute => mute_since.get_or_insert_with(Instant::now).elapsed() >= MUTE_PATIENCE,
            CardError::NoCard | CardError::NoReader { .. } | CardError::NoService => {
                mute_since = None;
                begun.elapsed() >= TAP_PATIENCE
            }
            _ => true,
        };
        if interrupt.is_heard() {
            return Err(CardError::NoCard);
        }
        if given_up {
            return Err(error);
        }
        // A mute card is told at once.
        std::thread::sleep(PAUSE);
    }
}

impl Transmit for CardLink {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        match self {
            Self::Software(link) => link.transmit(command),
            #[cfg(feature = "pcsc")]
            Self::Pcsc(link) => link.transmit(command),
        }
    }
}
