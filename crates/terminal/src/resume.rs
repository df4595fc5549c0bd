//! After a crash or a silence: every request that is left finds its outcome, or is taken back.

use enishi_party::{IdempotencyKey, Money, SlipNumber};
use enishi_wire::Problem;

use crate::conclude::Verdict;
use crate::hearing::{Heard, Question, continue_key};
use crate::journal::{Cause, Pending, Stage};
use crate::pay_request::Facts;
use crate::relay::Endpoint;
use crate::{
    Cancellation, Exposure, HopTiming, Outcome, Recorded, SaleRecord, Terminal, TerminalError, answer,
    decline,
};

/// A slip of an earlier run, for the shop to print and put beside the till: the customer may be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumed {
    /// The slip.
    pub slip: SlipNumber,
    /// Its business date in Japan, `YYYY-MM-DD`.
    pub business_date: String,
    /// The amount.
    pub amount: Money,
    /// What became of it.
    pub outcome: Outcome,
}

impl Terminal {
    /// Settles what is pending: repeats requests to the byte and records their outcome, or cancels them.
    ///
    /// To be called after [`Terminal::open`], and again from time to time while [`Terminal::pending`] is not 0: a
    /// cancellation is sent until it is acknowledged. A request whose holder would have to be asked again is cancelled.
    ///
    /// # Errors
    /// The folder cannot be changed. Nothing is forgotten: a new process begins where this one stopped.
    pub async fn resume(&mut self) -> Result<Vec<Resumed>, TerminalError> {
        let left: Vec<(IdempotencyKey, Pending)> =
            self.journal.pending().iter().map(|(key, pending)| (key.clone(), pending.clone())).collect();
        let mut resumed = Vec::new();
        for (key, pending) in left {
            let facts = pending.facts();
            let outcome = self.settle(&key, &facts, pending.stage).await?;
            let Facts { slip, business_date, amount, .. } = facts;
            resumed.push(Resumed { slip, business_date, amount, outcome });
        }
        Ok(resumed)
    }

    /// Only cancellations may be left over when a new purchase begins.
    pub(crate) fn check_resumed(&self) -> Result<(), TerminalError> {
        let cancelling = |pending: &&Pending| matches!(pending.stage, Stage::Cancelling { .. });
        let open = self.journal.pending().values().filter(|pending| !cancelling(pending)).count();
        if open == 0 { Ok(()) } else { Err(TerminalError::ResumeFirst(open)) }
    }

    async fn settle(
        &mut self,
        key: &IdempotencyKey,
        facts: &Facts,
        stage: Stage,
    ) -> Result<Outcome, TerminalError> {
        let recorded = self.journal.recorded(key)?;
        let mut timing = HopTiming::default();
        if let Stage::Cancelling { cause } = stage {
            if recorded.is_none() {
                self.give_up(key, facts, cause)?;
            }
            return Ok(cause.outcome(self.cancel(key, facts, &mut timing).await?));
        }
        if let Some(record) = recorded {
            // The outcome was on the disk when the process died, the request not erased yet.
            self.journal.erase(key)?;
            return self.told_again(&record);
        }
        let verdict = match stage {
            Stage::Asked { body } => self.repeat(Endpoint::Payments, key, &body.0, &mut timing).await,
            Stage::Answered { payment, round, body } => {
                let continue_key = continue_key(key, round)?;
                self.repeat(Endpoint::Continue(payment), &continue_key, &body.0, &mut timing).await
            }
            Stage::AnsweredWithPin {} => Verdict::GiveUp(Cause::Unheard),
            Stage::Cancelling { cause } => Verdict::GiveUp(cause),
        };
        self.conclude(key, facts, verdict, &mut timing).await
    }

    async fn repeat(
        &self,
        endpoint: Endpoint,
        key: &IdempotencyKey,
        body: &[u8],
        timing: &mut HopTiming,
    ) -> Verdict {
        // Whether the process died before or after the sending is not known.
        let question = Question { endpoint, key, body, exposure: Exposure::MaybeReceived };
        match self.hear(question, answer::payment, timing).await {
            Heard::Answer(answer) => Verdict::of(answer),
            Heard::Refusal(problem) => Verdict::Refused(problem),
            Heard::Nothing(_) => Verdict::GiveUp(Cause::Unheard),
        }
    }

    /// An outcome as the record has it: without the label, which no record keeps.
    fn told_again(&self, record: &SaleRecord) -> Result<Outcome, TerminalError> {
        Ok(match &record.what {
            Recorded::Approved { payment, approval_number } => {
                let facts = Facts {
                    slip: record.slip.clone(),
                    business_date: record.business_date.clone(),
                    at: record.at,
                    amount: record.amount,
                    payment_type: record.payment_type,
                };
                let receipt = self.receipt(&facts, *payment, approval_number.clone(), None);
                Outcome::Approved { receipt: Box::new(receipt) }
            }
            Recorded::Declined { response_code, .. } => Outcome::Declined {
                response_code: response_code.clone(),
                text: decline::words(response_code),
            },
            Recorded::Refused { code } => Outcome::Refused { problem: Box::new(Problem::refusal(*code)) },
            // Recorded without a cancellation: nothing of it was ever sent.
            Recorded::NotCompleted | Recorded::CardRefused | Recorded::Cancelled { .. } => {
                Outcome::NotCompleted { cancellation: Cancellation::NothingSent }
            }
            Recorded::Withdrawn => Outcome::Withdrawn { cancellation: Cancellation::NothingSent },
        })
    }
}
