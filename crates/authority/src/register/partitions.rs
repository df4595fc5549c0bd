//! Distribution points, and the lists of one municipality's certificates.

use aws_lc_rs::digest;
use enishi_jpki::CertKind;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::{kind_code, timestamp};
use crate::{
    AuthorityError, RevocationReason,
    generation::{Generation, GenerationNumber},
    reason,
};

/// A distribution point that certificates name.
pub(crate) struct Point {
    pub(crate) id: i64,
    /// The `Name`, DER.
    pub(crate) name: Vec<u8>,
    /// Of its next list; each point counts for itself.
    pub(crate) next_number: u64,
}

/// The row of a distribution point, made where it is new.
pub(crate) fn point(connection: &Connection, kind: CertKind, name: &[u8]) -> Result<i64, AuthorityError> {
    let sha256 = digest::digest(&digest::SHA256, name);
    let known = |connection: &Connection| {
        connection
            .prepare_cached("SELECT id FROM points WHERE kind = ?1 AND sha256 = ?2")?
            .query_row((kind_code(kind), sha256.as_ref()), |row| row.get(0))
            .optional()
    };
    if let Some(id) = known(connection)? {
        return Ok(id);
    }
    connection.execute(
        "INSERT INTO points (kind, name, sha256) VALUES (?1, ?2, ?3)",
        (kind_code(kind), name, sha256.as_ref()),
    )?;
    Ok(connection.last_insert_rowid())
}

/// All points of a kind, in the order of [`for_each_revoked`].
pub(crate) fn points(connection: &Connection, kind: CertKind) -> Result<Vec<Point>, AuthorityError> {
    let mut statement =
        connection.prepare_cached("SELECT id, name, number FROM points WHERE kind = ?1 ORDER BY id")?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let mut all = Vec::new();
    for row in statement.query_map([kind_code(kind)], read)? {
        let (id, name, number): (i64, Vec<u8>, i64) = row?;
        let number =
            u64::try_from(number).map_err(|_| AuthorityError::Inconsistent("a negative list number"))?;
        all.push(Point { id, name, next_number: number.saturating_add(1) });
    }
    Ok(all)
}

/// Hands every revoked certificate that was valid at `valid_at` or later to the visitor with its point, point by point, by
/// number.
pub(crate) fn for_each_revoked(
    connection: &Connection,
    kind: CertKind,
    valid_at: Timestamp,
    mut visit: impl FnMut(i64, &[u8], Timestamp, RevocationReason) -> Result<(), AuthorityError>,
) -> Result<(), AuthorityError> {
    let mut statement = connection.prepare_cached(
        "SELECT point, serial, revoked_at, reason FROM certificates
         WHERE kind = ?1 AND revoked_at IS NOT NULL AND not_after >= ?2
         ORDER BY point, length(serial), serial",
    )?;
    let mut rows = statement.query((kind_code(kind), valid_at.as_second()))?;
    while let Some(row) = rows.next()? {
        let point: Option<i64> = row.get(0)?;
        let point = point.ok_or(AuthorityError::Inconsistent("a certificate without distribution point"))?;
        let serial = row.get_ref(1)?;
        let serial = serial.as_blob().map_err(|_| AuthorityError::Inconsistent("a malformed serial"))?;
        let reason = reason::from_code(row.get(3)?).ok_or(AuthorityError::Inconsistent("no such reason"))?;
        visit(point, serial, timestamp(row.get(2)?)?, reason)?;
    }
    Ok(())
}

/// Takes every partition of a kind away: what is not published anew is not served.
pub(crate) fn clear(connection: &Connection, kind: CertKind) -> Result<(), AuthorityError> {
    connection.execute(
        "DELETE FROM partitions WHERE point IN (SELECT id FROM points WHERE kind = ?1)",
        [kind_code(kind)],
    )?;
    Ok(())
}

/// Writes a point's list under one key.
pub(crate) fn put(
    connection: &Connection,
    point: i64,
    generation: GenerationNumber,
    der: &[u8],
) -> Result<(), AuthorityError> {
    connection.prepare_cached("INSERT INTO partitions VALUES (?1, ?2, ?3)")?.execute((
        point,
        generation.number(),
        der,
    ))?;
    Ok(())
}

/// Counts every point of a kind one further: each has its list of this number now.
pub(crate) fn count_on(connection: &Connection, kind: CertKind) -> Result<(), AuthorityError> {
    connection.execute("UPDATE points SET number = number + 1 WHERE kind = ?1", [kind_code(kind)])?;
    Ok(())
}

/// The list of a point, by the SHA-256 of its name, under one key, and its number.
pub(crate) fn list(
    connection: &Connection,
    generation: &Generation,
    point_sha256: &[u8],
) -> Result<Option<(Vec<u8>, u64)>, AuthorityError> {
    let found: Option<(Vec<u8>, i64)> = connection
        .prepare_cached(
            "SELECT partitions.der, points.number FROM partitions JOIN points ON points.id = partitions.point
             WHERE points.kind = ?1 AND points.sha256 = ?2 AND partitions.generation = ?3",
        )?
        .query_row((kind_code(generation.kind), point_sha256, generation.number.number()), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    found
        .map(|(der, number)| {
            let number =
                u64::try_from(number).map_err(|_| AuthorityError::Inconsistent("a negative list number"))?;
            Ok((der, number))
        })
        .transpose()
}
