//! Text for people, in both languages of the platform.

use std::str::FromStr;

use crate::Malformed;

/// A language in which the platform speaks to people; both say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl FromStr for Language {
    type Err = Malformed;

    /// Reads `ja`, `en` and POSIX locale names that begin so (`ja_JP.UTF-8`).
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let primary = text.split(['_', '.', '-', '@']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "ja" => Ok(Self::Ja),
            "en" => Ok(Self::En),
            _ => Err(Malformed { noun: "language", rule: "ja or en" }),
        }
    }
}

/// One sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl Text {
    /// Makes a text from its two forms.
    #[must_use]
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }

    /// The form in that language.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}
