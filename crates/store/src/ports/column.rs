//! Columns to nouns and back.

use std::str::FromStr;

use enishi_linkage::{Label, Offer};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::session::{Row, Session, Values};

pub(crate) fn parsed<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<T, Fault> {
    parse(&row.get::<String>(column)?)
}

pub(crate) fn parsed_if_there<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<Option<T>, Fault> {
    row.get::<Option<String>>(column)?.map(|text| parse(&text)).transpose()
}

fn parse<T: FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::Row("a name that is not of its form"))
}

/// The words of serde's errors may quote the value, so they are dropped.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::Row("JSON that is not of its shape"))
}

pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|_| Fault::Row("a value that has no JSON"))
}

pub(crate) fn label(row: &Row<'_>) -> Result<Label, Fault> {
    Label::new(&row.get::<String>("label")?).map_err(|_| Fault::Row("a label that no terminal can show"))
}

pub(crate) fn offer(row: &Row<'_>) -> Result<Offer, Fault> {
    match row.get::<String>("offer")?.as_str() {
        "jointly" => Ok(Offer::Jointly),
        "alone" => Ok(Offer::Alone),
        _ => Err(Fault::Row("no such offer")),
    }
}

pub(crate) const fn offer_word(offer: Offer) -> &'static str {
    match offer {
        Offer::Jointly => "jointly",
        Offer::Alone => "alone",
    }
}

/// All rows of a query.
pub(crate) fn all<T>(
    session: &dyn Session,
    sql: &str,
    values: impl Values,
    mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut rows = Vec::new();
    let mut each = |row: &Row<'_>| {
        rows.push(read(row)?);
        Ok(())
    };
    values.with(|values| session.query(sql, values, &mut each))?;
    Ok(rows)
}

/// The one row of a query that has at most one.
pub(crate) fn first<T>(
    session: &dyn Session,
    sql: &str,
    values: impl Values,
    read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    Ok(all(session, sql, values, read)?.into_iter().next())
}

/// Runs one statement; gives how many rows it changed.
pub(crate) fn run(session: &dyn Session, sql: &str, values: impl Values) -> Result<usize, Fault> {
    let changed = values.with(|values| session.change(sql, values))?;
    Ok(usize::try_from(changed).unwrap_or(usize::MAX))
}

pub(crate) fn exists(session: &dyn Session, sql: &str, values: impl Values) -> Result<bool, Fault> {
    Ok(first(session, sql, values, |_| Ok(()))?.is_some())
}

/// Counts come back as signed numbers.
pub(crate) fn count(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| Fault::Row("a negative count"))
}

pub(crate) fn as_count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
