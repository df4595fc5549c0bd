//! Purchases as a terminal sends them, and what it is told.

use std::sync::atomic::{AtomicU64, Ordering};

use enishi_jpki::{Challenge, Context, Nonce, PayContext, PayUnboundContext, Ticket};
use enishi_party::{Money, PaymentType, RefusalCode, SurrogatePan};
use enishi_pinblock::{IssuerPin, PinKey};
use enishi_relay::{Caller, Outcome, RequestKey, Stop};
use enishi_testkit::{Town, Who};
use enishi_wire::{AmountBinding, Approval, Need, Octets, PaymentAnswer, PaymentRequest, PaymentStatus};

use crate::world::{MERCHANT, TERMINAL, TERMINAL_PIN_KEY, World, caller_at};

/// How a purchase is tapped.
pub(crate) struct Tap {
    pub(crate) who: Who,
    pub(crate) terminal: &'static str,
    pub(crate) contract: Option<String>,
    pub(crate) yen: u64,
    pub(crate) binding: AmountBinding,
    pub(crate) slip: Option<String>,
    pub(crate) pin: Option<&'static str>,
    pub(crate) ticket: Option<(Ticket, SurrogatePan)>,
}

impl Default for Tap {
    fn default() -> Self {
        Self {
            who: Who::First,
            terminal: TERMINAL,
            contract: None,
            yen: 1_980,
            binding: AmountBinding::Bound,
            slip: None,
            pin: None,
            ticket: None,
        }
    }
}

/// A purchase as its terminal sends it.
#[derive(Clone)]
pub(crate) struct Purchase {
    pub(crate) caller: Caller,
    pub(crate) key: RequestKey,
    pub(crate) request: PaymentRequest,
    pub(crate) ticket: (Ticket, SurrogatePan),
}

impl World {
    /// A purchase at the first terminal.
    pub(crate) fn purchase(&self, contract: Option<&str>, yen: u64) -> Purchase {
        self.tap(&Tap { contract: contract.map(ToOwned::to_owned), yen, ..Tap::default() })
    }

    /// A purchase, tapped.
    pub(crate) fn tap(&self, tap: &Tap) -> Purchase {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let caller = caller_at(tap.terminal);
        let (ticket, surrogate_pan) = tap.ticket.unwrap_or_else(|| self.ticket(&caller));
        let slip = tap.slip.clone().unwrap_or_else(|| format!("{}", number % 100_000_000));
        let (amount, payment_type) = (Money::yen(tap.yen).unwrap(), PaymentType::LumpSum);
        let (relay, terminal) = (self.relay.register.relay.clone(), caller.terminal.clone());
        let merchant = MERCHANT.parse().unwrap();
        let slip = slip.parse().unwrap();
        let context = match tap.binding {
            AmountBinding::Bound => Context::Pay(PayContext {
                relay,
                terminal,
                merchant,
                slip,
                amount,
                payment_type,
                surrogate_pan,
            }),
            AmountBinding::Unbound => {
                Context::PayUnbound(PayUnboundContext { relay, terminal, merchant, slip, surrogate_pan })
            }
        };
        let nonce = Nonce::new(&ticket, &context);
        let challenge = Challenge::new(self.relay.register.origin.clone(), nonce.clone());
        let token = Town::get().card(tap.who).token(&challenge);
        let slip = match &context {
            Context::Pay(facts) => facts.slip.clone(),
            Context::PayUnbound(facts) => facts.slip.clone(),
            Context::Enrol(_) | Context::Login(_) => panic!("a purchase"),
        };
        let request = PaymentRequest {
            token: token.to_json(),
            nonce: nonce.as_str().to_owned(),
            amount_binding: tap.binding,
            terminal: caller.terminal.clone(),
            merchant: MERCHANT.parse().unwrap(),
            slip,
            business_date: "2026-11-20".to_owned(),
            amount,
            payment_type,
            product_code: "9990".to_owned(),
            contract: tap.contract.as_ref().map(|contract| contract.parse().unwrap()),
            pin_block: tap.pin.map(|pin| self.pin_block(pin, &surrogate_pan)),
        };
        let key = format!("purchase-key-{number:08}").parse().unwrap();
        let key = RequestKey { terminal: caller.terminal.clone(), key };
        Purchase { caller, key, request, ticket: (ticket, surrogate_pan) }
    }

    /// What the terminal's keypad makes of a PIN.
    pub(crate) fn pin_block(&self, pin: &str, pan: &SurrogatePan) -> Octets {
        let key = PinKey::from_bytes(&TERMINAL_PIN_KEY).unwrap();
        let block = enishi_pinblock::seal(&IssuerPin::parse(pin).unwrap(), pan, &key, self.octets());
        Octets(block.expose_octets().to_vec())
    }
}

/// The refusal, remembered or not; a malformed request is one too.
pub(crate) fn refusal(result: &Result<Outcome, Stop>) -> Option<RefusalCode> {
    match result {
        Ok(Outcome::Refused(code)) | Err(Stop::Refused(code)) => Some(*code),
        Err(Stop::Malformed(_)) => Some(RefusalCode::MalformedRequest),
        Ok(Outcome::Answered(_)) | Err(Stop::Superseded | Stop::Fault(_)) => None,
    }
}

/// The same for anything else that is refused.
pub(crate) fn refused<T>(result: Result<T, Stop>) -> Option<RefusalCode> {
    match result {
        Err(Stop::Refused(code)) => Some(code),
        Err(Stop::Malformed(_)) => Some(RefusalCode::MalformedRequest),
        Ok(_) | Err(Stop::Superseded | Stop::Fault(_)) => None,
    }
}

pub(crate) fn answer(result: Result<Outcome, Stop>) -> PaymentAnswer {
    match result {
        Ok(Outcome::Answered(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn approval(result: Result<Outcome, Stop>) -> Approval {
    match answer(result).status {
        PaymentStatus::Approved(approval) => approval,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn decline(result: Result<Outcome, Stop>) -> String {
    match answer(result).status {
        PaymentStatus::Declined { response_code } => response_code,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn need(result: Result<Outcome, Stop>) -> (PaymentAnswer, Need) {
    let answer = answer(result);
    match answer.status.clone() {
        PaymentStatus::Need(need) => (answer, need),
        other => panic!("{other:?}"),
    }
}
