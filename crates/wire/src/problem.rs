//! Refusals as problem documents (RFC 9457).

use enishi_party::{Language, RefusalCode};
use serde::{Deserialize, Serialize};

/// Where the problem types are described; the last part is the code.
const TYPE_BASE: &str = "https://enishi.example/problems/";

/// The content type of a problem document.
impl Problem {
    /// `application/problem+json`.
    pub const CONTENT_TYPE: &'static str = "application/problem+json";
}

/// A problem document; it never repeats what the request held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The problem type's URI.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "uri")))]
    pub kind: String,
    /// The code as a short title.
    pub title: String,
    /// The HTTP status.
    #[cfg_attr(feature = "openapi", schemars(range(min = 400, max = 599)))]
    pub status: u16,
    /// The code, one of a closed list; `fault` where the relay itself failed.
    pub code: String,
    /// What the till shows, ISO 8583 DE 39.
    #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[0-9A-Z]{2}$"), length(equal = 2)))]
    pub iso8583_response: String,
    /// What the person reads.
    pub user_message: UserMessage,
    /// What the clerk can do.
    pub clerk_action: UserMessage,
    /// What was wrong with the form of the request, for its developer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct UserMessage {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

impl UserMessage {
    fn new(text: impl Fn(Language) -> &'static str) -> Self {
        Self { ja: text(Language::Ja).to_owned(), en: text(Language::En).to_owned() }
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

impl Problem {
    /// The document of a refusal.
    #[must_use]
    pub fn refusal(code: RefusalCode) -> Self {
        Self {
            kind: format!("{TYPE_BASE}{}", code.code()),
            title: code.code().replace('_', " "),
            status: code.http_status(),
            code: code.code().to_owned(),
            iso8583_response: code.response_code().to_owned(),
            user_message: UserMessage::new(|language| code.user_message(language)),
            clerk_action: UserMessage::new(|language| code.clerk_action(language)),
            detail: None,
        }
    }

    /// The document of a fault of ours: nothing is known to have happened, the same request may be sent again.
    #[must_use]
    pub fn fault() -> Self {
        Self {
            kind: format!("{TYPE_BASE}fault"),
            title: "fault".to_owned(),
            status: 503,
            code: "fault".to_owned(),
            iso8583_response: "96".to_owned(),
            user_message: UserMessage {
                ja: "ただいまご利用になれません。".to_owned(),
                en: "The service is not available now.".to_owned(),
            },
            clerk_action: UserMessage {
                ja: "同じ取引をもう一度送ってください。".to_owned(),
                en: "Send the same transaction again.".to_owned(),
            },
            detail: None,
        }
    }

    /// Adds what was wrong with the form of the request. It must not repeat the request's contents.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The refusal it tells, unless it is a fault or of a newer relay.
    #[must_use]
    pub fn refusal_code(&self) -> Option<RefusalCode> {
        RefusalCode::ALL.iter().copied().find(|code| code.code() == self.code)
    }
}

#[cfg(test)]
mod tests {
    use enishi_party::RefusalCode;

    use super::Problem;

    #[test]
    fn a_refusal_reads_back_from_its_document() {
        for code in RefusalCode::ALL {
            let text = serde_json::to_string(&Problem::refusal(*code)).unwrap();
            let back: Problem = serde_json::from_str(&text).unwrap();
            assert_eq!(back.refusal_code(), Some(*code));
        }
        assert_eq!(Problem::fault().refusal_code(), None);
    }
}
