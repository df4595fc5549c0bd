//! The verifier's own rows in SQLite: which card is whose, and which tap carried which act.

use std::fmt;
use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use enishi_party::{CustomerId, InstrumentRef, LinkId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::serial_index::SerialIndex;
use crate::{EvidenceRefused, RowsError};

/// `ENSV` in the file's header.
const APPLICATION_ID: i32 = 0x454E_5356;

/// The steps from an empty file to the present schema; `PRAGMA user_version` counts those taken.
const MIGRATIONS: &[&str] = &[include_str!("sql/0001_rows_and_taps.sql")];

const PRIVATE_FILE: u32 = 0o600;

/// One provider's serial rows. Cheap to clone; clones share the file.
#[derive(Clone)]
pub struct SerialRows(Arc<Mutex<Connection>>);

/// Whose act a tap is to carry.
pub(crate) struct Act {
    /// The card.
    pub(crate) card: SerialIndex,
    /// SHA-256 of the tap's ticket.
    pub(crate) ticket_sha256: [u8; 32],
    /// When the tap's evidence is too old for anything.
    pub(crate) until: Timestamp,
    /// The assertion or the link, as text.
    pub(crate) name: String,
    /// Whose it is.
    pub(crate) customer: CustomerId,
    /// For which of the customer's instruments.
    pub(crate) instrument: InstrumentRef,
}

impl SerialRows {
    /// Opens the file, which is made (mode 0600) where it is missing, and brings it to the present schema.
    ///
    /// # Errors
    /// The file cannot be made or read, or is none of ours.
    pub fn open(file: &Path) -> Result<Self, RowsError> {
        // Before SQLite: its companions (`-wal`, `-shm`) take the file's mode.
        let made =
            OpenOptions::new().write(true).create(true).truncate(false).mode(PRIVATE_FILE).open(file)?;
        made.set_permissions(Permissions::from_mode(PRIVATE_FILE))?;
        Self::start(Connection::open(file)?)
    }

    /// Rows that end with their last handle, for tests.
    ///
    /// # Errors
    /// SQLite failed.
    pub fn open_in_memory() -> Result<Self, RowsError> {
        Self::start(Connection::open_in_memory()?)
    }

    /// Takes away an instrument's rows, when its link has ended: the card may then be enrolled by another customer.
    ///
    /// # Errors
    /// [`RowsError`]
    pub async fn forget(&self, instrument: InstrumentRef) -> Result<usize, RowsError> {
        self.run(move |transaction| {
            let sql = "DELETE FROM serial_row WHERE instrument = ?1";
            Ok(transaction.execute(sql, [instrument.to_string()])?)
        })
        .await
    }

    /// Records a card for a customer's instrument; the same again changes nothing.
    pub(crate) async fn record(&self, act: Act, link: LinkId, now: Timestamp) -> Result<(), EvidenceRefused> {
        self.run(move |transaction| {
            let rows = rows_of(transaction, &act.card)?;
            if rows.iter().any(|(customer, _)| customer != act.customer.as_str()) {
                return Ok(Err(EvidenceRefused::OtherCustomer));
            }
            if let Err(refused) = use_tap(transaction, &act, now)? {
                return Ok(Err(refused));
            }
            transaction.execute(
                "INSERT OR IGNORE INTO serial_row (serial_index, instrument, customer, link, recorded_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    act.card.as_octets(),
                    act.instrument.to_string(),
                    act.customer.as_str(),
                    link.to_string(),
                    now.as_millisecond(),
                ],
            )?;
            Ok(Ok(()))
        })
        .await?
    }

    /// Lets a tap carry an act of the customer who enrolled the card.
    pub(crate) async fn carry(&self, act: Act, now: Timestamp) -> Result<(), EvidenceRefused> {
        self.run(move |transaction| {
            let rows = rows_of(transaction, &act.card)?;
            if rows.is_empty() {
                return Ok(Err(EvidenceRefused::UnknownCard));
            }
            let mut own = rows.iter().filter(|(customer, _)| customer == act.customer.as_str()).peekable();
            if own.peek().is_none() {
                return Ok(Err(EvidenceRefused::OtherCustomer));
            }
            let instrument = act.instrument.to_string();
            if !own.any(|(_, enrolled)| *enrolled == instrument) {
                return Ok(Err(EvidenceRefused::OtherInstrument));
            }
            use_tap(transaction, &act, now)
        })
        .await?
    }

    fn start(mut connection: Connection) -> Result<Self, RowsError> {
        prepare(&mut connection)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs `work` in a transaction of its own; a caller that gives up waiting changes nothing.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, RowsError> + Send + 'static,
    ) -> Result<T, RowsError> {
        let connection = Arc::clone(&self.0);
        let job = tokio::task::spawn_blocking(move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            // Immediate: what the work reads is what it writes upon.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        job.await.map_err(|_| RowsError::CutOff)?
    }
}

impl fmt::Debug for SerialRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SerialRows")
    }
}

/// Customer and instrument of each row of a card.
fn rows_of(transaction: &Transaction<'_>, card: &SerialIndex) -> Result<Vec<(String, String)>, RowsError> {
    let mut statement =
        transaction.prepare_cached("SELECT customer, instrument FROM serial_row WHERE serial_index = ?1")?;
    let rows = statement.query_map([card.as_octets()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One tap carries one act; the same act again is no other.
fn use_tap(
    transaction: &Transaction<'_>,
    act: &Act,
    now: Timestamp,
) -> Result<Result<(), EvidenceRefused>, RowsError> {
    transaction.execute("DELETE FROM used_tap WHERE until_ms < ?1", [now.as_millisecond()])?;
    let sql = "SELECT act FROM used_tap WHERE ticket_sha256 = ?1";
    let carried: Option<String> =
        transaction.query_row(sql, [&act.ticket_sha256], |row| row.get(0)).optional()?;
    match carried {
        Some(other) if other != act.name => Ok(Err(EvidenceRefused::Reused)),
        Some(_) => Ok(Ok(())),
        None => {
            transaction.execute(
                "INSERT INTO used_tap (ticket_sha256, act, until_ms) VALUES (?1, ?2, ?3)",
                params![act.ticket_sha256, act.name, act.until.as_millisecond()],
            )?;
            Ok(Ok(()))
        }
    }
}

/// Sets the connection up and brings the file to the present schema.
fn prepare(connection: &mut Connection) -> Result<(), RowsError> {
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000;",
    )?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = |sql| transaction.query_row(sql, [], |row| row.get::<_, i32>(0));
    let (mark, taken) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    let objects = number("SELECT count(*) FROM sqlite_schema")?;
    let known = i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX);
    let ours = mark == APPLICATION_ID && (0..=known).contains(&taken);
    if !ours && (mark, taken, objects) != (0, 0, 0) {
        return Err(RowsError::Foreign);
    }
    for (version, step) in (1_i32..).zip(MIGRATIONS) {
        if version > taken {
            transaction.execute_batch(step)?;
        }
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests;
