use enishi_party::Malformed;
use enishi_provider::{StoreFault, Unbalanced};

/// Why the store failed. Holds SQL and rules at most, never a stored value.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite failed.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file could not be made or closed to others.
    #[error("the database file: {0}")]
    File(#[from] std::io::Error),
    /// The file was written by a newer version.
    #[error("the database has schema version {found}; this version knows {known}")]
    NewerSchema {
        /// The file's.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// A row breaks a rule that writing it would have checked.
    #[error("a stored row is inconsistent: {0}")]
    Inconsistent(&'static str),
    /// A stored value is none of its type.
    #[error("a stored value is inconsistent: {0}")]
    Value(#[from] Malformed),
    /// An entry that is none.
    #[error("no ledger entry: {0}")]
    Unbalanced(#[from] Unbalanced),
    /// Samples that break a rule; the text names the customer by place.
    #[error("sample customer {place}: {reason}")]
    Sample {
        /// Counted from 1.
        place: usize,
        /// The rule.
        reason: Malformed,
    },
    /// Samples that are no TOML of that shape; the text gives a line, never its contents.
    #[error("samples: not of the expected form near line {line}")]
    SampleForm {
        /// Counted from 1.
        line: usize,
    },
    /// The store has stopped.
    #[error("the store has stopped")]
    Stopped,
}

impl StoreError {
    /// Whether the disk or the file cannot be trusted any more: nothing may be tried again on this connection.
    pub(crate) fn is_fatal(&self) -> bool {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseCorrupt, FileLockingProtocolFailed, NotADatabase, ReadOnly, SystemIoFailure,
        };
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    SystemIoFailure
                        | DatabaseCorrupt
                        | NotADatabase
                        | CannotOpen
                        | ReadOnly
                        | FileLockingProtocolFailed
                )
            ),
            _ => false,
        }
    }
}

impl From<StoreError> for StoreFault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stopped => Self::Stopped,
            StoreError::Inconsistent(rule) => Self::Inconsistent(rule),
            StoreError::Value(malformed) => Self::Inconsistent(malformed.noun),
            other => Self::Failed(other.to_string()),
        }
    }
}
