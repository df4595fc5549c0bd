use enishi_jpki::Serial;
use enishi_jpki::asn1::{encode, encode_all, tag};
use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, proptest};

use super::{Walk, Walked};
use crate::crl::index::{Gathering, MEASURE, Measure};
use crate::crl::outline::Outline;
use crate::crl::{CrlEntry, CrlError, DetailsInMemory};
use crate::limits::{CRL_BEHIND_OCTETS_MAX, CRL_FRONT_OCTETS_MAX};

/// A list that nobody signed: walking does not care.
struct Parts {
    issuer: Vec<u8>,
    entries: Option<Vec<u8>>,
    extensions: Vec<u8>,
    signature: Vec<u8>,
}

impl Parts {
    fn of(entries: &[Vec<u8>]) -> Self {
        Self {
            issuer: encode(tag::SEQUENCE, &[0x31, 0]),
            entries: Some(entries.concat()),
            extensions: encode(0xa0, &encode(tag::SEQUENCE, &[0x30, 0])),
            signature: vec![0; 257],
        }
    }

    fn der(&self) -> Vec<u8> {
        // sha256WithRSAEncryption.
        let algorithm = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 11, 5, 0];
        let (this, next) = (encode(tag::UTC_TIME, b"260601020000Z"), encode(tag::UTC_TIME, b"260602020000Z"));
        let entries = self.entries.as_ref().map(|entries| encode(tag::SEQUENCE, entries)).unwrap_or_default();
        let signed = encode_all(
            tag::SEQUENCE,
            &[&[2, 1, 1], &algorithm, &self.issuer, &this, &next, &entries, &self.extensions],
        );
        encode_all(tag::SEQUENCE, &[&signed, &algorithm, &encode(tag::BIT_STRING, &self.signature)])
    }
}

fn entry(serial: &[u8], extensions: &[u8]) -> Vec<u8> {
    let date = encode(tag::UTC_TIME, b"260531123456Z");
    encode_all(tag::SEQUENCE, &[&encode(tag::INTEGER, serial), &date, extensions])
}

/// An entry with a reason: in JPKI's form if its serial has four octets.
fn with_reason(serial: &[u8]) -> Vec<u8> {
    entry(serial, &[0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1d, 0x15, 4, 3, 10, 1, 4])
}

/// An entry with an unknown extension of many octets.
fn long(serial: &[u8], octets: usize) -> Vec<u8> {
    let value = encode(tag::OCTET_STRING, &vec![7; octets]);
    let extension = encode_all(tag::SEQUENCE, &[&[6, 3, 0x55, 0x1d, 0x63], &value]);
    entry(serial, &encode(tag::SEQUENCE, &extension))
}

fn walk(der: &[u8], pieces: impl IntoIterator<Item = usize>, measure: Measure) -> Walked {
    let outline = Outline::read(der).unwrap();
    let mut walk = Walk::new(outline, Gathering::new(&DetailsInMemory, usize::MAX, measure));
    let mut rest = der;
    for piece in pieces {
        let (now, later) = rest.split_at(piece.min(rest.len()));
        walk.push(now);
        rest = later;
    }
    walk.push(rest);
    walk.finish()
}

/// Everything that is told of a list.
fn outcome(walked: &Walked, asked: &[Vec<u8>]) -> (Result<(usize, Vec<CrlEntry>), CrlError>, String) {
    let index = walked.index.as_ref().map_err(Clone::clone).map(|index| {
        let answers =
            asked.iter().map(|serial| index.get(&Serial::from_der_content(serial).unwrap()).unwrap());
        (index.len(), answers.collect())
    });
    let front = walked.front.as_ref().map_err(Clone::clone).map(|front| {
        (
            front.algorithm.clone(),
            front.issuer.clone(),
            front.this_update,
            front.entries.clone(),
            front.behind,
        )
    });
    let seal = walked.seal().map(|seal| (seal.algorithm, seal.algorithm_der, seal.signature));
    (index, format!("{front:?} {seal:?} {:02x?}", walked.behind))
}

const SMALL: Measure = Measure { narrow_rows: 3, wide_rows: 2, pages: 2, unusual: usize::MAX };

#[test]
fn every_cut_in_two_gives_what_the_whole_gives() {
    let serials: Vec<Vec<u8>> = vec![vec![6, 0xd1, 0x80, 6], vec![9], vec![0x41; 20], vec![0, 0xff, 1, 2, 3]];
    let mut entries: Vec<_> = serials.iter().map(|serial| with_reason(serial)).collect();
    entries.extend([long(&[0x10, 1], 200), entry(&[0x10, 2], &[]), with_reason(&[6, 0xd1, 0x80, 7])]);
    let der = Parts::of(&entries).der();
    let whole = outcome(&walk(&der, [], SMALL), &serials);
    assert_eq!(whole.0.as_ref().map(|of| of.0), Ok(7), "{whole:?}");
    for cut in 0..der.len() {
        assert_eq!(outcome(&walk(&der, [cut], SMALL), &serials), whole, "{cut}");
    }
    assert_eq!(outcome(&walk(&der, vec![1; der.len()], SMALL), &serials), whole);
}

#[test]
fn a_front_without_entries_longer_or_shorter_than_its_bound_is_walked_over() {
    let none = Parts { entries: None, ..Parts::of(&[]) };
    let walked = walk(&none.der(), [], MEASURE);
    assert!(walked.index.is_ok_and(|index| index.len() == 0) && walked.front.is_ok());
    let empty = walk(&Parts::of(&[]).der(), [], MEASURE);
    assert!(matches!(empty.index.map(|_| ()), Err(CrlError::Der(_))));
    let long = Parts { issuer: encode(tag::SEQUENCE, &vec![0; CRL_FRONT_OCTETS_MAX]), ..Parts::of(&[]) };
    let walked = walk(&long.der(), [], MEASURE);
    assert!(matches!(walked.front.as_ref().map(|_| ()), Err(CrlError::Der(_))));
    assert!(walked.seal().is_ok(), "whether it is signed is asked first");
}

#[test]
fn what_stands_behind_the_entries_is_bounded() {
    let with = |octets| {
        let parts = Parts { signature: vec![0; octets], ..Parts::of(&[with_reason(&[9])]) };
        let walked = walk(&parts.der(), [100; 3], MEASURE);
        (walked.behind.len(), walked.seal().map(drop))
    };
    let room = CRL_BEHIND_OCTETS_MAX - (with(60_000).0 - 60_000);
    assert_eq!(with(room), (CRL_BEHIND_OCTETS_MAX, Ok(())));
    assert!(matches!(with(room + 1), (_, Err(CrlError::Der(_)))));
}

#[test]
fn an_entry_that_the_field_cuts_off_is_told_where_it_stands() {
    let mut entries = with_reason(&[6, 0xd1, 0x80, 6]);
    entries.truncate(30);
    let parts = Parts { entries: Some(entries), ..Parts::of(&[]) };
    for pieces in [vec![], vec![1; parts.der().len()]] {
        let walked = walk(&parts.der(), pieces, MEASURE);
        let at = walked.front.unwrap().entries.unwrap().start;
        assert!(matches!(walked.index.map(|_| ()), Err(CrlError::Der(error)) if error.at == at));
    }
}

fn any_entry() -> impl Strategy<Value = Vec<u8>> {
    let serial = prop::collection::vec(any::<u8>(), 1..=20);
    let right = prop::collection::vec(1_u8..0x80, 4..=4).prop_map(|serial| with_reason(&serial));
    proptest::prop_oneof![
        8 => right,
        2 => serial.clone().prop_map(|mut serial| { serial[0] &= 0x7f; serial[0] |= 1; with_reason(&serial) }),
        2 => (serial, Just(())).prop_map(|(mut serial, ())| { serial[0] &= 0x7f; serial[0] |= 1; entry(&serial, &[]) }),
        1 => (1_u8..0x80, 0_usize..400).prop_map(|(serial, octets)| long(&[serial], octets)),
        1 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, octet)| {
            let mut damaged = with_reason(&[6, 0xd1, 0x80, 6]);
            let at = at.index(damaged.len());
            damaged[at] = octet;
            damaged
        }),
    ]
}

proptest! {
    #[test]
    fn any_cuts_give_what_the_whole_gives(
        entries in prop::collection::vec(any_entry(), 0..30),
        cuts in prop::collection::vec(1_usize..90, 0..40),
        front in 0_usize..400,
    ) {
        let der = Parts::of(&entries).der();
        let asked = [vec![6, 0xd1, 0x80, 6], vec![9]];
        let whole = outcome(&walk(&der, [], SMALL), &asked);
        prop_assert_eq!(outcome(&walk(&der, std::iter::once(front).chain(cuts), SMALL), &asked), whole);
    }
}
