//! Every check of a purchase (0100) before the books are opened, in order.

use std::time::Duration;

use enishi_iso8583::{CurrencyNumber, De, Message, ProcessingCode, ResponseCode};
use enishi_party::{
    AssertionId, InstrumentRef, MerchantId, Money, PaymentType, SlipNumber, TerminalId, Timestamp,
    VerifierModel,
};
use enishi_provider::RecheckRefused;
use enishi_wire::{AmountBinding, Assertion, Subject};

use crate::{Company, Verification};

/// The relay waits 10 s for an answer: an assertion of more than a minute was kept for something.
const ASSERTION_AGE_MAX: Duration = Duration::from_secs(60);
/// How far the relay's clock may be ahead.
const CLOCK_SKEW_MAX: Duration = Duration::from_secs(10);

/// A purchase that holds, as far as it can be known without the books.
pub(crate) struct Purchase {
    pub(crate) assertion: AssertionId,
    /// 代行: the pairwise ID; 委託: the company's own name for the customer.
    pub(crate) subject: String,
    pub(crate) instrument: InstrumentRef,
    pub(crate) amount: Money,
}

/// What the message says of itself.
struct Said {
    amount: Money,
    terminal: TerminalId,
    merchant: MerchantId,
    slip: SlipNumber,
    payment_type: PaymentType,
}

impl Company {
    /// Checks a purchase; `Err` is what is answered.
    pub(crate) async fn check(&self, message: &Message, now: Timestamp) -> Result<Purchase, ResponseCode> {
        // 1. A purchase, of a form that this company takes. A PIN that it never asks for is no business of its.
        if message.processing_code() != Ok(ProcessingCode::PURCHASE) || message.has(De::PIN_BLOCK_FORMAT_4) {
            return Err(ResponseCode::InvalidTransaction);
        }
        let said = Said::read(message).ok_or(ResponseCode::FormatError)?;
        // 2. The relay's signature, before anything inside is looked at. TLS only says who brought the message.
        let sealed = message.assertion().ok_or(ResponseCode::SecurityViolation)?;
        let assertion = self.relay_key.open(sealed).map_err(|_| ResponseCode::SecurityViolation)?;
        // 3. For this company, of this very purchase, now.
        if !self.is_ours(&assertion) || !said.is_in(&assertion) || !is_fresh(&assertion, now) {
            return Err(ResponseCode::SecurityViolation);
        }
        // 4. The card signed the amount; this company does not take the order of slide 9 (amount after the tap).
        if assertion.amount_binding != AmountBinding::Bound {
            return Err(ResponseCode::NotPermittedToHolder);
        }
        // 5. 委託: the relay's word is not enough. Fetched, opened and checked with own anchors, lists and rows.
        if let Verification::Own(verifier) = &self.verification {
            verifier.examine(&assertion, now).await.map_err(|refused| {
                eprintln!("evidence of {}: {refused}", assertion.id);
                match RecheckRefused::from(&refused) {
                    RecheckRefused::Disproved => ResponseCode::SecurityViolation,
                    RecheckRefused::Unavailable => ResponseCode::SystemMalfunction,
                }
            })?;
        }
        // Whether the assertion is used for the first time, the books say: in the transaction that uses it up.
        let Assertion { id, instrument, amount, .. } = assertion;
        let subject = match assertion.subject {
            Subject::Pairwise(pairwise) => pairwise.to_string(),
            Subject::Customer(customer) => customer.to_string(),
        };
        Ok(Purchase { assertion: id, subject, instrument, amount })
    }

    /// Made by our relay, for our contract, under our model.
    fn is_ours(&self, assertion: &Assertion) -> bool {
        let model = match assertion.subject {
            Subject::Pairwise(_) => VerifierModel::Proxy,
            Subject::Customer(_) => VerifierModel::Entrusted,
        };
        assertion.issuer == self.relay_party
            && assertion.audience == self.contract
            && assertion.model == self.verification.model()
            && model == assertion.model
    }
}

impl Said {
    /// `None`: an element is missing or malformed.
    fn read(message: &Message) -> Option<Self> {
        if message.currency().ok()? != CurrencyNumber::JPY {
            return None;
        }
        let additional = message.additional_data().ok()?;
        let terms = additional.payment?;
        Some(Self {
            amount: Money::yen(message.amount().ok()?.minor_units()).ok()?,
            terminal: message.terminal().ok()?.as_str().parse().ok()?,
            merchant: message.merchant().ok()?.as_str().parse().ok()?,
            slip: additional.slip?.as_str().parse().ok()?,
            payment_type: PaymentType::from_code(&format!("{:02}", terms.kind()), terms.count()).ok()?,
        })
    }

    /// Amount, payee, terminal, slip and payment type: what the card signed, through the relay's assertion.
    fn is_in(&self, assertion: &Assertion) -> bool {
        self.amount == assertion.amount
            && self.merchant == assertion.merchant
            && self.terminal == assertion.terminal
            && self.slip == assertion.slip
            && self.payment_type == assertion.payment_type
    }
}

fn is_fresh(assertion: &Assertion, now: Timestamp) -> bool {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    let now = now.as_second();
    assertion.issued_at <= now.saturating_add(seconds(CLOCK_SKEW_MAX))
        && now.saturating_sub(assertion.issued_at) <= seconds(ASSERTION_AGE_MAX)
}
