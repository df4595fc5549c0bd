//! How a payment ends, and how its end is told again.

use enishi_iso8583::Message;
use enishi_party::broken::{Check, is_broken};
use enishi_party::{PaymentId, ProviderId, RefusalCode};
use enishi_wire::{PaymentAnswer, PaymentStatus};

use crate::journal::{Closing, Outcome, PaymentState, RequestKey, Reversal};
use crate::message;
use crate::observer::Event;
use crate::relay::Relay;
use crate::stop::{Fault, Stop};

/// Issuer or switch inoperative: the shop keeps its goods.
pub(crate) const NOT_COMPLETED: &str = "91";
/// System malfunction: ours.
const MALFUNCTION: &str = "96";

/// A look at a key before its request is served.
pub(crate) enum Earlier {
    /// The key is new.
    None,
    /// The same request: its answer so far.
    Same(Result<Outcome, RefusalCode>),
    /// The key belongs to another request.
    OtherBody,
}

impl Relay {
    /// What an earlier request under this key became.
    pub(crate) async fn earlier(&self, key: &RequestKey, body_sha256: &[u8; 32]) -> Result<Earlier, Fault> {
        let found = self.ports.journal.find(key).await?;
        let Some(row) = found.filter(|_| !is_broken(Check::Idempotency)) else { return Ok(Earlier::None) };
        if row.body_sha256 != *body_sha256 {
            return Ok(Earlier::OtherBody);
        }
        Ok(Earlier::Same(match row.state {
            PaymentState::Closed(closed) => Ok(closed.outcome),
            PaymentState::Awaiting(awaiting) => Ok(Outcome::Answered(awaiting.answer)),
            PaymentState::Proven | PaymentState::Authorizing(_) => Err(RefusalCode::RequestInFlight),
        }))
    }

    /// A refusal after the proof is the payment's end, and is remembered; a fault ends it undone.
    pub(crate) async fn conclude(
        &self,
        id: PaymentId,
        served: Result<Outcome, Stop>,
    ) -> Result<Outcome, Stop> {
        match served {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Superseded) => self.overtaken(id).await,
            Err(Stop::Fault(fault)) => {
                tracing::error!(payment = %id, %fault, "payment not completed");
                let outcome = declined(id, MALFUNCTION);
                match self.ports.journal.close(id, &outcome, Closing::Unsent, self.now()).await? {
                    true => Ok(outcome),
                    // Money may have moved: a cancellation, the next sweep or the next start reverses it.
                    false => Err(fault.into()),
                }
            }
            Err(Stop::Refused(code)) => self.close_refused(id, code).await,
            Err(Stop::Malformed(_)) => self.close_refused(id, RefusalCode::MalformedRequest).await,
        }
    }

    /// Ends a payment of which nothing was sent. What another request sent meanwhile stays in that one's hands.
    pub(crate) async fn close_refused(&self, id: PaymentId, code: RefusalCode) -> Result<Outcome, Stop> {
        let outcome = Outcome::Refused(code);
        match self.ports.journal.close(id, &outcome, Closing::Unsent, self.now()).await? {
            true => Ok(outcome),
            false => self.overtaken(id).await,
        }
    }

    /// Another request moved the payment on: its end, where it has one, is this one's too.
    async fn overtaken(&self, id: PaymentId) -> Result<Outcome, Stop> {
        match self.ports.journal.get(id).await?.map(|row| row.state) {
            Some(PaymentState::Closed(closed)) => Ok(closed.outcome),
            _ => Err(RefusalCode::RequestInFlight.into()),
        }
    }

    /// The 0420 for what was sent.
    pub(crate) async fn reversal_of(
        &self,
        payment: PaymentId,
        provider: &ProviderId,
        message: &[u8],
    ) -> Result<Reversal, Fault> {
        let trace = self.ports.records.next_trace(provider).await?;
        let message = message::reversal(message, trace, self.now())?;
        Ok(Reversal { payment, provider: provider.clone(), message })
    }

    /// Keeps an answer that nobody may be told. Nothing waits for it, so a fault is only logged.
    pub(crate) async fn quarantine(&self, provider: &ProviderId, answer: &Message) {
        tracing::warn!(%provider, mti = %answer.mti(), "answer quarantined");
        self.event(&Event::Quarantined { provider });
        let kept = match message::for_quarantine(answer) {
            Ok(octets) => {
                self.ports.reversals.quarantine(provider, &octets, self.now()).await.map_err(Fault::from)
            }
            Err(fault) => Err(fault),
        };
        if let Err(fault) = kept {
            tracing::error!(%provider, %fault, "an answer could not be kept");
        }
    }
}

pub(crate) fn declined(payment: PaymentId, response_code: &str) -> Outcome {
    let status = PaymentStatus::Declined { response_code: response_code.to_owned() };
    Outcome::Answered(PaymentAnswer { payment, status })
}
