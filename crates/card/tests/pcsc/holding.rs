//! A card that is held: what works, what stays behind, and who else wants it.

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use enishi_card::{
    CardError, CardParts, CardProtocol, Document, Filler, LastTry, PcscConnection, PcscReader, PinKind,
    Session, SoftwareCard, Tries,
};
use enishi_jpki::SignatureAlgorithm;
use myna_card::ap::jpki::{JpkiAp, SignatureScheme};
use myna_card::{Card, Error, Pin, Transmit};

use crate::service::{PATIENCE, Service, bare};
use crate::support::*;
use crate::wire::*;

const SHORT: Duration = Duration::from_millis(300);

fn open(reader: &PcscReader) -> Session<PcscConnection> {
    Session::open(reader.connect().unwrap()).unwrap()
}

#[test]
fn a_session_reads_proves_and_signs() {
    let service = Service::start();
    let (_plug, reader) =
        service.insert(card_of(CardParts { filler: Filler::Zeros, ..parts(Holder::First) }));
    let connection = reader.connect().unwrap();
    assert_eq!(connection.protocol(), CardProtocol::T1);
    let mut session = Session::open(connection).unwrap();
    assert_eq!(session.auth_certificate().unwrap(), auth_certificate(Holder::First));
    let proven = session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();
    assert_eq!(proven.certificate_der(), auth_certificate(Holder::First));
    let message = challenge().message(SignatureAlgorithm::Rs256);
    assert!(verifies(&auth_key(Holder::First), &message, proven.signature()));
    let signed = session.sign_document(&password(), Document::Message(b"x"), LastTry::NotConfirmed).unwrap();
    assert!(verifies(&sign_key(Holder::First), b"x", signed.signature()));
    session.close().unwrap();
}

#[test]
fn one_wrong_pin_costs_one_try_and_the_last_is_asked_for_first() {
    let service = Service::start();
    let (_plug, reader) = service.insert(card());
    for left in [2, 1] {
        let refused = open(&reader).prove(&wrong_pin(), &challenge(), LastTry::NotConfirmed);
        assert!(matches!(refused, Err(CardError::PinWrong { left: Tries::Left(now) }) if now == left));
    }
    let refused = open(&reader).prove(&wrong_pin(), &challenge(), LastTry::NotConfirmed);
    assert!(matches!(refused, Err(CardError::OneTryLeft)));
    let mut session = open(&reader);
    assert_eq!(session.tries_left(PinKind::Authentication).unwrap(), Tries::Left(1));
    session.prove(&pin(), &challenge(), LastTry::Confirmed).unwrap();
    assert_eq!(session.tries_left(PinKind::Authentication).unwrap(), Tries::Left(3));
}

#[test]
fn a_dropped_connection_takes_the_power_and_the_pin_along() {
    let service = Service::start();
    let (_plug, reader) = service.insert(card());
    let mut card = Card::new(reader.connect().unwrap());
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    jpki.verify_auth_pin(&Pin::numeric(AUTH_PIN).unwrap()).unwrap();
    jpki.sign_with_auth_key(SignatureScheme::PreHashedDigestInfo, &[7; 32]).unwrap();
    // Nobody left the application.
    drop(card);
    // Its key, without selecting anything: what a program would find that comes next.
    let mut link = reader.connect().unwrap();
    assert_eq!(link.transmit(&[0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x17]).unwrap(), [0x6A, 0x82]);
    let mut card = Card::new(link);
    let mut jpki = JpkiAp::select(&mut card).unwrap();
    let refused = jpki.sign_with_auth_key(SignatureScheme::PreHashedDigestInfo, &[7; 32]);
    assert!(matches!(refused, Err(Error::Status(word)) if word.value() == 0x6982));
}

#[test]
fn two_programs_do_not_share_a_card() {
    let service = Service::start();
    let (_plug, reader) = service.insert(card());
    let other = pcsc::Context::establish(pcsc::Scope::System).unwrap();
    let name = std::ffi::CString::new(reader.name()).unwrap();
    let shared = || other.connect(&name, pcsc::ShareMode::Shared, pcsc::Protocols::ANY);

    // Another one has it, and stays.
    let theirs = shared().unwrap();
    let refused = reader.connect_within(SHORT).unwrap_err();
    assert!(matches!(refused, CardError::CardHeld));
    assert!(refused.to_string().starts_with("another program holds the card; "));
    // Another one has it, and lets go in time.
    let leaving = thread::spawn(move || {
        thread::sleep(SHORT);
        drop(theirs);
    });
    let mut session = open(&reader);
    leaving.join().unwrap();
    session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();
    // We have it.
    assert_eq!(shared().err(), Some(pcsc::Error::SharingViolation));
    let second = service.reader();
    assert!(matches!(second.connect_within(SHORT), Err(CardError::CardHeld)));
    assert!(matches!(reader.connect_within(Duration::ZERO), Err(CardError::CardHeld)));
    session.tries_left(PinKind::Authentication).unwrap();
    drop(session);
    // Nobody has it.
    drop(shared().unwrap());
    drop(second.connect_within(Duration::ZERO).unwrap());
}

#[test]
fn the_longest_answer_and_the_longest_command_pass_once() {
    let service = Service::start();
    let (plug, reader) = service.insert(card());
    let mut link = reader.connect().unwrap();
    let challenge = link.transmit(&[0x00, 0x84, 0x00, 0x00, 0x00]).unwrap();
    assert_eq!((challenge.len(), &challenge[256..]), (258, &[0x90, 0x00][..]));
    // Extended forms reach the card, which has none.
    let extended = [&[0x00, 0xD6, 0, 0, 0, 0x02, 0x00][..], &[0x5A; 512]].concat();
    assert_eq!(link.transmit(&extended).unwrap().len(), 2);
    assert_eq!(link.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08]).unwrap().len(), 10);
    drop(link);
    drop(plug.remove());
}

#[test]
fn a_connection_outlives_its_reader_handle_and_serves_another_thread() {
    let service = Service::start();
    let (_plug, reader) = service.insert(card());
    let mut session = open(&reader);
    // Somebody waits for the card to go while somebody else uses it.
    let waiting = reader.clone();
    let waiting = thread::spawn(move || waiting.wait_for_removal(PATIENCE));
    drop(reader);
    let session = thread::spawn(move || {
        session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();
        session
    });
    session.join().unwrap().close().unwrap();
    drop(_plug);
    waiting.join().unwrap().unwrap();
}

#[test]
fn a_card_that_does_not_answer_is_said_to_be_mute() {
    let service = Service::start();
    let reader = service.reader();
    let mut slot = bare();
    // A card whose answer to reset is longer than any (33 octets, ISO/IEC 7816-3 §8.2).
    let answering = thread::spawn(move || {
        let mut message = [0; 3];
        while slot.read_exact(&mut message).is_ok() {
            if message == [0, 1, 4] && slot.write_all(&[&[0, 40][..], &[0x3B; 40]].concat()).is_err() {
                break;
            }
        }
    });
    let mute = reader.wait_for_card(Duration::from_secs(3)).unwrap_err();
    assert!(matches!(mute, CardError::CardMute), "{mute:?}");
    assert!(matches!(reader.connect(), Err(CardError::CardMute)));
    drop(service);
    answering.join().unwrap();
}

#[test]
fn another_card_is_another_session() {
    let service = Service::start();
    let (plug, reader) = service.insert(card());
    let mut first = open(&reader);
    assert_eq!(first.auth_certificate().unwrap(), auth_certificate(Holder::First));
    drop(plug.remove());
    let second = SoftwareCard::in_memory(enishi_card::CardImage::new(parts(Holder::Second)).unwrap());
    reader.wait_for_removal(PATIENCE).unwrap();
    let (_plug, reader) = service.insert(second);
    // What the first session was told of its card, it does not ask of this one.
    let moved = first.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap_err();
    assert!(matches!(moved, CardError::CardMoved { .. } | CardError::NoCard), "{moved:?}");
    drop(first);
    let mut session = open(&reader);
    assert_eq!(session.tries_left(PinKind::Authentication).unwrap(), Tries::Left(3));
    assert_eq!(session.auth_certificate().unwrap(), auth_certificate(Holder::Second));
}
