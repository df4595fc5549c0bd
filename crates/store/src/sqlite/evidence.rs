//! Sealed evidence in a contract's partition.

use enishi_party::{AssertionId, Timestamp};
use rusqlite::Connection;

use super::clock_value::micros;
use super::column::{first, run};
use super::fault::Fault;

/// Written before the payment's row: evidence without a payment is harmless, so the same evidence may come again.
pub(super) fn keep(
    connection: &Connection,
    assertion: AssertionId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), Fault> {
    run(
        connection,
        "INSERT INTO evidence (assertion, sealed, kept_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        (assertion.to_string(), sealed, micros(now)),
    )?;
    match get(connection, assertion)? {
        Some(kept) if kept == sealed => Ok(()),
        Some(_) | None => Err(Fault::Row("an assertion with other evidence")),
    }
}

pub(super) fn get(connection: &Connection, assertion: AssertionId) -> Result<Option<Vec<u8>>, Fault> {
    first(connection, "SELECT sealed FROM evidence WHERE assertion = ?1", [assertion.to_string()], |row| {
        Ok(row.get(0)?)
    })
}
