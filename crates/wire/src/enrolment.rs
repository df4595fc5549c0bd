//! `/v1/link-intents`, `/v1/enrolments`, `/v1/links` and evidence: how a link comes to be.

use enishi_party::{
    AssertionId, ConsentId, ContractId, CustomerId, InstrumentRef, IntentId, LinkId, PairwiseId, PartyUri,
    Text, VerifierModel,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Octets;

/// A provider wants to link a customer who is logged in there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IntentRequest {
    /// Under which contract; its provider must be the caller.
    pub contract: ContractId,
    /// 委託 only: the provider's own name for the customer. Under 代行 it must be absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer: Option<CustomerId>,
    /// Where the citizen is sent back to: up to 512 characters.
    #[cfg_attr(feature = "openapi", schemars(length(max = 512)))]
    pub callback: String,
    /// A random text that binds the result to the provider's session, returned with it: 16 to 512 characters.
    #[cfg_attr(feature = "openapi", schemars(length(min = 16, max = 512)))]
    pub state: String,
    /// How the holder will know the instrument, as `Card A ••1234`.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::LabelText"))]
    pub label: String,
    /// Whether the holder lets this link be offered beside those of other companies (joint choosing).
    pub offer_jointly: bool,
}

/// The intent, and where to show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct IntentAnswer {
    /// Its name.
    pub intent: IntentId,
    /// Seconds until it ends.
    pub life_s: u64,
}

/// What a terminal or phone shows before the tap (`GET /v1/link-intents/{id}`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct IntentView {
    /// The relay's own name, for the context.
    pub relay: PartyUri,
    /// The text to consent to.
    pub terms: ConsentTerms,
    /// SHA-256 of the terms' canonical JSON, lower-case hex: what the card signs.
    #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[0-9a-f]{64}$"), length(equal = 64)))]
    pub consent_sha256: String,
}

/// What the citizen consents to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsentTerms {
    /// The intent it belongs to.
    pub intent: IntentId,
    /// The contract.
    pub contract: ContractId,
    /// The provider's name.
    pub provider: Text,
    /// Who verifies, and so who may know the serial number.
    pub model: VerifierModel,
    /// What is linked.
    pub label: String,
    /// Whether the link may be offered beside those of other companies.
    pub offer_jointly: bool,
    /// Who sees what, for how long, and how to stop it.
    pub statement: Text,
}

/// The citizen's yes, proven by both keys of the card.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    /// The intent.
    pub intent: IntentId,
    /// The Web eID token over the occasion `enrol`.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::WebEidToken"))]
    pub token: serde_json::Value,
    /// The nonce, 120 characters.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::NonceText"))]
    pub nonce: String,
    /// The signed application (署名用), by which the provider matches name and birth date.
    pub application: Application,
}

/// The application: the canonical terms, signed with the signing key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The signing certificate's DER; the relay alone reads it.
    pub certificate: Octets,
    /// RS256 over the canonical JSON of the terms.
    pub signature: Octets,
}

/// What the citizen takes back to the provider's session, and keeps.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct EnrolmentAnswer {
    /// Where to go.
    pub callback: String,
    /// The provider's own state.
    pub state: String,
    /// Good once, for 60 seconds, for the provider that made the intent.
    #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[0-9a-f]{64}$"), length(equal = 64)))]
    pub code: String,
    /// What was consented to.
    pub receipt: ConsentReceipt,
}

/// A signed record of a consent, for the citizen to keep and anyone to verify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ConsentReceipt {
    /// Its name.
    pub consent: ConsentId,
    /// What was consented to.
    pub terms: ConsentTerms,
    /// When, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub given_at: String,
    /// ES256 by the relay's assertion key over the canonical JSON of the three fields above.
    pub signature: Octets,
}

/// The provider redeems the code its customer's session brought.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RedeemRequest {
    /// The code.
    #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[0-9a-f]{64}$"), length(equal = 64)))]
    pub code: String,
    /// The state of the session that brought it; must be the intent's.
    #[cfg_attr(feature = "openapi", schemars(length(min = 16, max = 512)))]
    pub state: String,
}

/// The link, pending the provider's confirmation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RedeemAnswer {
    /// The link.
    pub link: LinkId,
    /// 代行: the identifier under which the provider will know this person (変換用ID).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pairwise: Option<PairwiseId>,
    /// Who signed the application, for the provider to match.
    pub holder: Holder,
    /// The receipt of the consent.
    pub receipt: ConsentReceipt,
    /// 委託: the evidence, sealed to the provider (HPKE).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Octets>,
}

/// The attributes of the signing certificate that the consent names.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Holder {
    /// 氏名.
    pub name: String,
    /// 生年月日, `YYYY-MM-DD`.
    #[cfg_attr(
        feature = "openapi",
        schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), length(equal = 10))
    )]
    pub birth_date: String,
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Holder(…)")
    }
}

/// The provider's word on a pending link (`PUT /v1/links/{id}/confirm`).
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum ConfirmOutcome {
    /// The applicant is the customer: the link becomes active for this instrument.
    Confirmed {
        /// Minted by the provider, random.
        instrument: InstrumentRef,
    },
    /// Name or birth date are not the customer's: the link is rolled back.
    IdentityMismatch,
    /// Linked already, to another customer: the link is rolled back.
    Conflict,
}

/// As it is read: serde lets a variant without fields pass whatever stands beside its tag, a variant with braces
/// does not.
#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
enum StrictOutcome {
    Confirmed { instrument: InstrumentRef },
    IdentityMismatch {},
    Conflict {},
}

impl<'de> Deserialize<'de> for ConfirmOutcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match StrictOutcome::deserialize(deserializer)? {
            StrictOutcome::Confirmed { instrument } => Self::Confirmed { instrument },
            StrictOutcome::IdentityMismatch {} => Self::IdentityMismatch,
            StrictOutcome::Conflict {} => Self::Conflict,
        })
    }
}

/// The link's state after the provider's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConfirmationAnswer {
    /// It serves payments from now on.
    Active,
    /// It is gone.
    RolledBack,
}

/// `GET /v1/assertions/{id}/evidence`: for a provider under 委託 alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct EvidenceAnswer {
    /// The assertion it belongs to.
    pub assertion: AssertionId,
    /// HPKE (X25519, HKDF-SHA-256, AES-256-GCM): encapsulated key of 32 octets, then ciphertext.
    pub sealed: Octets,
}
