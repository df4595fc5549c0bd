//! What nobody goes on with is closed: at the start, before anyone is served, and now and then beside the service.

use std::time::Duration;

use enishi_party::{RefusalCode, Timestamp};

use crate::conclusion::{NOT_COMPLETED, declined};
use crate::journal::{Closing, Outcome, PaymentRow, PaymentState};
use crate::observer::Event;
use crate::relay::Relay;
use crate::stop::Fault;

impl Relay {
    /// Closes what was in the hands of a process that is gone. Questions to holders stay open: any process goes on with
    /// them. A 0100 is never sent again; what may have been sent is reversed.
    ///
    /// # Errors
    /// The store's fault: then nothing may be served.
    pub async fn recover(&self) -> Result<usize, Fault> {
        self.close_left_over(|row| !matches!(row.state, PaymentState::Awaiting(_))).await
    }

    /// Closes questions that ended, so that no card's token waits for a holder who left, and what a fault left behind.
    ///
    /// Safe beside every flow: where one still goes on, only one of the two moves the payment, and what was sent is
    /// reversed.
    ///
    /// # Errors
    /// The store's fault.
    pub async fn expire_questions(&self) -> Result<usize, Fault> {
        let now = self.now();
        self.close_left_over(|row| self.is_over(row, now)).await
    }

    /// Whether no flow can have the payment in its hands any more.
    fn is_over(&self, row: &PaymentRow, now: Timestamp) -> bool {
        let limits = &self.limits;
        let older_than = |age: Duration| now > row.opened_at + age;
        match &row.state {
            PaymentState::Awaiting(awaiting) => now > awaiting.until,
            PaymentState::Proven => older_than(limits.ticket_life.max(limits.answer_timeout)),
            // Two questions, the provider, and as much again for all that is ours.
            PaymentState::Authorizing(_) => older_than(2 * (limits.question_life + limits.answer_timeout)),
            PaymentState::Closed(_) => false,
        }
    }

    async fn close_left_over(&self, left_over: impl Fn(&PaymentRow) -> bool) -> Result<usize, Fault> {
        let mut closed = 0;
        for row in self.ports.journal.unfinished().await? {
            if left_over(&row) && self.close_row(&row).await? {
                closed += 1;
            }
        }
        if closed > 0 {
            self.event(&Event::LeftOver(u64::try_from(closed).unwrap_or(u64::MAX)));
        }
        Ok(closed)
    }

    async fn close_row(&self, row: &PaymentRow) -> Result<bool, Fault> {
        let (journal, not_completed) = (&self.ports.journal, declined(row.id, NOT_COMPLETED));
        let closed = match &row.state {
            PaymentState::Proven => journal.close(row.id, &not_completed, Closing::Unsent, self.now()).await,
            PaymentState::Awaiting(_) => {
                let over = Outcome::Refused(RefusalCode::ChallengeExpired);
                journal.close(row.id, &over, Closing::Unsent, self.now()).await
            }
            PaymentState::Authorizing(sent) => {
                let reversal = self.reversal_of(row.id, &sent.provider, &sent.message).await?;
                journal.close(row.id, &not_completed, Closing::Reversed(&reversal), self.now()).await
            }
            PaymentState::Closed(_) => Ok(false),
        };
        Ok(closed?)
    }
}
