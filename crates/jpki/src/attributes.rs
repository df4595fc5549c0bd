//! 基本4情報: what a signing certificate says of its holder (docs/jpki.md §2).

use std::fmt;

use jiff::civil::Date;

use crate::asn1::{DerError, Element, Reader, tag};
use crate::oid;

#[cfg(test)]
mod tests;

/// Most entries of a subjectAltName; JPKI has six, and a seventh was announced.
const NAMES_MAX: usize = 32;
/// Longest attribute in characters: an address has up to 200 (docs/jpki.md §2).
const CHARACTERS_MAX: usize = 200;

/// Name, address, birth date and sex, each in the register's own form.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicAttributes {
    name: String,
    name_substitutions: Vec<CharacterForm>,
    address: String,
    address_substitutions: Vec<CharacterForm>,
    birth_date: BirthDate,
    sex: Sex,
}

/// Whether a character is the register's or stands for one outside the repertoire (代替文字).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharacterForm {
    /// As registered.
    Registered,
    /// In place of another character.
    Substitute,
}

/// 性別.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Not stated; sources disagree on the digit, 3 or 9.
    NotStated,
}

/// 生年月日: the era as registered, the date in the Gregorian calendar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate {
    era: Era,
    date: BirthDay,
}

/// 元号.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// Not known.
    Unknown,
    /// 明治.
    Meiji,
    /// 大正.
    Taisho,
    /// 昭和.
    Showa,
    /// 平成.
    Heisei,
    /// 令和.
    Reiwa,
}

/// A day, or as much of it as the register knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BirthDay {
    /// A day.
    Known(Date),
    /// Parts of a day, as zeros in the certificate.
    Partial {
        /// Gregorian year.
        year: Option<u16>,
        /// Month, 1 to 12.
        month: Option<u8>,
        /// Day of the month, 1 to 31.
        day: Option<u8>,
    },
}

/// Attributes that are not as JPKI gives them. Names the attribute, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// Not a subjectAltName with otherNames.
    #[error(transparent)]
    Der(#[from] DerError),
    /// More names than any certificate has.
    #[error("more than {NAMES_MAX} alternative names")]
    TooMany,
    /// One of the six is not there.
    #[error("attribute {0} is missing")]
    Missing(&'static str),
    /// One of the six is there twice.
    #[error("attribute {0} is there twice")]
    Duplicate(&'static str),
    /// Empty, too long, or not of its form.
    #[error("attribute {0} is not of its form")]
    Form(&'static str),
}

impl BasicAttributes {
    /// Reads a subjectAltName by object identifiers; order is not fixed, and unknown names are passed over.
    pub(crate) fn read(alternative_names: &[u8]) -> Result<Self, AttributeError> {
        let mut found = Found::default();
        if !alternative_names.is_empty() {
            found.read(&Reader::only(alternative_names, tag::SEQUENCE)?)?;
        }
        let name = text(found.name, "name")?;
        let address = text(found.address, "address")?;
        Ok(Self {
            name_substitutions: flags(found.name_substitutions, &name, "name substitutions")?,
            address_substitutions: flags(found.address_substitutions, &address, "address substitutions")?,
            birth_date: BirthDate::parse(text(found.birth_date, "birth date")?.as_bytes())?,
            sex: match text(found.sex, "sex")?.as_str() {
                "1" => Sex::Male,
                "2" => Sex::Female,
                "3" | "9" => Sex::NotStated,
                _ => return Err(AttributeError::Form("sex")),
            },
            name,
            address,
        })
    }

    /// 氏名: family and given name with U+3000 between.
    #[must_use]
    pub fn expose_name(&self) -> &str {
        &self.name
    }

    /// One form per character of the name, the space included.
    #[must_use]
    pub fn expose_name_substitutions(&self) -> &[CharacterForm] {
        &self.name_substitutions
    }

    /// 住所, without postal code.
    #[must_use]
    pub fn expose_address(&self) -> &str {
        &self.address
    }

    /// One form per character of the address.
    #[must_use]
    pub fn expose_address_substitutions(&self) -> &[CharacterForm] {
        &self.address_substitutions
    }

    /// 生年月日.
    #[must_use]
    pub const fn expose_birth_date(&self) -> BirthDate {
        self.birth_date
    }

    /// 性別.
    #[must_use]
    pub const fn expose_sex(&self) -> Sex {
        self.sex
    }
}

/// The six values as they are found.
#[derive(Default)]
struct Found<'a> {
    name: Option<&'a str>,
    name_substitutions: Option<&'a str>,
    address: Option<&'a str>,
    address_substitutions: Option<&'a str>,
    birth_date: Option<&'a str>,
    sex: Option<&'a str>,
}

impl<'a> Found<'a> {
    fn read(&mut self, names: &Element<'a>) -> Result<(), AttributeError> {
        let mut names = names.inside();
        for _ in 0..NAMES_MAX {
            if names.is_empty() {
                return Ok(());
            }
            let name = names.any()?;
            // otherName is choice [0], IMPLICIT (RFC 5280 §4.2.1.6).
            if name.tag() == tag::context_constructed(0) {
                self.read_other_name(&name)?;
            }
        }
        names.finish().map_err(|_| AttributeError::TooMany)
    }

    fn read_other_name(&mut self, name: &Element<'a>) -> Result<(), AttributeError> {
        let mut parts = name.inside();
        let oid = parts.expect(tag::OID)?.object_identifier()?;
        let (slot, word) = match oid {
            oid::ATTRIBUTE_NAME => (&mut self.name, "name"),
            oid::ATTRIBUTE_NAME_SUBSTITUTIONS => (&mut self.name_substitutions, "name substitutions"),
            oid::ATTRIBUTE_ADDRESS => (&mut self.address, "address"),
            oid::ATTRIBUTE_ADDRESS_SUBSTITUTIONS => {
                (&mut self.address_substitutions, "address substitutions")
            }
            oid::ATTRIBUTE_BIRTH_DATE => (&mut self.birth_date, "birth date"),
            oid::ATTRIBUTE_SEX => (&mut self.sex, "sex"),
            // A kana name was announced under an identifier that is not published (docs/jpki.md §2).
            _ => return Ok(()),
        };
        let value = parts.expect(tag::context_constructed(0))?.only_inside(tag::UTF8_STRING)?.utf8()?;
        parts.finish()?;
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(AttributeError::Duplicate(word)),
        }
    }
}

fn text(value: Option<&str>, word: &'static str) -> Result<String, AttributeError> {
    let value = value.ok_or(AttributeError::Missing(word))?;
    let fits = !value.is_empty() && value.chars().take(CHARACTERS_MAX + 1).count() <= CHARACTERS_MAX;
    // Control characters have no place in a register and a bad one on a screen.
    if fits && !value.chars().any(char::is_control) {
        Ok(value.to_owned())
    } else {
        Err(AttributeError::Form(word))
    }
}

fn flags(value: Option<&str>, about: &str, word: &'static str) -> Result<Vec<CharacterForm>, AttributeError> {
    let value = value.ok_or(AttributeError::Missing(word))?;
    if value.len() != about.chars().count() {
        return Err(AttributeError::Form(word));
    }
    let form = |flag| match flag {
        b'0' => Ok(CharacterForm::Registered),
        b'1' => Ok(CharacterForm::Substitute),
        _ => Err(AttributeError::Form(word)),
    };
    value.bytes().map(form).collect()
}

impl BirthDate {
    /// `EYYYYMMDD`: era digit, then Gregorian digits, zeros for what is not known.
    fn parse(text: &[u8]) -> Result<Self, AttributeError> {
        let fail = || AttributeError::Form("birth date");
        let digits: [u8; 9] = text.try_into().map_err(|_| fail())?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(fail());
        }
        let [era, y1, y2, y3, y4, m1, m2, d1, d2] = digits.map(|digit| digit.saturating_sub(b'0'));
        let year = [y1, y2, y3, y4].iter().fold(0_u16, |sum, &digit| sum * 10 + u16::from(digit));
        let (month, day) = (m1 * 10 + m2, d1 * 10 + d2);
        let era = match era {
            0 => Era::Unknown,
            1 => Era::Meiji,
            2 => Era::Taisho,
            3 => Era::Showa,
            4 => Era::Heisei,
            5 => Era::Reiwa,
            _ => return Err(fail()),
        };
        let date = if year != 0 && month != 0 && day != 0 {
            let narrow = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
            let (Ok(year), Ok(month), Ok(day)) = narrow else { return Err(fail()) };
            BirthDay::Known(Date::new(year, month, day).map_err(|_| fail())?)
        } else if month > 12 || day > 31 {
            return Err(fail());
        } else {
            let known = |number: u8| (number != 0).then_some(number);
            BirthDay::Partial { year: (year != 0).then_some(year), month: known(month), day: known(day) }
        };
        Ok(Self { era, date })
    }

    /// The era as registered.
    #[must_use]
    pub const fn expose_era(&self) -> Era {
        self.era
    }

    /// The day, or what is known of it.
    #[must_use]
    pub const fn expose_day(&self) -> BirthDay {
        self.date
    }
}

macro_rules! silent {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            /// A person's attributes print nothing.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        })*
    };
}
silent!(BasicAttributes BirthDate BirthDay Era Sex);
