use proptest::prelude::*;

use super::request::{HashKind, OCSP_REQUEST_MAX_OCTETS, OcspRequest};
use crate::asn1;

const SHA1: &str = "1.3.14.3.2.26";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";

fn cert_id(hash: &str, hash_octets: usize, serial: &[u8]) -> Vec<u8> {
    asn1::sequence(&[
        &asn1::sequence(&[&asn1::oid(hash.parse().unwrap()), &asn1::null()]),
        &asn1::octet_string(&vec![0x11; hash_octets]),
        &asn1::octet_string(&vec![0x22; hash_octets]),
        &asn1::unsigned_integer(serial),
    ])
}

fn request(cert_ids: &[Vec<u8>], extensions: &[Vec<u8>]) -> Vec<u8> {
    let singles: Vec<Vec<u8>> = cert_ids.iter().map(|cert_id| asn1::sequence(&[cert_id])).collect();
    let singles: Vec<&[u8]> = singles.iter().map(Vec::as_slice).collect();
    let extensions: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).collect();
    let extensions =
        if extensions.is_empty() { Vec::new() } else { asn1::context(2, &[&asn1::sequence(&extensions)]) };
    asn1::sequence(&[&asn1::sequence(&[&asn1::sequence(&singles), &extensions])])
}

fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { asn1::boolean_true() } else { Vec::new() };
    asn1::sequence(&[&asn1::oid(id.parse().unwrap()), &critical, &asn1::octet_string(value)])
}

fn nonce(octets: usize) -> Vec<u8> {
    extension("1.3.6.1.5.5.7.48.1.2", false, &asn1::octet_string(&vec![7; octets]))
}

#[test]
fn both_hashes_and_every_nonce_of_the_standard_are_read() {
    for (hash, octets, kind) in [(SHA1, 20, HashKind::Sha1), (SHA256, 32, HashKind::Sha256)] {
        for length in [1, 16, 32, 128] {
            let der = cert_id(hash, octets, &[5, 6]);
            let parsed = OcspRequest::parse(&request(std::slice::from_ref(&der), &[nonce(length)])).unwrap();
            assert_eq!(parsed.nonce, Some(asn1::octet_string(&vec![7; length])));
            let [only] = parsed.cert_ids.as_slice() else { panic!("one certificate") };
            assert_eq!(only.hash, kind);
            assert_eq!(only.der, der);
            assert_eq!(only.serial, [5, 6]);
            assert_eq!((only.issuer_name_hash.len(), only.issuer_key_hash.len()), (octets, octets));
        }
    }
}

#[test]
fn what_is_out_of_bounds_is_malformed() {
    let good = cert_id(SHA1, 20, &[1]);
    let one = std::slice::from_ref(&good);
    assert!(OcspRequest::parse(&request(&vec![good.clone(); 16], &[])).is_some());
    for (what, der) in [
        ("no certificate", request(&[], &[])),
        ("17 certificates", request(&vec![good.clone(); 17], &[])),
        ("an empty nonce", request(one, &[nonce(0)])),
        ("a nonce of 129", request(one, &[nonce(129)])),
        ("two nonces", request(one, &[nonce(8), nonce(8)])),
        (
            "a nonce that is no OCTET STRING",
            request(one, &[extension("1.3.6.1.5.5.7.48.1.2", false, &[7; 8])]),
        ),
        ("a critical unknown", request(one, &[extension("1.2.3", true, &[])])),
        ("a hash of another length", request(&[cert_id(SHA1, 32, &[1])], &[])),
        ("another hash", request(&[cert_id("1.2.840.113549.2.5", 16, &[1])], &[])),
        ("something behind", [request(one, &[]), vec![0]].concat()),
        ("too long", request(one, &[extension("1.2.3", false, &[0; OCSP_REQUEST_MAX_OCTETS])])),
    ] {
        assert!(OcspRequest::parse(&der).is_none(), "{what}");
    }
    assert!(OcspRequest::parse(&request(one, &[extension("1.2.3", false, &[])])).is_some());
}

proptest! {
    #[test]
    fn random_octets_never_panic(octets in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = OcspRequest::parse(&octets);
    }

    #[test]
    fn a_bent_request_never_panics(
        count in 1_usize..4,
        at in any::<prop::sample::Index>(),
        octet in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut der = request(&vec![cert_id(SHA256, 32, &[9; 16]); count], &[nonce(32)]);
        let position = at.index(der.len());
        der[position] = octet;
        let _ = OcspRequest::parse(&der);
        der.truncate(cut.index(der.len()));
        prop_assert!(OcspRequest::parse(&der).is_none());
    }

    #[test]
    fn what_is_read_is_what_was_asked(serial in proptest::collection::vec(any::<u8>(), 1..20)) {
        let der = cert_id(SHA256, 32, &serial);
        let parsed = OcspRequest::parse(&request(std::slice::from_ref(&der), &[])).unwrap();
        prop_assert_eq!(&parsed.cert_ids[0].der, &der);
        prop_assert_eq!(&parsed.cert_ids[0].serial, &asn1::integer_content(&serial));
    }
}
