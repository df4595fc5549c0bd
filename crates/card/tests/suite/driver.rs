//! The driver that reads real cards, `myna-card`, against the software card: every call it has for JPKI.

use enishi_card::{CardParts, Form, SoftwareReader};
use myna_card::ap::jpki::{JpkiAp, SignatureScheme, TokenType};
use myna_card::card::ShortEfId;
use myna_card::{Card, Error, MasterFile, Pin, Retries};

use crate::support::*;

fn driver() -> Card<enishi_card::SoftwareConnection> {
    Card::new(SoftwareReader::with_card(card()).connect().unwrap())
}

fn auth_pin() -> Pin {
    Pin::numeric(AUTH_PIN).unwrap()
}

fn password() -> Pin {
    Pin::new(SIGN_PASSWORD).unwrap()
}

#[test]
fn it_reads_what_kind_of_token_this_is() {
    let mut card = driver();
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    assert_eq!(jpki.read_token_type().unwrap(), TokenType::Card);
    let info = jpki.read_token_info().unwrap();
    assert_eq!(info.serial_number, "0000000090000001");
    assert_eq!(info.model, "E16R01NJ");
    assert_eq!((info.flags, info.max_pin_len, info.min_pin_len), (0x40D, 16, 6));
    assert_eq!((info.max_session_count, info.session_count), (1, 0));
    assert_eq!((&info.hardware_version, &info.firmware_version), (b"03", b"01"));
    let present = jpki.read_certificate_availability().unwrap();
    assert!(present.has_sign_certificate() && present.has_auth_certificate());

    let phone = card_of(CardParts { form: Form::Phone, ..parts(Holder::First) });
    let mut card = Card::new(SoftwareReader::with_card(phone).connect().unwrap());
    assert_eq!(JpkiAp::select(&mut card).unwrap().read_token_type().unwrap(), TokenType::Android);
}

#[test]
fn it_reads_all_four_certificates() {
    let mut card = driver();
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    assert_eq!(jpki.read_auth_certificate_der().unwrap(), auth_certificate(Holder::First));
    assert_eq!(jpki.read_auth_ca_certificate_der().unwrap(), auth_ca());
    assert_eq!(jpki.read_sign_ca_certificate_der().unwrap(), sign_ca());
    assert!(matches!(jpki.read_sign_certificate_der(), Err(Error::Status(word)) if word.value() == 0x6982));
    jpki.verify_sign_pin(&password()).unwrap();
    assert_eq!(jpki.read_sign_certificate_der().unwrap(), sign_certificate(Holder::First));
}

#[test]
fn it_counts_and_spends_tries() {
    let mut card = driver();
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    assert_eq!(jpki.auth_pin_retries().unwrap(), Retries::Remaining(3));
    assert_eq!(jpki.sign_pin_retries().unwrap(), Retries::Remaining(5));
    let wrong = Pin::numeric("0000").unwrap();
    assert!(matches!(jpki.verify_auth_pin(&wrong), Err(Error::PinIncorrect { retries: Some(2) })));
    assert!(matches!(jpki.verify_auth_pin(&wrong), Err(Error::PinIncorrect { retries: Some(1) })));
    assert!(matches!(jpki.verify_auth_pin(&wrong), Err(Error::PinBlocked)));
    assert!(matches!(jpki.verify_auth_pin(&auth_pin()), Err(Error::PinBlocked)));
    assert_eq!(jpki.auth_pin_retries().unwrap(), Retries::Blocked);
    let short = ShortEfId::from_ef_id(0x001B).unwrap();
    assert_eq!(jpki.card().pin_retries_sfi(short).unwrap(), Retries::Remaining(5));
    jpki.card().verify_sfi(short, &password()).unwrap();
}

#[test]
fn it_signs_by_every_scheme_with_both_keys() {
    let mut card = driver();
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    jpki.verify_auth_pin(&auth_pin()).unwrap();
    jpki.verify_sign_pin(&password()).unwrap();
    for scheme in [
        SignatureScheme::Verbatim,
        SignatureScheme::Sha256Bare,
        SignatureScheme::PreHashedDigestInfo,
        SignatureScheme::Sha256DigestInfo,
        SignatureScheme::PreHashedPss,
        SignatureScheme::Sha256Pss,
    ] {
        assert_eq!(jpki.sign_with_auth_key(scheme, &[7; 32]).unwrap().len(), 256);
        assert_eq!(jpki.sign_with_sign_key(scheme, &[7; 32]).unwrap().len(), 256);
    }
}

#[test]
fn it_changes_both_secrets() {
    let mut card = driver();
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    jpki.change_auth_pin(&auth_pin(), &Pin::numeric("9182").unwrap()).unwrap();
    jpki.verify_auth_pin(&Pin::numeric("9182").unwrap()).unwrap();
    jpki.change_sign_pin(&password(), &Pin::new("MUSUBU8888888888").unwrap()).unwrap();
    jpki.verify_sign_pin(&Pin::new("MUSUBU8888888888").unwrap()).unwrap();
}

#[test]
fn it_reads_by_short_identifier_draws_challenges_and_finds_the_atr() {
    let mut card = driver();
    assert_eq!(card.contact_atr().unwrap(), enishi_card::SoftwareCard::ATR);
    JpkiAp::select(&mut card).unwrap();
    let short = ShortEfId::from_ef_id(0x0008).unwrap();
    assert_eq!(card.read_binary_chunk_sfi(short, 0, 256).unwrap(), [0x8F, 0x8F, 0x00]);
    for len in [1, 16, 256] {
        assert_eq!(card.get_challenge(len).unwrap().len(), usize::from(len));
    }
    let key = ShortEfId::from_ef_id(0x0017).unwrap();
    assert!(
        matches!(card.internal_authenticate(key, b"x"), Err(Error::Status(word)) if word.value() == 0x6982)
    );
}

#[test]
fn leaving_for_the_issuer_domain_takes_the_pin_along() {
    let mut card = driver();
    JpkiAp::select(&mut card).unwrap().verify_auth_pin(&auth_pin()).unwrap();
    MasterFile::select(&mut card).unwrap();
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    let refused = jpki.sign_with_auth_key(SignatureScheme::PreHashedDigestInfo, &[7; 32]);
    assert!(matches!(refused, Err(Error::Status(word)) if word.value() == 0x6982));
}

#[test]
fn a_link_breaks_with_the_card_and_takes_its_power_along() {
    let reader = SoftwareReader::with_card(card());
    let mut first = Card::new(reader.connect().unwrap());
    JpkiAp::select(&mut first).unwrap().verify_auth_pin(&auth_pin()).unwrap();
    let mut second = Card::new(reader.connect().unwrap());
    assert!(matches!(JpkiAp::select(&mut first), Err(Error::ShortResponse(0))));
    let mut jpki = JpkiAp::select(&mut second).unwrap();
    assert!(jpki.sign_with_auth_key(SignatureScheme::PreHashedDigestInfo, &[7; 32]).is_err());

    let mut taken = reader.remove().unwrap();
    assert!(matches!(JpkiAp::select(&mut second), Err(Error::ShortResponse(0))));
    expect(&mut taken, SELECT_JPKI, "");
    assert!(reader.connect().is_err());
    assert!(reader.insert(taken).is_none());
    assert!(matches!(JpkiAp::select(&mut second), Err(Error::ShortResponse(0))));

    let third = reader.connect().unwrap();
    drop(third);
    expect(&mut reader.remove().unwrap(), SELECT_JPKI, "");
}
