use std::fmt;

use crate::spec::{Content, Encoding, FieldSpec, Padding, Prefix, Sensitivity};
use crate::{De, Version};

pub use ascii_1987::ascii_1987;
pub use japan_credit::japan_credit;

mod ascii_1987;
mod japan_credit;

#[cfg(test)]
mod tests;

/// A way of writing ISO 8583, as one table.
///
/// Common to all: the MTI is four ASCII digits, a bitmap 16 upper-case ASCII hexadecimal digits, the second one
/// present exactly if an element above 64 is. `Display` prints the table, one element a line.
pub struct Dialect {
    name: &'static str,
    version: Version,
    fields: [Option<FieldSpec>; SLOTS],
}

impl Dialect {
    /// The dialect's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The edition of the standard that its messages bear.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// How an element is written; `None` if the dialect has no such element.
    #[must_use]
    pub fn field(&self, de: De) -> Option<&FieldSpec> {
        self.fields.get(usize::from(de.number()))?.as_ref()
    }

    /// All elements of the dialect, in order.
    pub fn fields(&self) -> impl Iterator<Item = &FieldSpec> {
        self.fields.iter().flatten()
    }

    const fn new(name: &'static str, version: Version, rows: &[FieldSpec]) -> Self {
        Self { name, version, fields: [None; SLOTS] }.with(rows, Rows::New)
    }

    /// The same dialect under another name, without some elements and with others written otherwise.
    const fn derive(&self, name: &'static str, without: &[u8], rows: &[FieldSpec]) -> Self {
        let kept = Self { name, version: self.version, fields: self.fields };
        kept.without(without).with(rows, Rows::Instead)
    }

    #[expect(
        clippy::as_conversions,
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, for the statics below this module: a wrong index does not build"
    )]
    const fn with(mut self, rows: &[FieldSpec], mode: Rows) -> Self {
        let mut row = 0;
        while row < rows.len() {
            let slot = rows[row].de().number() as usize;
            match mode {
                Rows::New => assert!(self.fields[slot].is_none(), "an element stands twice in a table"),
                Rows::Instead => assert!(self.fields[slot].is_some(), "no such element to be replaced"),
            }
            self.fields[slot] = Some(rows[row]);
            row += 1;
        }
        self
    }

    #[expect(
        clippy::as_conversions,
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, for the statics below this module: a wrong index does not build"
    )]
    const fn without(mut self, elements: &[u8]) -> Self {
        let mut row = 0;
        while row < elements.len() {
            let slot = elements[row] as usize;
            assert!(self.fields[slot].is_some(), "no such element to be left out");
            self.fields[slot] = None;
            row += 1;
        }
        self
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        writeln!(
            f,
            "{:>3}  {:<4} {:<8} {:<7} {:<7} {:<7} name",
            "DE", "set", "length", "prefix", "padding", "shown"
        )?;
        for field in self.fields() {
            let set = match field.encoding() {
                Encoding::Text(charset) => charset.abbreviation(),
                Encoding::Hex => "hex",
                Encoding::Raw => "raw",
            };
            let length = match field.prefix() {
                Prefix::Fixed => field.max().to_string(),
                Prefix::Ll | Prefix::Lll => format!("{}-{}", field.min(), field.max()),
            };
            let prefix = match field.prefix() {
                Prefix::Fixed => "-",
                Prefix::Ll => "LLVAR",
                Prefix::Lll => "LLLVAR",
            };
            let padding = match field.padding() {
                Padding::None => "-",
                Padding::LeftZeros => "zeros",
                Padding::RightSpaces => "spaces",
            };
            let shown = match field.sensitivity() {
                Sensitivity::Open => "yes",
                Sensitivity::Hidden => "no",
                Sensitivity::Pin => "PIN",
            };
            let (number, name) = (field.de().number(), field.name());
            write!(f, "{number:>3}  {set:<4} {length:<8} {prefix:<7} {padding:<7} {shown:<7} {name}")?;
            match field.beside() {
                Some(beside) => writeln!(f, "; only beside {}", beside.expected)?,
                None => writeln!(f)?,
            }
            if let Content::Tlvs(tags) = field.content() {
                for tag in tags {
                    writeln!(f, "{tag}")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialect({})", self.name)
    }
}

#[derive(Clone, Copy)]
enum Rows {
    New,
    Instead,
}

/// One for every number of an element, and two that stay empty (0 and 1).
const SLOTS: usize = 129;
