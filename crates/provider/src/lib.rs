//! The provider's side, as a card company runs it: customers, ID conversion (ID変換機能), authorisation host and ledger.
//!
//! A purchase (slide 9) is believed only as far as the relay's signed assertion goes, and decided by the company alone:
//! its customer, its PIN, its limits. Answer, ledger entry and PIN tries are one transaction, written before the answer
//! is heard; one key is debited at most once, and reversed at most once.
//!
//! *Invariant:* no word for a certificate or a serial number: this crate cannot name the crates `jpki`, `verify` and
//! `linkage`. What a verifier under 委託 does with evidence enters through [`Recheck`].
//! *Invariant:* card numbers, PINs, names and customer IDs appear in no `Debug` output, error or log line.
//! *Invariant:* a PIN or a PIN block is never stored; a wrong PIN is counted durably before it is answered.
//!
//! Standards: ISO 8583:1987, ISO 9564-1, ISO/IEC 7812-1, RFC 9457.

mod app;
mod authorisation;
mod books;
mod customer;
mod decision;
mod error;
mod fault;
mod host;
mod id_conversion;
mod instrument;
mod invitation;
mod ledger;
mod observer;
mod pan;
mod password;
mod pin;
mod policy;
mod recheck;
mod refusal;
mod register;
mod relay_client;
mod request;
mod session;
mod transaction;

pub use app::{
    CardView, CardsAnswer, LinkAnswer, LinkCallback, LinkRequest, LinkStarted, LoginAnswer, LoginRequest,
    StatementAnswer, StatementEntry, openapi, serve_app, serve_local,
};
pub use authorisation::Trust;
pub use books::{
    Books, Inquiry, LedgerCheck, LineKind, Look, Proposal, Reversal, Reversed, Settled, StatementLine,
    TOMBSTONE_LIFE, Totals, Transaction,
};
pub use customer::{Customer, CustomerState, PersonName};
pub use decision::{
    AssertionUse, Facts, Outcome, PinEffect, PinEntry, Purchase, Standing, UNREADABLE_MAX, UNREADABLE_WINDOW,
    Verdict,
};
pub use error::AppError;
pub use fault::StoreFault;
pub use host::{Ports, Provider, ProviderConfig};
pub use id_conversion::{Conversions, NewTie, TieOutcome};
pub use instrument::{Card, CardLabel, CardSlot, CardState};
pub use invitation::{INVITATION_LIFE_MAX, Invitation, InviteError, JointOffer};
pub use ledger::{Account, Leg, Legs, Side, Unbalanced};
pub use observer::{Event, Login, Observer, Unobserved};
pub use pan::Pan;
pub use password::{PASSWORD_ROUNDS, Password, PasswordHash};
pub use pin::{PIN_TRIES, PinRecord, PinVerificationKey, PinVerificationValue};
pub use policy::{ASSERTION_AGE_MAX, CLOCK_SKEW_MAX, PinRule, Policy, UnboundRule};
pub use recheck::{EnrolmentEvidence, NoRecheck, Recheck, RecheckRefused};
pub use refusal::{Difference, Refusal};
pub use register::Register;
pub use relay_client::{RelayClient, RelayError};
pub use session::{
    Attempt, BearerSecret, Bringer, LOGIN_FAILURES_MAX, LOGIN_WINDOW, PendingLink, SESSION_LIFE,
    SecretDigest, Sessions,
};
pub use transaction::{Answer, BookKey, Keyed};

// What the ports speak of, so that a store needs no edge of its own to these crates.
pub use enishi_iso8583::{ApprovalNumber, ResponseCode};
pub use enishi_pinblock::IssuerPin;
pub use enishi_wire::Subject;
