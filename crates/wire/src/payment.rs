//! `POST /v1/payments`, `…/{id}/continue` and `/v1/payment-cancellations`: slide 9 between shop and relay.

use enishi_party::{
    ChoiceHandle, ContractId, IdempotencyKey, MerchantId, Money, PaymentId, PaymentType, SlipNumber,
    SurrogatePan, TerminalId,
};
use serde::{Deserialize, Serialize};

use crate::Octets;

/// A purchase with the card's proof in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PaymentRequest {
    /// The Web eID token: certificate and signature. The relay alone reads it.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::WebEidToken"))]
    pub token: serde_json::Value,
    /// The nonce whose hash was signed, 120 characters.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::NonceText"))]
    pub nonce: String,
    /// Whether the amount stands under the card's signature.
    pub amount_binding: crate::AmountBinding,
    /// The terminal; must be the mutual-TLS identity's.
    pub terminal: TerminalId,
    /// The payee; must be the one in the terminal's register entry.
    pub merchant: MerchantId,
    /// The slip, counted by the terminal, one per business date.
    pub slip: SlipNumber,
    /// The business date, fixed at first send, `YYYY-MM-DD`.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::DateText"))]
    pub business_date: String,
    /// The amount.
    pub amount: Money,
    /// 支払区分.
    pub payment_type: PaymentType,
    /// 商品コード, 3 to 7 digits.
    #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[0-9]{3,7}$"), length(min = 3, max = 7)))]
    pub product_code: String,
    /// The brand chosen before the tap; absent: the request is joint, and the holder may be asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contract: Option<ContractId>,
    /// A format-4 PIN block over the ticket's surrogate PAN, where the company's PIN was asked before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::PinBlockOctets>"))]
    pub pin_block: Option<Octets>,
}

/// What the relay asked for: the holder's choice, the company's PIN, or both.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContinueRequest {
    /// The entry the holder chose.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub choice: Option<ChoiceHandle>,
    /// A format-4 PIN block over the ticket's surrogate PAN.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schemars(with = "Option<crate::schema::PinBlockOctets>"))]
    pub pin_block: Option<Octets>,
}

/// What became of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PaymentAnswer {
    /// The relay's name for it; it stands on the receipt.
    pub payment: PaymentId,
    /// The outcome, or what is still needed.
    #[serde(flatten)]
    pub status: PaymentStatus,
}

/// The outcome, or what is still needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The company approved.
    Approved(Approval),
    /// The company declined, or did not answer (91: do not hand over the goods).
    Declined {
        /// ISO 8583 DE 39.
        #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[0-9A-Z]{2}$"), length(equal = 2)))]
        response_code: String,
    },
    /// The holder has to choose or to enter the company's PIN.
    Need(Need),
}

/// What the receipt needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Approval {
    /// ISO 8583 DE 38.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = 6)))]
    pub approval_number: String,
    /// ISO 8583 DE 37.
    #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[0-9]{12}$"), length(equal = 12)))]
    pub retrieval_reference: String,
    /// The instrument's label, in the words of its company and holder.
    pub label: String,
}

/// Questions for the holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Need {
    /// Which instrument: two to eight entries, for the holder's eyes only.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[cfg_attr(feature = "openapi", schemars(length(min = 2, max = 8)))]
    pub choose: Vec<Choice>,
    /// The company's PIN.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pin: Option<PinNeed>,
}

/// One instrument, under a handle that is good once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Choice {
    /// What the terminal sends back.
    pub handle: ChoiceHandle,
    /// What the holder reads.
    pub label: String,
}

/// The company's PIN is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PinNeed {
    /// The number over which the block is formed.
    pub surrogate_pan: SurrogatePan,
}

/// A terminal that never heard an answer takes its request back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    /// The key of the request that is taken back.
    pub idempotency_key: IdempotencyKey,
}

/// What the cancellation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct CancelAnswer {
    /// What it did.
    pub outcome: CancelOutcome,
}

/// What the cancellation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CancelOutcome {
    /// The request was never seen; it is refused should it still arrive.
    NeverSeen,
    /// It had moved no money.
    Closed,
    /// It had been approved or was under way: the company's debit is being reversed.
    Reversing,
}
