//! What a stopped relay left open is closed before the next one serves.

use crate::credit::{NOT_COMPLETED, declined};
use crate::journal::PaymentState;
use crate::relay::Relay;
use crate::stop::Fault;

impl Relay {
    /// Closes what was in the hands of a process that is gone. Questions to holders stay open: any process goes on with
    /// them. A 0100 is never sent again; what may have been sent is reversed.
    ///
    /// # Errors
    /// The store's fault: then nothing may be served.
    pub async fn recover(&self) -> Result<usize, Fault> {
        let mut closed = 0;
        for row in self.ports.journal.unfinished().await? {
            let reversal = match &row.state {
                PaymentState::Proven => None,
                PaymentState::Authorizing(sent) => {
                    Some(self.reversal_of(row.id, &sent.provider, &sent.message).await?)
                }
                PaymentState::Awaiting(_) | PaymentState::Closed(_) => continue,
            };
            let outcome = declined(row.id, NOT_COMPLETED);
            if self.ports.journal.close(row.id, &outcome, reversal.as_ref(), self.now()).await? {
                closed += 1;
            }
        }
        Ok(closed)
    }
}
