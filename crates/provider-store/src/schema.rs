use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

/// The steps from an empty file to the present schema; `PRAGMA user_version` counts those taken.
const MIGRATIONS: &[&str] = &[include_str!("sql/0001_initial.sql"), include_str!("sql/0002_invitation.sql")];

/// Sets the connection up and brings the file to the present schema.
pub(crate) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000;",
    )?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let taken: u16 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (version, step) in (1_u16..).zip(MIGRATIONS) {
        if version > taken {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", version)?;
        }
    }
    if usize::from(taken) > MIGRATIONS.len() {
        return Err(StoreError::NewerSchema { found: taken.into(), known: MIGRATIONS.len() });
    }
    transaction.commit()?;
    Ok(())
}
