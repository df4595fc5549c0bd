//! Columns to nouns and back.

use std::str::FromStr;

use enishi_linkage::{Label, Offer};
use rusqlite::{Connection, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;

pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<T, Fault> {
    parse(&row.get::<_, String>(column)?)
}

pub(super) fn parsed_if_there<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<Option<T>, Fault> {
    row.get::<_, Option<String>>(column)?.map(|text| parse(&text)).transpose()
}

fn parse<T: FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::Row("a name that is not of its form"))
}

/// The words of serde's errors may quote the value, so they are dropped.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::Row("JSON that is not of its shape"))
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|_| Fault::Row("a value that has no JSON"))
}

pub(super) fn label(row: &Row<'_>) -> Result<Label, Fault> {
    Label::new(&row.get::<_, String>("label")?).map_err(|_| Fault::Row("a label that no terminal can show"))
}

pub(super) fn offer(row: &Row<'_>) -> Result<Offer, Fault> {
    match row.get::<_, String>("offer")?.as_str() {
        "jointly" => Ok(Offer::Jointly),
        "alone" => Ok(Offer::Alone),
        _ => Err(Fault::Row("no such offer")),
    }
}

pub(super) const fn offer_word(offer: Offer) -> &'static str {
    match offer {
        Offer::Jointly => "jointly",
        Offer::Alone => "alone",
    }
}

/// All rows of a query.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    connection.prepare_cached(sql)?.query_and_then(params, read)?.collect()
}

/// The first row of a query.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    connection.prepare_cached(sql)?.query_and_then(params, read)?.next().transpose()
}

/// Runs one statement; gives how many rows it changed.
pub(super) fn run(connection: &Connection, sql: &str, params: impl Params) -> Result<usize, Fault> {
    Ok(connection.prepare_cached(sql)?.execute(params)?)
}

pub(super) fn exists(connection: &Connection, sql: &str, params: impl Params) -> Result<bool, Fault> {
    Ok(connection.prepare_cached(sql)?.exists(params)?)
}

/// Counts come back as signed numbers.
pub(super) fn count(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| Fault::Row("a negative count"))
}

pub(super) fn as_count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
