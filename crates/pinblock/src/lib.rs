//! PIN blocks of ISO 9564-1 format 4, from the keypad to the provider (slides 9 to 11).
//!
//! A provider's PIN travels enciphered over the ticket's surrogate account number, never over a real one. The relay
//! re-enciphers a block from one zone key to another with that number unchanged; the provider alone opens it.
//!
//! *Invariant:* no digit of a PIN, no block and no key appears in `Debug` output or in an error, and none serialises.
//! *Invariant:* a block that does not decipher to a well-formed PIN field is one error, whatever is wrong with it; that
//! is another thing than a wrong PIN.
//! *Invariant:* no I/O, no clock, no random source: the eight random octets are an argument.
//!
//! Software keys, for the sandbox; an operator puts a security module behind the same three functions.
//! Standard: ISO 9564-1:2017 §9.4.2.5 (format 4), PCI PIN requirement 3-3 (the number may not change).

mod block;
mod field;
mod key;
mod pin;

pub use block::{PinBlock, PinBlockError, open, seal, translate};
pub use key::{PinKey, PinKeyError};
pub use pin::IssuerPin;
