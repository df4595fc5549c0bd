//! The text application (券面入力補助AP), read by the driver for real cards.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use enishi_card::{CardParts, SoftwareConnection, SoftwareReader};
use myna_card::ap::text::{Attributes, TextAp, ef};
use myna_card::data::{RsaPublicKey, Sex};
use myna_card::{Card, Command, Error, Pin, Retries};

use crate::support::*;

fn driver() -> Card<SoftwareConnection> {
    let card = card_of(CardParts { face: Some(face_parts()), ..parts(Holder::First) });
    Card::new(SoftwareReader::with_card(card).connect().unwrap())
}

fn verifies(key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
    RsaPublicKeyComponents { n: &key.modulus, e: &key.exponent }
        .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        .is_ok()
}

#[test]
fn the_four_attributes_open_with_the_pin_or_code_b() {
    for by_code in [false, true] {
        let mut card = driver();
        let mut text = TextAp::select(&mut card).unwrap();
        assert!(matches!(text.read_attributes(), Err(Error::Status(word)) if word.value() == 0x6982));
        if by_code {
            text.verify_code_b(&Pin::numeric(CODE_B).unwrap()).unwrap();
        } else {
            text.verify_pin(&Pin::numeric(FACE_PIN).unwrap()).unwrap();
        }
        let attributes = text.read_attributes().unwrap();
        assert_eq!(attributes.split_name(), Some(("縁", "結子")));
        assert_eq!(attributes.address, face_parts().address);
        assert_eq!(attributes.birth_date.to_string().replace('-', ""), "19900401");
        assert_eq!(attributes.sex, Sex::Female);
    }
}

#[test]
fn there_is_never_an_individual_number() {
    let mut card = driver();
    let mut text = TextAp::select(&mut card).unwrap();
    text.verify_pin(&Pin::numeric(FACE_PIN).unwrap()).unwrap();
    assert!(matches!(text.read_my_number(), Err(Error::Status(word)) if word.value() == 0x6A82));
    assert_eq!(text.retries(ef::CODE_A).unwrap(), Retries::Blocked);
}

#[test]
fn the_counters_are_those_of_a_card() {
    let mut card = driver();
    let mut text = TextAp::select(&mut card).unwrap();
    assert_eq!(text.retries(ef::PIN).unwrap(), Retries::Remaining(3));
    assert_eq!(text.retries(ef::CODE_B).unwrap(), Retries::Remaining(10));
    assert_eq!(text.retries(ef::BLOCKED_0012).unwrap(), Retries::Blocked);
    let wrong = Pin::numeric("0000").unwrap();
    assert!(matches!(text.verify_pin(&wrong), Err(Error::PinIncorrect { retries: Some(2) })));
    text.change_pin(&Pin::numeric(FACE_PIN).unwrap(), &Pin::numeric("1111").unwrap()).unwrap();
    assert_eq!(text.retries(ef::PIN).unwrap(), Retries::Remaining(3));
}

#[test]
fn records_and_certificate_verify_under_the_cards_own_key() {
    let mut card = driver();
    let mut text = TextAp::select(&mut card).unwrap();
    let certificate = text.read_certificate().unwrap();
    let issuer = &certificate.public_key;
    assert!(verifies(issuer, &certificate.signed_data, &certificate.signature));
    assert!(certificate.issuer_key_id.number().starts_with('9'));
    assert_eq!(text.read_ap_basic_data().unwrap().identification.to_bytes(), [1, 3, 0x0E, 1]);

    text.verify_pin(&Pin::numeric(FACE_PIN).unwrap()).unwrap();
    let integrity = text.read_integrity_record().unwrap();
    assert!(verifies(issuer, &integrity.signed_data, &integrity.signature));
    let attributes = text.read_ef(ef::ATTRIBUTES).unwrap();
    let source = Attributes::digest_source(&attributes).unwrap();
    assert_eq!(digest(&SHA256, source).as_ref(), integrity.attributes_digest);
    let signed = text.read_signed_public_key().unwrap();
    assert!(verifies(issuer, &signed.signed_data, &signed.signature));
    assert_eq!(text.read_session_key_public_key().unwrap().public_key.bits(), 2048);
    assert_eq!(text.read_ef(ef::UNKNOWN_0008).unwrap(), [0xFF; 16]);
}

#[test]
fn the_applications_own_key_signs_without_a_pin() {
    let mut card = driver();
    let mut text = TextAp::select(&mut card).unwrap();
    let key = text.read_certificate().unwrap().public_key;
    let info = [
        &hex::decode("3031300d060960864801650304020105000420").unwrap()[..],
        digest(&SHA256, b"challenge").as_ref(),
    ]
    .concat();
    let command = Command::with_data_le(0x80, 0x2A, 0x00, 0x00, info, 256);
    let signature = text.card().call_ok(&command).unwrap();
    assert!(verifies(&key, b"challenge", &signature));
}
