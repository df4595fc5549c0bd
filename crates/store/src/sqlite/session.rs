//! Statements on one SQLite connection.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::fault::Fault;
use crate::session::{Columns, Row, Session, Value};

/// A connection inside of its transaction.
pub(super) struct SqliteSession<'a>(pub(super) &'a Connection);

impl Session for SqliteSession<'_> {
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        let changed = self.0.prepare_cached(sql)?.execute(params_from_iter(values))?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn query(
        &self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            each(&Row(row))?;
        }
        Ok(())
    }
}

impl Columns for rusqlite::Row<'_> {
    fn number(&self, column: &str) -> Result<Option<i64>, Fault> {
        Ok(self.get(column)?)
    }

    fn text(&self, column: &str) -> Result<Option<String>, Fault> {
        Ok(self.get(column)?)
    }

    fn octets(&self, column: &str) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.get(column)?)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Number(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Octets(octets) => ValueRef::Blob(octets),
        }))
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(describe(&error))
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
