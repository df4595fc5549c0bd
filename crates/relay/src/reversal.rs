//! Store and forward: each reversal is sent until it is answered.

use std::time::Duration;

use enishi_iso8583::{Message, ResponseCode};
use enishi_party::ProviderId;

use crate::journal::QueuedReversal;
use crate::message;
use crate::observer::{Advice, Event};
use crate::relay::Relay;
use crate::stop::Fault;
use crate::switch::SwitchError;

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
    /// The line was down: still due.
    pub unsent: usize,
}

/// What came of sending one reversal.
enum Advised {
    Answered(ResponseCode),
    Unanswered,
    NotSent,
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
                Advised::Answered(code) if code.is_approved() => {
                    self.ports.reversals.acknowledged(payment, self.now()).await?;
                    self.event(&Event::Reversal { provider, advice: Advice::Acknowledged });
                    tracing::info!(%payment, "reversal acknowledged");
                    drained.acknowledged += 1;
                }
                Advised::Answered(code) => {
                    tracing::error!(%payment, %code, "reversal rejected: a case");
                    self.ports.reversals.rejected(payment, code.as_str(), self.now()).await?;
                    self.event(&Event::Reversal { provider, advice: Advice::Rejected });
                    drained.rejected += 1;
                }
                // Nothing left, and nothing will while the line is down: it stays due, and the first that leaves is a 0420.
                Advised::NotSent => {
                    drained.unsent += 1;
                    break;
                }
                Advised::Unanswered => {
                    let now = self.now();
                    let wait = backoff(self.limits.reversal_delay, queued.attempts);
                    self.ports.reversals.attempted(payment, now + wait, now).await?;
                    self.event(&Event::Reversal { provider, advice: Advice::Unanswered });
                    drained.unanswered += 1;
                }
            }
        }
        Ok(drained)
    }

    /// Sends one and reads its answer; what cannot be read is never dropped, and hinders no other.
    async fn advise(&self, provider: &ProviderId, queued: &QueuedReversal) -> Advised {
        let message = match advice(queued) {
            Ok(message) => message,
            Err(fault) => {
                tracing::error!(payment = %queued.reversal.payment, %fault, "reversal unreadable");
                return Advised::Unanswered;
            }
        };
        let answer = match self.ports.switch.exchange(provider, &message, self.limits.answer_timeout).await {
            Ok(answer) => answer,
            Err(SwitchError::NotSent) => return Advised::NotSent,
            Err(SwitchError::Unanswered) => return Advised::Unanswered,
        };
        match message::acknowledgement(&message, &answer) {
            Some(code) => Advised::Answered(code),
            None => {
                self.quarantine(provider, &answer).await;
                Advised::Unanswered
            }
        }
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
