use super::*;

const LIFE: Duration = Duration::from_secs(60);
const SKEW: Duration = Duration::from_secs(10);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn origin() -> Origin {
    Origin::parse("https://pos.enishi.example").unwrap()
}

fn issued() -> (TicketKeys, Ticket, TicketHolder) {
    let keys = TicketKeys::new(3, [9; 32]);
    let holder = TicketHolder::Terminal([1; 32]);
    let ticket = keys.issue(&origin(), &holder, at(0), [5; 32]).unwrap();
    (keys, ticket, holder)
}

#[test]
fn a_ticket_is_good_for_its_life_and_not_a_millisecond_longer() {
    let (keys, ticket, holder) = issued();
    let check = |now| keys.check(&ticket, &origin(), &holder, now, LIFE, SKEW);
    assert_eq!(check(at(0)), Ok(()));
    assert_eq!(check(at(60)), Ok(()));
    assert_eq!(
        check(Timestamp::from_millisecond(at(60).as_millisecond() + 1).unwrap()),
        Err(TicketError::Expired)
    );
    assert_eq!(check(at(-10)), Ok(()));
    assert_eq!(check(at(-11)), Err(TicketError::FromTheFuture));
}

#[test]
fn another_channel_holder_or_relay_is_refused() {
    let (keys, ticket, holder) = issued();
    let elsewhere = Origin::parse("https://login.enishi.example").unwrap();
    assert_eq!(keys.check(&ticket, &elsewhere, &holder, at(1), LIFE, SKEW), Err(TicketError::NotOurs));
    for other in [TicketHolder::Terminal([2; 32]), TicketHolder::Browser([1; 32])] {
        assert_eq!(keys.check(&ticket, &origin(), &other, at(1), LIFE, SKEW), Err(TicketError::NotOurs));
    }
    let stranger = TicketKeys::new(3, [8; 32]);
    assert_eq!(stranger.check(&ticket, &origin(), &holder, at(1), LIFE, SKEW), Err(TicketError::NotOurs));
}

#[test]
fn every_flipped_bit_is_found() {
    let (keys, ticket, holder) = issued();
    for index in 0..TICKET_OCTETS {
        for bit in 0..8 {
            let mut octets = *ticket.as_octets();
            octets[index] ^= 1 << bit;
            let forged = Ticket::from_octets(octets);
            assert_eq!(keys.check(&forged, &origin(), &holder, at(1), LIFE, SKEW), Err(TicketError::NotOurs));
        }
    }
}

#[test]
fn a_change_of_keys_keeps_the_tickets_that_are_out() {
    let (_, ticket, holder) = issued();
    let changed = TicketKeys::new(4, [7; 32]).with_older(3, [9; 32]);
    assert_eq!(changed.check(&ticket, &origin(), &holder, at(1), LIFE, SKEW), Ok(()));
    assert_ne!(changed.issue(&origin(), &holder, at(0), [5; 32]).unwrap(), ticket);
}

#[test]
fn each_ticket_brings_its_own_surrogate_pan() {
    let (keys, ticket, holder) = issued();
    let other = keys.issue(&origin(), &holder, at(0), [6; 32]).unwrap();
    assert_eq!(keys.surrogate_pan(&ticket), keys.surrogate_pan(&ticket));
    assert_ne!(keys.surrogate_pan(&ticket), keys.surrogate_pan(&other));
}
