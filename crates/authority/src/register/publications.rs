//! Published lists.

use enishi_jpki::CertKind;
use jiff::Timestamp;
use rusqlite::{Connection, MAIN_DB, OptionalExtension, blob::ZeroBlob};

use super::{kind_code, timestamp};
use crate::{
    AuthorityError, RevocationReason,
    generation::{Generation, GenerationNumber},
    reason,
};

/// The dates of the lists that are served for one kind; one number for all keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) number: u64,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Timestamp,
}

pub(crate) fn last(connection: &Connection, kind: CertKind) -> Result<Option<Issue>, AuthorityError> {
    let raw: Option<(i64, i64, i64)> = connection
        .query_row(
            "SELECT number, this_update, next_update FROM publications WHERE kind = ?1",
            [kind_code(kind)],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    raw.map(|(number, this_update, next_update)| {
        Ok(Issue {
            number: u64::try_from(number)
                .map_err(|_| AuthorityError::Inconsistent("a negative list number"))?,
            this_update: timestamp(this_update)?,
            next_update: timestamp(next_update)?,
        })
    })
    .transpose()
}

/// Takes the lists of a kind away, for those of the next issue to be written in the same transaction.
pub(crate) fn begin(connection: &Connection, kind: CertKind, issue: &Issue) -> Result<(), AuthorityError> {
    connection.execute(
        "INSERT OR REPLACE INTO publications VALUES (?1, ?2, ?3, ?4)",
        (kind_code(kind), row_number(issue)?, issue.this_update.as_second(), issue.next_update.as_second()),
    )?;
    connection.execute("DELETE FROM lists WHERE kind = ?1", [kind_code(kind)])?;
    Ok(())
}

/// Writes the list of one key, piece by piece, into a row of that length.
pub(crate) fn write_list(
    connection: &Connection,
    kind: CertKind,
    generation: GenerationNumber,
    octets: usize,
    write: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), AuthorityError>) -> Result<(), AuthorityError>,
) -> Result<(), AuthorityError> {
    const TOO_LONG: AuthorityError = AuthorityError::Inconsistent("a list longer than a register's row");
    const PIECE_MAX: usize = 1 << 20;
    let room = ZeroBlob(u64::try_from(octets).map_err(|_| TOO_LONG)?);
    connection
        .execute("INSERT INTO lists VALUES (?1, ?2, ?3)", (kind_code(kind), generation.number(), room))?;
    let row = connection.last_insert_rowid();
    let mut blob = connection.blob_open(MAIN_DB, "lists", "der", row, false)?;
    let mut written = 0_usize;
    write(&mut |part| {
        for piece in part.chunks(PIECE_MAX) {
            blob.write_all_at(piece, written)?;
            written = written.saturating_add(piece.len());
        }
        Ok(())
    })?;
    blob.close()?;
    if written == octets { Ok(()) } else { Err(AuthorityError::Inconsistent("a list of another length")) }
}

/// Marks what was revoked as published in this issue.
pub(crate) fn mark(connection: &Connection, kind: CertKind, issue: &Issue) -> Result<(), AuthorityError> {
    connection.execute(
        "UPDATE certificates SET published_in = ?2
         WHERE kind = ?1 AND revoked_at IS NOT NULL AND published_in IS NULL",
        (kind_code(kind), row_number(issue)?),
    )?;
    Ok(())
}

fn row_number(issue: &Issue) -> Result<i64, AuthorityError> {
    i64::try_from(issue.number).map_err(|_| AuthorityError::Inconsistent("no more list numbers"))
}

/// The list that is served for one key.
pub(crate) fn list(
    connection: &Connection,
    generation: &Generation,
) -> Result<Option<Vec<u8>>, AuthorityError> {
    Ok(connection
        .query_row(
            "SELECT der FROM lists WHERE kind = ?1 AND generation = ?2",
            (kind_code(generation.kind), generation.number.number()),
            |row| row.get(0),
        )
        .optional()?)
}

pub(crate) fn any_unpublished(connection: &Connection, kind: CertKind) -> Result<bool, AuthorityError> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM certificates
                        WHERE kind = ?1 AND revoked_at IS NOT NULL AND published_in IS NULL)",
        [kind_code(kind)],
        |row| row.get(0),
    )?)
}

/// Hands every revoked certificate that was valid at `valid_at` or later to the visitor, by number.
pub(crate) fn for_each_revoked(
    connection: &Connection,
    kind: CertKind,
    valid_at: Timestamp,
    mut visit: impl FnMut(&[u8], Timestamp, RevocationReason),
) -> Result<(), AuthorityError> {
    // Contents of positive INTEGERs: shorter is smaller, and equally long ones compare octet by octet.
    let mut statement = connection.prepare_cached(
        "SELECT serial, revoked_at, reason FROM certificates
         WHERE kind = ?1 AND revoked_at IS NOT NULL AND not_after >= ?2 ORDER BY length(serial), serial",
    )?;
    let mut rows = statement.query((kind_code(kind), valid_at.as_second()))?;
    while let Some(row) = rows.next()? {
        let serial = row.get_ref(0)?;
        let serial = serial.as_blob().map_err(|_| AuthorityError::Inconsistent("a malformed serial"))?;
        let reason = reason::from_code(row.get(2)?).ok_or(AuthorityError::Inconsistent("no such reason"))?;
        visit(serial, timestamp(row.get(1)?)?, reason);
    }
    Ok(())
}
