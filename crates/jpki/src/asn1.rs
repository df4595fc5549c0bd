//! A strict reader for DER (X.690 §10): one pass over borrowed bytes, nothing allocated, nothing guessed.
//!
//! It reads only what the profiles of this project use: one-octet tags and definite, minimal lengths. Depth is
//! bounded by the caller's code, which steps into each element by name; there is no recursion.

mod element;
mod time;
mod writer;

#[cfg(test)]
mod tests;

pub use element::{Element, Reader, tag};
pub use writer::{encode, encode_all};

/// Bytes that are not the DER which the profile asks for.
///
/// Holds positions and rules, never content: certificates name people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("DER, octet {at}: {fault}")]
pub struct DerError {
    /// Offset of the faulty element in the outermost input.
    pub at: usize,
    /// What is wrong there.
    pub fault: DerFault,
}

/// What is wrong with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DerFault {
    /// The input ends inside the element.
    #[error("ends too early")]
    Truncated,
    /// Something follows where nothing may.
    #[error("something follows the last element")]
    Trailing,
    /// Another element was expected here.
    #[error("tag {expected:#04x} expected, {found:#04x} found")]
    Tag {
        /// What the profile has here.
        expected: u8,
        /// What stands here.
        found: u8,
    },
    /// A tag number above 30, which no structure of ours has.
    #[error("tag of several octets")]
    LongTag,
    /// Indefinite, not minimal, or beyond this machine.
    #[error("length not in DER form")]
    Length,
    /// The content breaks the rule of its type.
    #[error("content: {0}")]
    Content(&'static str),
}
