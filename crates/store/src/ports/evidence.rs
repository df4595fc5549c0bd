//! Sealed evidence in a contract's partition.

use enishi_party::{AssertionId, Timestamp};

use super::clock_value::micros;
use super::column::{first, run};
use crate::fault::Fault;
use crate::session::Session;

/// Written before the payment's row: evidence without a payment is harmless, so the same evidence may come again.
pub(crate) fn keep(
    session: &dyn Session,
    assertion: AssertionId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), Fault> {
    run(
        session,
        "INSERT INTO evidence (assertion, sealed, kept_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        (assertion.to_string(), sealed, micros(now)),
    )?;
    match get(session, assertion)? {
        Some(kept) if kept == sealed => Ok(()),
        Some(_) | None => Err(Fault::Row("an assertion with other evidence")),
    }
}

pub(crate) fn get(session: &dyn Session, assertion: AssertionId) -> Result<Option<Vec<u8>>, Fault> {
    first(session, "SELECT sealed FROM evidence WHERE assertion = ?1", [assertion.to_string()], |row| {
        row.get("sealed")
    })
}
