//! Who is told what the company decided: metrics listen. Nothing told names a customer or a card.

use std::time::Duration;

use enishi_iso8583::ResponseCode;

use crate::{RecheckRefused, Refusal, Reversed};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A purchase was answered.
    Authorised {
        /// How.
        code: ResponseCode,
        /// Why, where it was refused before the books decided.
        refused: Option<Refusal>,
        /// From the message to the answer.
        took: Duration,
    },
    /// A purchase was answered as it had been before.
    Repeated,
    /// A reversal was done.
    Reversed(Reversed),
    /// A message could not be answered: the relay takes it for unknown.
    Unanswered,
    /// 委託: evidence was looked at.
    Rechecked(Result<(), RecheckRefused>),
    /// Somebody logged in to the app, or tried to.
    Login(Login),
    /// The relay signed on to this company, or is gone.
    RelaySignedOn(bool),
}

/// What became of an attempt to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// Name and password were right.
    Done,
    /// They were not.
    Failed,
    /// Too many had failed lately: they were not looked at.
    Limited,
}

/// Is told what the company decided.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

/// Nobody listens.
#[derive(Debug, Clone, Copy)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn event(&self, _: &Event) {}
}
