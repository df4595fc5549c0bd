//! What the authority knows of a person: the entry of the resident register that certificates are made from.

use std::fmt;

use enishi_jpki::Sex;
use jiff::civil::Date;

use crate::AuthorityError;

mod file;

/// The longest address (住所), in characters: JPKI certificate profile.
const ADDRESS_MAX_CHARACTERS: usize = 200;
/// The longest name; ours, since the profile's own limit is not public.
const NAME_MAX_CHARACTERS: usize = 100;
/// The longest romaji name of a prefecture or municipality; X.520 allows a locality 128.
const ROMAJI_MAX_OCTETS: usize = 64;
/// The longest register number; ours.
const CITIZEN_ID_MAX_OCTETS: usize = 32;

/// A person in the resident register; silent in Debug.
#[derive(Clone)]
pub struct CitizenRecord {
    /// Who, in the register's own numbering.
    pub id: CitizenId,
    /// 氏名.
    pub name: RegisteredText,
    /// 住所.
    pub address: RegisteredText,
    /// 生年月日.
    pub birth_date: RegisteredBirth,
    /// 性別.
    pub sex: Sex,
    /// Where the person is registered.
    pub municipality: Municipality,
    /// The last day of the My Number Card (or of the phone's registration), in Japan; a certificate ends no later.
    pub carrier_expiry: Option<Date>,
}

impl fmt::Debug for CitizenRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitizenRecord(…)")
    }
}

/// The authority's number of a person: never in a certificate, never given out; silent in Debug.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenId(String);

impl CitizenId {
    /// 1 to 32 of A-Z, a-z, 0-9 and -.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, AuthorityError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if (1..=CITIZEN_ID_MAX_OCTETS).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused("id", "1 to 32 of A-Z, a-z, 0-9 and -"))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitizenId(…)")
    }
}

/// A name or address with its substitution flags (代替文字): one 0 or 1 for each character, 1 where the character
/// stands for one outside the repertoire; silent in Debug.
#[derive(Clone)]
pub struct RegisteredText {
    text: String,
    flags: String,
}

impl RegisteredText {
    /// A name: family and given name with U+3000 between, at most 100 characters, nothing substituted.
    ///
    /// # Errors
    /// An empty or too long name, or one with control characters.
    pub fn name(text: &str) -> Result<Self, AuthorityError> {
        Self::new(text, NAME_MAX_CHARACTERS, "name", "1 to 100 printable characters")
    }

    /// An address of at most 200 characters, without postal code, nothing substituted.
    ///
    /// # Errors
    /// An empty or too long address, or one with control characters.
    pub fn address(text: &str) -> Result<Self, AuthorityError> {
        Self::new(text, ADDRESS_MAX_CHARACTERS, "address", "1 to 200 printable characters")
    }

    fn new(text: &str, max: usize, field: &'static str, rule: &'static str) -> Result<Self, AuthorityError> {
        let characters = text.chars().count();
        if !(1..=max).contains(&characters) || text.chars().any(char::is_control) {
            return Err(refused(field, rule));
        }
        Ok(Self { text: text.to_owned(), flags: "0".repeat(characters) })
    }

    /// Marks the characters at these positions (counted from 0, the space included) as substitutes.
    ///
    /// # Errors
    /// A position behind the end.
    pub fn with_substitutes(self, positions: &[usize]) -> Result<Self, AuthorityError> {
        let length = self.flags.len();
        if positions.iter().any(|position| *position >= length) {
            return Err(refused("substitution", "at a character of the text"));
        }
        let flags = (0..length).map(|at| if positions.contains(&at) { '1' } else { '0' }).collect();
        Ok(Self { flags, ..self })
    }

    pub(crate) fn expose_text(&self) -> &str {
        &self.text
    }

    pub(crate) fn expose_flags(&self) -> &str {
        &self.flags
    }
}

impl fmt::Debug for RegisteredText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegisteredText(…)")
    }
}

/// 性別 as the certificate writes it; for what is not stated, sources disagree between 3 and 9.
pub(crate) const fn expose_sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "1",
        Sex::Female => "2",
        Sex::NotStated => "3",
    }
}

/// 生年月日; the resident register knows people whose day, month or year of birth nobody knows; silent in Debug.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RegisteredBirth {
    /// The whole date.
    Known(Date),
    /// The year and, perhaps, the month; what is unknown is written as zeros.
    Partly {
        /// Gregorian.
        year: i16,
        /// 1 to 12.
        month: Option<i8>,
    },
    /// Nothing: era, year, month and day are zeros.
    Unknown,
}

impl RegisteredBirth {
    /// 9 digits: era, Gregorian year, month, day. A partly known date carries the era of its year's first day.
    pub(crate) fn expose_text(self) -> String {
        match self {
            Self::Known(date) => {
                format!("{}{:04}{:02}{:02}", era(date), date.year(), date.month(), date.day())
            }
            Self::Partly { year, month } => {
                let first = Date::new(year, month.unwrap_or(1), 1).unwrap_or(Date::ZERO);
                format!("{}{:04}{:02}00", era(first), year, month.unwrap_or(0))
            }
            Self::Unknown => "000000000".to_owned(),
        }
    }

    pub(crate) const fn known(self) -> Option<Date> {
        match self {
            Self::Known(date) => Some(date),
            Self::Partly { .. } | Self::Unknown => None,
        }
    }
}

impl fmt::Debug for RegisteredBirth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegisteredBirth(…)")
    }
}

/// First days of the eras, newest first: 令和, 平成, 昭和, 大正, 明治.
const ERAS: [(i16, i8, i8, char); 5] =
    [(2019, 5, 1, '5'), (1989, 1, 8, '4'), (1926, 12, 25, '3'), (1912, 7, 30, '2'), (1868, 1, 25, '1')];

fn era(date: Date) -> char {
    let day = (date.year(), date.month(), date.day());
    ERAS.iter().find(|(year, month, first, _)| day >= (*year, *month, *first)).map_or('0', |era| era.3)
}

/// A municipality (市区町村) that certificates name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Municipality {
    code: String,
    prefecture_romaji: String,
    municipality_romaji: String,
}

impl Municipality {
    /// `code`: the 5 digits without check digit, as `13221`; the names in romaji with their suffix, as `Tokyo-to`,
    /// `Kiyose-shi`.
    ///
    /// # Errors
    /// A code or name of another form.
    pub fn new(
        code: &str,
        prefecture_romaji: &str,
        municipality_romaji: &str,
    ) -> Result<Self, AuthorityError> {
        if code.len() != 5 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refused("municipality code", "5 digits"));
        }
        let allowed = |b: u8| b.is_ascii_alphabetic() || b == b'-' || b == b' ' || b == b'\'';
        for name in [prefecture_romaji, municipality_romaji] {
            if !(1..=ROMAJI_MAX_OCTETS).contains(&name.len()) || !name.bytes().all(allowed) {
                return Err(refused("municipality", "1 to 64 of A-Z, a-z, space, - and '"));
            }
        }
        Ok(Self {
            code: code.to_owned(),
            prefecture_romaji: prefecture_romaji.to_owned(),
            municipality_romaji: municipality_romaji.to_owned(),
        })
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    pub(crate) fn prefecture_romaji(&self) -> &str {
        &self.prefecture_romaji
    }

    pub(crate) fn municipality_romaji(&self) -> &str {
        &self.municipality_romaji
    }
}

const fn refused(field: &'static str, rule: &'static str) -> AuthorityError {
    AuthorityError::Citizen { field, rule }
}

#[cfg(test)]
mod tests;
