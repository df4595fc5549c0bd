//! The card is pulled at each command of a proof, before it acts and after.

use std::sync::{Arc, Mutex};

use enishi_card::{CardError, Exchange, Fate, LastTry, Moment, PinKind, Session, SoftwareCard, Tries};
use enishi_jpki::AuthPin;

use crate::service::Service;
use crate::support::*;
use crate::wire::*;

/// What came of one proof, and of the card.
struct Run {
    outcome: Result<(), CardError>,
    seen: Vec<Exchange>,
    /// Whether the card was out when the proof was over.
    pulled: bool,
    card: SoftwareCard,
}

/// Which side of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Before,
    After,
}

impl Side {
    fn of(moment: Moment) -> Self {
        match moment {
            Moment::Command => Self::Before,
            Moment::Answer { .. } => Self::After,
        }
    }
}

/// Opens a session and proves; the card is pulled at that command of the whole.
fn prove(service: &Service, card: SoftwareCard, pin: &AuthPin, number: u64, side: Side) -> Run {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let (plug, reader) = service.insert_with(card, move |exchange| {
        log.lock().unwrap().push(exchange);
        let here = exchange.number == number && Side::of(exchange.moment) == side;
        if here { Fate::Pulled } else { Fate::Stays }
    });
    let outcome = reader
        .connect()
        .and_then(Session::open)
        .and_then(|mut session| session.prove(pin, &challenge(), LastTry::NotConfirmed).map(|_| ()));
    let seen = seen.lock().unwrap().clone();
    let pulled = seen.last().is_some_and(|last| last.number == number && Side::of(last.moment) == side);
    let card = plug.remove();
    service.leave_empty();
    Run { outcome, seen, pulled, card }
}

/// Asks the card in a session of its own, and restores the counter by the right PIN.
fn ask_and_restore(service: &Service, card: SoftwareCard) -> (u8, SoftwareCard) {
    let (plug, reader) = service.insert(card);
    let mut session = Session::open(reader.connect().unwrap()).unwrap();
    let Tries::Left(left) = session.tries_left(PinKind::Authentication).unwrap() else {
        panic!("the PIN is blocked");
    };
    session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();
    assert_eq!(session.tries_left(PinKind::Authentication).unwrap(), Tries::Left(3));
    session.close().unwrap();
    let card = plug.remove();
    service.leave_empty();
    (left, card)
}

/// The command that presented the PIN, by its answer; 63C3 is an answer to the question for the tries left.
fn verify(seen: &[Exchange], answer: u16) -> Vec<u64> {
    seen.iter()
        .filter(|exchange| exchange.header == [0x00, 0x20, 0x00, 0x80])
        .filter(|exchange| exchange.moment == Moment::Answer { status: answer })
        .map(|exchange| exchange.number)
        .collect()
}

#[test]
fn a_pulled_card_is_a_clear_error_and_costs_no_try() {
    let service = Service::start();
    let never = prove(&service, card(), &pin(), 0, Side::Before);
    never.outcome.unwrap();
    let last = never.seen.last().unwrap().number;
    let [verified] = verify(&never.seen, 0x9000)[..] else { panic!("{:?}", never.seen) };
    println!("{last} commands, of which number {verified} presents the PIN");
    let mut card = never.card;
    for number in 1..=last {
        for side in [Side::Before, Side::After] {
            let run = prove(&service, card, &pin(), number, side);
            assert!(run.pulled, "{number} {side:?}: {:?}", run.seen);
            check(run.outcome, number, last, side);
            assert!(verify(&run.seen, 0x9000).len() <= 1);
            card = run.card;
        }
    }
    let (left, _card) = ask_and_restore(&service, card);
    assert_eq!(left, 3);
}

#[test]
fn a_wrong_pin_and_a_pulled_card_cost_one_try_at_most() {
    let service = Service::start();
    let never = prove(&service, card(), &wrong_pin(), 0, Side::Before);
    assert!(matches!(never.outcome, Err(CardError::PinWrong { left: Tries::Left(2) })));
    let [verified] = verify(&never.seen, 0x63C2)[..] else { panic!("{:?}", never.seen) };
    let (left, mut card) = ask_and_restore(&service, never.card);
    assert_eq!(left, 2);
    // Around the one command that matters; the others are as with the right PIN.
    for number in [verified - 1, verified, verified + 1] {
        for side in [Side::Before, Side::After] {
            let run = prove(&service, card, &wrong_pin(), number, side);
            assert!(run.pulled, "{number} {side:?}");
            assert!(run.outcome.is_err());
            let spent = (number, side) >= (verified, Side::After);
            let (left, restored) = ask_and_restore(&service, run.card);
            assert_eq!(left, if spent { 2 } else { 3 }, "{number} {side:?}");
            card = restored;
        }
    }
}

/// The error that must come, if one must.
fn check(outcome: Result<(), CardError>, number: u64, last: u64, side: Side) {
    match outcome {
        // The holder has proven; only leaving the application came to nothing, and the power is gone anyway.
        Ok(()) => assert_eq!(number, last, "{side:?}"),
        Err(error @ (CardError::CardMoved { .. } | CardError::NoCard)) => {
            let text = error.to_string();
            assert!(
                text.starts_with("the card was moved during: ") || text == "no card in the reader",
                "{text}"
            );
        }
        Err(error) => panic!("{number} {side:?}: {error:?}"),
    }
}
