//! What the card's signature is about: the context, in one canonical form.

use aws_lc_rs::digest;
use enishi_party::{
    Currency, IntentId, MerchantId, Money, PartyUri, PaymentType, SlipNumber, SurrogatePan, TerminalId,
};
use serde::{Deserialize, Serialize};

/// Version of the context's fields.
const VERSION: u8 = 1;
/// Longest canonical context accepted; the longest that the types below allow is under 700 octets.
const MAX_OCTETS: usize = 2048;
/// What most contexts fit into.
const USUAL_OCTETS: usize = 384;

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
#[derive(Deserialize)]
#[serde(tag = "occasion", rename_all = "kebab-case")]
enum Occasion {
    Pay(PayContext),
    PayUnbound(PayUnboundContext),
    Enrol(EnrolContext),
    Login(LoginContext),
}

/// The form as it is written. RFC 8785 §3.2.3 wants members in order, so here they stand in it.
#[derive(Serialize)]
#[serde(untagged)]
enum Written<'a> {
    Pay {
        amount: Amount,
        merchant: &'a MerchantId,
        occasion: &'static str,
        payment_type: PaymentType,
        relay: &'a PartyUri,
        slip: &'a SlipNumber,
        surrogate_pan: &'a SurrogatePan,
        terminal: &'a TerminalId,
        v: u8,
    },
    PayUnbound {
        merchant: &'a MerchantId,
        occasion: &'static str,
        relay: &'a PartyUri,
        slip: &'a SlipNumber,
        surrogate_pan: &'a SurrogatePan,
        terminal: &'a TerminalId,
        v: u8,
    },
    Enrol {
        consent_sha256: &'a str,
        intent: &'a IntentId,
        occasion: &'static str,
        relay: &'a PartyUri,
        terminal: &'a TerminalId,
        v: u8,
    },
    Login {
        client: &'a str,
        occasion: &'static str,
        relay: &'a PartyUri,
        request_sha256: &'a str,
        v: u8,
    },
}

/// [`Money`] with its members in order.
#[derive(Serialize)]
struct Amount {
    currency: Currency,
    minor: u64,
}

impl<'a> Written<'a> {
    const fn new(context: &'a Context) -> Self {
        let v = VERSION;
        match context {
            Context::Pay(facts) => {
                let PayContext { relay, terminal, merchant, slip, amount, payment_type, surrogate_pan } =
                    facts;
                let amount = Amount { currency: amount.currency(), minor: amount.minor() };
                let (occasion, payment_type) = ("pay", *payment_type);
                Self::Pay {
                    amount,
                    merchant,
                    occasion,
                    payment_type,
                    relay,
                    slip,
                    surrogate_pan,
                    terminal,
                    v,
                }
            }
            Context::PayUnbound(facts) => {
                let PayUnboundContext { relay, terminal, merchant, slip, surrogate_pan } = facts;
                let occasion = "pay-unbound";
                Self::PayUnbound { merchant, occasion, relay, slip, surrogate_pan, terminal, v }
            }
            Context::Enrol(facts) => {
                let EnrolContext { relay, terminal, intent, consent_sha256 } = facts;
                let (occasion, consent_sha256) = ("enrol", consent_sha256.as_str());
                Self::Enrol { consent_sha256, intent, occasion, relay, terminal, v }
            }
            Context::Login(facts) => {
                let LoginContext { relay, client, request_sha256 } = facts;
                let (occasion, request_sha256) = ("login", request_sha256.as_str());
                Self::Login { client: client.as_str(), occasion, relay, request_sha256, v }
            }
        }
    }
}

impl Context {
    /// The canonical form, RFC 8785 JSON.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(USUAL_OCTETS);
        // Strings, small integers and closed enums only: there is nothing in them that JSON cannot say, and nothing
        // that RFC 8785 writes in another way than any writer without white space.
        match serde_json::to_writer(&mut text, &Written::new(self)) {
            Ok(()) => text,
            Err(_) => Vec::new(),
        }
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
            Occasion::Pay(facts) => Self::Pay(facts),
            Occasion::PayUnbound(facts) => Self::PayUnbound(facts),
            Occasion::Enrol(facts) => Self::Enrol(facts),
            Occasion::Login(facts) => Self::Login(facts),
        };
        if context.canonical() == bytes { Ok(context) } else { Err(ContextError) }
    }
}

#[cfg(test)]
mod tests;
