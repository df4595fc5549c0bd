use crate::error::Fault;
use crate::tlv::{self, TagSpec};
use crate::{AdditionalData, Charset, De, OriginalData, ReplacementAmounts, TransmissionTime};

/// How one element is written: encoding, prefix, padding and content, each chosen apart from the others.
#[derive(Debug, Clone, Copy)]
pub struct FieldSpec {
    de: De,
    name: &'static str,
    encoding: Encoding,
    prefix: Prefix,
    padding: Padding,
    content: Content,
    sensitivity: Sensitivity,
    min: usize,
    max: usize,
    beside: Option<Beside>,
}

/// What a value's bytes are on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// ASCII characters of a set.
    Text(Charset),
    /// Bytes, each written as two upper-case hexadecimal digits.
    Hex,
    /// Bytes as they are.
    Raw,
}

/// How a value's length is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// By the table.
    Fixed,
    /// LLVAR: by two ASCII digits before it.
    Ll,
    /// LLLVAR: by three ASCII digits before it.
    Lll,
}

/// How a value shorter than its fixed length is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// Not at all: it must have its length.
    None,
    /// With zeros on the left, which stay when it is read: they are digits of the number.
    LeftZeros,
    /// With spaces on the right, which are taken off when it is read; a value never ends with one.
    RightSpaces,
}

/// The structure inside an element, checked on reading and on writing.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// None.
    Plain,
    /// Month, day, hour, minute, second.
    TransmissionTime,
    /// Original data elements.
    OriginalData,
    /// Replacement amounts.
    ReplacementAmounts,
    /// The tagged parts of the Japanese dialect's additional data.
    Tlvs(&'static [TagSpec]),
}

/// What a description may show of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// Its value.
    Open,
    /// Its length.
    Hidden,
    /// Its length; and it travels in authorisation and financial requests only.
    Pin,
}

/// "Only beside one of these."
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside {
    pub(crate) one_of: &'static [De],
    pub(crate) expected: &'static str,
}

impl FieldSpec {
    /// The element.
    #[must_use]
    pub const fn de(&self) -> De {
        self.de
    }

    /// The element's name in words.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How its bytes are written.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How its length is known.
    #[must_use]
    pub const fn prefix(&self) -> Prefix {
        self.prefix
    }

    /// How it is filled up.
    #[must_use]
    pub const fn padding(&self) -> Padding {
        self.padding
    }

    /// What structure it has.
    #[must_use]
    pub const fn content(&self) -> Content {
        self.content
    }

    /// What may be shown of it.
    #[must_use]
    pub const fn sensitivity(&self) -> Sensitivity {
        self.sensitivity
    }

    /// Least length of a value, without padding: characters of text, bytes of binary.
    #[must_use]
    pub const fn min(&self) -> usize {
        self.min
    }

    /// Greatest length of a value, and the length on the line where that is fixed.
    #[must_use]
    pub const fn max(&self) -> usize {
        self.max
    }

    pub(crate) const fn beside(&self) -> Option<Beside> {
        self.beside
    }
}

impl Prefix {
    /// How many digits stand before the value.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::Fixed => 0,
            Self::Ll => 2,
            Self::Lll => 3,
        }
    }
}

impl Content {
    pub(crate) fn check(self, value: &[u8]) -> Result<(), Fault> {
        match self {
            Self::Plain => Ok(()),
            Self::TransmissionTime => TransmissionTime::read(value).map(drop),
            Self::OriginalData => OriginalData::read(value).map(drop),
            Self::ReplacementAmounts => ReplacementAmounts::read(value).map(drop),
            Self::Tlvs(tags) => tlv::Tlvs::new(tags, value).try_for_each(|part| part.map(drop)),
        }
    }
}

/// A row of fixed length; `ans` is filled with spaces, everything else must have its length.
pub(crate) const fn fixed(de: u8, charset: Charset, length: usize, name: &'static str) -> FieldSpec {
    let (padding, min) = match charset {
        Charset::Ans => (Padding::RightSpaces, 0),
        _ => (Padding::None, length),
    };
    FieldSpec { padding, ..row(de, Encoding::Text(charset), Prefix::Fixed, min, length, name) }
}

/// A quantity of fixed length, filled with zeros.
pub(crate) const fn quantity(de: u8, length: usize, name: &'static str) -> FieldSpec {
    let row = row(de, Encoding::Text(Charset::Numeric), Prefix::Fixed, 1, length, name);
    FieldSpec { padding: Padding::LeftZeros, ..row }
}

/// An LLVAR row.
pub(crate) const fn ll(de: u8, charset: Charset, max: usize, name: &'static str) -> FieldSpec {
    row(de, Encoding::Text(charset), Prefix::Ll, 1, max, name)
}

/// An LLLVAR row.
pub(crate) const fn lll(de: u8, charset: Charset, max: usize, name: &'static str) -> FieldSpec {
    row(de, Encoding::Text(charset), Prefix::Lll, 1, max, name)
}

/// A hidden row of so many bytes, in hexadecimal.
pub(crate) const fn hex(de: u8, length: usize, name: &'static str) -> FieldSpec {
    row(de, Encoding::Hex, Prefix::Fixed, length, length, name).hidden()
}

/// A hidden LLLVAR row of bytes as they are.
pub(crate) const fn lll_raw(de: u8, max: usize, name: &'static str) -> FieldSpec {
    row(de, Encoding::Raw, Prefix::Lll, 1, max, name).hidden()
}

const fn row(
    de: u8,
    encoding: Encoding,
    prefix: Prefix,
    min: usize,
    max: usize,
    name: &'static str,
) -> FieldSpec {
    let fits = match prefix {
        Prefix::Fixed => true,
        Prefix::Ll => max <= 99,
        Prefix::Lll => max <= 999,
    };
    assert!(fits, "the length does not fit its prefix");
    FieldSpec {
        de: De::in_table(de),
        name,
        encoding,
        prefix,
        padding: Padding::None,
        content: Content::Plain,
        sensitivity: Sensitivity::Open,
        min,
        max,
        beside: None,
    }
}

impl FieldSpec {
    pub(crate) const fn hidden(self) -> Self {
        Self { sensitivity: Sensitivity::Hidden, ..self }
    }

    pub(crate) const fn pin(self) -> Self {
        Self { sensitivity: Sensitivity::Pin, ..self }
    }

    pub(crate) const fn at_least(self, min: usize) -> Self {
        assert!(min <= self.max, "least length above the greatest");
        Self { min, ..self }
    }

    pub(crate) const fn holding(self, content: Content) -> Self {
        Self { content, ..self }
    }

    pub(crate) const fn only_beside(self, one_of: &'static [De], expected: &'static str) -> Self {
        Self { beside: Some(Beside { one_of, expected }), ..self }
    }
}

/// The tags of the Japanese dialect's additional data.
pub(crate) const ADDITIONAL_DATA: Content = Content::Tlvs(AdditionalData::TAGS);
