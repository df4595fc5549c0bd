//! A list around its entries (RFC 5280 §5.1), written piece by piece: a list of millions is never held beside its entries.

use aws_lc_rs::digest;
use enishi_jpki::CertKind;
use jiff::Timestamp;

use crate::{
    AuthorityError,
    asn1::{self, push_header, tag},
    extension,
    generation::Generation,
    key::signature_algorithm,
    name,
};

/// RSA-2048, as every authority key is.
const SIGNATURE_OCTETS: usize = 256;

/// What a list says beside its entries.
#[derive(Clone, Copy)]
pub(super) struct Heading<'a> {
    pub(super) number: u64,
    pub(super) this_update: Timestamp,
    pub(super) next_update: Timestamp,
    /// The distribution point of a partition, DER; the whole list has none.
    pub(super) point: Option<&'a [u8]>,
}

/// A list's octets before and behind its entries, as far as its key has not signed.
pub(super) struct Frame<'a> {
    generation: &'a Generation,
    entries: &'a [u8],
    /// The outer header alone.
    outer: Vec<u8>,
    /// From the signed part's header to the entries.
    before: Vec<u8>,
    /// From the entries to the signed part's end.
    behind: Vec<u8>,
    octets: usize,
}

impl<'a> Frame<'a> {
    /// `entries`: their encodings, one behind the other.
    pub(super) fn new(generation: &'a Generation, heading: Heading<'_>, entries: &'a [u8]) -> Self {
        let point = heading.point.map_or_else(Vec::new, extension::issuing_distribution_point);
        let extensions = asn1::sequence(&[
            &extension::authority_key_identifier_of_key(&generation.key_id),
            &extension::crl_number(heading.number),
            &point,
        ]);
        let behind = asn1::context(0, &[&extensions]);
        let mut fields = fields(generation.kind, heading);
        // RFC 5280 §5.1.2.6: absent where nothing is revoked, never empty.
        if !entries.is_empty() {
            push_header(&mut fields, tag::SEQUENCE, entries.len());
        }
        let content = [fields.len(), entries.len(), behind.len()].iter().sum();
        let mut before = Vec::new();
        push_header(&mut before, tag::SEQUENCE, content);
        before.extend(fields);
        let rest = signature_algorithm().len().saturating_add(asn1::bit_string(&[0; SIGNATURE_OCTETS]).len());
        let whole = [before.len(), entries.len(), behind.len(), rest].iter().sum();
        let mut outer = Vec::new();
        push_header(&mut outer, tag::SEQUENCE, whole);
        let octets = outer.len().saturating_add(whole);
        Self { generation, entries, outer, before, behind, octets }
    }

    /// How long the list will be.
    pub(super) const fn octets(&self) -> usize {
        self.octets
    }

    /// Writes the list, and signs it over what was written.
    pub(super) fn write(
        &self,
        mut sink: impl FnMut(&[u8]) -> Result<(), AuthorityError>,
    ) -> Result<(), AuthorityError> {
        let mut signed = digest::Context::new(&digest::SHA256);
        sink(&self.outer)?;
        for part in [self.before.as_slice(), self.entries, self.behind.as_slice()] {
            signed.update(part);
            sink(part)?;
        }
        let signature = self.generation.key.sign_digest(&signed.finish())?;
        sink(&signature_algorithm())?;
        sink(&asn1::bit_string(&signature))
    }

    /// The list in memory; for short ones.
    pub(super) fn to_der(&self) -> Result<Vec<u8>, AuthorityError> {
        let mut der = Vec::with_capacity(self.octets);
        self.write(|part| {
            der.extend_from_slice(part);
            Ok(())
        })?;
        Ok(der)
    }
}

/// version v2, signature, issuer, thisUpdate, nextUpdate.
fn fields(kind: CertKind, heading: Heading<'_>) -> Vec<u8> {
    [
        asn1::unsigned_integer(&[1]),
        signature_algorithm(),
        name::authority(kind),
        asn1::time(heading.this_update),
        asn1::time(heading.next_update),
    ]
    .concat()
}
