//! ① The shop's POS application: it shows amount and payee, reads the card, signs, sends, and prints (slide 9).
//!
//! It decides nothing: the card checks the PIN, the relay the certificate, the company its customer. Each request is
//! journalled before it is sent, repeated to the byte until it is answered, and else cancelled until that is
//! acknowledged.
//!
//! *Invariant:* certificate, signature and token are on the disk only sealed, only while a request is unanswered, and
//! are overwritten when its outcome is known. A PIN or PIN block is never written at all.
//!
//! *Invariant:* no approved purchase is unknown to the shop: the outcome is on the disk before anyone reads it.
//!
//! *Invariant:* no message of the relay stands between the card's tap and its proof.
//!
//! *Invariant:* a PIN that a card may have seen is never presented again unless the holder enters it again.

mod answer;
mod conclude;
mod config;
mod decline;
mod enrol;
mod error;
mod hearing;
mod holder;
mod journal;
mod outcome;
mod pay;
mod pay_request;
mod prepare;
mod progress;
mod receipt;
mod relay;
mod resume;
mod sleeper;
mod tap;
mod terminal;
mod tickets;
mod visit;

pub use config::TerminalConfig;
pub use enrol::{EnrolOutcome, EnrolReport};
pub use error::{JournalFault, TerminalError, TicketFault};
pub use holder::{CardLost, Consent, Holder, Purpose, SecretFate, Shown, TapAgain};
pub use journal::{Recorded, SaleRecord};
pub use outcome::{Cancellation, CardRefused, HopTiming, Outcome, PayReport};
pub use pay_request::{Preparation, Prepared, Sale};
pub use progress::{Progress, Watcher};
pub use receipt::{Receipt, plain};
pub use relay::{Exposure, Reply};
pub use resume::Resumed;
pub use sleeper::Sleeper;
pub use terminal::Terminal;

#[cfg(test)]
mod tests;
