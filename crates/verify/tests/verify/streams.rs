//! Lists from sources that give octets as they like, and stores that fail.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use enishi_jpki::Serial;
use enishi_verify::{
    CoverageError, Crl, CrlEntry, CrlError, DetailFile, DetailStore, DetailsInMemory, RevocationStatus,
};
use proptest::prelude::{prop, prop_assert_eq, proptest};

use crate::list::{List, entry};
use crate::world::{auth_authority, certificate, hours, limits, now};

/// Gives so many octets at a time, and then fails or ends.
struct Pieces<'a> {
    all: &'a [u8],
    rest: &'a [u8],
    sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
    fails: Option<io::ErrorKind>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let ([], Some(kind)) = (self.rest, self.fails) {
            return Err(kind.into());
        }
        let octets = self.sizes.next().unwrap_or(1).min(into.len()).min(self.rest.len());
        into[..octets].copy_from_slice(&self.rest[..octets]);
        self.rest = &self.rest[octets..];
        Ok(octets)
    }
}

impl Seek for Pieces<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if let SeekFrom::Start(at) = to {
            self.rest = &self.all[usize::try_from(at).unwrap()..];
        }
        Ok(u64::try_from(self.all.len() - self.rest.len()).unwrap())
    }
}

fn read(der: &[u8], sizes: Vec<usize>, fails: Option<io::ErrorKind>) -> Result<Crl, CrlError> {
    let mut source = Pieces { all: der, rest: der, sizes: sizes.into_iter().cycle(), fails };
    Crl::read(&mut source, &DetailsInMemory, &auth_authority(), None, &limits(), now())
}

/// Longer than the buffers that go round, so that two threads are at it; numbers narrow and wide.
fn large() -> List {
    let mut list = List::new();
    let entries = list.entries.get_or_insert_default();
    for number in 0_u32..60_000 {
        let wide = [&[0x41; 12][..], &number.to_be_bytes()].concat();
        let narrow = (0x0680_0000 + number * 7).to_be_bytes();
        let serial = if number % 10 == 0 { wide.as_slice() } else { &narrow };
        entries.push(entry(serial, hours(-9 - i64::from(number % 100)), u8::try_from(number % 7).unwrap()));
    }
    list
}

#[test]
fn a_large_list_is_read_in_any_pieces_and_answers_for_every_number() {
    let der = large().build();
    assert!(der.len() > 2_000_000);
    for sizes in [vec![usize::MAX], vec![1_447], vec![65_536, 1, 37]] {
        let crl = read(&der, sizes, None).unwrap();
        assert_eq!(crl.len(), 60_000);
        for number in (0_u32..60_000).step_by(997) {
            let wide = [&[0x41; 12][..], &number.to_be_bytes()].concat();
            let narrow = (0x0680_0000 + number * 7).to_be_bytes();
            let (there, not_there) = if number % 10 == 0 {
                (wide.as_slice(), &narrow[..])
            } else {
                (&narrow[..], wide.as_slice())
            };
            let [there, not_there] =
                [there, not_there].map(|octets| Serial::from_der_content(octets).unwrap());
            let since = hours(-9 - i64::from(number % 100));
            assert!(
                matches!(crl.status(&there), Ok(CrlEntry::Revoked { at, .. }) if at == since),
                "{number}"
            );
            assert_eq!(crl.status(&not_there), Ok(CrlEntry::Good), "{number}");
            assert_eq!((crl.is_listed(&there), crl.is_listed(&not_there)), (Ok(true), Ok(false)));
        }
    }
}

#[test]
fn a_large_list_with_anything_wrong_in_it_is_refused_as_a_small_one() {
    let error = |list: &List| read(&list.build(), vec![10_000], None).map(drop).unwrap_err();
    let mut wrong = large();
    wrong.entries.as_mut().unwrap()[40_000] = entry(&[9], hours(-9), 8);
    assert!(matches!(error(&wrong), CrlError::Unsupported(_)));
    // Nobody learns what is wrong inside of a list that the authority did not sign.
    wrong.signer = crate::issue::Who::OtherAuthority.key();
    assert_eq!(error(&wrong), CrlError::Forged);
    let der = large().build();
    for at in (0..der.len()).step_by(der.len() / 60) {
        let mut damaged = der.clone();
        damaged[at] ^= 0x10;
        assert!(read(&damaged, vec![70_000], None).is_err(), "octet {at}");
    }
}

#[test]
fn a_source_that_fails_or_ends_refuses_the_list() {
    for der in [List::new().with(entry(&[9], hours(-9), 1)).build(), large().build()] {
        for octets in [der.len() - 1, der.len() / 2, 100] {
            let cut = &der[..octets];
            let early = read(cut, vec![5_000], None).map(drop);
            assert_eq!(early, Err(CrlError::EndsEarly { octets, announced: der.len() }));
            let reset = read(cut, vec![5_000], Some(io::ErrorKind::ConnectionReset)).map(drop);
            assert_eq!(reset, Err(CrlError::Source(io::ErrorKind::ConnectionReset)));
        }
        let late = [&der[..], b"\0"].concat();
        assert!(matches!(read(&late, vec![5_000], None).map(drop), Err(CrlError::Der(_))));
    }
}

/// A store whose files fail when they are written or when they are read.
pub(crate) struct Failing {
    pub(crate) writing: Option<io::ErrorKind>,
}

impl DetailStore for Failing {
    fn begin(&self) -> io::Result<Box<dyn DetailFile>> {
        Ok(Box::new(Self { writing: self.writing }))
    }
}

impl DetailFile for Failing {
    fn append(&mut self, _: &[u8]) -> io::Result<()> {
        self.writing.map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// More entries of an unusual form than are taken before it is known who signed the list.
fn unusual() -> List {
    let mut list = List::new();
    let entries = list.entries.get_or_insert_default();
    for number in 0_u32..140_000 {
        let wide = [&[0x41; 12][..], &number.to_be_bytes()].concat();
        entries.push(entry(&wide, hours(-9), 1));
    }
    list
}

/// Counts what is read.
struct Counted<'a> {
    source: Cursor<&'a [u8]>,
    octets: usize,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let octets = self.source.read(into)?;
        self.octets += octets;
        Ok(octets)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

#[test]
fn a_list_of_unusual_entries_is_read_again_only_where_the_authority_signed_it() {
    let der = unusual().build();
    let counted = |der: &[u8]| {
        let mut source = Counted { source: Cursor::new(der), octets: 0 };
        let crl = Crl::read(&mut source, &DetailsInMemory, &auth_authority(), None, &limits(), now());
        (crl, source.octets)
    };
    let (crl, octets) = counted(&der);
    let crl = crl.unwrap();
    assert_eq!((crl.len(), octets), (140_000, 2 * der.len()));
    for number in (0_u32..140_000).step_by(9_973) {
        let wide = [&[0x41; 12][..], &number.to_be_bytes()].concat();
        assert!(crl.is_listed(&Serial::from_der_content(&wide).unwrap()).unwrap(), "{number}");
        let other = [&[0x42; 12][..], &number.to_be_bytes()].concat();
        assert!(!crl.is_listed(&Serial::from_der_content(&other).unwrap()).unwrap(), "{number}");
    }
    let mut forged = der;
    *forged.last_mut().unwrap() ^= 1;
    let (refused, octets) = counted(&forged);
    assert_eq!((refused.map(drop), octets), (Err(CrlError::Forged), forged.len()));
}

/// Gives other octets when it is read again.
struct Changing {
    first: Cursor<Vec<u8>>,
    then: Vec<u8>,
}

impl Read for Changing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.first.read(into)
    }
}

impl Seek for Changing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if let SeekFrom::Start(_) = to {
            self.first = Cursor::new(std::mem::take(&mut self.then));
        }
        self.first.seek(to)
    }
}

#[test]
fn what_is_read_again_is_what_was_signed() {
    let signed = unusual().build();
    let mut then = signed.clone();
    let entry = then.windows(12).rposition(|octets| octets == [0x41; 12]).unwrap();
    then[entry] = 0x43;
    let mut source = Changing { first: Cursor::new(signed), then };
    let refused = Crl::read(&mut source, &DetailsInMemory, &auth_authority(), None, &limits(), now());
    assert_eq!(refused.map(drop), Err(CrlError::Forged));
}

#[test]
fn a_certificate_whose_details_cannot_be_read_has_no_status() {
    let serial = certificate().serial().expose_der_content().to_vec();
    let der = List::new().with(entry(&serial, hours(-9), 1)).build();
    let read = |writing| {
        let store = Failing { writing };
        Crl::read(&mut Cursor::new(der.as_slice()), &store, &auth_authority(), None, &limits(), now())
    };
    let full = read(Some(io::ErrorKind::StorageFull)).map(drop);
    assert_eq!(full, Err(CrlError::Store(io::ErrorKind::StorageFull)));
    let crl = read(None).unwrap();
    assert_eq!(crl.is_listed(certificate().serial()), Ok(true));
    let status = RevocationStatus::from_crl(&crl, &certificate(), now()).map(drop);
    assert_eq!(status, Err(CoverageError::Details));
}

proptest! {
    #[test]
    fn any_pieces_of_a_list_say_what_the_whole_says(sizes in prop::collection::vec(1_usize..200, 1..9), damage: bool) {
        let mut der = List::new()
            .with(entry(&[6, 0xd1, 0x80, 6], hours(-9), 4))
            .with(entry(&[0x41; 20], hours(-9), 6))
            .build();
        if damage {
            let at = sizes.iter().sum::<usize>() % der.len();
            der[at] ^= 1;
        }
        let outcome = |read: Result<Crl, CrlError>| read.map(|crl| (crl.len(), crl.number()));
        prop_assert_eq!(outcome(read(&der, sizes, None)), outcome(read(&der, vec![usize::MAX], None)));
    }
}
