use enishi_party::{Malformed, PartyUri};
use enishi_wire::Problem;

use crate::Exposure;

/// Why the terminal itself could not go on. What happened to a purchase is an [`Outcome`](crate::Outcome) instead.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// A file of the terminal's folder could not be read or written. What was under way stays journalled.
    #[error("{file} in the terminal's folder: {source}")]
    Folder {
        /// Its name within the folder.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The folder failed before; nothing more is changed in it until a new process opens it.
    #[error("the terminal's folder failed; restart the terminal")]
    FolderFailed,
    /// Another process works in the folder; two would use one slip number twice.
    #[error("the terminal's folder is in use by another process")]
    FolderInUse,
    /// A file of the journal is not what this terminal wrote there. Nothing was sent; settle the slip with the relay's
    /// operator before the file is moved away.
    #[error("{file} in the terminal's folder: {fault}")]
    Journal {
        /// Its name within the folder.
        file: String,
        /// What is wrong with it.
        fault: JournalFault,
    },
    /// Requests wait for their outcome: call [`Terminal::resume`](crate::Terminal::resume) first.
    #[error("{0} requests have no outcome yet; resume them first")]
    ResumeFirst(usize),
    /// The sale itself is not of the required form.
    #[error(transparent)]
    Sale(#[from] Malformed),
    /// There is no ticket to sign over; nothing was asked of the holder.
    #[error("no ticket: {0}")]
    NoTicket(#[from] TicketFault),
    /// The terms' digest is not that of the terms shown, or they belong to something else: nothing was signed.
    #[error("the terms of the registration are not those that would be signed; nothing was signed")]
    TermsAltered,
    /// A request could not be written down; a fault of this program.
    #[error("the request cannot be encoded")]
    Encoding,
}

/// What is wrong with a file of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JournalFault {
    /// Altered, of another request, or of another terminal's folder.
    #[error("not sealed by this terminal for this request")]
    NotSealedHere,
    /// A name that the journal does not give.
    #[error("not a file of the journal")]
    UnknownFile,
    /// Larger than the journal ever writes.
    #[error("too large")]
    TooLarge,
    /// Not of the form in which this version writes.
    #[error("not in the form in which it was written")]
    Malformed,
    /// The folder belongs to another terminal.
    #[error("the folder belongs to another terminal")]
    OtherTerminal,
}

/// Why there is no ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketFault {
    /// The relay gave no usable answer.
    #[error("the relay did not answer")]
    NoAnswer(Exposure),
    /// The relay gives this terminal none.
    #[error("the relay refused: {}", .0.code)]
    Refused(Box<Problem>),
    /// The answer names another relay than the mutual-TLS connection.
    #[error("the answer names another relay: {0}")]
    OtherRelay(PartyUri),
}
