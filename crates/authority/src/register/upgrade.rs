//! Registers of earlier versions, brought to this one's tables.

use enishi_jpki::{AuthCertificate, CertKind, SigningCertificate};
use rusqlite::Transaction;

use super::{CITIZENS, PARTITIONS_AND_DELEGATES, SCHEMA, kind_code, partitions};
use crate::{AuthorityError, config::PROFILE};

/// The first schema, which did not keep the citizens.
const WITHOUT_CITIZENS: i64 = 1;
/// The second, which knew one key for responders and no distribution points.
const WITHOUT_PARTITIONS: i64 = 2;

/// Step by step; of two processes that open at once, the second finds it done.
pub(super) fn to_this_schema(transaction: &Transaction<'_>) -> Result<(), AuthorityError> {
    let schema: i64 = transaction.query_row("SELECT schema FROM settings", (), |row| row.get(0))?;
    match schema {
        SCHEMA => return Ok(()),
        WITHOUT_CITIZENS => {
            transaction.execute_batch(CITIZENS)?;
            add_partitions(transaction)?;
        }
        WITHOUT_PARTITIONS => add_partitions(transaction)?,
        _ => return Err(AuthorityError::Inconsistent("written by another version")),
    }
    transaction.execute("UPDATE settings SET schema = ?1", [SCHEMA])?;
    Ok(())
}

fn add_partitions(transaction: &Transaction<'_>) -> Result<(), AuthorityError> {
    transaction.execute_batch(PARTITIONS_AND_DELEGATES)?;
    transaction.execute_batch(
        "INSERT INTO delegates SELECT kind, generation, 1, not_before, not_after, der FROM responders;
         DROP TABLE responders;
         ALTER TABLE certificates ADD COLUMN point INTEGER REFERENCES points (id);",
    )?;
    for kind in crate::authority::KINDS {
        let mut all = transaction.prepare("SELECT rowid, der FROM certificates WHERE kind = ?1")?;
        let mut update = transaction.prepare("UPDATE certificates SET point = ?2 WHERE rowid = ?1")?;
        let mut rows = all.query([kind_code(kind)])?;
        while let Some(row) = rows.next()? {
            let (id, der): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let point = partitions::point(transaction, kind, &named_in(kind, &der)?)?;
            update.execute((id, point))?;
        }
    }
    Ok(())
}

/// The distribution point of a certificate that this authority issued: one directoryName.
fn named_in(kind: CertKind, der: &[u8]) -> Result<Vec<u8>, AuthorityError> {
    const UNREADABLE: AuthorityError =
        AuthorityError::Inconsistent("a certificate without distribution point");
    let name = match kind {
        CertKind::Authentication => {
            let certificate = AuthCertificate::parse(der, &PROFILE).map_err(|_| UNREADABLE)?;
            certificate.crl_distribution_point().map(<[u8]>::to_vec)
        }
        CertKind::Signing => {
            let certificate = SigningCertificate::parse(der, &PROFILE).map_err(|_| UNREADABLE)?;
            certificate.crl_distribution_point().map(<[u8]>::to_vec)
        }
    };
    name.ok_or(UNREADABLE)
}
