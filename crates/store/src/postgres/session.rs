//! Statements on one PostgreSQL connection.

use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;

use bytes::BytesMut;
use postgres::error::SqlState;

use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};

use crate::fault::Fault;
use crate::session::{Columns, Row, Session, Value};

/// A connection, with the statements that it knows already.
pub(super) struct Connection {
    pub(super) client: Client,
    /// By the schema whose tables they name, and their text.
    statements: HashMap<(&'static str, String), Statement>,
    /// The schema of the transaction.
    pub(super) schema: &'static str,
}

impl Connection {
    pub(super) fn new(client: Client) -> Self {
        Self { client, statements: HashMap::new(), schema: "" }
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, Fault> {
        let key = (self.schema, sql.to_owned());
        if let Some(known) = self.statements.get(&key) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(&sql.replace('?', "$")).map_err(|error| fault(&error))?;
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }
}

/// A connection inside of its transaction.
pub(super) struct PostgresSession<'a>(pub(super) RefCell<&'a mut Connection>);

impl Session for PostgresSession<'_> {
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        let mut connection = self.0.borrow_mut();
        let statement = connection.statement(sql)?;
        let values: Vec<&(dyn ToSql + Sync)> =
            values.iter().map(|value| -> &(dyn ToSql + Sync) { value }).collect();
        connection.client.execute(&statement, &values).map_err(|error| fault(&error))
    }

    fn query(
        &self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let rows = {
            let mut connection = self.0.borrow_mut();
            let statement = connection.statement(sql)?;
            let values: Vec<&(dyn ToSql + Sync)> =
                values.iter().map(|value| -> &(dyn ToSql + Sync) { value }).collect();
            connection.client.query(&statement, &values).map_err(|error| fault(&error))?
        };
        rows.iter().try_for_each(|row| each(&Row(row)))
    }
}

impl Columns for postgres::Row {
    fn number(&self, column: &str) -> Result<Option<i64>, Fault> {
        self.try_get(column).map_err(|error| fault(&error))
    }

    fn text(&self, column: &str) -> Result<Option<String>, Fault> {
        self.try_get(column).map_err(|error| fault(&error))
    }

    fn octets(&self, column: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.try_get(column).map_err(|error| fault(&error))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Number(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Value::Number(number) => number.to_sql(ty, out),
            Value::Text(text) => text.as_ref().to_sql(ty, out),
            Value::Octets(octets) => octets.as_ref().to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT4, Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

/// PostgreSQL's message names tables and constraints; its detail quotes values and is left out.
pub(super) fn fault(error: &postgres::Error) -> Fault {
    let overtaken =
        [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED, &SqlState::UNIQUE_VIOLATION];
    match error.as_db_error() {
        Some(told) if overtaken.contains(&told.code()) => Fault::Overtaken,
        Some(told) => Fault::Database(format!("{}: {}", told.code().code(), told.message())),
        None if error.is_closed() => Fault::Database("the connection was closed".to_owned()),
        None => {
            Fault::Database("the statement and the database do not fit, or the connection broke".to_owned())
        }
    }
}
