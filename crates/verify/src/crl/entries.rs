//! The entries of a list: one pass, then a sorted table with binary search.

use enishi_jpki::asn1::{Element, Reader, tag};
use enishi_jpki::{Criticality, Extension, Serial, oid};
use enishi_party::Timestamp;

use super::{CrlEntry, CrlError, Unsupported};
use crate::revocation::RevocationReason;

/// invalidityDate (RFC 5280 §5.3.2): since when the key is suspected; revocation is revocation without it.
const INVALIDITY_DATE: oid::Oid = oid::Oid::new_unwrap("2.5.29.24");

/// Sorted tables, apart by the width of the serial number: JPKI's counting numbers take 16 octets an entry.
#[derive(Default)]
pub(super) struct Index {
    narrow: Vec<Row<u64>>,
    wide: Vec<Row<[u8; 20]>>,
}

#[derive(Clone, Copy)]
struct Row<K> {
    serial: K,
    /// Seconds since 1970: enough until 2106.
    revoked_at: u32,
    reason: RevocationReason,
}

/// A serial number by its width.
enum Key {
    Narrow(u64),
    Wide([u8; 20]),
}

impl Index {
    /// Reads `revokedCertificates`; absent means that nobody is revoked.
    pub(super) fn read(list: Option<&Element<'_>>, entries_max: usize) -> Result<Self, CrlError> {
        let mut index = Self::default();
        let Some(list) = list else { return Ok(index) };
        let mut reader = list.inside();
        // RFC 5280 §5.1.2.6: without entries the list MUST be absent.
        if reader.is_empty() {
            return Err(list.error("empty list of revoked certificates").into());
        }
        while !reader.is_empty() {
            if index.len() >= entries_max {
                return Err(CrlError::TooManyEntries { limit: entries_max });
            }
            index.push(read_entry(&mut reader)?);
        }
        index.narrow = sorted(index.narrow);
        index.wide = sorted(index.wide);
        Ok(index)
    }

    pub(super) const fn len(&self) -> usize {
        self.narrow.len().saturating_add(self.wide.len())
    }

    pub(super) fn get(&self, serial: &Serial) -> CrlEntry {
        match key(serial.expose_der_content()) {
            Key::Narrow(serial) => find(&self.narrow, &serial),
            Key::Wide(serial) => find(&self.wide, &serial),
        }
    }

    fn push(&mut self, (serial, revoked_at, reason): (Serial, u32, RevocationReason)) {
        match key(serial.expose_der_content()) {
            Key::Narrow(serial) => self.narrow.push(Row { serial, revoked_at, reason }),
            Key::Wide(serial) => self.wide.push(Row { serial, revoked_at, reason }),
        }
    }
}

fn key(content: &[u8]) -> Key {
    let magnitude = content.strip_prefix(&[0]).unwrap_or(content);
    if magnitude.len() <= 8 {
        Key::Narrow(magnitude.iter().fold(0, |sum, &octet| (sum << 8) | u64::from(octet)))
    } else {
        let mut padded = [0; 20];
        for (to, from) in padded.iter_mut().rev().zip(magnitude.iter().rev()) {
            *to = *from;
        }
        Key::Wide(padded)
    }
}

/// Sorted by serial number; of a number listed twice the earliest revocation stays, for it is revoked since then.
fn sorted<K: Ord + Copy>(mut rows: Vec<Row<K>>) -> Vec<Row<K>> {
    rows.sort_unstable_by_key(|row| (row.serial, row.revoked_at));
    rows.dedup_by_key(|row| row.serial);
    rows.shrink_to_fit();
    rows
}

fn find<K: Ord>(rows: &[Row<K>], serial: &K) -> CrlEntry {
    let row = rows.binary_search_by(|row| row.serial.cmp(serial)).ok().and_then(|at| rows.get(at));
    match row {
        Some(row) => CrlEntry::Revoked {
            reason: row.reason,
            // Every u32 of seconds is a moment that a timestamp holds.
            at: Timestamp::from_second(i64::from(row.revoked_at)).unwrap_or(Timestamp::UNIX_EPOCH),
        },
        None => CrlEntry::Good,
    }
}

fn read_entry(list: &mut Reader<'_>) -> Result<(Serial, u32, RevocationReason), CrlError> {
    let mut parts = list.expect(tag::SEQUENCE)?.inside();
    let serial = Serial::from_der_content(parts.expect(tag::INTEGER)?.content())?;
    let revoked_at = parts.any()?.x509_time()?;
    let revoked_at = u32::try_from(revoked_at.as_second()).map_err(|_| CrlError::RevocationDate)?;
    let reason = match parts.optional(tag::SEQUENCE)? {
        Some(extensions) => read_reason(&extensions)?,
        None => RevocationReason::Unspecified,
    };
    parts.finish()?;
    Ok((serial, revoked_at, reason))
}

/// The extensions of an entry (RFC 5280 §5.3), read without a list of them: there are millions.
fn read_reason(extensions: &Element<'_>) -> Result<RevocationReason, CrlError> {
    let mut reader = extensions.inside();
    if reader.is_empty() {
        return Err(extensions.error("empty list of extensions").into());
    }
    let mut reason = None;
    while !reader.is_empty() {
        let extension = Extension::read(&mut reader)?;
        match extension.oid {
            oid::CRL_REASON => {
                let value = extension.value(tag::ENUMERATED)?;
                if reason.replace(read_code(&value)?).is_some() {
                    return Err(value.error("reason given twice").into());
                }
            }
            // RFC 5280 §5.3.3: this and all entries behind it would be another issuer's.
            oid::CERTIFICATE_ISSUER => return Err(Unsupported::Indirect.into()),
            INVALIDITY_DATE => {
                extension.value(tag::GENERALIZED_TIME)?.generalized_time()?;
            }
            unknown if extension.criticality == Criticality::Critical => {
                return Err(Unsupported::EntryExtension(unknown).into());
            }
            _ => {}
        }
    }
    Ok(reason.unwrap_or(RevocationReason::Unspecified))
}

fn read_code(value: &Element<'_>) -> Result<RevocationReason, CrlError> {
    match value.content() {
        &[code] => RevocationReason::from_code(code).ok_or_else(|| Unsupported::Reason(code).into()),
        _ => Err(value.error("reason of one octet expected").into()),
    }
}
