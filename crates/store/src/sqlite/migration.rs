//! Schemas and how a file comes to the present one.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::OpenError;

/// A kind of file: its mark in the header, and the steps that make it, oldest first.
pub(super) struct Schema {
    application_id: i32,
    migrations: &'static [&'static str],
}

/// `relay.sqlite`; marked `ENSR`.
pub(super) const RELAY: Schema = Schema {
    application_id: 0x454E_5352,
    migrations: &[include_str!("migrations/relay/0001_journal_and_links.sql")],
};

/// `entrusted/{contract}.sqlite`; marked `ENSP`.
pub(super) const PARTITION: Schema = Schema {
    application_id: 0x454E_5350,
    migrations: &[include_str!("migrations/partition/0001_links_and_evidence.sql")],
};

/// Brings a file to the present schema, all steps in one transaction.
pub(super) fn migrate(connection: &mut Connection, path: &Path, schema: &Schema) -> Result<(), OpenError> {
    let failed = |source| OpenError::Database { path: path.to_owned(), source };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let number = |sql| transaction.query_row(sql, (), |row| row.get::<_, i32>(0)).map_err(failed);
    let (mark, version) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    let objects = number("SELECT count(*) FROM sqlite_schema")?;
    let foreign = |reason| OpenError::Foreign { path: path.to_owned(), reason };
    let found = match (mark, usize::try_from(version)) {
        (0, Ok(0)) if objects == 0 => 0,
        (mark, Ok(version)) if mark == schema.application_id => version,
        _ => return Err(foreign("a database of another program, or of another part of this one")),
    };
    let known = schema.migrations.len();
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    for step in schema.migrations.iter().skip(found) {
        transaction.execute_batch(step).map_err(failed)?;
    }
    let known = i32::try_from(known).map_err(|_| foreign("more schemas than can be counted"))?;
    transaction.pragma_update(None, "application_id", schema.application_id).map_err(failed)?;
    transaction.pragma_update(None, "user_version", known).map_err(failed)?;
    transaction.commit().map_err(failed)
}

#[cfg(test)]
mod tests;
