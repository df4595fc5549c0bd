//! The durable register (SQLite, WAL, synchronous FULL): what was issued, revoked, paired, published and asked.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use readers::Readers;

use enishi_jpki::{Carrier, CertKind, Serial};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::{AuthorityConfig, AuthorityError};

pub(crate) mod certificates;
pub(crate) mod citizens;
mod upgrade;

pub(crate) mod generations;
pub(crate) mod lookups;
pub(crate) mod pairings;
pub(crate) mod partitions;
pub(crate) mod publications;
mod readers;

/// Of the tables below; a higher number is a newer program's file.
const SCHEMA: i64 = 3;
/// How long one writer waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

const TABLES: &str = "
CREATE TABLE settings (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema INTEGER NOT NULL,
    config TEXT NOT NULL
) STRICT;
CREATE TABLE counters (
    kind INTEGER PRIMARY KEY CHECK (kind IN (1, 2)),
    next_serial INTEGER NOT NULL CHECK (next_serial > 0)
) STRICT;
CREATE TABLE generations (
    kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
    generation INTEGER NOT NULL CHECK (generation BETWEEN 1 AND 3),
    serial BLOB NOT NULL,
    key_id BLOB NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (kind, generation)
) STRICT;
CREATE TABLE certificates (
    kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
    serial BLOB NOT NULL CHECK (length(serial) BETWEEN 1 AND 20),
    generation INTEGER NOT NULL CHECK (generation BETWEEN 1 AND 3),
    citizen TEXT NOT NULL,
    carrier INTEGER NOT NULL CHECK (carrier IN (1, 2)),
    issued_at INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    der BLOB NOT NULL,
    reason INTEGER CHECK (reason BETWEEN 0 AND 6),
    revoked_at INTEGER,
    published_in INTEGER,
    point INTEGER REFERENCES points (id),
    PRIMARY KEY (kind, serial),
    CHECK ((reason IS NULL) = (revoked_at IS NULL)),
    CHECK (published_in IS NULL OR revoked_at IS NOT NULL)
) STRICT;
CREATE INDEX certificates_of_citizen ON certificates (citizen, carrier, kind);
CREATE INDEX revoked ON certificates (kind, not_after) WHERE revoked_at IS NOT NULL;
CREATE INDEX unpublished ON certificates (kind) WHERE revoked_at IS NOT NULL AND published_in IS NULL;
CREATE TABLE pairings (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
    serial BLOB NOT NULL,
    relation INTEGER NOT NULL CHECK (relation BETWEEN 1 AND 3),
    other_serial BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    UNIQUE (kind, serial, relation, other_serial)
) STRICT;
CREATE TABLE publications (
    kind INTEGER PRIMARY KEY CHECK (kind IN (1, 2)),
    number INTEGER NOT NULL CHECK (number > 0),
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL
) STRICT;
CREATE TABLE lists (
    kind INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (kind, generation),
    FOREIGN KEY (kind, generation) REFERENCES generations (kind, generation)
) STRICT;
CREATE TABLE verifiers (
    party TEXT NOT NULL,
    purpose INTEGER NOT NULL CHECK (purpose BETWEEN 1 AND 3),
    PRIMARY KEY (party, purpose)
) STRICT, WITHOUT ROWID;
CREATE TABLE lookups (
    id INTEGER PRIMARY KEY,
    party TEXT NOT NULL,
    purpose INTEGER NOT NULL CHECK (purpose BETWEEN 1 AND 3),
    relation INTEGER NOT NULL CHECK (relation BETWEEN 1 AND 3),
    found INTEGER NOT NULL CHECK (found IN (0, 1)),
    at INTEGER NOT NULL
) STRICT;
";

const CITIZENS: &str = "
CREATE TABLE citizens (
    id TEXT PRIMARY KEY,
    record TEXT NOT NULL CHECK (json_valid(record)),
    recorded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Distribution points with the number of their last lists, those lists, and responders' certificates by their key.
const PARTITIONS_AND_DELEGATES: &str = "
CREATE TABLE points (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
    name BLOB NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    number INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, sha256)
) STRICT;
CREATE TABLE partitions (
    point INTEGER NOT NULL REFERENCES points (id),
    generation INTEGER NOT NULL CHECK (generation BETWEEN 1 AND 3),
    der BLOB NOT NULL,
    PRIMARY KEY (point, generation)
) STRICT;
CREATE TABLE delegates (
    kind INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    key INTEGER NOT NULL CHECK (key IN (1, 2)),
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (kind, generation, key),
    FOREIGN KEY (kind, generation) REFERENCES generations (kind, generation)
) STRICT;
";

/// One connection that writes, and some that read beside it; every call blocks on the disk.
pub(crate) struct Register {
    connection: Mutex<Connection>,
    readers: Readers,
}

impl Register {
    pub(crate) fn create(path: &Path, config: &AuthorityConfig) -> Result<Self, AuthorityError> {
        make_private(path)?;
        let register =
            Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let config = serde_json::to_string(config)
            .map_err(|_| AuthorityError::Inconsistent("settings cannot be written"))?;
        register.write(|transaction| {
            transaction.execute_batch(TABLES)?;
            transaction.execute_batch(CITIZENS)?;
            transaction.execute_batch(PARTITIONS_AND_DELEGATES)?;
            transaction.execute("INSERT INTO settings VALUES (1, ?1, ?2)", (SCHEMA, config))?;
            Ok(())
        })?;
        Ok(register)
    }

    pub(crate) fn open(path: &Path) -> Result<(Self, AuthorityConfig), AuthorityError> {
        let register = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let (schema, config): (i64, String) =
            register
                .connection()
                .query_row("SELECT schema, config FROM settings", (), |row| Ok((row.get(0)?, row.get(1)?)))?;
        if schema != SCHEMA {
            register.write(upgrade::to_this_schema)?;
        }
        let config =
            serde_json::from_str(&config).map_err(|_| AuthorityError::Inconsistent("unreadable settings"))?;
        Ok((register, config))
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, AuthorityError> {
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // A number that was given out, a revocation that was confirmed: both must survive a power cut.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(Self { connection: Mutex::new(connection), readers: Readers::open(path)? })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction rolls it back, so the connection stays good.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the work in one write transaction; an error rolls it back.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, AuthorityError>,
    ) -> Result<T, AuthorityError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    /// Runs the work on what was committed last, by this process or another.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, AuthorityError>,
    ) -> Result<T, AuthorityError> {
        work(&self.readers.wait_for_one())
    }

    /// As [`read`](Self::read), of one moment though it takes several statements.
    pub(crate) fn read_together<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, AuthorityError>,
    ) -> Result<T, AuthorityError> {
        let connection = self.readers.wait_for_one();
        let moment = connection.unchecked_transaction()?;
        let result = work(&moment)?;
        moment.commit()?;
        Ok(result)
    }

    /// As [`read`](Self::read) where a connection is free; nothing where the caller would have to wait for another's turn.
    pub(crate) fn read_at_once<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, AuthorityError>,
    ) -> Option<Result<T, AuthorityError>> {
        self.readers.one_that_is_free().map(|connection| work(&connection))
    }
}

/// Before SQLite makes the file with the process's mask; its companions (`-wal`, `-shm`) take the file's mode.
fn make_private(path: &Path) -> Result<(), AuthorityError> {
    use std::os::unix::fs::OpenOptionsExt;

    let made = std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    made.map(drop).map_err(|source| AuthorityError::File { path: path.to_owned(), source })
}

pub(crate) const fn kind_code(kind: CertKind) -> u8 {
    match kind {
        CertKind::Authentication => 1,
        CertKind::Signing => 2,
    }
}

const fn carrier_code(carrier: Carrier) -> u8 {
    match carrier {
        Carrier::Card => 1,
        Carrier::Phone => 2,
    }
}

fn carrier_from_code(code: u8) -> Result<Carrier, AuthorityError> {
    match code {
        1 => Ok(Carrier::Card),
        2 => Ok(Carrier::Phone),
        _ => Err(AuthorityError::Inconsistent("no such carrier")),
    }
}

fn timestamp(second: i64) -> Result<Timestamp, AuthorityError> {
    Timestamp::from_second(second).map_err(|_| AuthorityError::Inconsistent("a time out of range"))
}

fn serial(content: &[u8]) -> Result<Serial, AuthorityError> {
    Serial::from_der_content(content).map_err(|_| AuthorityError::Inconsistent("a malformed serial"))
}
