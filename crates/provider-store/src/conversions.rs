use async_trait::async_trait;
use enishi_party::{CustomerId, InstrumentRef, PairwiseId, Timestamp};
use enishi_provider::{Conversions, NewTie, StoreFault, TieOutcome};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::facts::customer_of;
use crate::row::{Octets16, millis};
use crate::{ProviderStore, StoreError};

#[async_trait]
impl Conversions for ProviderStore {
    async fn tie(&self, tie: NewTie, now: Timestamp) -> Result<TieOutcome, StoreFault> {
        Ok(self.writer.run(move |tx| insert(tx, &tie, now)).await?)
    }

    async fn untie(&self, instrument: InstrumentRef) -> Result<(), StoreFault> {
        let done = self.writer.run(move |tx| {
            let pairwise: Option<Option<[u8; 16]>> = tx
                .prepare_cached("DELETE FROM tie WHERE instrument = ?1 RETURNING pairwise")?
                .query_row([instrument.octets()], |row| row.get(0))
                .optional()?;
            // Without any tie the ID is forgotten too, and the customer's earlier one counts again.
            tx.prepare_cached(
                "DELETE FROM conversion WHERE pairwise = ?1
                 AND NOT EXISTS (SELECT 1 FROM tie WHERE tie.pairwise = conversion.pairwise)",
            )?
            .execute([pairwise.flatten()])?;
            Ok::<_, StoreError>(())
        });
        Ok(done.await?)
    }
}

fn insert(tx: &Transaction<'_>, tie: &NewTie, now: Timestamp) -> Result<TieOutcome, StoreError> {
    if let Some(pairwise) = &tie.pairwise
        && convert(tx, pairwise, &tie.customer, now)? == TieOutcome::Conflict
    {
        return Ok(TieOutcome::Conflict);
    }
    let receipt = serde_json::to_string(&tie.receipt).map_err(|_| StoreError::Inconsistent("receipt"))?;
    tx.prepare_cached(
        "INSERT INTO tie (instrument, customer, slot, link, pairwise, receipt, tied_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        tie.instrument.octets(),
        tie.customer.as_str(),
        tie.slot.number(),
        tie.link.octets(),
        tie.pairwise.map(|pairwise| pairwise.octets()),
        receipt,
        millis(now)
    ])?;
    Ok(TieOutcome::Tied)
}

/// Stores the ID, unless it stands there already; another customer's, or one that was replaced, is a conflict.
fn convert(
    tx: &Transaction<'_>,
    pairwise: &PairwiseId,
    customer: &CustomerId,
    now: Timestamp,
) -> Result<TieOutcome, StoreError> {
    let known =
        tx.prepare_cached("SELECT 1 FROM conversion WHERE pairwise = ?1")?.exists([pairwise.octets()])?;
    if known {
        let same = customer_of(tx, pairwise)?.as_ref() == Some(customer);
        return Ok(if same { TieOutcome::Tied } else { TieOutcome::Conflict });
    }
    tx.prepare_cached("INSERT INTO conversion (pairwise, customer, stored_at) VALUES (?1, ?2, ?3)")?
        .execute(params![pairwise.octets(), customer.as_str(), millis(now)])?;
    Ok(TieOutcome::Tied)
}
