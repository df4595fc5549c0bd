//! Issued certificates.

use enishi_jpki::{Carrier, CertKind, Serial};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::{carrier_code, carrier_from_code, kind_code, serial, timestamp};
use crate::{
    AuthorityError, CertificateCount, CertificateState, Publication, RevocationReason, citizen::CitizenId,
    generation::GenerationNumber, reason,
};

/// One row, as it is written.
pub(crate) struct NewCertificate<'a> {
    pub(crate) kind: CertKind,
    pub(crate) serial: &'a Serial,
    pub(crate) generation: GenerationNumber,
    pub(crate) citizen: &'a CitizenId,
    pub(crate) carrier: Carrier,
    pub(crate) issued_at: Timestamp,
    pub(crate) not_after: Timestamp,
    pub(crate) der: &'a [u8],
    /// Of the distribution point that it names, as [`partitions::point`](super::partitions::point) gave it.
    pub(crate) point: i64,
}

/// One row, as it is read.
pub(crate) struct IssuedCertificate {
    pub(crate) serial: Serial,
    pub(crate) citizen: String,
    pub(crate) carrier: Carrier,
    pub(crate) not_after: Timestamp,
    pub(crate) state: CertificateState,
}

const COLUMNS: &str = "serial, citizen, carrier, not_after, reason, revoked_at, published_in";

pub(crate) fn insert(connection: &Connection, new: &NewCertificate<'_>) -> Result<(), AuthorityError> {
    connection.execute(
        "INSERT INTO certificates (kind, serial, generation, citizen, carrier, issued_at, not_after, der, point)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            kind_code(new.kind),
            new.serial.expose_der_content(),
            new.generation.number(),
            new.citizen.as_str(),
            carrier_code(new.carrier),
            new.issued_at.as_second(),
            new.not_after.as_second(),
            new.der,
            new.point,
        ),
    )?;
    Ok(())
}

pub(crate) fn find(
    connection: &Connection,
    kind: CertKind,
    serial: &Serial,
) -> Result<Option<IssuedCertificate>, AuthorityError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM certificates WHERE kind = ?1 AND serial = ?2"))?
        .query_row((kind_code(kind), serial.expose_der_content()), raw)
        .optional()?
        .map(parse)
        .transpose()
}

/// What an OCSP answer says: the state of a certificate under one key. The few columns of one row, for every question.
pub(crate) fn standing(
    connection: &Connection,
    (kind, generation): (CertKind, GenerationNumber),
    serial: &Serial,
) -> Result<Option<Standing>, AuthorityError> {
    let mut statement = connection.prepare_cached(
        "SELECT generation, reason, revoked_at FROM certificates WHERE kind = ?1 AND serial = ?2",
    )?;
    let mut rows = statement.query((kind_code(kind), serial.expose_der_content()))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let issued_under: u8 = row.get(0)?;
    if issued_under != generation.number() {
        return Ok(None);
    }
    let revoked: (Option<u8>, Option<i64>) = (row.get(1)?, row.get(2)?);
    match revoked {
        (None, None) => Ok(Some(Standing::Good)),
        (Some(code), Some(at)) => Ok(Some(Standing::Revoked {
            reason: reason::from_code(code).ok_or(AuthorityError::Inconsistent("no such reason"))?,
            at: timestamp(at)?,
        })),
        _ => Err(AuthorityError::Inconsistent("half a revocation")),
    }
}

/// The state of a certificate, whether or not a list says so yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Good,
    Revoked { reason: RevocationReason, at: Timestamp },
}

/// The certificate itself, for whoever lost the file.
pub(crate) fn der(
    connection: &Connection,
    kind: CertKind,
    serial: &Serial,
) -> Result<Option<Vec<u8>>, AuthorityError> {
    Ok(connection
        .query_row(
            "SELECT der FROM certificates WHERE kind = ?1 AND serial = ?2",
            (kind_code(kind), serial.expose_der_content()),
            |row| row.get(0),
        )
        .optional()?)
}

/// The citizen's certificate of a kind in a carrier that is neither revoked nor expired.
pub(crate) fn valid_of_citizen(
    connection: &Connection,
    citizen: &CitizenId,
    kind: CertKind,
    carrier: Carrier,
    now: Timestamp,
) -> Result<Option<IssuedCertificate>, AuthorityError> {
    connection
        .query_row(
            &format!(
                "SELECT {COLUMNS} FROM certificates
                 WHERE citizen = ?1 AND carrier = ?2 AND kind = ?3 AND revoked_at IS NULL AND not_after >= ?4
                 ORDER BY issued_at DESC LIMIT 1"
            ),
            (citizen.as_str(), carrier_code(carrier), kind_code(kind), now.as_second()),
            raw,
        )
        .optional()?
        .map(parse)
        .transpose()
}

/// How many there are.
pub(crate) fn count(connection: &Connection, kind: CertKind) -> Result<CertificateCount, AuthorityError> {
    let number = |row: &Row<'_>, column| {
        let number: i64 = row.get(column)?;
        u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
    };
    Ok(connection.query_row(
        "SELECT count(*), count(revoked_at), count(*) FILTER (WHERE revoked_at IS NOT NULL AND published_in IS NULL)
         FROM certificates WHERE kind = ?1",
        [kind_code(kind)],
        |row| {
            Ok(CertificateCount {
                issued: number(row, 0)?,
                revoked: number(row, 1)?,
                awaiting_list: number(row, 2)?,
            })
        },
    )?)
}

/// Writes reason and time; a later reason for a held certificate keeps the time of the hold and is published anew.
pub(crate) fn revoke(
    connection: &Connection,
    kind: CertKind,
    serial: &Serial,
    why: RevocationReason,
    at: Timestamp,
) -> Result<(), AuthorityError> {
    connection.execute(
        "UPDATE certificates SET reason = ?3, revoked_at = coalesce(revoked_at, ?4), published_in = NULL
         WHERE kind = ?1 AND serial = ?2",
        (kind_code(kind), serial.expose_der_content(), reason::code(why), at.as_second()),
    )?;
    Ok(())
}

/// The next number of a counting authority.
pub(crate) fn next_serial(connection: &Connection, kind: CertKind) -> Result<u64, AuthorityError> {
    let number: i64 = connection.query_row(
        "UPDATE counters SET next_serial = next_serial + 1 WHERE kind = ?1 RETURNING next_serial - 1",
        [kind_code(kind)],
        |row| row.get(0),
    )?;
    u64::try_from(number).map_err(|_| AuthorityError::Inconsistent("a negative counter"))
}

pub(crate) fn start_counter(
    connection: &Connection,
    kind: CertKind,
    from: u32,
) -> Result<(), AuthorityError> {
    connection.execute("INSERT INTO counters VALUES (?1, ?2)", (kind_code(kind), from))?;
    Ok(())
}

type Raw = (Vec<u8>, String, u8, i64, Option<u8>, Option<i64>, Option<i64>);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn parse(raw: Raw) -> Result<IssuedCertificate, AuthorityError> {
    let (content, citizen, carrier, not_after, reason, revoked_at, published_in) = raw;
    let state = match (reason, revoked_at, published_in) {
        (None, None, None) => CertificateState::Good,
        (Some(code), Some(at), published_in) => CertificateState::Revoked {
            reason: reason::from_code(code).ok_or(AuthorityError::Inconsistent("no such reason"))?,
            at: timestamp(at)?,
            publication: match published_in {
                None => Publication::Awaited,
                Some(number) => Publication::InList {
                    number: u64::try_from(number)
                        .map_err(|_| AuthorityError::Inconsistent("a negative list number"))?,
                },
            },
        },
        _ => return Err(AuthorityError::Inconsistent("half a revocation")),
    };
    Ok(IssuedCertificate {
        serial: serial(&content)?,
        citizen,
        carrier: carrier_from_code(carrier)?,
        not_after: timestamp(not_after)?,
        state,
    })
}
