//! The nouns that every party of the platform shares: who takes part, what is moved, and why something is refused.
//!
//! Pure vocabulary: identifiers handed out between parties are random values, never derived from a certificate.
//!
//! *Invariant:* nothing here can hold a certificate, a serial number, a card number or a PIN.

pub mod broken;
mod callback;
mod identifier;
mod invitation;
mod money;
mod name;
mod party_uri;
mod ports;
mod refusal;
#[cfg(feature = "openapi")]
mod schema;
mod surrogate;
mod text;

pub use callback::CallbackUrl;
pub use identifier::{
    AssertionId, ChoiceHandle, ConsentId, InstrumentRef, IntentId, LinkId, PairwiseId, PaymentId,
};
pub use invitation::InvitationCode;
pub use money::{Currency, Instalments, Money, PaymentType};
pub use name::{ContractId, CustomerId, IdempotencyKey, Kid, MerchantId, ProviderId, SlipNumber, TerminalId};
pub use party_uri::{Environment, PartyRole, PartyUri};
pub use ports::{Clock, Entropy};
pub use refusal::{RefusalCode, VerifierModel};
pub use surrogate::SurrogatePan;
pub use text::{Language, Text};

pub use jiff::Timestamp;

/// A value from outside that is not of the form its type requires.
///
/// Names the noun and the rule, never the value: it may hold a person's identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{noun} must be {rule}")]
pub struct Malformed {
    /// The noun in words, as "terminal id".
    pub noun: &'static str,
    /// The rule that was broken.
    pub rule: &'static str,
}
