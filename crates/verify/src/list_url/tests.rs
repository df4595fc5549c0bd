use super::*;

fn key() -> KeyId {
    KeyId::from_octets(&[0xab, 0x01]).unwrap()
}

#[test]
fn a_partitions_address_is_made_of_the_digest_of_its_point() {
    let url: ListUrl = "http://j/crl/{kind}/{key_id}/{partition}.crl".parse().unwrap();
    assert!(url.is_partitioned());
    // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(ListUrl::partition_word(b"abc"), digest);
    let expected = format!("http://j/crl/sign/ab01/{digest}.crl");
    assert_eq!(url.of_partition(CertKind::Signing, &key(), b"abc"), Some(expected));
}

#[test]
fn a_template_without_the_word_has_no_partitions() {
    let url: ListUrl = "http://j/crl/{kind}/{key_id}.crl".parse().unwrap();
    assert!(!url.is_partitioned());
    assert_eq!(url.of_partition(CertKind::Signing, &key(), b"abc"), None);
}

#[test]
fn the_word_stands_once_and_in_the_path() {
    for bad in [
        "http://j/{kind}/{key_id}/{partition}/{partition}",
        "http://{partition}/{kind}/{key_id}",
        "http://j/{partition}",
    ] {
        assert!(bad.parse::<ListUrl>().is_err(), "{bad}");
    }
}
