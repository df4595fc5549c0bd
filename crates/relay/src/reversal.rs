//! Store and forward: each reversal is sent until it is answered (flows A3).

use std::time::Duration;

use enishi_iso8583::{Message, ResponseCode};
use enishi_party::ProviderId;

use crate::journal::QueuedReversal;
use crate::message;
use crate::relay::Relay;
use crate::stop::Fault;

/// Most reversals of one provider in one round.
const BATCH: usize = 32;
/// The longest wait, in first waits: 1, 2, 4 … 60 s with the default.
const MAX_WAITS: u32 = 60;

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drained {
    /// Answered 0430 with 00.
    pub acknowledged: usize,
    /// Not answered: due again later.
    pub unanswered: usize,
    /// Answered with another code: a case for people.
    pub rejected: usize,
}

impl Relay {
    /// Sends what is due for one provider, once each.
    ///
    /// # Errors
    /// The store's fault. What was sent stays queued.
    pub async fn drain_reversals(&self, provider: &ProviderId) -> Result<Drained, Fault> {
        let mut drained = Drained::default();
        for queued in self.ports.reversals.due(provider, BATCH, self.now()).await? {
            let payment = queued.reversal.payment;
            match self.advise(provider, &queued).await {
                Some(code) if code.is_approved() => {
                    self.ports.reversals.acknowledged(payment, self.now()).await?;
                    drained.acknowledged += 1;
                }
                Some(code) => {
                    tracing::error!(%payment, %code, "reversal rejected: a case");
                    self.ports.reversals.rejected(payment, code.as_str(), self.now()).await?;
                    drained.rejected += 1;
                }
                None => {
                    let now = self.now();
                    let wait = backoff(self.limits.reversal_delay, queued.attempts);
                    self.ports.reversals.attempted(payment, now + wait, now).await?;
                    drained.unanswered += 1;
                }
            }
        }
        Ok(drained)
    }

    /// Sends one and reads its answer. None where there is no answer to it: it is never dropped, and hinders no other.
    async fn advise(&self, provider: &ProviderId, queued: &QueuedReversal) -> Option<ResponseCode> {
        let message = advice(queued)
            .inspect_err(
                |fault| tracing::error!(payment = %queued.reversal.payment, %fault, "reversal unreadable"),
            )
            .ok()?;
        let exchange = self.ports.switch.exchange(provider, &message, self.limits.answer_timeout);
        let answer = exchange.await.ok()?;
        let code = message::acknowledgement(&message, &answer);
        if code.is_none() {
            self.quarantine(provider, &answer).await;
        }
        code
    }
}

/// 0420 the first time, then 0421 with nothing but the message type changed.
fn advice(queued: &QueuedReversal) -> Result<Message, Fault> {
    let first = message::decode(&queued.reversal.message)?;
    if queued.attempts == 0 {
        return Ok(first);
    }
    first.repeat().map_err(|error| Fault::Making { what: "a 0421", reason: error.to_string() })
}

/// 1, 2, 4, … 60 first waits.
fn backoff(first: Duration, attempts: u32) -> Duration {
    first * 2_u32.saturating_pow(attempts).min(MAX_WAITS)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::backoff;

    #[test]
    fn waits_double_up_to_a_minute() {
        let waits: Vec<_> = (0..8).map(|n| backoff(Duration::from_secs(1), n).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff(Duration::from_secs(1), u32::MAX).as_secs(), 60);
    }
}
