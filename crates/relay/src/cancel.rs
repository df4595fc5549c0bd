//! A terminal that never heard an answer takes its request back.

use enishi_party::RefusalCode;
use enishi_wire::{CancelOutcome, PaymentAnswer, PaymentStatus};

use crate::journal::{Closed, Closing, Outcome, PaymentRow, PaymentState, RequestKey};
use crate::observer::Event;
use crate::relay::Relay;
use crate::stop::Stop;

/// How often a row that moves on under our eyes is looked at again; each look sees a later state of four.
const LOOKS: usize = 5;

impl Relay {
    /// Closes whatever stands under a key, reversing what may have moved; a key never seen is buried.
    ///
    /// # Errors
    /// Faults only: a cancellation is never refused, and is repeated until it is acknowledged.
    pub async fn cancel(&self, key: &RequestKey) -> Result<CancelOutcome, Stop> {
        for _ in 0..LOOKS {
            let done = match self.ports.journal.find(key).await? {
                None => self.ports.journal.bury(key, self.now()).await?.then_some(CancelOutcome::NeverSeen),
                Some(row) => self.cancel_row(row).await?,
            };
            if let Some(outcome) = done {
                tracing::info!(?outcome, "a terminal took its request back");
                self.event(&Event::Cancelled(outcome));
                return Ok(outcome);
            }
        }
        Err(RefusalCode::RequestInFlight.into())
    }

    /// None where the row moved on meanwhile.
    async fn cancel_row(&self, row: PaymentRow) -> Result<Option<CancelOutcome>, Stop> {
        let (journal, now) = (&self.ports.journal, self.now());
        let cancelled = Outcome::Refused(RefusalCode::Cancelled);
        match row.state {
            PaymentState::Proven | PaymentState::Awaiting(_) => Ok(journal
                .close(row.id, &cancelled, Closing::Unsent, now)
                .await?
                .then_some(CancelOutcome::Closed)),
            PaymentState::Authorizing(sent) => {
                let reversal = self.reversal_of(row.id, &sent.provider, &sent.message).await?;
                let closed = journal.close(row.id, &cancelled, Closing::Reversed(&reversal), now).await?;
                Ok(closed.then_some(CancelOutcome::Reversing))
            }
            PaymentState::Closed(Closed { outcome: Outcome::Answered(answer), sent: Some(sent) })
                if approved(&answer) =>
            {
                let reversal = self.reversal_of(row.id, &sent.provider, &sent.message).await?;
                self.ports.reversals.queue(&reversal, now).await?;
                Ok(Some(CancelOutcome::Reversing))
            }
            // Taken back before: the answer is the same, however often it is asked for.
            PaymentState::Closed(Closed {
                outcome: Outcome::Refused(RefusalCode::Cancelled),
                sent: Some(_),
            }) => Ok(Some(CancelOutcome::Reversing)),
            // Declined, refused, or its reversal is queued since the answer stayed away: no money stands.
            PaymentState::Closed(_) => Ok(Some(CancelOutcome::Closed)),
        }
    }
}

fn approved(answer: &PaymentAnswer) -> bool {
    matches!(answer.status, PaymentStatus::Approved(_))
}
