//! What an operator watches: whether writes are taken, and what waits.

use enishi_linkage::StoreFault;
use enishi_party::Timestamp;

use super::clock_value::timestamp;
use super::column::{count, first};
use crate::fault::Fault;
use crate::session::Session;
use crate::store::Store;

/// What waits in the relay's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreCondition {
    /// Reversals that are not answered yet.
    pub reversals_pending: u64,
    /// When the oldest of them was queued.
    pub oldest_reversal: Option<Timestamp>,
    /// Reversals that were answered with another code than 00: cases for people.
    pub reversals_rejected: u64,
    /// Answers that nobody may be told.
    pub quarantined: u64,
}

impl Store {
    /// Counts what waits.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn condition(&self) -> Result<StoreCondition, StoreFault> {
        self.relay.read(condition).await
    }

    /// Goes through the thread that writes, without writing anything.
    ///
    /// # Errors
    /// No writes are taken now, or any more.
    pub async fn takes_writes(&self) -> Result<(), StoreFault> {
        self.relay.write(|_| Ok(())).await
    }
}

fn condition(session: &dyn Session) -> Result<StoreCondition, Fault> {
    let number =
        |sql| first(session, sql, (), |row| count(row.get("number")?)).map(Option::unwrap_or_default);
    let oldest = "SELECT min(queued_at) AS oldest FROM reversals WHERE state = 'queued'";
    let oldest = first(session, oldest, (), |row| row.get::<Option<i64>>("oldest"))?.flatten();
    Ok(StoreCondition {
        reversals_pending: number("SELECT count(*) AS number FROM reversals WHERE state = 'queued'")?,
        oldest_reversal: oldest.map(timestamp).transpose()?,
        reversals_rejected: number("SELECT count(*) AS number FROM reversals WHERE state = 'rejected'")?,
        quarantined: number("SELECT count(*) AS number FROM quarantine")?,
    })
}
