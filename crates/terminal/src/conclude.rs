//! The end of a purchase: recorded, erased from the journal, told; or taken back.

use std::time::Duration;

use enishi_party::{IdempotencyKey, PaymentId};
use enishi_wire::{Approval, CancelOutcome, CancelRequest, PaymentAnswer, PaymentStatus, Problem};
use tokio::time::Instant;

use crate::journal::{Cause, Pending, Stage};
use crate::pay_request::Facts;
use crate::relay::Endpoint;
use crate::{
    Cancellation, HopTiming, Outcome, Progress, Receipt, Recorded, Reply, SaleRecord, Terminal,
    TerminalError, answer, decline,
};

/// How long to wait before each repetition of a cancellation while the shop waits; later ones are
/// [`Terminal::resume`]'s.
const CANCEL_AFTER: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// How long one cancellation is waited for: the shop's own outcome stands already.
const CANCEL_WAIT: Duration = Duration::from_secs(5);

/// What is to be recorded of a purchase.
pub(crate) enum Verdict {
    Approved { payment: PaymentId, approval: Approval },
    Declined { payment: PaymentId, response_code: String },
    Refused(Box<Problem>),
    NothingSent,
    GiveUp(Cause),
}

impl Verdict {
    /// A question at this point is one too many, or has nobody to answer it.
    pub(crate) fn of(answer: PaymentAnswer) -> Self {
        let payment = answer.payment;
        match answer.status {
            PaymentStatus::Approved(approval) => Self::Approved { payment, approval },
            PaymentStatus::Declined { response_code } => Self::Declined { payment, response_code },
            PaymentStatus::Need(_) => Self::GiveUp(Cause::Unheard),
        }
    }
}

impl Cause {
    const fn recorded(self) -> Recorded {
        match self {
            Self::Unheard => Recorded::NotCompleted,
            Self::Withdrawn => Recorded::Withdrawn,
        }
    }

    pub(crate) const fn outcome(self, cancellation: Cancellation) -> Outcome {
        match self {
            Self::Unheard => Outcome::NotCompleted { cancellation },
            Self::Withdrawn => Outcome::Withdrawn { cancellation },
        }
    }
}

impl Terminal {
    /// Records what became of a request, erases it, and tells. In this order: what is told is on the disk.
    pub(crate) async fn conclude(
        &mut self,
        key: &IdempotencyKey,
        facts: &Facts,
        verdict: Verdict,
        timing: &mut HopTiming,
    ) -> Result<Outcome, TerminalError> {
        let (recorded, outcome) = match verdict {
            Verdict::GiveUp(cause) => {
                self.give_up(key, facts, cause)?;
                let cancellation = self.cancel(key, facts, timing).await?;
                return Ok(cause.outcome(cancellation));
            }
            Verdict::Approved { payment, approval } => {
                let number = approval.approval_number.clone();
                let receipt = self.receipt(facts, payment, number.clone(), Some(approval.label));
                let recorded = Recorded::Approved { payment, approval_number: number };
                (recorded, Outcome::Approved { receipt: Box::new(receipt) })
            }
            Verdict::Declined { payment, response_code } => {
                let text = decline::words(&response_code);
                let recorded = Recorded::Declined { payment, response_code: response_code.clone() };
                (recorded, Outcome::Declined { response_code, text })
            }
            Verdict::Refused(problem) => {
                let code = problem.refusal_code().ok_or(TerminalError::Encoding)?;
                (Recorded::Refused { code }, Outcome::Refused { problem })
            }
            Verdict::NothingSent => {
                (Recorded::NotCompleted, Cause::Unheard.outcome(Cancellation::NothingSent))
            }
        };
        self.journal.record(&SaleRecord::new(facts, Some(key), recorded))?;
        self.journal.erase(key)?;
        Ok(outcome)
    }

    /// From here on the request is never sent again; the journal keeps its key alone.
    pub(crate) fn give_up(
        &mut self,
        key: &IdempotencyKey,
        facts: &Facts,
        cause: Cause,
    ) -> Result<(), TerminalError> {
        self.journal.keep(key, Pending::new(facts, Stage::Cancelling { cause }))?;
        self.journal.record(&SaleRecord::new(facts, Some(key), cause.recorded()))
    }

    /// Takes a request back, for so long as the shop may wait.
    pub(crate) async fn cancel(
        &mut self,
        key: &IdempotencyKey,
        facts: &Facts,
        timing: &mut HopTiming,
    ) -> Result<Cancellation, TerminalError> {
        let request = CancelRequest { idempotency_key: key.clone() };
        let body = serde_json::to_vec(&request).map_err(|_| TerminalError::Encoding)?;
        let wait = CANCEL_WAIT.min(self.config.answer_wait);
        for attempt in 0..=CANCEL_AFTER.len() {
            if let Some(pause) = attempt.checked_sub(1).and_then(|index| CANCEL_AFTER.get(index)) {
                self.sleeper.sleep(*pause).await;
            }
            self.tell(Progress::TakingBack);
            let sent = Instant::now();
            let reply =
                self.relay.post(Endpoint::Cancellations, None, &body, wait, answer::cancellation).await;
            let took = sent.elapsed();
            timing.relay.push(took);
            self.tell(match &reply {
                Reply::Answer(_) | Reply::Refusal(_) => Progress::Heard { took },
                Reply::Lost(_) => Progress::NotHeard { took },
            });
            // A refusal of a cancellation settles nothing: the purchase may stand.
            if let Reply::Answer(answer) = reply {
                return self.cancelled(key, facts, answer.outcome);
            }
        }
        Ok(Cancellation::Pending)
    }

    fn cancelled(
        &mut self,
        key: &IdempotencyKey,
        facts: &Facts,
        found: CancelOutcome,
    ) -> Result<Cancellation, TerminalError> {
        self.journal.record(&SaleRecord::new(facts, Some(key), Recorded::Cancelled { found }))?;
        self.journal.erase(key)?;
        Ok(Cancellation::Acknowledged(found))
    }

    pub(crate) fn receipt(
        &self,
        facts: &Facts,
        payment: PaymentId,
        approval_number: String,
        label: Option<String>,
    ) -> Receipt {
        Receipt {
            merchant_name: self.config.merchant_name.clone(),
            terminal: self.config.terminal.clone(),
            slip: facts.slip.clone(),
            at: facts.at,
            amount: facts.amount,
            payment_type: facts.payment_type,
            label,
            approval_number,
            payment,
            language: self.config.language,
        }
    }
}
