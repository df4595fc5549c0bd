//! Store and forward: what may have moved money is taken back until the company says that it is.

use enishi_iso8583::{Message, Mti, OriginalData};
use enishi_relay::Drained;

use crate::company::Act;
use crate::purchase::{Purchase, approval, decline};
use crate::world::{A, B, World, provider};

async fn unanswered(world: &World, contract: &str) -> Purchase {
    world.company.does([Act::Unanswered]);
    let purchase = world.purchase(Some(contract), 1_980);
    assert_eq!(decline(world.pay(&purchase).await), "91");
    purchase
}

#[tokio::test]
async fn the_reversal_is_durable_before_the_shop_is_told() {
    let world = World::new();
    world.linked(A).await;
    world.log.take();
    unanswered(&world, A).await;
    world.log.write("told");
    let expected = ["open", "authorize", "exchange 0100", "close reversed", "told"];
    assert_eq!(world.log.take(), expected);
    assert_eq!(world.restart().pending().await, 1);
}

#[tokio::test]
async fn what_is_sent_was_written_down_before() {
    let world = World::new();
    world.linked(A).await;
    world.log.take();
    approval(world.pay(&world.purchase(Some(A), 1_980)).await);
    world.log.write("told");
    assert_eq!(world.log.take(), ["open", "authorize", "exchange 0100", "close answered", "told"]);
}

#[tokio::test]
async fn what_never_left_is_not_reversed() {
    let world = World::new();
    world.linked(A).await;
    world.company.does([Act::NotSent]);
    assert_eq!(decline(world.pay(&world.purchase(Some(A), 1_980)).await), "91");
    assert_eq!(world.pending().await, 0);
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_kept_apart_and_the_purchase_reversed() {
    let acts = [Act::Unnumbered, Act::OtherKey, Act::OtherAmount, Act::OtherType, Act::Codeless];
    for (number, act) in acts.into_iter().enumerate() {
        let world = World::new();
        world.linked(A).await;
        world.company.does([act]);
        let purchase = world.purchase(Some(A), 1_980);
        assert_eq!(decline(world.pay(&purchase).await), "91", "act {number}");
        assert_eq!((world.pending().await, world.quarantine.kept().len()), (1, 1), "act {number}");
        assert_eq!(decline(world.pay(&purchase).await), "91");
    }
}

#[tokio::test]
async fn a_decline_with_another_amount_is_no_decline_of_this_purchase() {
    let world = World::new();
    world.linked(A).await;
    world.company.does([Act::Code("61")]);
    assert_eq!(decline(world.pay(&world.purchase(Some(A), 1_980)).await), "61");
    assert_eq!(world.pending().await, 0);
}

#[tokio::test]
async fn a_reversal_names_its_original_and_carries_no_assertion() {
    let world = World::new();
    world.linked(A).await;
    unanswered(&world, A).await;
    assert_eq!(world.drain(A).await, Drained { acknowledged: 1, ..Drained::default() });
    let heard = world.company.take_heard();
    let [(_, original), (to, reversal)] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((to, reversal.mti()), (&provider(A), Mti::REVERSAL_ADVICE));
    assert_eq!(reversal.original_data().unwrap(), OriginalData::of(original).unwrap());
    assert_eq!(reversal.rrn().unwrap(), original.rrn().unwrap());
    assert_ne!(reversal.stan().unwrap(), original.stan().unwrap());
    assert_eq!(reversal.amount().unwrap(), original.amount().unwrap());
    assert!(reversal.assertion().is_none());
}

#[tokio::test]
async fn an_unanswered_reversal_is_said_again_with_nothing_but_its_type_changed() {
    let world = World::new();
    world.linked(A).await;
    unanswered(&world, A).await;
    world.company.take_heard();
    world.company.does([Act::Unanswered, Act::Unanswered, Act::Unanswered]);
    for wait in [1, 2, 4] {
        assert_eq!(world.drain(A).await, Drained { unanswered: 1, ..Drained::default() });
        assert_eq!(world.drain(A).await, Drained::default(), "not before its time");
        world.pass(wait);
    }
    assert_eq!(world.drain(A).await.acknowledged, 1);
    world.pass(3_600);
    assert_eq!(world.drain(A).await, Drained::default(), "acknowledged for good");
    let heard: Vec<Message> = world.company.take_heard().into_iter().map(|(_, message)| message).collect();
    assert_eq!(heard.iter().map(Message::mti).collect::<Vec<_>>(), {
        let again = Mti::REVERSAL_ADVICE_REPEAT;
        [Mti::REVERSAL_ADVICE, again, again, again]
    });
    for repeat in &heard[1..] {
        assert!(repeat.numbers().eq(heard[0].numbers()));
        assert!(repeat.numbers().all(|de| repeat.expose_bytes(de) == heard[0].expose_bytes(de)));
    }
}

#[tokio::test]
async fn a_reversal_that_never_left_stays_due_and_is_no_repeat() {
    let world = World::new();
    world.linked(A).await;
    unanswered(&world, A).await;
    world.company.take_heard();
    world.company.does([Act::NotSent]);
    assert_eq!(world.drain(A).await, Drained { unsent: 1, ..Drained::default() });
    world.company.take_heard();
    assert_eq!(world.drain(A).await, Drained { acknowledged: 1, ..Drained::default() });
    let heard = world.company.take_heard();
    assert_eq!(heard.iter().map(|(_, message)| message.mti()).collect::<Vec<_>>(), [Mti::REVERSAL_ADVICE]);
}

#[tokio::test]
async fn while_the_line_is_down_reversals_stay_due_and_the_first_to_leave_is_an_0420() {
    let world = World::new();
    world.linked(A).await;
    unanswered(&world, A).await;
    unanswered(&world, A).await;
    for _ in 0..3 {
        world.company.does([Act::NotSent]);
        assert_eq!(world.drain(A).await, Drained { unsent: 1, ..Drained::default() }, "one try finds out");
    }
    world.company.take_heard();
    assert_eq!(world.drain(A).await.acknowledged, 2);
    assert_eq!(world.company.take_types(), ["0420", "0420"]);
}

#[tokio::test]
async fn the_wait_doubles_up_to_a_minute_and_survives_a_restart() {
    let mut world = World::new();
    world.linked(A).await;
    unanswered(&world, A).await;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        world.company.does([Act::Unanswered]);
        assert_eq!(world.drain(A).await.unanswered, 1);
        world = world.restart();
        world.pass(wait - 1);
        assert_eq!(world.drain(A).await, Drained::default(), "before {wait} s");
        world.pass(1);
    }
    assert_eq!(world.drain(A).await.acknowledged, 1);
}

#[tokio::test]
async fn another_code_is_a_case_for_people_and_ends_the_sending() {
    for code in ["25", "77", "96"] {
        let world = World::new();
        world.linked(A).await;
        unanswered(&world, A).await;
        world.company.does([Act::Code(code)]);
        assert_eq!(world.drain(A).await, Drained { rejected: 1, ..Drained::default() });
        world.pass(3_600);
        assert_eq!((world.drain(A).await, world.pending().await), (Drained::default(), 0));
    }
}

#[tokio::test]
async fn what_is_no_answer_to_a_reversal_ends_nothing() {
    for act in [Act::OtherKey, Act::OtherType, Act::Codeless] {
        let world = World::new();
        world.linked(A).await;
        unanswered(&world, A).await;
        world.company.does([act]);
        assert_eq!(world.drain(A).await, Drained { unanswered: 1, ..Drained::default() });
        assert_eq!(world.quarantine.kept().len(), 1);
        world.pass(1);
        assert_eq!(world.drain(A).await.acknowledged, 1);
    }
}

#[tokio::test]
async fn each_company_hears_of_its_own_reversals_alone() {
    let world = World::new();
    world.linked(A).await;
    world.linked(B).await;
    unanswered(&world, A).await;
    unanswered(&world, B).await;
    unanswered(&world, A).await;
    world.company.take_heard();
    assert_eq!(world.drain(B).await.acknowledged, 1);
    assert_eq!(world.drain(A).await.acknowledged, 2);
    let heard = world.company.take_heard();
    let to: Vec<_> = heard.iter().map(|(to, _)| to.clone()).collect();
    assert_eq!(to, [provider(B), provider(A), provider(A)]);
    assert_ne!(heard[1].1.rrn().unwrap(), heard[2].1.rrn().unwrap());
}

#[tokio::test]
async fn a_message_that_cannot_be_read_hinders_no_other() {
    use enishi_relay::{Closing, Journal, Outcome, Reversal};
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    world.journal.fails_at("close answered");
    assert!(world.pay(&purchase).await.is_err());
    let row = world.journal.find(&purchase.key).await.unwrap().unwrap();
    let broken = Reversal { payment: row.id, provider: provider(A), message: b"0420 no more".to_vec() };
    let cancelled = Outcome::Refused(enishi_party::RefusalCode::Cancelled);
    let closing = Closing::Reversed(&broken);
    assert!(world.journal.close(row.id, &cancelled, closing, enishi_testkit::now()).await.unwrap());
    unanswered(&world, A).await;
    assert_eq!(world.drain(A).await, Drained { acknowledged: 1, unanswered: 1, ..Drained::default() });
    assert_eq!(world.pending().await, 1, "never dropped");
}
