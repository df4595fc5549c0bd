//! What is taken away when its time is over.

use enishi_linkage::StoreFault;
use enishi_party::{ContractId, Timestamp};

use super::clock_value::{RETENTION_MICROS, micros};
use super::column::{all, as_count, parsed, run};
use super::payments::forget_tickets;
use crate::fault::Fault;
use crate::session::Session;
use crate::store::Store;

/// Rows taken away in one write, so that payments do not wait for a purge.
const BATCH: usize = 500;

/// How much a purge took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Consumed tickets that nobody would accept any more.
    pub tickets: u64,
    /// Tombstones older than seven days.
    pub tombstones: u64,
    /// Payments closed more than seven days ago, with their stored answers and acknowledged reversals.
    pub payments: u64,
    /// Intents over for more than seven days, with the customers they named.
    pub intents: u64,
}

impl Store {
    /// Takes away what is past its time; safe beside everything else, and to be called every few minutes.
    ///
    /// Payments that are open, or whose reversal is queued or rejected, stay. So do links, consents, evidence, look-up
    /// counts and quarantined messages.
    ///
    /// # Errors
    /// The store's fault; what was taken away until then is gone.
    pub async fn purge(&self, now: Timestamp) -> Result<Purged, StoreFault> {
        let before = micros(now).saturating_sub(RETENTION_MICROS);
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        Ok(Purged {
            tickets: self.in_batches(move |session| forget_tickets(session, now, limit)).await?,
            tombstones: self.in_batches(move |session| tombstones(session, before, limit)).await?,
            payments: self.in_batches(move |session| payments(session, before, limit)).await?,
            intents: self.purge_intents(before, limit).await?,
        })
    }

    async fn in_batches(
        &self,
        batch: impl Fn(&dyn Session) -> Result<usize, Fault> + Clone + Send + 'static,
    ) -> Result<u64, StoreFault> {
        let mut gone = 0;
        loop {
            let rows = self.relay.write(batch.clone()).await?;
            gone += as_count(rows);
            if rows < BATCH {
                return Ok(gone);
            }
        }
    }

    /// The customers go first: an intent that a stopped process left is found and taken away by the next purge.
    async fn purge_intents(&self, before: i64, limit: i64) -> Result<u64, StoreFault> {
        let mut gone = 0;
        loop {
            let over = self.relay.read(move |session| intents(session, before, limit)).await?;
            for (id, contract) in &over {
                if let Some(partition) = self.partitions.standing(contract).await? {
                    let sql = "DELETE FROM intent_customers WHERE intent = ?1";
                    let id = id.clone();
                    partition.write(move |session| run(session, sql, [&id])).await?;
                }
            }
            let rows = over.len();
            let delete = move |session: &dyn Session| {
                over.iter().try_for_each(|(id, _)| {
                    run(session, "DELETE FROM intents WHERE id = ?1", [id]).map(|_| ())
                })
            };
            self.relay.write(delete).await?;
            gone += as_count(rows);
            if rows < BATCH {
                return Ok(gone);
            }
        }
    }
}

fn tombstones(session: &dyn Session, before: i64, limit: i64) -> Result<usize, Fault> {
    run(
        session,
        "DELETE FROM tombstones WHERE (terminal, idempotency_key) IN
             (SELECT terminal, idempotency_key FROM tombstones WHERE buried_at < ?1 ORDER BY buried_at LIMIT ?2)",
        (before, limit),
    )
}

fn payments(session: &dyn Session, before: i64, limit: i64) -> Result<usize, Fault> {
    let over = all(
        session,
        "SELECT id FROM payments
         WHERE state = 'closed' AND closed_at < ?1 AND NOT EXISTS
             (SELECT 1 FROM reversals WHERE payment = payments.id AND state <> 'acknowledged')
         ORDER BY closed_at LIMIT ?2",
        (before, limit),
        |row| row.get::<String>("id"),
    )?;
    for id in &over {
        run(session, "DELETE FROM reversals WHERE payment = ?1 AND state = 'acknowledged'", [id])?;
        run(session, "DELETE FROM payments WHERE id = ?1", [id])?;
    }
    Ok(over.len())
}

/// Closed, or out of time in any other stage, since before that moment.
fn intents(session: &dyn Session, before: i64, limit: i64) -> Result<Vec<(String, ContractId)>, Fault> {
    all(
        session,
        "SELECT id, contract FROM intents
         WHERE expires_at < ?1 AND changed_at < ?1 ORDER BY expires_at LIMIT ?2",
        (before, limit),
        |row| Ok((row.get("id")?, parsed(row, "contract")?)),
    )
}
