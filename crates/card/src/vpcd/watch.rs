//! Watching the commands that a software card gets, and pulling it at one of them.

/// One moment of one command, without its data: those may be a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Which command since the card was inserted, from 1.
    pub number: u64,
    /// CLA, INS, P1 and P2.
    pub header: [u8; 4],
    /// Before or after the card has acted.
    pub moment: Moment,
}

/// When within an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The command has come; the card has not seen it. Pulled here, the card is as it was before.
    Command,
    /// The card has acted, and what it counts is on the disk; the answer has not gone out. Pulled here, nobody
    /// learns of it.
    Answer {
        /// SW1 and SW2.
        status: u16,
    },
}

/// Whether the card is left in the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Go on.
    Stays,
    /// Out it comes, now.
    Pulled,
}
