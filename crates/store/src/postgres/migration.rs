//! How a database comes to the present schema.

use postgres::{Config, NoTls};

use crate::OpenError;

/// The steps, oldest first.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_relay_and_entrusted.sql")];
/// Relays that start at once take turns (`ENSR`).
const TURN: i64 = 0x454E_5352;

/// Brings the schemas to the present version, all steps in one transaction.
pub(super) fn migrate(config: &Config) -> Result<(), OpenError> {
    let refused = |error: postgres::Error| OpenError::Postgres { reason: told(&error) };
    let mut client = config.connect(NoTls).map_err(refused)?;
    let mut step = || -> Result<Option<OpenError>, postgres::Error> {
        let mut transaction = client.transaction()?;
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&TURN])?;
        transaction.batch_execute(
            "CREATE SCHEMA IF NOT EXISTS enishi;
             CREATE TABLE IF NOT EXISTS enishi.schema_version (version BIGINT NOT NULL);",
        )?;
        let found: i64 = transaction
            .query_one("SELECT coalesce(max(version), 0) AS version FROM enishi.schema_version", &[])?
            .try_get("version")?;
        let found = usize::try_from(found).unwrap_or(usize::MAX);
        if found > MIGRATIONS.len() {
            return Ok(Some(OpenError::NewerDatabase { found, known: MIGRATIONS.len() }));
        }
        for (version, step) in (1_i64..).zip(MIGRATIONS).skip(found) {
            transaction.batch_execute(step)?;
            transaction.execute("INSERT INTO enishi.schema_version (version) VALUES ($1)", &[&version])?;
        }
        transaction.commit()?;
        Ok(None)
    };
    step().map_err(refused)?.map_or(Ok(()), Err)
}

/// Without the detail, which may quote values or a password's file.
fn told(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("{}: {}", told.code().code(), told.message()),
        None => error.to_string(),
    }
}
