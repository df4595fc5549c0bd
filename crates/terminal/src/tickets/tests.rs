use std::time::Duration;

use enishi_party::{Environment, PartyRole, PartyUri, SurrogatePan};
use enishi_wire::{IssuedTicket, Octets, TicketsAnswer};
use tokio::time::Instant;

use super::TicketPool;

fn answer(life_s: u64, octets: &[usize]) -> TicketsAnswer {
    let ticket = |length: &usize| IssuedTicket {
        ticket: Octets(vec![1; *length]),
        surrogate_pan: SurrogatePan::from_random(1),
    };
    TicketsAnswer {
        relay: PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay").unwrap(),
        origin: "https://pos.enishi.example".to_owned(),
        life_s,
        tickets: octets.iter().map(ticket).collect(),
    }
}

#[test]
fn a_ticket_is_taken_once_and_never_without_time_for_the_tap() {
    let asked = Instant::now();
    let mut pool = TicketPool::default();
    pool.add(answer(60, &[56, 56]), 2, asked).unwrap();
    assert_eq!(pool.left(asked), 2);
    let ticket = pool.take(asked + Duration::from_secs(30)).unwrap();
    assert_eq!(pool.left(asked), 1);
    pool.put_back(ticket);
    assert!(pool.take(asked + Duration::from_secs(30)).is_some());
    assert!(pool.take(asked + Duration::from_secs(31)).is_none());
    assert_eq!(pool.left(asked), 0);
}

#[test]
fn a_long_life_is_cut_to_that_of_a_challenge() {
    let asked = Instant::now();
    let mut pool = TicketPool::default();
    pool.add(answer(u64::MAX, &[56]), 1, asked).unwrap();
    assert!(pool.take(asked + Duration::from_secs(91)).is_none());
}

#[test]
fn a_batch_that_is_not_of_the_form_is_refused_whole() {
    let mut pool = TicketPool::default();
    let now = Instant::now();
    assert!(pool.add(answer(60, &[]), 4, now).is_none());
    assert!(pool.add(answer(60, &[56; 5]), 4, now).is_none());
    assert!(pool.add(answer(60, &[56, 55]), 4, now).is_none());
    assert!(pool.add(answer(29, &[56]), 4, now).is_none());
    let http = TicketsAnswer { origin: "http://pos.example".to_owned(), ..answer(60, &[56]) };
    assert!(pool.add(http, 4, now).is_none());
    assert_eq!(pool.left(now), 0);
}
