//! The authorities' own certificates and their responders'.

use enishi_jpki::CertKind;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::{kind_code, timestamp};
use crate::{
    AuthorityError, OcspKey,
    generation::{Generation, GenerationNumber},
    key::RsaKey,
};

pub(crate) fn insert(connection: &Connection, generation: &Generation) -> Result<(), AuthorityError> {
    connection.execute(
        "INSERT INTO generations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            kind_code(generation.kind),
            generation.number.number(),
            &generation.serial,
            &generation.key_id,
            generation.not_before.as_second(),
            generation.not_after.as_second(),
            &generation.der,
        ),
    )?;
    Ok(())
}

/// Joins a generation's row with its key, which must be the one of the row.
pub(crate) fn load(
    connection: &Connection,
    kind: CertKind,
    number: GenerationNumber,
    key: RsaKey,
) -> Result<Generation, AuthorityError> {
    let (serial, key_id, not_before, not_after, der): (Vec<u8>, Vec<u8>, i64, i64, Vec<u8>) = connection
        .query_row(
            "SELECT serial, key_id, not_before, not_after, der FROM generations
             WHERE kind = ?1 AND generation = ?2",
            (kind_code(kind), number.number()),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )?;
    if key.key_id() != key_id {
        return Err(AuthorityError::KeyMismatch { kind, generation: number.number() });
    }
    let (not_before, not_after) = (timestamp(not_before)?, timestamp(not_after)?);
    let hashes = Generation::hashes(kind, &key);
    Ok(Generation { kind, number, key, key_id, serial, not_before, not_after, der, hashes })
}

/// A responder's certificate under one key of an authority.
#[derive(Clone)]
pub(crate) struct ResponderCertificate {
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    pub(crate) der: Vec<u8>,
}

const fn key_code(key: OcspKey) -> u8 {
    match key {
        OcspKey::Rsa2048 => 1,
        OcspKey::P256 => 2,
    }
}

pub(crate) fn put_responder(
    connection: &Connection,
    (kind, number): (CertKind, GenerationNumber),
    key: OcspKey,
    certificate: &ResponderCertificate,
) -> Result<(), AuthorityError> {
    connection.execute(
        "INSERT OR REPLACE INTO delegates VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            kind_code(kind),
            number.number(),
            key_code(key),
            certificate.not_before.as_second(),
            certificate.not_after.as_second(),
            &certificate.der,
        ),
    )?;
    Ok(())
}

pub(crate) fn responder(
    connection: &Connection,
    (kind, number): (CertKind, GenerationNumber),
    key: OcspKey,
) -> Result<Option<ResponderCertificate>, AuthorityError> {
    let raw: Option<(i64, i64, Vec<u8>)> = connection
        .query_row(
            "SELECT not_before, not_after, der FROM delegates WHERE kind = ?1 AND generation = ?2 AND key = ?3",
            (kind_code(kind), number.number(), key_code(key)),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    raw.map(|(not_before, not_after, der)| {
        Ok(ResponderCertificate { not_before: timestamp(not_before)?, not_after: timestamp(not_after)?, der })
    })
    .transpose()
}
