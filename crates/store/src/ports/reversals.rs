//! Reversals and quarantine.

use async_trait::async_trait;
use enishi_linkage::StoreFault;
use enishi_party::{PaymentId, ProviderId, RefusalCode, Timestamp};
use enishi_relay::{Outcome, QueuedReversal, Reversal, Reversals};

use super::clock_value::micros;
use super::column::{all, count, first, parsed, run, to_json};
use crate::fault::Fault;
use crate::session::{Row, Session};
use crate::store::Store;

/// False where the payment has a reversal, whatever became of it.
pub(crate) fn enqueue(session: &dyn Session, reversal: &Reversal, now: Timestamp) -> Result<bool, Fault> {
    let payment = reversal.payment.to_string();
    let sent_to = first(session, "SELECT provider FROM payments WHERE id = ?1", [&payment], |row| {
        row.get::<Option<String>>("provider")
    })?;
    match sent_to {
        None => return Err(Fault::Row("a reversal of no payment")),
        Some(Some(provider)) if provider != reversal.provider.as_str() => {
            return Err(Fault::Row("a reversal to another provider than the payment went to"));
        }
        Some(_) => {}
    }
    let queued = run(
        session,
        "INSERT INTO reversals (payment, provider, message, state, attempts, queued_at, next_at)
         VALUES (?1, ?2, ?3, 'queued', 0, ?4, ?4) ON CONFLICT (payment) DO NOTHING",
        (payment, reversal.provider.as_str(), &reversal.message, micros(now)),
    )?;
    Ok(queued == 1)
}

fn queue(session: &dyn Session, reversal: &Reversal, now: Timestamp) -> Result<bool, Fault> {
    if !enqueue(session, reversal, now)? {
        return Ok(false);
    }
    let told = run(
        session,
        "UPDATE payments SET outcome = ?2 WHERE id = ?1 AND state = 'closed'",
        (reversal.payment.to_string(), to_json(&Outcome::Refused(RefusalCode::Cancelled))?),
    )?;
    if told == 1 { Ok(true) } else { Err(Fault::Row("a reversal of a payment that is not closed")) }
}

fn due(
    session: &dyn Session,
    provider: &ProviderId,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<QueuedReversal>, Fault> {
    all(
        session,
        "SELECT payment, provider, message, attempts FROM reversals
         WHERE state = 'queued' AND provider = ?1 AND next_at <= ?2 ORDER BY place LIMIT ?3",
        (provider.as_str(), micros(now), i64::try_from(limit).unwrap_or(i64::MAX)),
        queued,
    )
}

fn queued(row: &Row<'_>) -> Result<QueuedReversal, Fault> {
    let reversal = Reversal {
        payment: parsed(row, "payment")?,
        provider: parsed(row, "provider")?,
        message: row.get("message")?,
    };
    Ok(QueuedReversal { reversal, attempts: row.get("attempts")? })
}

#[async_trait]
impl Reversals for Store {
    async fn queue(&self, reversal: &Reversal, now: Timestamp) -> Result<bool, StoreFault> {
        let reversal = reversal.clone();
        self.relay.write(move |session| queue(session, &reversal, now)).await
    }

    async fn due(
        &self,
        provider: &ProviderId,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<QueuedReversal>, StoreFault> {
        let provider = provider.clone();
        self.relay.read(move |session| due(session, &provider, limit, now)).await
    }

    async fn attempted(
        &self,
        payment: PaymentId,
        next_at: Timestamp,
        _now: Timestamp,
    ) -> Result<(), StoreFault> {
        let write = move |session: &dyn Session| {
            run(
                session,
                "UPDATE reversals SET attempts = attempts + 1, next_at = ?2 WHERE payment = ?1 AND state = 'queued'",
                (payment.to_string(), micros(next_at)),
            )
        };
        self.relay.write(write).await.map(|_| ())
    }

    async fn acknowledged(&self, payment: PaymentId, now: Timestamp) -> Result<(), StoreFault> {
        let write = move |session: &dyn Session| {
            run(
                session,
                "UPDATE reversals SET state = 'acknowledged', next_at = NULL, ended_at = ?2
                 WHERE payment = ?1 AND state = 'queued'",
                (payment.to_string(), micros(now)),
            )
        };
        self.relay.write(write).await.map(|_| ())
    }

    async fn rejected(
        &self,
        payment: PaymentId,
        response_code: &str,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let response_code = response_code.to_owned();
        let write = move |session: &dyn Session| {
            run(
                session,
                "UPDATE reversals SET state = 'rejected', next_at = NULL, ended_at = ?2, response_code = ?3
                 WHERE payment = ?1 AND state = 'queued'",
                (payment.to_string(), micros(now), &response_code),
            )
        };
        self.relay.write(write).await.map(|_| ())
    }

    async fn quarantine(
        &self,
        provider: &ProviderId,
        message: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let (provider, message) = (provider.clone(), message.to_vec());
        let write = move |session: &dyn Session| {
            run(
                session,
                "INSERT INTO quarantine (provider, message, received_at) VALUES (?1, ?2, ?3)",
                (provider.as_str(), &message, micros(now)),
            )
        };
        self.relay.write(write).await.map(|_| ())
    }

    async fn pending(&self) -> Result<u64, StoreFault> {
        let read = |session: &dyn Session| {
            first(session, "SELECT count(*) AS number FROM reversals WHERE state = 'queued'", (), |row| {
                count(row.get("number")?)
            })
        };
        self.relay.read(read).await.map(Option::unwrap_or_default)
    }
}
