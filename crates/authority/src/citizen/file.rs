//! A citizen as a file: TOML for operators, JSON in the register.

use enishi_jpki::Sex;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CitizenId, CitizenRecord, Municipality, RegisteredBirth, RegisteredText};
use crate::AuthorityError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonForm {
    id: String,
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    name_substitutes: Vec<usize>,
    address: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    address_substitutes: Vec<usize>,
    /// YYYY-MM-DD, YYYY-MM, YYYY, or `unknown`.
    birth_date: String,
    #[serde(default)]
    sex: SexWord,
    municipality: MunicipalityForm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    carrier_expiry: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MunicipalityForm {
    code: String,
    prefecture: String,
    name: String,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SexWord {
    Male,
    Female,
    #[default]
    NotStated,
}

impl CitizenRecord {
    /// Reads a person's file.
    ///
    /// ```toml
    /// id = "RESIDENT-0007"
    /// name = "見本田　五郎"
    /// address = "東京都架空市見本町七丁目"
    /// birth_date = "1990-05-05"
    /// sex = "male"
    /// municipality = { code = "13221", prefecture = "Tokyo-to", name = "Kakuu-shi" }
    /// ```
    ///
    /// `sex` may be left out. `birth_date` may be `1990-05`, `1990` or `unknown`. `carrier_expiry`, a date, is the last
    /// day of the card.
    ///
    /// # Errors
    /// [`AuthorityError::PersonFile`] with the line and never its words; a field that breaks its rule.
    pub fn from_toml(text: &str) -> Result<Self, AuthorityError> {
        let form: PersonForm = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            AuthorityError::PersonFile { line, rule: RULE }
        })?;
        form.record()
    }

    pub(crate) fn to_json(&self) -> Result<String, AuthorityError> {
        serde_json::to_string(&PersonForm::of(self))
            .map_err(|_| AuthorityError::Inconsistent("a citizen that cannot be written"))
    }

    pub(crate) fn from_json(json: &str) -> Result<Self, AuthorityError> {
        let form: PersonForm =
            serde_json::from_str(json).map_err(|_| AuthorityError::Inconsistent("an unreadable citizen"))?;
        form.record()
    }
}

const RULE: &str = "keys are id, name, address, birth_date (YYYY-MM-DD), sex (male, female, not_stated), municipality = { code, \
                    prefecture, name } and carrier_expiry (YYYY-MM-DD)";

impl PersonForm {
    fn of(record: &CitizenRecord) -> Self {
        Self {
            id: record.id.as_str().to_owned(),
            name: record.name.expose_text().to_owned(),
            name_substitutes: substitutes(&record.name),
            address: record.address.expose_text().to_owned(),
            address_substitutes: substitutes(&record.address),
            birth_date: birth_text(record.birth_date),
            sex: match record.sex {
                Sex::Male => SexWord::Male,
                Sex::Female => SexWord::Female,
                Sex::NotStated => SexWord::NotStated,
            },
            municipality: MunicipalityForm {
                code: record.municipality.code().to_owned(),
                prefecture: record.municipality.prefecture_romaji().to_owned(),
                name: record.municipality.municipality_romaji().to_owned(),
            },
            carrier_expiry: record.carrier_expiry.map(|date| date.to_string()),
        }
    }

    fn record(self) -> Result<CitizenRecord, AuthorityError> {
        let date = |text: &str| -> Result<Date, AuthorityError> {
            text.parse().map_err(|_| super::refused("carrier_expiry", "a date, YYYY-MM-DD"))
        };
        let MunicipalityForm { code, prefecture, name } = &self.municipality;
        Ok(CitizenRecord {
            id: CitizenId::parse(&self.id)?,
            name: RegisteredText::name(&self.name)?.with_substitutes(&self.name_substitutes)?,
            address: RegisteredText::address(&self.address)?.with_substitutes(&self.address_substitutes)?,
            birth_date: birth(&self.birth_date)
                .ok_or(super::refused("birth_date", "YYYY-MM-DD, YYYY-MM, YYYY or unknown"))?,
            sex: match self.sex {
                SexWord::Male => Sex::Male,
                SexWord::Female => Sex::Female,
                SexWord::NotStated => Sex::NotStated,
            },
            municipality: Municipality::new(code, prefecture, name)?,
            carrier_expiry: self.carrier_expiry.as_deref().map(date).transpose()?,
        })
    }
}

fn substitutes(text: &RegisteredText) -> Vec<usize> {
    let flags = text.expose_flags().bytes().enumerate();
    flags.filter(|(_, flag)| *flag == b'1').map(|(place, _)| place).collect()
}

fn birth_text(birth: RegisteredBirth) -> String {
    match birth {
        RegisteredBirth::Known(date) => date.to_string(),
        RegisteredBirth::Partly { year, month: Some(month) } => format!("{year:04}-{month:02}"),
        RegisteredBirth::Partly { year, month: None } => format!("{year:04}"),
        RegisteredBirth::Unknown => "unknown".to_owned(),
    }
}

fn birth(text: &str) -> Option<RegisteredBirth> {
    if text == "unknown" {
        return Some(RegisteredBirth::Unknown);
    }
    if let Ok(date) = text.parse() {
        return (text.len() == 10).then_some(RegisteredBirth::Known(date));
    }
    let (year, month) = match text.split_once('-') {
        Some((year, month)) if month.len() == 2 => (year, Some(month.parse().ok()?)),
        Some(_) => return None,
        None => (text, None),
    };
    if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year = year.parse().ok()?;
    // The day is checked with the month: 2001-13 is no month.
    Date::new(year, month.unwrap_or(1), 1).ok()?;
    Some(RegisteredBirth::Partly { year, month })
}

#[cfg(test)]
mod tests;
