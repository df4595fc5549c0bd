//! What is taken away when its time is over.

use enishi_linkage::StoreFault;
use enishi_party::{ContractId, Timestamp};
use rusqlite::Connection;

use super::SqliteStore;
use super::clock_value::{RETENTION_MICROS, micros};
use super::column::{all, as_count, parsed, run};
use super::fault::Fault;
use super::payments::forget_tickets;

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

impl SqliteStore {
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
            tickets: self.in_batches(move |connection| forget_tickets(connection, now, limit)).await?,
            tombstones: self.in_batches(move |connection| tombstones(connection, before, limit)).await?,
            payments: self.in_batches(move |connection| payments(connection, before, limit)).await?,
            intents: self.purge_intents(before, limit).await?,
        })
    }

    async fn in_batches(
        &self,
        batch: impl FnOnce(&Connection) -> Result<usize, Fault> + Clone + Send + 'static,
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
            let over = self.relay.read(move |connection| intents(connection, before, limit)).await?;
            for (id, contract) in &over {
                if let Some(partition) = self.partitions.standing(contract).await? {
                    let sql = "DELETE FROM intent_customers WHERE intent = ?1";
                    let id = id.clone();
                    partition.write(move |connection| run(connection, sql, [id])).await?;
                }
            }
            let rows = over.len();
            let delete = move |connection: &Connection| {
                over.iter().try_for_each(|(id, _)| {
                    run(connection, "DELETE FROM intents WHERE id = ?1", [id]).map(|_| ())
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

fn tombstones(connection: &Connection, before: i64, limit: i64) -> Result<usize, Fault> {
    run(
        connection,
        "DELETE FROM tombstones WHERE (terminal, idempotency_key) IN
             (SELECT terminal, idempotency_key FROM tombstones WHERE buried_at < ?1 ORDER BY buried_at LIMIT ?2)",
        (before, limit),
    )
}

fn payments(connection: &Connection, before: i64, limit: i64) -> Result<usize, Fault> {
    let over = all(
        connection,
        "SELECT id FROM payments
         WHERE state = 'closed' AND closed_at < ?1 AND NOT EXISTS
             (SELECT 1 FROM reversals WHERE payment = payments.id AND state <> 'acknowledged')
         ORDER BY closed_at LIMIT ?2",
        (before, limit),
        |row| Ok(row.get::<_, String>(0)?),
    )?;
    for id in &over {
        run(connection, "DELETE FROM reversals WHERE payment = ?1 AND state = 'acknowledged'", [id])?;
        run(connection, "DELETE FROM payments WHERE id = ?1", [id])?;
    }
    Ok(over.len())
}

/// Closed, or out of time in any other stage, since before that moment.
fn intents(connection: &Connection, before: i64, limit: i64) -> Result<Vec<(String, ContractId)>, Fault> {
    all(
        connection,
        "SELECT id, contract FROM intents
         WHERE expires_at < ?1 AND changed_at < ?1 ORDER BY expires_at LIMIT ?2",
        (before, limit),
        |row| Ok((row.get("id")?, parsed(row, "contract")?)),
    )
}
