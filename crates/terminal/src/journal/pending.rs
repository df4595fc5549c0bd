//! A request without an outcome.

use enishi_party::{Money, PaymentId, PaymentType, SlipNumber, Timestamp};
use enishi_wire::Octets;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::TerminalError;
use crate::pay_request::Facts;

/// Largest body journalled; a payment with its Web eID token has some 4 KiB.
const BODY_OCTETS: usize = 16 * 1024;

/// A request whose outcome is not recorded, or whose cancellation is not acknowledged. It is never printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pending {
    slip: SlipNumber,
    business_date: String,
    at_ms: i64,
    amount: Money,
    payment_type: PaymentType,
    pub(crate) stage: Stage,
}

/// How far a request came.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Stage {
    /// These bytes may have been sent to `/v1/payments`.
    Asked {
        /// Certificate and signature are in them.
        body: Octets,
    },
    /// The relay asked; these bytes may have been sent to `…/continue`.
    Answered {
        /// The relay's name for the purchase.
        payment: PaymentId,
        /// Which answer of this purchase, from one.
        round: u8,
        /// The holder's choice.
        body: Octets,
    },
    /// The relay asked, and an answer with a PIN block may have been sent. It is not kept: a PIN block is not stored,
    /// sealed or not (PCI PIN), so after a crash it cannot be repeated and the request is cancelled.
    AnsweredWithPin {},
    /// Given up: never to be repeated, to be cancelled until that is acknowledged.
    Cancelling {
        /// Why.
        cause: Cause,
    },
}

/// Why a request was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    /// No answer was heard.
    Unheard,
    /// The holder did not go on.
    Withdrawn,
}

impl Pending {
    pub(crate) fn new(facts: &Facts, stage: Stage) -> Self {
        Self {
            slip: facts.slip.clone(),
            business_date: facts.business_date.clone(),
            at_ms: facts.at.as_millisecond(),
            amount: facts.amount,
            payment_type: facts.payment_type,
            stage,
        }
    }

    /// What the shop knows of it.
    pub(crate) fn facts(&self) -> Facts {
        Facts {
            slip: self.slip.clone(),
            business_date: self.business_date.clone(),
            // In range: `from_json` has seen it.
            at: Timestamp::from_millisecond(self.at_ms).unwrap_or_default(),
            amount: self.amount,
            payment_type: self.payment_type,
        }
    }

    pub(super) fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, TerminalError> {
        let fits = match &self.stage {
            Stage::Asked { body } | Stage::Answered { body, .. } => body.0.len() <= BODY_OCTETS,
            Stage::AnsweredWithPin {} | Stage::Cancelling { .. } => true,
        };
        match serde_json::to_vec(self) {
            Ok(json) if fits => Ok(Zeroizing::new(json)),
            _ => Err(TerminalError::Encoding),
        }
    }

    pub(super) fn from_json(json: &[u8]) -> Option<Self> {
        let pending: Self = serde_json::from_slice(json).ok()?;
        Timestamp::from_millisecond(pending.at_ms).is_ok().then_some(pending)
    }
}
