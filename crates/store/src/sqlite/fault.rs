//! What goes wrong inside a read or a write.

use enishi_linkage::StoreFault;
use enishi_party::Malformed;

/// Becomes a [`StoreFault`] at the port; holds no contents of a row.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite refused.
    Sql(rusqlite::Error),
    /// A row that no version of this program writes, or a call that its port does not allow.
    Row(&'static str),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self::Row(malformed.rule)
    }
}

impl From<Fault> for StoreFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sql(error) => Self { reason: describe(&error) },
            Fault::Row(what) => Self { reason: what.to_owned() },
        }
    }
}

/// SQLite's words name tables and columns; those about a value's conversion may quote it and are left out.
pub(super) fn describe(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, Some(text)) => format!("{code}: {text}"),
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        rusqlite::Error::InvalidColumnType(_, column, found) => format!("column {column} holds {found}"),
        rusqlite::Error::FromSqlConversionFailure(place, found, _) => {
            format!("column {place} holds {found} that does not convert")
        }
        _ => "the statement and the file do not fit".to_owned(),
    }
}
