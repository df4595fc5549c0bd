//! Who is told what flows did: metrics and the demo listen. Nothing told names a person.

use std::time::Duration;

use enishi_iso8583::ResponseCode;
use enishi_party::{ContractId, ProviderId, RefusalCode};
use enishi_wire::{CancelOutcome, ConfirmationAnswer};

/// A part of a flow that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hop {
    /// ③ path and possession.
    Prove,
    /// ② candidates.
    Link,
    /// ③ revocation.
    Clear,
    /// The provider.
    Provider,
}

impl Hop {
    /// All, in the order of a purchase.
    pub const ALL: [Self; 4] = [Self::Prove, Self::Link, Self::Clear, Self::Provider];

    /// The word in logs and metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Prove => "prove",
            Self::Link => "link",
            Self::Clear => "clear",
            Self::Provider => "provider",
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// Tickets were made.
    Tickets(u64),
    /// A request about a payment had an end that no earlier request was told.
    Payment {
        /// The contract, once it was known.
        contract: Option<&'a ContractId>,
        /// The end.
        end: End,
        /// From the request to its answer.
        took: Duration,
    },
    /// A request about a payment was told an earlier answer again.
    Repeated,
    /// The holder was asked something.
    Asked(Question),
    /// A terminal took a request back.
    Cancelled(CancelOutcome),
    /// Payments that nobody went on with were closed.
    LeftOver(u64),
    /// A reversal was sent.
    Reversal {
        /// To whom.
        provider: &'a ProviderId,
        /// What became of it.
        advice: Advice,
    },
    /// An answer that nobody may be told was kept.
    Quarantined {
        /// Whose.
        provider: &'a ProviderId,
    },
    /// A citizen's yes had an end.
    Enrolment {
        /// The contract, once it was known.
        contract: Option<&'a ContractId>,
        /// None: consented; the link waits for its provider.
        stopped: Option<Stopped>,
    },
    /// A provider had its last word on a link.
    Confirmation(Result<ConfirmationAnswer, Stopped>),
}

/// How a request about a payment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The provider approved.
    Approved,
    /// The provider declined or did not answer, or we could not go on.
    Declined(ResponseCode),
    /// It went no further.
    Stopped(Stopped),
}

/// Why something went no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Refused: the caller's matter.
    Refused(RefusalCode),
    /// A fault: ours.
    Failed,
}

/// What a holder is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Which instrument.
    Choice,
    /// The company's PIN.
    Pin,
}

/// What became of a reversal that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Answered with 00.
    Acknowledged,
    /// Not answered, and due again later.
    Unanswered,
    /// Answered with another code: a case for people.
    Rejected,
}

/// Is told what flows did and how long their parts took.
pub trait Observer: Send + Sync {
    /// One part ended.
    fn hop(&self, hop: Hop, took: Duration);

    /// Something happened.
    fn event(&self, _event: &Event<'_>) {}
}

/// Nobody listens.
#[derive(Debug, Clone, Copy)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn hop(&self, _: Hop, _: Duration) {}
}

impl Stopped {
    /// The word in logs and metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refused(code) => code.code(),
            Self::Failed => "fault",
        }
    }
}
