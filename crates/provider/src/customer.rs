use std::fmt;
use std::str::FromStr;

use enishi_party::{CustomerId, Malformed};
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

/// Longest name in characters: the signing certificate's 氏名 has fewer.
const NAME_CHARACTERS_MAX: usize = 200;

/// A customer (顧客) as the company knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Customer {
    /// The company's own name for the customer.
    pub id: CustomerId,
    /// 氏名.
    pub name: PersonName,
    /// 生年月日.
    pub birth_date: Date,
    /// Whether the company serves the customer now.
    pub state: CustomerState,
}

/// Whether the company serves someone now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerState {
    /// Yes.
    Active,
    /// No: every request is refused until the company lifts it.
    Suspended,
}

impl Customer {
    /// Whether the holder whom a signed application names is this customer: same name, same birth date.
    ///
    /// A birth date that is no date is nobody's.
    #[must_use]
    pub fn is_holder(&self, name: &str, birth_date: &str) -> bool {
        let name = name.parse::<PersonName>().is_ok_and(|name| name == self.name);
        let birth_date = birth_date.parse::<Date>().is_ok_and(|date| date == self.birth_date);
        name && birth_date
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Customer({:?})", self.state)
    }
}

/// A person's name. Two are equal if they agree after compatibility normalisation (UAX #15, NFKC) without spaces.
///
/// Full and half width, composed and decomposed kana and the space between family and given name are writing habits;
/// everything else, 外字 and their substitutes among it, tells people apart.
#[derive(Clone)]
pub struct PersonName {
    written: String,
    folded: String,
}

impl PersonName {
    /// The name as it was written.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.written
    }
}

impl FromStr for PersonName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rule = Malformed { noun: "person's name", rule: "1 to 200 characters, no control characters" };
        if text.chars().take(NAME_CHARACTERS_MAX + 1).count() > NAME_CHARACTERS_MAX
            || text.chars().any(char::is_control)
        {
            return Err(rule);
        }
        let folded: String = text.nfkc().filter(|character| !character.is_whitespace()).collect();
        if folded.is_empty() { Err(rule) } else { Ok(Self { written: text.to_owned(), folded }) }
    }
}

impl PartialEq for PersonName {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for PersonName {}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

#[cfg(test)]
mod tests;
