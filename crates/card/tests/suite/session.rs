//! The session against honest cards.

use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use enishi_card::{CardError, CardParts, Document, Form, LastTry, PinKind, Session, TokenKind, Tries};
use enishi_jpki::{SignatureAlgorithm, SigningPassword};

use crate::support::*;
use crate::wire::*;

#[test]
fn a_proof_is_one_verify_after_the_count_and_one_signature_over_the_challenge() {
    let (mut session, log, _reader) = session();
    assert_eq!(session.token(), TokenKind::Card);
    log.lock().unwrap().clear();
    let proven = session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();

    assert_eq!(proven.certificate_der(), auth_certificate(Holder::First));
    let origin = digest(&SHA256, b"https://pos.enishi.example");
    let nonce = digest(&SHA256, challenge().nonce().as_str().as_bytes());
    let message = [origin.as_ref(), nonce.as_ref()].concat();
    assert!(verifies(&auth_key(Holder::First), &message, proven.signature()));

    let sent = log.lock().unwrap().clone();
    let at = |wanted: &[u8]| sent.iter().position(|command| command.starts_with(wanted)).unwrap();
    assert_eq!(sent[0], hex::decode(SELECT_JPKI).unwrap());
    let query = sent.iter().position(|command| command[..] == [0x00, 0x20, 0x00, 0x80]).unwrap();
    assert!(query < at(&[0x00, 0x20, 0x00, 0x80, 0x04]));
    assert_eq!(verifies_sent(&log), 1);
    assert_eq!(sent.iter().filter(|command| command[1] == 0x2A).count(), 1);
    // The certificate is read before the PIN goes out and again after the signature.
    let read = |command: &Vec<u8>| command[..] == hex::decode("00A4020C02000A").unwrap();
    assert!(sent.iter().position(read).unwrap() < at(&[0x00, 0x20, 0x00, 0x80, 0x04]));
    assert!(sent.iter().rposition(read).unwrap() > at(&[0x80, 0x2A]));
    // The last command leaves the application.
    assert_eq!(hex::encode_upper(sent.last().unwrap()), SELECT_ISSUER);

    let token = proven.into_token();
    assert_eq!(token.algorithm(), SignatureAlgorithm::Rs256);
    assert_eq!(token.certificate(), auth_certificate(Holder::First));
}

#[test]
fn no_pin_stays_verified_after_an_operation_or_a_session() {
    let (mut session, _log, reader) = session();
    session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();
    session.sign_document(&password(), Document::Message(b"x"), LastTry::NotConfirmed).unwrap();
    session.close().unwrap();
    let mut card = reader.remove().unwrap();
    card.power_on();
    expect(&mut card, SELECT_JPKI, "9000");
    expect(&mut card, &format!("802A0297 20 {} 00", "11".repeat(32)), "6982");

    // A card in whose application somebody else left a PIN verified.
    let mut left_open = jpki();
    expect(&mut left_open, "0020009804 34303731", "9000");
    let shared = Arc::new(Mutex::new(left_open));
    let wire = Arc::clone(&shared);
    let session =
        Session::open(Scripted(move |command: &[u8]| wire.lock().unwrap().transmit(command))).unwrap();
    expect(&mut shared.lock().unwrap(), &format!("802A0297 20 {} 00", "11".repeat(32)), "6982");
    drop(session);
}

#[test]
fn a_document_is_signed_by_the_signing_key_from_message_or_digest() {
    let (mut session, log, _reader) = session();
    let message = b"I agree that my card is linked";
    let hash: [u8; 32] = digest(&SHA256, message).as_ref().try_into().unwrap();
    for document in [Document::Message(message), Document::Sha256(&hash)] {
        let signed = session.sign_document(&password(), document, LastTry::NotConfirmed).unwrap();
        assert_eq!(signed.certificate_der(), sign_certificate(Holder::First));
        assert!(verifies(&sign_key(Holder::First), message, signed.signature()));
    }
    assert_eq!(verifies_sent(&log), 2);
    let long = vec![0x5A; 100_000];
    let signed = session.sign_document(&password(), Document::Message(&long), LastTry::NotConfirmed).unwrap();
    assert!(verifies(&sign_key(Holder::First), &long, signed.signature()));
}

#[test]
fn a_card_without_a_signing_certificate_never_sees_the_password() {
    let (mut session, log, _reader) =
        session_of(card_of(CardParts { signing: None, ..parts(Holder::First) }));
    let refused = session.sign_document(&password(), Document::Message(b"x"), LastTry::Confirmed);
    assert!(matches!(refused, Err(CardError::NoSigningCertificate)));
    assert_eq!(verifies_sent(&log), 0);
    assert_eq!(session.tries_left(PinKind::Signing).unwrap(), Tries::Blocked);
    assert!(session.prove(&pin(), &challenge(), LastTry::NotConfirmed).is_ok());
}

#[test]
fn tries_are_counted_without_spending_any() {
    let (mut session, log, _reader) = session();
    for _ in 0..5 {
        assert_eq!(session.tries_left(PinKind::Authentication).unwrap(), Tries::Left(3));
        assert_eq!(session.tries_left(PinKind::Signing).unwrap(), Tries::Left(5));
    }
    assert_eq!(verifies_sent(&log), 0);
}

#[test]
fn a_hundred_wrong_pins_leave_the_last_try_unspent() {
    let (mut session, log, _reader) = session();
    for attempt in 0..100 {
        let refused = session.prove(&wrong_pin(), &challenge(), LastTry::NotConfirmed).unwrap_err();
        match attempt {
            0 => assert!(matches!(refused, CardError::PinWrong { left: Tries::Left(2) })),
            1 => assert!(matches!(refused, CardError::PinWrong { left: Tries::Left(1) })),
            _ => assert!(matches!(refused, CardError::OneTryLeft)),
        }
    }
    assert_eq!(verifies_sent(&log), 2);
    assert_eq!(session.tries_left(PinKind::Authentication).unwrap(), Tries::Left(1));
    assert!(session.prove(&pin(), &challenge(), LastTry::Confirmed).is_ok());
    assert_eq!(session.tries_left(PinKind::Authentication).unwrap(), Tries::Left(3));
}

#[test]
fn the_confirmed_last_try_blocks_and_then_nothing_is_sent_any_more() {
    let (mut session, log, _reader) = session();
    for _ in 0..2 {
        let _ = session.prove(&wrong_pin(), &challenge(), LastTry::Confirmed).unwrap_err();
    }
    let blocked = session.prove(&wrong_pin(), &challenge(), LastTry::Confirmed);
    assert!(matches!(blocked, Err(CardError::PinBlocked)));
    for last_try in [LastTry::Confirmed, LastTry::NotConfirmed] {
        assert!(matches!(session.prove(&pin(), &challenge(), last_try), Err(CardError::PinBlocked)));
    }
    assert_eq!(verifies_sent(&log), 3);
    assert_eq!(session.tries_left(PinKind::Authentication).unwrap(), Tries::Blocked);
}

#[test]
fn a_wrong_password_counts_in_its_own_counter() {
    let (mut session, _log, _reader) = session();
    let wrong = SigningPassword::parse("WRONG123").unwrap();
    let refused = session.sign_document(&wrong, Document::Message(b"x"), LastTry::NotConfirmed);
    assert!(matches!(refused, Err(CardError::PinWrong { left: Tries::Left(4) })));
    assert_eq!(session.tries_left(PinKind::Authentication).unwrap(), Tries::Left(3));
}

#[test]
fn a_phone_shows_its_certificate_with_the_proof_only() {
    let (mut session, log, _reader) =
        session_of(card_of(CardParts { form: Form::Phone, ..parts(Holder::First) }));
    assert_eq!(session.token(), TokenKind::Android);
    assert!(matches!(session.auth_certificate(), Err(CardError::PinRequired)));
    let proven = session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();
    assert_eq!(proven.certificate_der(), auth_certificate(Holder::First));
    assert_eq!(verifies_sent(&log), 1);
}

#[test]
fn nothing_of_the_holder_is_ever_printed() {
    let (mut session, _log, _reader) = session();
    let proven = session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();
    let document = Document::Message(b"TSUNAGU7");
    let signed = session.sign_document(&password(), document, LastTry::NotConfirmed).unwrap();
    assert_eq!(format!("{proven:?} {signed:?} {document:?}"), "Proven(…) SignedBytes(…) Document(…)");
    assert_eq!(format!("{session:?}"), "Session { token: Card, .. }");
    let refused = session.prove(&wrong_pin(), &challenge(), LastTry::NotConfirmed).unwrap_err();
    assert_eq!(refused.to_string(), "wrong PIN, 2 tries left");
}

#[test]
fn the_authorities_certificates_are_shown_to_anyone_and_the_signing_one_after_its_password() {
    let (mut session, log, reader) = session();
    let authorities = [PinKind::Authentication, PinKind::Signing]
        .map(|which| session.authority_certificate(which).unwrap());
    assert_ne!(authorities[0], authorities[1]);
    assert_eq!(verifies_sent(&log), 0);
    let read = session.signing_certificate(&password(), LastTry::NotConfirmed).unwrap();
    let signed = session.sign_document(&password(), Document::Message(b"x"), LastTry::NotConfirmed).unwrap();
    assert_eq!(read, signed.certificate_der());
    assert_eq!(verifies_sent(&log), 2);
    let wrong = SigningPassword::parse("WRONG99").unwrap();
    let refused = session.signing_certificate(&wrong, LastTry::NotConfirmed);
    assert!(matches!(refused, Err(CardError::PinWrong { left: Tries::Left(4) })), "{refused:?}");
    session.close().unwrap();
    let mut card = reader.remove().unwrap();
    card.power_on();
    expect(&mut card, SELECT_JPKI, "9000");
    expect(&mut card, "00A4020C020001", "9000");
    expect(&mut card, "00B0000010", "6982");
}
