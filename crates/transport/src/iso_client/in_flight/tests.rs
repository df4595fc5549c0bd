use enishi_iso8583::{MatchKey, Message, Mti, NetworkCode, ResponseCode, Stan, TransmissionTime};

use super::{InFlight, Stage};
use crate::{ExchangeError, NotSent};

fn message(stan: u32) -> Message {
    let mut message = Message::new(Mti::NETWORK_REQUEST);
    message
        .set_transmitted_at(TransmissionTime::new(11, 30, 1, 2, 3).unwrap())
        .set_stan(Stan::new(stan).unwrap())
        .set_network_code(NetworkCode::ECHO);
    message
}

fn key(stan: u32) -> MatchKey {
    MatchKey::of(&message(stan)).unwrap()
}

fn answer(stan: u32) -> Message {
    message(stan).answer(ResponseCode::Approved).unwrap()
}

#[test]
fn what_was_withdrawn_before_its_turn_never_leaves() {
    let table = InFlight::new(10);
    let (claim, _answer) = table.register(key(1)).unwrap();
    assert_eq!(table.withdraw(&claim), Some(Stage::Queued));
    assert!(!table.leave(&claim));
    assert_eq!(table.withdraw(&claim), None);
}

#[test]
fn an_earlier_claim_has_no_hold_on_a_later_one_of_the_same_key() {
    let table = InFlight::new(10);
    let (earlier, _answer) = table.register(key(1)).unwrap();
    table.withdraw(&earlier);
    let (later, mut answered) = table.register(key(1)).unwrap();
    assert!(!table.leave(&earlier));
    assert_eq!(table.withdraw(&earlier), None);
    assert!(table.leave(&later));
    assert_eq!(table.answer(&key(1), answer(1)), Ok(()));
    assert_eq!(answered.try_recv().unwrap(), Ok(answer(1)));
}

#[test]
fn an_answer_to_what_has_not_left_answers_nothing() {
    let table = InFlight::new(10);
    let (claim, mut answered) = table.register(key(1)).unwrap();
    assert_eq!(table.answer(&key(1), answer(1)), Err(answer(1)));
    assert!(answered.try_recv().is_err());
    assert!(table.leave(&claim));
}

#[test]
fn an_answer_whose_waiter_has_just_gone_is_given_back() {
    let table = InFlight::new(10);
    let (claim, answered) = table.register(key(1)).unwrap();
    table.leave(&claim);
    drop(answered);
    assert_eq!(table.answer(&key(1), answer(1)), Err(answer(1)));
    assert!(table.is_empty());
}

#[test]
fn at_the_end_of_a_link_the_queued_were_not_sent_and_the_others_are_unanswered() {
    let table = InFlight::new(10);
    let (_queued, mut first) = table.register(key(1)).unwrap();
    let (leaving, mut second) = table.register(key(2)).unwrap();
    table.leave(&leaving);
    table.close();
    assert_eq!(first.try_recv().unwrap(), Err(ExchangeError::NotSent(NotSent::ConnectionLost)));
    assert_eq!(second.try_recv().unwrap(), Err(ExchangeError::Unanswered));
    assert_eq!(table.register(key(3)).unwrap_err(), NotSent::ConnectionLost);
}

#[test]
fn the_bound_counts_whoever_waits() {
    let table = InFlight::new(1);
    let (claim, _answer) = table.register(key(1)).unwrap();
    assert_eq!(table.register(key(2)).unwrap_err(), NotSent::Busy(1));
    table.withdraw(&claim);
    assert!(table.register(key(2)).is_ok());
}
