use aws_lc_rs::digest::{SHA256, digest};

use super::*;

#[test]
fn the_bare_private_operation_and_the_library_agree() {
    let key = CardKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let Material::Rsa2048(rsa) = &*key.0;
    for message in [&b"first"[..], b"second", b""] {
        let info = [&SHA256_DIGEST_INFO_PREFIX, digest(&SHA256, message).as_ref()].concat();
        assert_eq!(rsa.pad_and_sign(&info).unwrap(), rsa.sign(Scheme::Verbatim, &info).unwrap());
    }
}

#[test]
fn a_key_reads_back_from_its_own_pkcs8_and_shows_nothing() {
    let key = CardKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let again = CardKey::from_pkcs8(KeyAlgorithm::Rsa2048, key.expose_pkcs8()).unwrap();
    assert_eq!(again.public_key_der().unwrap(), key.public_key_der().unwrap());
    assert_eq!(again.modulus(), key.modulus());
    assert_eq!(format!("{key:?}"), "CardKey(Rsa2048)");
}

#[test]
fn what_is_no_rsa_2048_key_is_refused() {
    let longer = KeyPair::generate(KeySize::Rsa3072).unwrap();
    let longer: Pkcs8V1Der<'_> = longer.as_der().unwrap();
    for bytes in [longer.as_ref(), &[], &[0x30, 0x00], &[0xFF; 64]] {
        let refused = CardKey::from_pkcs8(KeyAlgorithm::Rsa2048, bytes);
        assert!(matches!(refused, Err(CardError::Image(ImageFault::Key))));
    }
}

#[test]
fn the_next_generation_of_keys_is_known_by_name_only() {
    let refused = CardKey::generate(KeyAlgorithm::EcdsaP384);
    assert!(matches!(
        refused,
        Err(CardError::Image(ImageFault::UnsupportedKey { algorithm: KeyAlgorithm::EcdsaP384 }))
    ));
}
