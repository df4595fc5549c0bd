//! What the parties say to each other: JSON bodies by endpoint group, problem documents, and the relay's assertion.
//!
//! Shapes only, parsed into the nouns of `party`; unknown fields are refused.
//!
//! *Invariant:* no shape has a field for a serial number, a certificate's name, a card or an account number. A card's
//! token and an entrusted provider's evidence pass as sealed or opaque values. RFC 8259, RFC 9457, RFC 9052.

mod assertion;
mod enrolment;
mod octets;
mod payment;
mod problem;
#[cfg(feature = "openapi")]
mod schema;
mod ticket;

pub use assertion::{
    AmountBinding, Assertion, AssertionError, AssertionKey, Assurance, RevocationMethod, Subject,
    VerifyingKey,
};
pub use enrolment::{
    Application, ConfirmOutcome, ConfirmationAnswer, ConsentReceipt, ConsentTerms, EnrolmentAnswer,
    EnrolmentRequest, EvidenceAnswer, Holder, IntentAnswer, IntentRequest, IntentView, RedeemAnswer,
    RedeemRequest,
};
pub use octets::Octets;
pub use payment::{
    Approval, CancelAnswer, CancelOutcome, CancelRequest, Choice, ContinueRequest, Need, PaymentAnswer,
    PaymentRequest, PaymentStatus, PinNeed,
};
pub use problem::{Problem, UserMessage};
pub use ticket::{IssuedTicket, TicketsAnswer, TicketsRequest};
