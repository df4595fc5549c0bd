use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, SanType};

use super::{Peer, PeerError};

fn certificate(names: Vec<SanType>) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names;
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().unwrap())
}

const BANK: &str = "urn:enishi:sandbox:provider:bank-a";

#[test]
fn one_uri_among_other_names_is_the_party() {
    let der = certificate(vec![SanType::DnsName("localhost".try_into().unwrap()), uri(BANK)]);
    assert_eq!(Peer::from_certificate(&der).unwrap().party.to_string(), BANK);
}

#[test]
fn no_uri_or_two_are_refused() {
    let none = certificate(vec![SanType::DnsName(BANK.try_into().unwrap())]);
    assert_eq!(Peer::from_certificate(&none), Err(PeerError::UriNames(0)));
    assert_eq!(Peer::from_certificate(&certificate(vec![])), Err(PeerError::UriNames(0)));
    let two = certificate(vec![uri(BANK), uri(BANK)]);
    assert_eq!(Peer::from_certificate(&two), Err(PeerError::UriNames(2)));
}

#[test]
fn a_uri_that_is_no_party_is_refused() {
    for text in
        ["https://bank-a.example/", "urn:enishi:sandbox:provider:", "urn:enishi:sandbox:provider:BANK"]
    {
        assert_eq!(
            Peer::from_certificate(&certificate(vec![uri(text)])),
            Err(PeerError::NotAParty),
            "{text}"
        );
    }
}

#[test]
fn the_key_digest_is_over_the_whole_public_key_info() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![uri(BANK)];
    let der = params.self_signed(&key).unwrap();
    let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
    let expected = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &spki);
    assert_eq!(Peer::from_certificate(der.der()).unwrap().key_sha256, expected.as_ref());
}

#[test]
fn a_certificate_cut_anywhere_is_refused() {
    let der = certificate(vec![uri(BANK)]);
    for length in 0..der.len() {
        assert_eq!(Peer::from_certificate(&der[..length]), Err(PeerError::Certificate), "{length}");
    }
}

proptest! {
    #[test]
    fn no_bytes_and_no_flipped_byte_make_it_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        prop_assert!(Peer::from_certificate(&bytes).is_err());
        let mut der = certificate(vec![uri(BANK)]);
        for (index, value) in flips {
            let at = index.index(der.len());
            der[at] = value;
        }
        let _ = Peer::from_certificate(&der);
    }
}
