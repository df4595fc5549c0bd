//! A large revocation list under the authority's own key: its last list with a million invented numbers in it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use enishi_jpki::asn1::{Element, Reader, encode, encode_all, tag};
use enishi_jpki::{CertKind, oid};

use crate::error::BenchError;
use crate::people::People;

const WHAT: &str = "the large list";

/// Where the invented numbers begin: far above those that the authority counts up to, and all of them of four octets.
const FIRST_NUMBER: u32 = 1_000_000_000;
/// From one to the next; they stand in the list out of order, as revocations come.
const STEP: u32 = 0x9E37_79B1;
/// Reasons as they are met: names and addresses change (RFC 5280 §5.3.1: affiliationChanged).
const REASON: u8 = 3;

/// The authority's own list, in whose place another is made: everything but entries and signature.
pub(crate) struct Mould {
    /// Version, algorithm, issuer, two times.
    pub(crate) front: Vec<u8>,
    /// When the list was made, as in an entry.
    pub(crate) this_update: Vec<u8>,
    pub(crate) extensions: Vec<u8>,
    pub(crate) algorithm: Vec<u8>,
}

impl Mould {
    pub(crate) fn of(people: &People) -> Result<Self, BenchError> {
        let missing = |why: &str| BenchError::Failed { what: WHAT, why: why.to_owned() };
        let issuer = people.issuer()?;
        let published = people
            .authority
            .published_crl(CertKind::Authentication, issuer.subject_key_id())
            .map_err(BenchError::of(WHAT))?
            .ok_or_else(|| missing("none was published"))?;
        let mut outer = Reader::only(&published.der, tag::SEQUENCE).map_err(BenchError::of(WHAT))?.inside();
        let body = outer.expect(tag::SEQUENCE).map_err(BenchError::of(WHAT))?;
        let algorithm = outer.expect(tag::SEQUENCE).map_err(BenchError::of(WHAT))?;
        let fields = elements(body.inside()).map_err(BenchError::of(WHAT))?;
        // Nobody is revoked at this authority, so its list has no entries.
        let [version, inner, name, this_update, next_update, extensions] = fields.as_slice() else {
            return Err(missing("another form than the authority's"));
        };
        Ok(Self {
            front: [version, inner, name, this_update, next_update].map(Element::raw).concat(),
            this_update: this_update.raw().to_vec(),
            extensions: extensions.raw().to_vec(),
            algorithm: algorithm.raw().to_vec(),
        })
    }
}

/// Makes the list.
pub(crate) fn with_entries(people: &People, entries: u32) -> Result<Vec<u8>, BenchError> {
    let mould = Mould::of(people)?;
    let revoked = encode(tag::SEQUENCE, &rows(entries, &mould.this_update));
    let body = encode_all(tag::SEQUENCE, &[&mould.front, &revoked, &mould.extensions]);
    let key = people.issuing_key()?;
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &body, &mut signature).map_err(BenchError::of(WHAT))?;
    let signature = encode_all(tag::BIT_STRING, &[&[0], &signature]);
    Ok(encode_all(tag::SEQUENCE, &[&body, &mould.algorithm, &signature]))
}

fn elements<'a>(mut reader: Reader<'a>) -> Result<Vec<Element<'a>>, enishi_jpki::asn1::DerError> {
    let mut all = Vec::new();
    while !reader.is_empty() {
        all.push(reader.any()?);
    }
    Ok(all)
}

fn rows(entries: u32, since: &[u8]) -> Vec<u8> {
    let reason = encode(tag::OCTET_STRING, &[tag::ENUMERATED, 1, REASON]);
    let reason = encode_all(tag::SEQUENCE, &[&encode(tag::OID, oid::CRL_REASON.as_bytes()), &reason]);
    let extensions = encode(tag::SEQUENCE, &reason);
    let mut rows = Vec::new();
    for number in 0..entries {
        // Odd steps modulo 2^30 meet every number once.
        let number = FIRST_NUMBER + (number.wrapping_mul(STEP) & 0x3FFF_FFFF);
        let serial = encode(tag::INTEGER, &number.to_be_bytes());
        rows.extend(encode_all(tag::SEQUENCE, &[&serial, since, &extensions]));
    }
    rows
}

#[cfg(test)]
mod tests {
    use enishi_jpki::Serial;
    use enishi_verify::{Crl, CrlEntry, Limits, RevocationReason};

    use super::{FIRST_NUMBER, with_entries};
    use crate::people::People;

    #[test]
    fn every_entry_is_read_and_no_holder_is_among_them() {
        let folder = tempfile::tempdir().unwrap();
        let people = People::make(folder.path()).unwrap();
        let list = with_entries(&people, 5_000).unwrap();
        let list =
            Crl::accept(&list, people.issuer().unwrap(), None, &Limits::default(), people.now).unwrap();
        assert_eq!(list.len(), 5_000);
        for holder in &people.holders {
            assert_eq!(list.status(holder.certificate.serial()), Ok(CrlEntry::Good));
        }
        let first = Serial::from_u64(u64::from(FIRST_NUMBER)).unwrap();
        let Ok(CrlEntry::Revoked { reason, .. }) = list.status(&first) else {
            panic!("the first is not revoked")
        };
        assert_eq!(reason, RevocationReason::AffiliationChanged);
    }
}
