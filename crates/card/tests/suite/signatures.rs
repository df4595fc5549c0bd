//! Every signature scheme of the card, checked by another implementation than the one that signed.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, digest};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use enishi_card::{CardKey, SoftwareCard};

use crate::support::*;

const MESSAGE: &[u8] = b"\x00 what the holder agreed to \xFF";
const SHA256_PREFIX: &str = "3031300d060960864801650304020105000420";
const SHA1_PREFIX: &str = "3021300906052b0e03021a05000414";
const SHA384_PREFIX: &str = "3041300d060960864801650304020205000430";

fn unlocked() -> SoftwareCard {
    let mut card = jpki();
    expect(&mut card, "0020009804 34303731", "9000");
    expect(&mut card, &format!("0020009B08{}", hex::encode(SIGN_PASSWORD)), "9000");
    card
}

fn sign(card: &mut SoftwareCard, p1: u8, p2: u8, input: &[u8]) -> Vec<u8> {
    let command = [&[0x80, 0x2A, p1, p2, u8::try_from(input.len()).unwrap()], input, &[0x00]].concat();
    let mut answer = card.transmit(&command);
    assert_eq!(answer.split_off(answer.len() - 2), [0x90, 0x00]);
    assert_eq!(answer.len(), 256);
    answer
}

fn verifies(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &CardKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let spki = key.public_key_der().unwrap();
    UnparsedPublicKey::new(algorithm, spki).verify(message, signature).is_ok()
}

/// What a PKCS #1 v1.5 signature contains, recovered with the public key by plain arithmetic.
fn recover(key: &CardKey, signature: &[u8]) -> Vec<u8> {
    use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
    use crypto_bigint::{Odd, U2048};
    use x509_cert::der::Decode;
    let spki = key.public_key_der().unwrap();
    let spki = x509_cert::spki::SubjectPublicKeyInfoRef::from_der(&spki).unwrap();
    // RSAPublicKey: SEQUENCE { INTEGER n (257 bytes with its sign), INTEGER e }
    let modulus = &spki.subject_public_key.raw_bytes()[9..265];
    let params = FixedMontyParams::new(Odd::new(U2048::from_be_slice(modulus)).unwrap());
    let block =
        FixedMontyForm::new(&U2048::from_be_slice(signature), &params).pow_vartime(&U2048::from(65537u32));
    let block = block.retrieve().to_be_bytes();
    let block = block.as_ref();
    assert_eq!(block[..2], [0x00, 0x01]);
    let end = 2 + block[2..].iter().position(|byte| *byte != 0xFF).unwrap();
    assert!(end >= 10, "at least eight bytes of padding");
    assert_eq!(block[end], 0x00);
    block[end + 1..].to_vec()
}

#[test]
fn p1_00_signs_a_digest_info_as_every_client_expects() {
    let mut card = unlocked();
    let key = auth_key(Holder::First);
    for (algorithm, hash, prefix) in [
        (&RSA_PKCS1_2048_8192_SHA256, &SHA256, SHA256_PREFIX),
        (&RSA_PKCS1_2048_8192_SHA384, &SHA384, SHA384_PREFIX),
        (&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, &SHA1_FOR_LEGACY_USE_ONLY, SHA1_PREFIX),
    ] {
        let info = [&hex::decode(prefix).unwrap()[..], digest(hash, MESSAGE).as_ref()].concat();
        assert!(verifies(algorithm, &key, MESSAGE, &sign(&mut card, 0x00, 0x97, &info)));
    }
}

#[test]
fn p1_00_pads_any_bytes_up_to_245_as_they_are() {
    let mut card = unlocked();
    let key = sign_key(Holder::First);
    for len in [1, 2, 32, 51, 244, 245] {
        let input: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
        assert_eq!(recover(&key, &sign(&mut card, 0x00, 0x9A, &input)), input);
    }
    // A DigestInfo without the NULL parameters is another input, not the usual one in disguise.
    let odd = hex::decode("302f300b0609608648016503040201").unwrap();
    let odd = [&odd[..], &[0x04, 0x20], digest(&SHA256, MESSAGE).as_ref()].concat();
    let signature = sign(&mut card, 0x00, 0x9A, &odd);
    assert_eq!(recover(&key, &signature), odd);
    assert!(!verifies(&RSA_PKCS1_2048_8192_SHA256, &key, MESSAGE, &signature));
}

#[test]
fn p1_01_signs_the_bare_hash() {
    let mut card = unlocked();
    let signature = sign(&mut card, 0x01, 0x97, MESSAGE);
    assert_eq!(recover(&auth_key(Holder::First), &signature), digest(&SHA256, MESSAGE).as_ref());
}

#[test]
fn p1_02_and_03_add_the_digest_info() {
    let mut card = unlocked();
    let key = auth_key(Holder::First);
    let given = sign(&mut card, 0x02, 0x97, digest(&SHA256, MESSAGE).as_ref());
    let hashed = sign(&mut card, 0x03, 0x97, MESSAGE);
    assert!(verifies(&RSA_PKCS1_2048_8192_SHA256, &key, MESSAGE, &given));
    assert_eq!(given, hashed);
    let info = [&hex::decode(SHA256_PREFIX).unwrap()[..], digest(&SHA256, MESSAGE).as_ref()].concat();
    assert_eq!(given, sign(&mut card, 0x00, 0x97, &info));
}

#[test]
fn p1_04_and_05_use_pss_with_a_fresh_salt() {
    let mut card = unlocked();
    let key = sign_key(Holder::First);
    let given = sign(&mut card, 0x04, 0x9A, digest(&SHA256, MESSAGE).as_ref());
    let hashed = sign(&mut card, 0x05, 0x9A, MESSAGE);
    assert!(verifies(&RSA_PSS_2048_8192_SHA256, &key, MESSAGE, &given));
    assert!(verifies(&RSA_PSS_2048_8192_SHA256, &key, MESSAGE, &hashed));
    assert_ne!(hashed, sign(&mut card, 0x05, 0x9A, MESSAGE));
}

#[test]
fn the_key_is_named_by_the_current_file_or_by_short_identifier() {
    let mut card = unlocked();
    expect(&mut card, "00A4020C02001A", "9000");
    let by_file = sign(&mut card, 0x03, 0x80, MESSAGE);
    assert!(verifies(&RSA_PKCS1_2048_8192_SHA256, &sign_key(Holder::First), MESSAGE, &by_file));
    let other = sign(&mut card, 0x03, 0x97, MESSAGE);
    assert!(verifies(&RSA_PKCS1_2048_8192_SHA256, &auth_key(Holder::First), MESSAGE, &other));
    // Naming another key does not make it current.
    assert_eq!(sign(&mut card, 0x03, 0x80, MESSAGE), by_file);
}

#[test]
fn a_signature_without_le_is_given_all_the_same() {
    let mut card = unlocked();
    let answer = send(&mut card, &format!("802A0297 20 {}", "22".repeat(32)));
    assert_eq!(answer.len(), 2 * 258);
}

#[test]
fn schemes_keys_and_inputs_that_do_not_fit_are_refused() {
    let mut card = unlocked();
    let hash = "33".repeat(32);
    for (command, answer) in [
        (format!("802A0697 20 {hash} 00"), "6A86"),
        (format!("802AFF97 20 {hash} 00"), "6A86"),
        (format!("802A0200 20 {hash} 00"), "6A86"),
        (format!("802A0280 20 {hash} 00"), "6986"),
        (format!("802A0298 20 {hash} 00"), "6981"),
        (format!("802A028A 20 {hash} 00"), "6981"),
        (format!("802A0283 20 {hash} 00"), "6A88"),
        (format!("802A0297 1F {} 00", "33".repeat(31)), "6985"),
        (format!("802A0497 21 {} 00", "33".repeat(33)), "6985"),
        (format!("802A0097 F6 {} 00", "33".repeat(246)), "6985"),
        (format!("802A0297 20 {hash} 80"), "6700"),
        ("802A009700".to_owned(), "6700"),
        ("802A0097".to_owned(), "6700"),
        (format!("802A0097 000020 {hash} 0000"), "6700"),
    ] {
        expect(&mut card, &command, answer);
    }
}

#[test]
fn each_key_needs_its_own_pin() {
    let mut card = jpki();
    let hash = "44".repeat(32);
    for key in ["97", "9A"] {
        expect(&mut card, &format!("802A02{key} 20 {hash} 00"), "6982");
        expect(&mut card, &format!("802A02{key}"), "6982");
    }
    expect(&mut card, "0020009804 34303731", "9000");
    expect(&mut card, &format!("802A029A 20 {hash} 00"), "6982");
}
