//! Revocation lists (失効情報ファイル; RFC 5280 §5).
//!
//! All generations of a kind share one name and number their certificates in one line, so a list that is complete for
//! that name holds the revoked certificates of every generation. It is published once under each key: a certificate
//! is looked up in the list that the key of its own issuer signed, and finds itself in each of the others too.
//!
//! Beside the whole list each municipality has one of its own (a partition): complete for the certificates that name its
//! distribution point, published at the same times, and counted in a line of its own.

mod frame;

use enishi_jpki::{CertKind, KeyId};
use jiff::Timestamp;
use rusqlite::Connection;

use crate::{
    Authority, AuthorityError, ListScopes, PublishPolicy, RevocationReason, asn1,
    authority::KINDS,
    extension,
    generation::Generation,
    reason,
    register::{
        partitions::{self, Point},
        publications::{self, Issue},
    },
    validity,
};
use frame::{Frame, Heading};

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
        let Some(generation) = self.generation_of_key(kind, key_id) else { return Ok(None) };
        self.register.read_together(|connection| {
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

    /// The list of one distribution point that is served for a key; the point by the SHA-256 of its name's DER.
    ///
    /// # Errors
    /// A failing disk. `None` is a key of another, a point that no certificate names, or partitions that are not published.
    pub fn published_partition(
        &self,
        kind: CertKind,
        key_id: &KeyId,
        point_sha256: &[u8; 32],
    ) -> Result<Option<PublishedCrl>, AuthorityError> {
        let Some(generation) = self.generation_of_key(kind, key_id) else { return Ok(None) };
        self.register.read_together(|connection| {
            let issue = publications::last(connection, kind)?;
            let list = partitions::list(connection, generation, point_sha256)?;
            Ok(list.zip(issue).map(|((der, number), issue)| PublishedCrl {
                der,
                number,
                this_update: issue.this_update,
                next_update: issue.next_update,
            }))
        })
    }

    fn generation_of_key(&self, kind: CertKind, key_id: &KeyId) -> Option<&Generation> {
        self.generations
            .iter()
            .find(|generation| generation.kind == kind && generation.key_id == key_id.as_octets())
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
            publications::begin(transaction, kind, &issue)?;
            let living: Vec<_> =
                self.generations.iter().filter(|its| its.kind == kind && its.lives(now)).collect();
            publish_whole(transaction, kind, &living, &issue, valid_at)?;
            partitions::clear(transaction, kind)?;
            if self.service.lists == ListScopes::WholeAndPartitions {
                publish_partitions(transaction, kind, &living, &issue, valid_at)?;
            }
            publications::mark(transaction, kind, &issue)
        })
    }
}

/// One list for each key. Its entries are in memory once; the lists themselves go to the disk as they are written.
fn publish_whole(
    connection: &Connection,
    kind: CertKind,
    living: &[&Generation],
    issue: &Issue,
    valid_at: Timestamp,
) -> Result<(), AuthorityError> {
    let mut entries = Vec::new();
    publications::for_each_revoked(connection, kind, valid_at, |serial, at, why| {
        push_entry(&mut entries, serial, at, why);
    })?;
    let heading = Heading {
        number: issue.number,
        this_update: issue.this_update,
        next_update: issue.next_update,
        point: None,
    };
    for generation in living {
        let frame = Frame::new(generation, heading, &entries);
        publications::write_list(connection, kind, generation.number, frame.octets(), |sink| {
            frame.write(sink)
        })?;
    }
    Ok(())
}

/// One list for each key and distribution point; where nobody is revoked, one without entries.
fn publish_partitions(
    connection: &Connection,
    kind: CertKind,
    living: &[&Generation],
    issue: &Issue,
    valid_at: Timestamp,
) -> Result<(), AuthorityError> {
    let publish = |point: &Point, entries: &[u8]| -> Result<(), AuthorityError> {
        let heading = Heading {
            number: point.next_number,
            this_update: issue.this_update,
            next_update: issue.next_update,
            point: Some(&point.name),
        };
        for generation in living {
            let der = Frame::new(generation, heading, entries).to_der()?;
            partitions::put(connection, point.id, generation.number, &der)?;
        }
        Ok(())
    };
    let mut points = partitions::points(connection, kind)?.into_iter().peekable();
    let mut entries = Vec::new();
    partitions::for_each_revoked(connection, kind, valid_at, |id, serial, at, why| {
        while let Some(done) = points.next_if(|point| point.id < id) {
            publish(&done, &entries)?;
            entries.clear();
        }
        push_entry(&mut entries, serial, at, why);
        Ok(())
    })?;
    for point in points {
        publish(&point, &entries)?;
        entries.clear();
    }
    partitions::count_on(connection, kind)
}

fn push_entry(entries: &mut Vec<u8>, serial: &[u8], at: Timestamp, why: RevocationReason) {
    // RFC 5280 §5.3.1: "unspecified" is said by saying nothing.
    let extensions = match why {
        RevocationReason::Unspecified => Vec::new(),
        why => asn1::sequence(&[&extension::reason_code(reason::code(why))]),
    };
    entries.extend(asn1::sequence(&[&asn1::unsigned_integer(serial), &asn1::time(at), &extensions]));
}
