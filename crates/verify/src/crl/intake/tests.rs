use std::io::{self, Read};

use aws_lc_rs::digest::{SHA256, digest};
use enishi_jpki::asn1::{DerFault, encode, encode_all, tag};

use super::{CrlError, Intake, Pace};
use crate::crl::DetailsInMemory;
use crate::crl::index::{Gathering, MEASURE};
use crate::crl::walk::Walk;

/// Octets in the form of a list, which says nothing.
fn list(octets: usize) -> Vec<u8> {
    let signed = encode(tag::SEQUENCE, &vec![5; octets]);
    encode_all(tag::SEQUENCE, &[&signed, &[0x30, 0], &[3, 1, 0]])
}

fn take(source: &mut dyn Read, buffer: usize, octets_max: usize) -> Result<Vec<u8>, CrlError> {
    take_at(Pace::Fast, source, buffer, octets_max)
}

fn take_at(pace: Pace, source: &mut dyn Read, buffer: usize, octets_max: usize) -> Result<Vec<u8>, CrlError> {
    let intake = Intake { octets_max, algorithm: &SHA256, buffer, pace };
    let gathering = Gathering::new(&DetailsInMemory, usize::MAX, MEASURE);
    let (_, digest) = intake.take(source, |outline| Walk::new(outline, gathering))?;
    Ok(digest.as_ref().to_vec())
}

/// Gives a few octets at a time, is interrupted in between, and then ends or fails.
struct Slow<'a> {
    rest: &'a [u8],
    calls: usize,
    fails: Option<io::ErrorKind>,
}

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if let ([], Some(kind)) = (self.rest, self.fails) {
            return Err(kind.into());
        }
        let octets = self.rest.len().min(into.len()).min(self.calls % 7 + 1);
        into[..octets].copy_from_slice(&self.rest[..octets]);
        self.rest = &self.rest[octets..];
        Ok(octets)
    }
}

#[test]
fn the_signed_part_is_digested_whatever_the_buffers_and_the_source() {
    for octets in [0, 1, 100, 5_000] {
        let der = list(octets);
        let signed = encode(tag::SEQUENCE, &vec![5; octets]);
        let expected = digest(&SHA256, &signed).as_ref().to_vec();
        for buffer in [1, 13, 64, 1_000, der.len() - 1, der.len(), der.len() + 1, 1 << 16] {
            for pace in [Pace::Fast, Pace::BesideOthers] {
                let taken = take_at(pace, &mut der.as_slice(), buffer, der.len());
                assert_eq!(taken, Ok(expected.clone()), "{octets} {buffer} {pace:?}");
            }
        }
    }
}

#[test]
fn a_source_that_is_slow_and_interrupted_gives_the_same() {
    let der = list(2_000);
    let whole = take(&mut der.as_slice(), 1 << 16, der.len()).unwrap();
    let slow = |fails| {
        let mut slow = Slow { rest: &der, calls: 0, fails };
        take(&mut slow, 100, der.len())
    };
    assert_eq!(slow(None), Ok(whole));
    assert_eq!(
        slow(Some(io::ErrorKind::ConnectionReset)),
        Err(CrlError::Source(io::ErrorKind::ConnectionReset))
    );
}

#[test]
fn a_source_that_ends_early_or_late_is_refused_with_what_came() {
    let der = list(500);
    for buffer in [1, 64, 1 << 16] {
        for octets in 12..der.len() {
            for pace in [Pace::Fast, Pace::BesideOthers] {
                let early = take_at(pace, &mut &der[..octets], buffer, der.len());
                assert_eq!(early, Err(CrlError::EndsEarly { octets, announced: der.len() }), "{buffer}");
            }
        }
        let late = [der.as_slice(), &[0]].concat();
        let refused = take(&mut late.as_slice(), buffer, late.len());
        assert!(
            matches!(refused, Err(CrlError::Der(error)) if error.at == der.len() && error.fault == DerFault::Trailing)
        );
    }
}

#[test]
fn a_list_over_the_limit_is_refused_before_it_is_read() {
    let der = list(100_000);
    let mut source = Slow { rest: &der, calls: 0, fails: None };
    let refused = take(&mut source, 64, der.len() - 1);
    assert_eq!(refused, Err(CrlError::TooLarge { octets: der.len() }));
    assert_eq!(der.len() - source.rest.len(), 64, "one buffer, and no more");
}
