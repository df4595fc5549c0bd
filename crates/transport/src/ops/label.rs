use std::fmt::{self, Write};

use enishi_iso8583::ResponseCode;
use enishi_party::{ContractId, ProviderId};
use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

/// The name of a provider or of a contract as a label's value.
///
/// Made from these two alone: both are few, both stand in a configuration, and neither is a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PartyLabel(String);

impl PartyLabel {
    /// Where there is none, or none is known.
    #[must_use]
    pub const fn none() -> Self {
        Self(String::new())
    }
}

impl From<&ProviderId> for PartyLabel {
    fn from(id: &ProviderId) -> Self {
        Self(id.as_str().to_owned())
    }
}

impl From<&ContractId> for PartyLabel {
    fn from(id: &ContractId) -> Self {
        Self(id.as_str().to_owned())
    }
}

impl EncodeLabelValue for PartyLabel {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        encoder.write_str(&self.0)
    }
}

/// PIN data required, as the international networks have it; it has no name of its own.
const PIN_REQUIRED: &str = "70";

/// A response code as a label's value: one of those that are known, or `other`. Other parties may send any.
#[must_use]
pub fn response_code_label(code: &ResponseCode) -> &'static str {
    let named = ResponseCode::NAMED.iter().find(|named| *named == code);
    match named {
        Some(named) => named.as_str(),
        None if code.as_str() == PIN_REQUIRED => PIN_REQUIRED,
        None => "other",
    }
}
