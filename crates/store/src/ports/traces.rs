//! Trace numbers: reserved on disk by the block, given out from memory.

use std::collections::HashMap;
use std::ops::Range;

use enishi_linkage::StoreFault;
use enishi_party::ProviderId;
use tokio::sync::Mutex;

use super::column::{count, first};
use crate::database::Database;
use crate::fault::Fault;
use crate::session::Session;

/// Numbers reserved at once: one write for so many messages, and the largest gap that a restart leaves.
const BLOCK: u32 = 1_000;

/// What is reserved and not given out yet, by provider.
#[derive(Default)]
pub(crate) struct TraceBlocks(Mutex<HashMap<ProviderId, Range<u64>>>);

impl TraceBlocks {
    pub(crate) async fn next(&self, provider: &ProviderId, relay: &Database) -> Result<u64, StoreFault> {
        let mut blocks = self.0.lock().await;
        if let Some(number) = blocks.get_mut(provider).and_then(Iterator::next) {
            return Ok(number);
        }
        let name = provider.clone();
        let mut block = relay.write(move |session| reserve(session, &name)).await?;
        let number = block.next().ok_or_else(|| StoreFault { reason: "no traces are left".to_owned() })?;
        blocks.insert(provider.clone(), block);
        Ok(number)
    }
}

fn reserve(session: &dyn Session, provider: &ProviderId) -> Result<Range<u64>, Fault> {
    let end = first(
        session,
        "INSERT INTO traces (provider, next) VALUES (?1, 1 + ?2)
         ON CONFLICT (provider) DO UPDATE SET next = traces.next + ?2 RETURNING next",
        (provider.as_str(), BLOCK),
        |row| count(row.get("next")?),
    )?;
    let end = end.ok_or(Fault::Row("a counter that does not answer"))?;
    Ok(end.saturating_sub(u64::from(BLOCK))..end)
}
