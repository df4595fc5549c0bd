//! A payment request as it is built once and then only repeated.

use std::fmt;
use std::time::Duration;

use enishi_party::{
    ContractId, IdempotencyKey, Malformed, Money, PaymentType, SlipNumber, SurrogatePan, Timestamp,
};
use enishi_wire::AmountBinding;
use zeroize::Zeroizing;

use crate::CardRefused;

/// What is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The amount.
    pub amount: Money,
    /// 支払区分.
    pub payment_type: PaymentType,
    /// 商品コード, 3 to 7 digits.
    pub product_code: String,
    /// The brand that the customer named beforehand; without it the relay may ask.
    pub contract: Option<ContractId>,
    /// Whether amount and payee stand under the card's signature: [`AmountBinding::Bound`], unless the company's
    /// policy allows the deck's order.
    pub amount_binding: AmountBinding,
}

impl Sale {
    pub(crate) fn check(&self) -> Result<(), Malformed> {
        let code = &self.product_code;
        if (3..=7).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()) {
            Ok(())
        } else {
            Err(Malformed { noun: "product code", rule: "3 to 7 digits" })
        }
    }
}

/// What came of asking the card for a proof.
#[derive(Debug)]
pub enum Preparation {
    /// The request, ready to be sent.
    Ready(Box<Prepared>),
    /// The card gave no proof.
    CardRefused {
        /// Why.
        why: CardRefused,
        /// The slip, if one was taken already; it will not come again.
        slip: Option<SlipNumber>,
        /// What the card's commands took.
        card: Duration,
    },
    /// The holder gave no PIN.
    Withdrawn {
        /// The slip, if one was taken for a PIN that was entered before the contact was lost.
        slip: Option<SlipNumber>,
        /// What the card's commands took.
        card: Duration,
    },
}

/// A payment request: the bytes that are sent, and the key under which they are one act.
///
/// It holds the card's certificate and signature: kept no longer than until its outcome, printed never.
#[derive(Clone)]
pub struct Prepared {
    pub(crate) key: IdempotencyKey,
    pub(crate) body: Zeroizing<Vec<u8>>,
    pub(crate) facts: Facts,
    pub(crate) surrogate_pan: SurrogatePan,
    pub(crate) card: Duration,
}

/// What the shop needs to know of a request to record its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) slip: SlipNumber,
    pub(crate) business_date: String,
    pub(crate) at: Timestamp,
    pub(crate) amount: Money,
    pub(crate) payment_type: PaymentType,
}

impl Prepared {
    /// The key.
    #[must_use]
    pub const fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// The slip.
    #[must_use]
    pub const fn slip(&self) -> &SlipNumber {
        &self.facts.slip
    }

    /// The body as it is sent, certificate and signature in it.
    #[must_use]
    pub fn expose_body(&self) -> &[u8] {
        &self.body
    }

    /// The same request with other bytes in it: what an attacker between card and relay would send.
    #[must_use]
    pub fn with_other_body(mut self, body: Vec<u8>) -> Self {
        self.body = Zeroizing::new(body);
        self
    }

    /// The same bytes under another key: a replay.
    #[must_use]
    pub fn with_other_key(mut self, key: IdempotencyKey) -> Self {
        self.key = key;
        self
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared({} {})", self.facts.slip, self.key)
    }
}
