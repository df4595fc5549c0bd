//! Revocation lists (失効情報ファイル; RFC 5280 §5).
//!
//! All generations of a kind share one name and number their certificates in one line, so a list that is complete for
//! that name holds the revoked certificates of every generation. It is published once under each key: a certificate
//! is looked up in the list that the key of its own issuer signed, and finds itself in each of the others too.

use enishi_jpki::{CertKind, KeyId};
use jiff::Timestamp;
use rusqlite::Connection;

use crate::{
    Authority, AuthorityError, PublishPolicy, RevocationReason, asn1,
    authority::KINDS,
    extension,
    generation::Generation,
    key::signature_algorithm,
    name, reason,
    register::publications::{self, Issue},
    validity,
};

/// A list as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedCrl {
    /// The list.
    pub der: Vec<u8>,
    /// Its CRLNumber.
    pub number: u64,
    /// From when it counts.
    pub this_update: Timestamp,
    /// When the next one is due at the latest.
    pub next_update: Timestamp,
}

/// Whether a list is to be published come what may.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Now,
    IfDue,
}

impl Authority {
    /// Publishes the lists of both kinds, one under each key that has not expired.
    ///
    /// # Errors
    /// A clock that stands before the last list's `thisUpdate`; a failing disk.
    pub fn publish(&self, now: Timestamp) -> Result<(), AuthorityError> {
        KINDS.into_iter().try_for_each(|kind| self.publish_kind(kind, now, Wanted::Now))
    }

    /// Publishes what is due: nothing was published yet, `publish_every` has passed, or something was revoked and the
    /// policy wants that at once. The caller calls it at every tick.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub fn publish_if_due(&self, now: Timestamp) -> Result<(), AuthorityError> {
        for kind in KINDS {
            if self.is_due(kind, now)? {
                self.publish_kind(kind, now, Wanted::IfDue)?;
            }
        }
        Ok(())
    }

    /// The list that is served for a key: the last that was published, whatever has been revoked since.
    ///
    /// # Errors
    /// A failing disk. `None` is a key of another, or a list never published.
    pub fn published_crl(
        &self,
        kind: CertKind,
        key_id: &KeyId,
    ) -> Result<Option<PublishedCrl>, AuthorityError> {
        let Some(generation) = self
            .generations
            .iter()
            .find(|generation| generation.kind == kind && generation.key_id == key_id.as_octets())
        else {
            return Ok(None);
        };
        self.register.read(|connection| {
            let issue = publications::last(connection, kind)?;
            let der = publications::list(connection, generation)?;
            Ok(der.zip(issue).map(|(der, issue)| PublishedCrl {
                der,
                number: issue.number,
                this_update: issue.this_update,
                next_update: issue.next_update,
            }))
        })
    }

    pub(crate) fn after_revocation(&self, now: Timestamp) -> Result<(), AuthorityError> {
        match self.config.publish {
            PublishPolicy::OnRevocation => self.publish_if_due(now),
            PublishPolicy::OnSchedule => Ok(()),
        }
    }

    fn is_due(&self, kind: CertKind, now: Timestamp) -> Result<bool, AuthorityError> {
        self.register.read(|connection| self.is_due_in(connection, kind, now))
    }

    fn is_due_in(
        &self,
        connection: &Connection,
        kind: CertKind,
        now: Timestamp,
    ) -> Result<bool, AuthorityError> {
        let Some(last) = publications::last(connection, kind)? else { return Ok(true) };
        let regular = last.this_update.saturating_add(self.config.publish_every).unwrap_or(Timestamp::MAX);
        Ok(now >= regular
            || (self.config.publish == PublishPolicy::OnRevocation
                && publications::any_unpublished(connection, kind)?))
    }

    fn publish_kind(&self, kind: CertKind, now: Timestamp, wanted: Wanted) -> Result<(), AuthorityError> {
        let this_update = validity::whole_second(now);
        let next_update = this_update.saturating_add(self.config.crl_life).unwrap_or(Timestamp::MAX);
        self.register.write(|transaction| {
            // Another process may have published while this one waited for the register.
            if wanted == Wanted::IfDue && !self.is_due_in(transaction, kind, now)? {
                return Ok(());
            }
            let last = publications::last(transaction, kind)?;
            if let Some(last) = last.filter(|last| last.this_update > this_update) {
                return Err(AuthorityError::ClockBehind { last: last.this_update });
            }
            let issue = Issue {
                number: last.map_or(0, |last| last.number).saturating_add(1),
                this_update,
                next_update,
            };
            // RFC 5280 §3.3: an entry stays until it has been on one list issued after the certificate's end.
            let valid_at = last.map_or(Timestamp::MIN, |last| last.this_update);
            let mut entries = Vec::new();
            publications::for_each_revoked(transaction, kind, valid_at, |serial, at, why| {
                entries.extend(entry(serial, at, why));
            })?;
            let mut lists = Vec::new();
            for generation in self.generations.iter().filter(|its| its.kind == kind && its.lives(now)) {
                lists.push((generation.number, list(generation, &issue, &entries)?));
            }
            publications::put(transaction, kind, &issue, &lists)
        })
    }
}

/// CertificateList, v2 (RFC 5280 §5.1).
fn list(generation: &Generation, issue: &Issue, entries: &[u8]) -> Result<Vec<u8>, AuthorityError> {
    let extensions = asn1::sequence(&[
        &extension::authority_key_identifier_of_key(&generation.key_id),
        &extension::crl_number(issue.number),
    ]);
    // RFC 5280 §5.1.2.6: absent where nothing is revoked, never empty.
    let revoked = if entries.is_empty() { Vec::new() } else { asn1::sequence(&[entries]) };
    generation.key.sign_frame(&asn1::sequence(&[
        &asn1::unsigned_integer(&[1]),
        &signature_algorithm(),
        &name::authority(generation.kind),
        &asn1::time(issue.this_update),
        &asn1::time(issue.next_update),
        &revoked,
        &asn1::context(0, &[&extensions]),
    ]))
}

fn entry(serial: &[u8], at: Timestamp, why: RevocationReason) -> Vec<u8> {
    // RFC 5280 §5.3.1: "unspecified" is said by saying nothing.
    let extensions = match why {
        RevocationReason::Unspecified => Vec::new(),
        why => asn1::sequence(&[&extension::reason_code(reason::code(why))]),
    };
    asn1::sequence(&[&asn1::unsigned_integer(serial), &asn1::time(at), &extensions])
}
