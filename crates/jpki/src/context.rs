//! What the card's signature is about: the context, in one canonical form.

use aws_lc_rs::digest;
use enishi_party::{
    IntentId, MerchantId, Money, PartyUri, PaymentType, SlipNumber, SurrogatePan, TerminalId,
};
use serde::{Deserialize, Serialize};

/// Version of the context's fields.
const VERSION: u8 = 1;
/// Longest canonical context accepted; the longest that the types below allow is under 700 octets.
const MAX_OCTETS: usize = 2048;

/// The occasion of a challenge and the facts that belong to it.
///
/// Both sides build it: the terminal before the tap, the relay again from the caller's mutual-TLS identity and from
/// the very fields that it forwards. Equal digests mean that the card signed what is about to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// A payment whose amount stands under the signature: the default.
    Pay(PayContext),
    /// A payment in the deck's order, amount after authentication (slides 9 and 10).
    PayUnbound(PayUnboundContext),
    /// A holder's consent to a link.
    Enrol(EnrolContext),
    /// A web login.
    Login(LoginContext),
}

/// The facts of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayContext {
    /// The relay that is to forward it.
    pub relay: PartyUri,
    /// The terminal at which the card is tapped.
    pub terminal: TerminalId,
    /// The payee.
    pub merchant: MerchantId,
    /// The terminal's slip number.
    pub slip: SlipNumber,
    /// The amount.
    pub amount: Money,
    /// 支払区分.
    pub payment_type: PaymentType,
    /// The number over which a PIN block is formed.
    pub surrogate_pan: SurrogatePan,
}

/// The facts of a payment whose amount is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayUnboundContext {
    /// The relay that is to forward it.
    pub relay: PartyUri,
    /// The terminal at which the card is tapped.
    pub terminal: TerminalId,
    /// The payee.
    pub merchant: MerchantId,
    /// The terminal's slip number.
    pub slip: SlipNumber,
    /// The number over which a PIN block is formed.
    pub surrogate_pan: SurrogatePan,
}

/// The facts of a consent to a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolContext {
    /// The relay that keeps the link.
    pub relay: PartyUri,
    /// The terminal or phone at which the card is tapped.
    pub terminal: TerminalId,
    /// The provider's wish.
    pub intent: IntentId,
    /// SHA-256 of the consent text that was shown, in lower-case hex.
    pub consent_sha256: String,
}

/// The facts of a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginContext {
    /// The relay that answers for the login.
    pub relay: PartyUri,
    /// The web service's client id.
    pub client: String,
    /// SHA-256 of the authorisation request, in lower-case hex.
    pub request_sha256: String,
}

/// Bytes that are no context of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a context of version 1 in canonical form (RFC 8785)")]
pub struct ContextError;

/// The form on the wire: `v` and `occasion` beside the facts, absent ones left out.
#[derive(Serialize, Deserialize)]
#[serde(tag = "occasion", rename_all = "kebab-case")]
enum Occasion<'a> {
    Pay(std::borrow::Cow<'a, PayContext>),
    PayUnbound(std::borrow::Cow<'a, PayUnboundContext>),
    Enrol(std::borrow::Cow<'a, EnrolContext>),
    Login(std::borrow::Cow<'a, LoginContext>),
}

#[derive(Serialize)]
struct Envelope<'a> {
    v: u8,
    #[serde(flatten)]
    occasion: Occasion<'a>,
}

impl Context {
    /// The canonical form, RFC 8785 JSON.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        use std::borrow::Cow::Borrowed;
        let occasion = match self {
            Self::Pay(facts) => Occasion::Pay(Borrowed(facts)),
            Self::PayUnbound(facts) => Occasion::PayUnbound(Borrowed(facts)),
            Self::Enrol(facts) => Occasion::Enrol(Borrowed(facts)),
            Self::Login(facts) => Occasion::Login(Borrowed(facts)),
        };
        // Strings, small integers and closed enums only: there is nothing in them that JSON cannot say.
        serde_json_canonicalizer::to_vec(&Envelope { v: VERSION, occasion }).unwrap_or_default()
    }

    /// SHA-256 of the canonical form: the second half of the nonce.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let digest = digest::digest(&digest::SHA256, &self.canonical());
        digest.as_ref().try_into().unwrap_or_default()
    }

    /// Reads a canonical form back, as evidence holds it.
    ///
    /// # Errors
    /// Anything that [`Context::canonical`] would not have written, to the byte.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, ContextError> {
        if bytes.len() > MAX_OCTETS {
            return Err(ContextError);
        }
        let mut fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(bytes).map_err(|_| ContextError)?;
        if fields.remove("v") != Some(VERSION.into()) {
            return Err(ContextError);
        }
        let occasion = serde_json::from_value(fields.into()).map_err(|_| ContextError)?;
        let context = match occasion {
            Occasion::Pay(facts) => Self::Pay(facts.into_owned()),
            Occasion::PayUnbound(facts) => Self::PayUnbound(facts.into_owned()),
            Occasion::Enrol(facts) => Self::Enrol(facts.into_owned()),
            Occasion::Login(facts) => Self::Login(facts.into_owned()),
        };
        if context.canonical() == bytes { Ok(context) } else { Err(ContextError) }
    }
}

#[cfg(test)]
mod tests;
