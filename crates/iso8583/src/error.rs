use std::fmt;

use crate::{Charset, De, MAX_MESSAGE_LENGTH, MIN_MESSAGE_LENGTH, Mti};

/// Why a message was refused: which element, at which byte, and what was expected there.
///
/// No variant holds anything of what stood in an element. Offsets count bytes from the first byte of the MTI,
/// in the message read or in the message being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than a message may be.
    #[error("{length} bytes: a message has at most {MAX_MESSAGE_LENGTH}")]
    TooLong {
        /// Bytes found.
        length: usize,
    },
    /// A frame too short for an MTI and a bitmap.
    #[error("{length} bytes: a message has at least {MIN_MESSAGE_LENGTH}")]
    TooShort {
        /// Bytes found.
        length: usize,
    },
    /// The message ends inside a part of it.
    #[error("{part} at byte {offset}: expected {expected} bytes, {found} are left")]
    Truncated {
        /// What is cut.
        part: Part,
        /// Where it begins.
        offset: usize,
        /// Its length in bytes.
        expected: usize,
        /// What is left of the message.
        found: usize,
    },
    /// The message type indicator is not one of the dialect.
    #[error("MTI at byte {offset}: expected {expected}")]
    Mti {
        /// The digit that is wrong.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A bitmap is not what a writer of it would have written.
    #[error("{part} at byte {offset}: expected {expected}")]
    Bitmap {
        /// Which bitmap.
        part: Part,
        /// The wrong byte, or where the bitmap begins.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// The dialect has no such element.
    #[error("{de} at byte {offset}: expected an element of the dialect {dialect}")]
    UnknownElement {
        /// The element.
        de: De,
        /// Where it would begin.
        offset: usize,
        /// The dialect's name.
        dialect: &'static str,
    },
    /// A length prefix is not made of digits.
    #[error("length prefix of {de} at byte {offset}: expected {expected} ASCII digits")]
    Prefix {
        /// The element.
        de: De,
        /// The byte that is no digit.
        offset: usize,
        /// How many digits the prefix has.
        expected: usize,
    },
    /// An element is shorter or longer than it may be.
    #[error("{de} at byte {offset}: expected a length from {min} to {max}, found {found}")]
    Length {
        /// The element.
        de: De,
        /// Where the element, with its prefix, begins.
        offset: usize,
        /// Least length.
        min: usize,
        /// Greatest length.
        max: usize,
        /// The length found.
        found: usize,
    },
    /// A character that the element may not contain.
    #[error("{de} at byte {offset}: expected {expected}")]
    Charset {
        /// The element.
        de: De,
        /// The character.
        offset: usize,
        /// The element's character set.
        expected: Charset,
    },
    /// The inner structure of an element is wrong.
    #[error("{de} at byte {offset}: expected {expected}")]
    Content {
        /// The element.
        de: De,
        /// Where the structure is wrong.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Bytes after the last element.
    #[error("expected the end of the message at byte {offset}, found {count} bytes more")]
    TrailingBytes {
        /// Where the message should have ended.
        offset: usize,
        /// How many bytes follow.
        count: usize,
    },
    /// An element stands without the one that it belongs to.
    #[error("{de} stands alone: expected beside it {expected}")]
    Alone {
        /// The element.
        de: De,
        /// The elements of which one must be there.
        expected: &'static str,
    },
    /// A PIN block outside an authorisation or financial request.
    #[error("{de} in a {mti}: expected in authorisation and financial requests only")]
    PinOutsideRequest {
        /// The element.
        de: De,
        /// The message's type.
        mti: Mti,
    },
    /// An element that is needed is absent.
    #[error("{de} is missing")]
    Missing {
        /// The element.
        de: De,
    },
    /// A value does not fit the element that it is meant for.
    #[error("value for {de}: expected {expected}")]
    Value {
        /// The element.
        de: De,
        /// What the element holds.
        expected: &'static str,
    },
    /// Requests are never sent again; only advices and reversals are.
    #[error("{mti} cannot be repeated: expected an advice or a reversal")]
    NotRepeatable {
        /// The message's type.
        mti: Mti,
    },
    /// A response or a notification has no answer.
    #[error("{mti} has no answer: expected a request or an advice")]
    NoAnswer {
        /// The message's type.
        mti: Mti,
    },
    /// What the original data say of the original differs from the message that carries them.
    #[error("{de} differs between the message and its original data")]
    OriginalDiffers {
        /// The element.
        de: De,
    },
}

/// A part of a message, named in errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The message type indicator.
    Mti,
    /// The primary bitmap.
    PrimaryBitmap,
    /// The secondary bitmap.
    SecondaryBitmap,
    /// The length prefix of an element.
    Prefix(De),
    /// An element.
    Element(De),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mti => f.write_str("MTI"),
            Self::PrimaryBitmap => f.write_str("primary bitmap"),
            Self::SecondaryBitmap => f.write_str("secondary bitmap"),
            Self::Prefix(de) => write!(f, "length prefix of {de}"),
            Self::Element(de) => write!(f, "{de}"),
        }
    }
}

/// A fault inside a value, at a byte of it; the codec adds where the value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) expected: &'static str,
}

impl Fault {
    pub(crate) const fn new(at: usize, expected: &'static str) -> Self {
        Self { at, expected }
    }
}
