//! The shared relay platform (共通的PF, 中継サービス): the flows of the deck as straight-line code, one file a slide.
//!
//! [`Relay::pay`] is slide 9. The journal bounds payments: what may be sent is written first, an unknown debit is
//! reversed until the reversal is answered, and a repeated request gets its first answer.
//!
//! *Invariant:* nothing about a person leaves the relay before the holder is cleared; `not_linked` excepted.
//! *Invariant:* under 代行 no signature, certificate, key or serial number enters a message; the relay has no word for a
//! card or account number at all.
//! *Invariant:* no I/O of its own: stores, switch, revocation and clock are ports.

mod assertion;
mod cancel;
mod conclusion;
mod confirmation;
mod consent;
mod course;
mod credit;
mod enrolment;
mod evidence;
mod journal;
mod message;
mod observer;
mod proof;
mod question;
mod recovery;
mod relay;
mod reversal;
mod sealed_answer;
mod stop;
mod switch;
mod tickets;

pub use confirmation::Redeemed;
pub use journal::{
    Authorizing, Awaiting, Closed, Closing, Journal, NewPayment, Opened, Outcome, PaymentRow, PaymentState,
    QueuedReversal, Records, RequestKey, Reversal, Reversals, Sent, Trace,
};
pub use message::for_quarantine;
pub use observer::{Advice, End, Event, Hop, Observer, Question, Stopped, Unobserved};
pub use relay::{Limits, Ports, ProviderEntry, Register, Relay, Secrets, TerminalEntry};
pub use reversal::Drained;
pub use stop::{Fault, Stop};
pub use switch::{Switch, SwitchError};
pub use tickets::Caller;
