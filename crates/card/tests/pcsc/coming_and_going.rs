//! Cards, readers and the service itself come and go.

use std::time::Duration;

use enishi_card::{CardError, LastTry, PcscReaders, Session, VpcdPlug};

use crate::service::{LATER, PATIENCE, READER, Service, slot};
use crate::support::*;
use crate::wire::*;

const SHORT: Duration = Duration::from_millis(300);

#[test]
fn a_reader_is_known_by_its_name() {
    let service = Service::start();
    let readers = PcscReaders::new().unwrap();
    assert_eq!(readers.names().unwrap(), [READER, "Counter 00 01"]);
    let missing = readers.open("Counter 3").unwrap_err();
    assert!(matches!(&missing, CardError::NoReader { name } if name == "Counter 3"));
    assert!(matches!(readers.open("Coun\0ter"), Err(CardError::NoReader { .. })));
    drop(service);
}

#[test]
fn patience_ends_with_what_is_the_matter() {
    let service = Service::start();
    let reader = service.reader();
    assert!(matches!(reader.wait_for_card(Duration::ZERO), Err(CardError::NoCard)));
    assert!(matches!(reader.wait_for_card(SHORT), Err(CardError::NoCard)));
    assert!(matches!(reader.connect(), Err(CardError::NoCard)));
    reader.wait_for_removal(SHORT).unwrap();
    let (plug, reader) = service.insert(card());
    assert!(matches!(reader.wait_for_removal(SHORT), Err(CardError::CardRemains)));
    drop(plug);
    reader.wait_for_removal(PATIENCE).unwrap();
}

#[test]
fn a_card_that_another_took_the_place_of_was_taken_out() {
    let service = Service::start();
    let (plug, reader) = service.insert(card());
    let watching = reader.clone();
    let (tell, told) = std::sync::mpsc::channel();
    let waiting = std::thread::spawn(move || {
        tell.send(()).unwrap();
        watching.wait_for_removal(PATIENCE)
    });
    told.recv().unwrap();
    // Long enough for the first look, and then faster than the service may notice.
    std::thread::sleep(SHORT);
    let card = plug.remove();
    service.wait_until_empty();
    let _plug = VpcdPlug::insert(card, slot()).unwrap();
    waiting.join().unwrap().unwrap();
    reader.wait_for_card(PATIENCE).unwrap();
}

#[test]
fn a_reader_that_comes_and_goes_is_noticed() {
    let mut service = Service::start();
    let readers = PcscReaders::new().unwrap();
    let before = readers.names().unwrap();
    assert_eq!(readers.wait_for_change(&before, SHORT).unwrap(), before);
    assert_eq!(readers.wait_for_change(&[], Duration::ZERO).unwrap(), before);

    let known = before.clone();
    let waiting = std::thread::spawn(move || PcscReaders::new().unwrap().wait_for_change(&known, PATIENCE));
    std::thread::sleep(SHORT);
    service.with_later();
    let after = waiting.join().unwrap().unwrap();
    let later = after.iter().find(|name| name.starts_with(LATER)).unwrap();
    let reader = readers.open(later).unwrap();
    assert!(matches!(reader.wait_for_card(Duration::ZERO), Err(CardError::NoCard)));

    service.without_later();
    let gone = reader.wait_for_card(SHORT).unwrap_err();
    assert!(matches!(gone, CardError::NoReader { .. }), "{gone:?}");
    assert!(matches!(reader.connect(), Err(CardError::NoReader { .. })));
    // A reader that went took its card along.
    reader.wait_for_removal(SHORT).unwrap();
    service.with_later();
    assert!(matches!(reader.wait_for_card(SHORT), Err(CardError::NoCard)));
}

#[test]
fn a_service_that_dies_in_a_session_comes_back_and_so_does_the_reader() {
    let mut service = Service::start();
    let (plug, reader) = service.insert(card());
    let readers = PcscReaders::new().unwrap();
    let mut session = Session::open(reader.connect().unwrap()).unwrap();
    service.kill();
    let broken = session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap_err();
    assert!(matches!(broken, CardError::CardMoved { .. } | CardError::NoCard), "{broken:?}");
    drop(session);
    let card = plug.wait().card;
    for missing in [
        reader.connect().unwrap_err(),
        reader.wait_for_card(SHORT).unwrap_err(),
        reader.wait_for_removal(SHORT).unwrap_err(),
        readers.names().unwrap_err(),
        readers.wait_for_change(&[], SHORT).unwrap_err(),
        PcscReaders::new().unwrap_err(),
    ] {
        assert!(matches!(missing, CardError::NoService), "{missing:?}");
    }
    // Whoever waits meanwhile gets the card of the new service.
    let waiting = reader.clone();
    let waiting = std::thread::spawn(move || waiting.wait_for_card(PATIENCE));
    let names = std::thread::spawn(move || readers.wait_for_change(&[], PATIENCE));
    service.start_again();
    let _plug = VpcdPlug::insert(card, slot()).unwrap();
    waiting.join().unwrap().unwrap();
    assert!(names.join().unwrap().unwrap().iter().any(|name| name == READER));
    let mut session = Session::open(reader.connect().unwrap()).unwrap();
    session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();
    // And the other way round: a service that is replaced between two sessions.
    drop(session);
    service.kill();
    service.start_again();
    assert!(matches!(reader.connect(), Err(CardError::NoCard)));
}
