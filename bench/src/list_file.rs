//! A nation's revocation list, written to a file as it is made: one number in ten of all that were issued.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use enishi_jpki::asn1::{encode_all, tag};

use crate::error::BenchError;
use crate::list::Mould;
use crate::people::People;

/// The first number issued: four octets, as J-LIS's have now, and above those that the sandbox counts up to.
pub(crate) const FIRST_ISSUED: u32 = 0x1000_0000;
/// Numbers issued for one that is revoked.
pub(crate) const ISSUED_A_REVOKED: u32 = 10;
/// Octets of an entry.
const ENTRY_OCTETS: usize = 37;
/// Octets of an entry of a wide number.
const WIDE_ENTRY_OCTETS: usize = 39;
/// Reasons that occur in whole lists (RFC 5280 §5.3.1).
const REASONS: u64 = 6;
const WHAT: &str = "the nation's list";

/// How the entries stand in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Shuffled,
}

/// The number of a rank among the revoked: one of ten, by chance.
pub(crate) fn number(rank: u32) -> u32 {
    let chance = u32::try_from(mixed(u64::from(rank)) % u64::from(ISSUED_A_REVOKED)).unwrap_or(0);
    FIRST_ISSUED + rank * ISSUED_A_REVOKED + chance
}

/// Writes the list.
pub(crate) fn write(people: &People, entries: u32, order: Order, file: &Path) -> Result<(), BenchError> {
    write_entries(people, entries, file, |place| match order {
        Order::Ascending => entry(place),
        Order::Shuffled => entry(shuffled(place, entries)),
    })
}

/// Writes a list that nobody signed, of numbers as wide as they may be.
pub(crate) fn write_forged(people: &People, entries: u32, file: &Path) -> Result<(), BenchError> {
    write_entries(people, entries, file, wide_entry)?;
    let written = OpenOptions::new().write(true).open(file).map_err(BenchError::file(file))?;
    let octets = written.metadata().map_err(BenchError::file(file))?.len();
    written.write_all_at(&[0; 4], octets.saturating_sub(4)).map_err(BenchError::file(file))
}

fn write_entries<const OCTETS: usize>(
    people: &People,
    entries: u32,
    file: &Path,
    entry_at: impl Fn(u32) -> [u8; OCTETS],
) -> Result<(), BenchError> {
    let mould = Mould::of(people)?;
    let octets = usize::try_from(entries).map_err(BenchError::of(WHAT))? * OCTETS;
    let revoked = header(tag::SEQUENCE, octets);
    let fields = mould.front.len() + revoked.len() + octets + mould.extensions.len();
    let body = header(tag::SEQUENCE, fields);
    let key = people.issuing_key()?;
    let mut signature = vec![0; key.public_modulus_len()];
    let seal_octets = encode_all(tag::BIT_STRING, &[&[0], &signature]).len();
    let all = body.len() + fields + mould.algorithm.len() + seal_octets;
    let mut out =
        Digested { out: BufWriter::with_capacity(1 << 20, create(file)?), digest: Context::new(&SHA256) };
    out.out.write_all(&header(tag::SEQUENCE, all))?;
    for part in [&body, &mould.front, &revoked] {
        out.write(part)?;
    }
    for place in 0..entries {
        out.write(&entry_at(place))?;
    }
    out.write(&mould.extensions)?;
    let Digested { mut out, digest } = out;
    key.sign_digest(&RSA_PKCS1_SHA256, &digest.finish(), &mut signature).map_err(BenchError::of(WHAT))?;
    out.write_all(&mould.algorithm)?;
    out.write_all(&encode_all(tag::BIT_STRING, &[&[0], &signature]))?;
    out.into_inner().map_err(BenchError::of(WHAT))?.sync_all().map_err(BenchError::file(file))
}

fn create(file: &Path) -> Result<File, BenchError> {
    File::create(file).map_err(BenchError::file(file))
}

/// What is signed, on its way to the file.
struct Digested {
    out: BufWriter<File>,
    digest: Context,
}

impl Digested {
    fn write(&mut self, octets: &[u8]) -> Result<(), BenchError> {
        self.digest.update(octets);
        Ok(self.out.write_all(octets)?)
    }
}

/// An entry as JPKI writes it: number, date, reason.
fn entry(rank: u32) -> [u8; ENTRY_OCTETS] {
    let mut entry =
        *b"\x30\x23\x02\x04nnnn\x17\x0d25MMDDhhmmssZ\x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01r";
    let chance = mixed(u64::from(rank) ^ 0x5bd1_e995);
    let pairs = [
        chance % 12 + 1,
        (chance >> 8) % 28 + 1,
        (chance >> 16) % 24,
        (chance >> 24) % 60,
        (chance >> 32) % 60,
    ];
    let (front, rest) = entry.split_at_mut(12);
    let (digits, behind) = rest.split_at_mut(10);
    if let Some(serial) = front.get_mut(4..8) {
        serial.copy_from_slice(&number(rank).to_be_bytes());
    }
    for (to, pair) in digits.chunks_exact_mut(2).zip(pairs) {
        let pair = u8::try_from(pair).unwrap_or(0);
        to.copy_from_slice(&[b'0' + pair / 10, b'0' + pair % 10]);
    }
    if let Some(reason) = behind.last_mut() {
        *reason = u8::try_from((chance >> 40) % REASONS).unwrap_or(0);
    }
    entry
}

/// An entry of a serial number of twenty octets, without a reason.
fn wide_entry(rank: u32) -> [u8; WIDE_ENTRY_OCTETS] {
    let mut entry = *b"\x30\x25\x02\x14\x41nnnnnnnnNNNNNNNN---\x17\x0d250101000000Z";
    for (octets, salt) in [(5..13, 0), (13..21, u64::MAX)] {
        if let Some(to) = entry.get_mut(octets) {
            to.copy_from_slice(&mixed(u64::from(rank) ^ salt).to_be_bytes());
        }
    }
    entry
}

/// A place's rank in an order that looks like chance and holds each once.
fn shuffled(place: u32, entries: u32) -> u32 {
    let bits = u32::BITS - entries.saturating_sub(1).leading_zeros();
    let mask = u32::try_from((1_u64 << bits) - 1).unwrap_or(u32::MAX);
    let mut rank = place;
    loop {
        // Each step can be undone, so that no two places have one rank.
        for odd in [0x9E37_79B1_u32, 0x85EB_CA77, 0xC2B2_AE3D] {
            rank = rank.wrapping_mul(odd) & mask;
            rank ^= rank >> (bits / 2).max(1);
        }
        if rank < entries {
            return rank;
        }
    }
}

/// A number that looks like chance (SplitMix64).
pub(crate) const fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Tag and length of so many octets.
fn header(tag: u8, octets: usize) -> Vec<u8> {
    if let Some(short) = u8::try_from(octets).ok().filter(|short| *short < 0x80) {
        return vec![tag, short];
    }
    let length: Vec<u8> = octets.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let mut header = vec![tag, 0x80 | u8::try_from(length.len()).unwrap_or(0)];
    header.extend(length);
    header
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use enishi_jpki::Serial;
    use enishi_verify::{Crl, CrlEntry, CrlError, DetailsInMemory, Limits};

    use super::{FIRST_ISSUED, ISSUED_A_REVOKED, Order, number, shuffled, write, write_forged};
    use crate::people::People;

    #[test]
    fn every_place_has_its_own_rank() {
        for entries in [1, 2, 7, 1_000, 4_096, 5_000] {
            let ranks: BTreeSet<_> = (0..entries).map(|place| shuffled(place, entries)).collect();
            assert_eq!(ranks, (0..entries).collect());
        }
    }

    #[test]
    fn lists_of_either_order_are_accepted_and_say_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let people = People::make(folder.path()).unwrap();
        let file = folder.path().join("nation.crl");
        let mut said = Vec::new();
        for order in [Order::Ascending, Order::Shuffled] {
            write(&people, 3_000, order, &file).unwrap();
            let mut file = std::fs::File::open(&file).unwrap();
            let limits = Limits::default();
            let list =
                Crl::read(&mut file, &DetailsInMemory, people.issuer().unwrap(), None, &limits, people.now);
            let list = list.unwrap();
            assert_eq!(list.len(), 3_000);
            let issued = FIRST_ISSUED..FIRST_ISSUED + 3_000 * ISSUED_A_REVOKED;
            let statuses =
                issued.map(|number| list.status(&Serial::from_u64(u64::from(number)).unwrap()).unwrap());
            said.push(statuses.collect::<Vec<_>>());
            let revoked = (0..3_000).filter(|&rank| {
                list.status(&Serial::from_u64(u64::from(number(rank))).unwrap()) != Ok(CrlEntry::Good)
            });
            assert_eq!(revoked.count(), 3_000);
        }
        assert_eq!(said[0], said[1]);
    }

    #[test]
    fn a_forged_list_is_refused_for_its_signature() {
        let folder = tempfile::tempdir().unwrap();
        let people = People::make(folder.path()).unwrap();
        let file = folder.path().join("forged.crl");
        write_forged(&people, 3_000, &file).unwrap();
        let der = std::fs::read(&file).unwrap();
        let list =
            Crl::accept(&der, people.issuer().unwrap(), None, &Limits::default(), people.now).map(drop);
        assert_eq!(list, Err(CrlError::Forged));
    }
}
