//! What can go wrong between a software card and vsmartcard's reader.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::software_card::SoftwareCard;

/// Why a software card is not, or no longer, in the reader.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VpcdError {
    /// Nothing accepts connections at the address.
    #[error("no virtual reader at {address}: {cause}; is pcscd running with vsmartcard's reader?")]
    Connect {
        /// Where the reader should be.
        address: SocketAddr,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The connection broke.
    #[error("the connection to the reader broke: {0}")]
    Link(#[source] io::Error),
    /// The connection was closed inside a message.
    #[error("the reader closed the connection inside a message")]
    CutMessage,
    /// A message of one octet that is no control code of vpcd's.
    #[error("the reader sent an unknown control code {code:#04x}; is this a vsmartcard reader?")]
    UnknownControl {
        /// The octet.
        code: u8,
    },
    /// A message that is neither a control code nor as long as a command.
    #[error("the reader sent a message of {len} octets, which is no command; is this a vsmartcard reader?")]
    NoCommand {
        /// Its length: 0, 2 or 3.
        len: usize,
    },
    /// A command for a card that has no power.
    #[error("the reader sent a command before it had powered the card")]
    CommandWithoutPower,
}

/// A card that could not be inserted, and why.
#[derive(Debug)]
pub struct NotInserted {
    card: Box<SoftwareCard>,
    cause: VpcdError,
}

impl NotInserted {
    pub(super) fn new(card: SoftwareCard, cause: VpcdError) -> Self {
        Self { card: Box::new(card), cause }
    }

    /// Gives the card back.
    #[must_use]
    pub fn into_card(self) -> SoftwareCard {
        *self.card
    }

    /// Why.
    #[must_use]
    pub fn cause(&self) -> &VpcdError {
        &self.cause
    }
}

impl fmt::Display for NotInserted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl std::error::Error for NotInserted {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.source()
    }
}
