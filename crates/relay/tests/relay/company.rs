//! A company at the other end, by a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use enishi_iso8583::{Amount, ApprovalNumber, De, Message, Mti, ResponseCode, Stan};
use enishi_party::ProviderId;
use enishi_relay::{Switch, SwitchError};
use enishi_testkit::Gate;

use crate::journalling::Log;

/// What the company does with one message.
#[derive(Clone)]
pub(crate) enum Act {
    /// Approves a request, acknowledges an advice.
    Approve,
    /// Answers with another code.
    Code(&'static str),
    /// The message does not leave.
    NotSent,
    /// No answer comes.
    Unanswered,
    /// An approval without an approval number.
    Unnumbered,
    /// An answer to another message.
    OtherKey,
    /// An answer over another amount.
    OtherAmount,
    /// An answer of another type.
    OtherType,
    /// An answer without a code.
    Codeless,
    /// An unusable answer that gives the PIN block back.
    PinBack,
    /// Waits at the gate, then approves.
    After(Arc<Gate>),
}

pub(crate) const APPROVAL: &str = "A1B2C3";

#[derive(Default)]
pub(crate) struct Company {
    script: Mutex<VecDeque<Act>>,
    heard: Mutex<Vec<(ProviderId, Message)>>,
    log: Log,
}

impl Company {
    pub(crate) fn new(log: Log) -> Self {
        Self { log, ..Self::default() }
    }

    /// What it does with the next messages; without a script it approves.
    pub(crate) fn does(&self, acts: impl IntoIterator<Item = Act>) {
        self.script.lock().unwrap().extend(acts);
    }

    /// What it heard since the last call.
    pub(crate) fn take_heard(&self) -> Vec<(ProviderId, Message)> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    /// The types of what it heard since the last call.
    pub(crate) fn take_types(&self) -> Vec<String> {
        self.take_heard().iter().map(|(_, message)| message.mti().to_string()).collect()
    }
}

fn answer(message: &Message, code: &str) -> Message {
    let mut answer = message.answer(ResponseCode::parse(code).unwrap()).unwrap();
    if code == "00" && message.mti() == Mti::AUTHORISATION_REQUEST {
        answer.set_approval_number(ApprovalNumber::parse(APPROVAL).unwrap());
    }
    answer
}

#[async_trait]
impl Switch for Company {
    async fn exchange(
        &self,
        provider: &ProviderId,
        message: &Message,
        _: Duration,
    ) -> Result<Message, SwitchError> {
        self.log.write(format!("exchange {}", message.mti()));
        self.heard.lock().unwrap().push((provider.clone(), message.clone()));
        let act = self.script.lock().unwrap().pop_front().unwrap_or(Act::Approve);
        let mut approved = answer(message, "00");
        match act {
            Act::Approve => {}
            Act::Code(code) => return Ok(answer(message, code)),
            Act::NotSent => return Err(SwitchError::NotSent),
            Act::Unanswered => return Err(SwitchError::Unanswered),
            Act::Unnumbered => {
                approved.remove(De::APPROVAL_NUMBER);
            }
            Act::OtherKey => {
                approved.set_stan(Stan::new(999_999).unwrap());
            }
            Act::OtherAmount => {
                approved.set_amount(Amount::new(1).unwrap());
            }
            Act::OtherType => return Ok(answer(&as_type(message, Mti::FINANCIAL_REQUEST), "00")),
            Act::Codeless => {
                approved.remove(De::RESPONSE_CODE);
            }
            Act::PinBack => {
                approved.remove(De::APPROVAL_NUMBER);
                let block = message.expose_pin_block().unwrap();
                approved.set_pin_block(message.expose_surrogate_pan().unwrap(), block);
            }
            Act::After(gate) => gate.pass().await,
        }
        Ok(approved)
    }
}

/// The same elements under another type.
fn as_type(message: &Message, mti: Mti) -> Message {
    let mut other = Message::new(mti);
    for de in message.numbers() {
        other.set(de, message.expose_bytes(de).unwrap());
    }
    other
}
