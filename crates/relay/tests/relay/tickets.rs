//! Tickets, in batches.

use enishi_party::RefusalCode;
use enishi_testkit::at;

use crate::purchase::{Tap, refusal, refused};
use crate::world::{OTHER_TERMINAL, World, caller, caller_at};

#[test]
fn a_batch_has_one_to_thirty_two_different_tickets() {
    let world = World::new();
    for count in [1, 32] {
        let answer = world.relay.tickets(&caller(), count).unwrap();
        let tickets: std::collections::HashSet<_> =
            answer.tickets.iter().map(|issued| issued.ticket.0.clone()).collect();
        assert_eq!(tickets.len(), usize::from(count));
        assert_eq!((answer.life_s, answer.origin.as_str()), (60, "https://pos.enishi.example"));
    }
    for count in [0, 33, u8::MAX] {
        let refused = refused(world.relay.tickets(&caller(), count));
        assert_eq!(refused, Some(RefusalCode::MalformedRequest), "{count}");
    }
}

#[test]
fn a_terminal_that_is_not_registered_gets_none() {
    let refused = refused(World::new().relay.tickets(&caller_at("4980000000999"), 1));
    assert_eq!(refused, Some(RefusalCode::ClientNotAllowed));
}

#[tokio::test]
async fn a_ticket_is_good_for_its_own_terminal_alone() {
    let world = World::new();
    world.linked(crate::world::A).await;
    let stolen = world.ticket(&caller_at(OTHER_TERMINAL));
    let purchase = world.tap(&Tap { ticket: Some(stolen), ..Tap::default() });
    assert_eq!(refusal(&world.pay(&purchase).await), Some(RefusalCode::ChallengeExpired));
}

#[tokio::test]
async fn a_ticket_is_good_for_a_minute() {
    for (age, expected) in [(0, None), (60, None), (61, Some(RefusalCode::ChallengeExpired))] {
        let world = World::new();
        world.linked(crate::world::A).await;
        let purchase = world.purchase(Some(crate::world::A), 1_980);
        world.pass(age);
        assert_eq!(refusal(&world.pay(&purchase).await), expected, "{age} s");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_ten_seconds() {
    for (ahead, expected) in [(10, None), (11, Some(RefusalCode::ChallengeExpired))] {
        let world = World::new();
        world.linked(crate::world::A).await;
        world.clock.set(at(ahead));
        let purchase = world.purchase(Some(crate::world::A), 1_980);
        world.clock.set(at(0));
        assert_eq!(refusal(&world.pay(&purchase).await), expected, "{ahead} s");
    }
}
