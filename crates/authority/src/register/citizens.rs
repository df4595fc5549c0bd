//! The citizens who were certified: the resident register's entries.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::{AuthorityError, CitizenRecord};

/// Keeps an entry; a later one takes its place.
pub(crate) fn put(
    connection: &Connection,
    citizen: &CitizenRecord,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    connection.execute(
        "INSERT INTO citizens (id, record, recorded_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET record = excluded.record, recorded_at = excluded.recorded_at",
        (citizen.id.as_str(), citizen.to_json()?, now.as_second()),
    )?;
    Ok(())
}

/// The entry of a citizen.
pub(crate) fn get(connection: &Connection, id: &str) -> Result<Option<CitizenRecord>, AuthorityError> {
    let record: Option<String> = connection
        .query_row("SELECT record FROM citizens WHERE id = ?1", [id], |row| row.get(0))
        .optional()?;
    record.map(|json| CitizenRecord::from_json(&json)).transpose()
}
