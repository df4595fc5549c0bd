//! A clerk at a terminal: what the stories ask of one, wherever it runs.

mod lines;
mod remote;
mod serve;

use std::time::Duration;

use enishi_card::{CardError, SoftwareConnection};
use enishi_party::{IdempotencyKey, IntentId, Language, Text};
use enishi_terminal::{
    EnrolOutcome, EnrolReport, Holder, Outcome, PayReport, Preparation, Prepared, Sale, Terminal,
};
use serde::{Deserialize, Serialize};

use super::SandboxError;
use super::outcome::{of_outcome, of_reply};

pub(crate) use remote::RemoteClerk;
pub use serve::serve_clerk;

/// A purchase, as a story tells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sold {
    /// What became of it, in a word.
    pub came: String,
    /// What the shop prints, if it was approved.
    pub receipt: Option<Text>,
    /// What the card's commands took.
    pub card: Duration,
    /// Each round trip to the relay since the proof, in order.
    pub relay: Vec<Duration>,
}

/// A request as somebody between card and relay could record it: certificate and signature are in it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Recording {
    /// Its key.
    pub key: IdempotencyKey,
    /// Its body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recording({})", self.key)
    }
}

/// A registration at a terminal, as a story goes on from it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Registered {
    /// What the holder takes back to the provider's session.
    Given { state: String, code: String },
    /// The relay refused, with this code.
    Refused(String),
    /// The card or the holder did not go on.
    NotGiven(String),
}

/// Works one terminal in this process.
pub(crate) struct Clerk<'a> {
    pub(crate) terminal: &'a mut Terminal,
}

type Connected = Result<SoftwareConnection, CardError>;

impl Clerk<'_> {
    /// Fetches tickets, so that no message of the relay stands between tap and proof.
    pub(crate) async fn refill(&mut self) -> Result<(), SandboxError> {
        let refilled = self.terminal.refill().await;
        refilled.map_err(|fault| SandboxError::Making(format!("tickets: {fault}")))
    }

    pub(crate) async fn pay(
        &mut self,
        connect: impl FnMut() -> Connected,
        sale: Sale,
        holder: &mut dyn Holder,
    ) -> Result<Sold, SandboxError> {
        Ok(self.terminal.pay(connect, sale, holder).await?.into())
    }

    /// A purchase up to the point where it would be sent.
    pub(crate) async fn prepare(
        &mut self,
        connect: impl FnMut() -> Connected,
        sale: &Sale,
        holder: &mut dyn Holder,
    ) -> Result<Prepared, SandboxError> {
        match self.terminal.prepare_payment(connect, sale, holder).await? {
            Preparation::Ready(prepared) => Ok(*prepared),
            other => Err(SandboxError::Making(format!("the card gave no proof: {other:?}"))),
        }
    }

    /// Sends what was prepared.
    pub(crate) async fn submit(&mut self, prepared: &Prepared) -> String {
        of_reply(&self.terminal.submit(prepared).await)
    }

    pub(crate) async fn enrol(
        &mut self,
        connect: impl FnMut() -> Connected,
        intent: IntentId,
        holder: &mut dyn Holder,
    ) -> Result<Registered, SandboxError> {
        Ok(self.terminal.enrol(connect, intent, holder).await?.into())
    }
}

impl From<PayReport> for Sold {
    fn from(report: PayReport) -> Self {
        let receipt = match &report.outcome {
            Outcome::Approved { receipt } => {
                Some(Text::new(receipt.text(Language::Ja), receipt.text(Language::En)))
            }
            _ => None,
        };
        let came = of_outcome(&report.outcome);
        Self { came, receipt, card: report.timing.card, relay: report.timing.relay }
    }
}

impl From<EnrolReport> for Registered {
    fn from(report: EnrolReport) -> Self {
        match report.outcome {
            EnrolOutcome::Enrolled(answer) => Self::Given { state: answer.state, code: answer.code },
            EnrolOutcome::Refused { problem } => Self::Refused(problem.code),
            other => Self::NotGiven(format!("{other:?}")),
        }
    }
}

impl From<&Prepared> for Recording {
    fn from(prepared: &Prepared) -> Self {
        Self { key: prepared.key().clone(), body: prepared.expose_body().to_vec() }
    }
}
