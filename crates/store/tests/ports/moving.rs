//! A payment's stages.

use std::sync::Arc;

use enishi_party::RefusalCode;
use enishi_relay::{Closed, Closing, Journal, Outcome, PaymentState, Sent};
use tokio::task::JoinSet;

use crate::sample::{
    after, approved, authorizing, awaiting, declined, link_id, new_payment, payment_id, reversal, stage,
    start,
};
use crate::stores::Stores;

#[derive(Debug, Clone, Copy)]
enum Step {
    Await,
    Authorize,
    Refuse,
    Answer,
    TakeBack,
}

async fn step(journal: &dyn Journal, number: u64, step: Step) -> bool {
    let id = payment_id(number);
    match step {
        Step::Await => journal.await_input(id, &awaiting(number), after(1)).await,
        Step::Authorize => journal.authorize(id, &authorizing(number), after(2)).await,
        Step::Refuse => journal.close(id, &declined(number), Closing::Unsent, after(3)).await,
        Step::Answer => journal.close(id, &approved(number), Closing::Answered, after(3)).await,
        Step::TakeBack => {
            journal.close(id, &declined(number), Closing::Reversed(&reversal(number)), after(3)).await
        }
    }
    .unwrap()
}

pub(crate) async fn each_move_succeeds_from_its_own_states_alone(stores: &dyn Stores) {
    use Step::{Answer, Authorize, Await, Refuse, TakeBack};
    let journal = stores.open().journal;
    let table: [(&[Step], Step, bool, &str); 21] = [
        (&[], Await, true, "awaiting"),
        (&[], Authorize, true, "authorizing"),
        (&[], Refuse, true, "closed"),
        (&[], Answer, false, "proven"),
        (&[], TakeBack, false, "proven"),
        (&[Await], Await, true, "awaiting"),
        (&[Await], Authorize, true, "authorizing"),
        (&[Await], Refuse, true, "closed"),
        (&[Await], Answer, false, "awaiting"),
        (&[Await], TakeBack, false, "awaiting"),
        (&[Authorize], Await, false, "authorizing"),
        (&[Authorize], Authorize, false, "authorizing"),
        (&[Authorize], Refuse, false, "authorizing"),
        (&[Authorize], TakeBack, true, "closed"),
        (&[Await, Authorize], Refuse, false, "authorizing"),
        (&[Await, Authorize], Answer, true, "closed"),
        (&[Refuse], Await, false, "closed"),
        (&[Authorize, Answer], Authorize, false, "closed"),
        (&[Authorize, Answer], TakeBack, false, "closed"),
        (&[Authorize, TakeBack], Answer, false, "closed"),
        (&[Refuse], Refuse, false, "closed"),
    ];
    for (number, (before, tried, succeeds, then)) in (1_u64..).zip(table) {
        journal.open(&new_payment(number), start()).await.unwrap();
        for earlier in before {
            assert!(step(&*journal, number, *earlier).await);
        }
        assert_eq!(step(&*journal, number, tried).await, succeeds, "{tried:?} after {before:?}");
        let row = journal.get(payment_id(number)).await.unwrap().unwrap();
        assert_eq!(stage(&row), then, "{tried:?} after {before:?}");
    }
}

pub(crate) async fn each_move_succeeds_once_however_many_try(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    for tried in [Step::Authorize, Step::TakeBack] {
        let mut tasks = JoinSet::new();
        for _ in 0..100 {
            let journal = Arc::clone(&journal);
            tasks.spawn(async move { step(&*journal, 1, tried).await });
        }
        let won = tasks.join_all().await.into_iter().filter(|succeeded| *succeeded).count();
        assert_eq!(won, 1, "{tried:?}");
    }
}

pub(crate) async fn a_question_reads_back_and_is_replaced_by_the_next(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    let mut second = awaiting(2);
    second.chosen = Some(("card-a-credit".parse().unwrap(), link_id(2)));
    second.offered = Vec::new();
    for question in [awaiting(1), second] {
        assert!(journal.await_input(payment_id(1), &question, after(1)).await.unwrap());
        let row = journal.get(payment_id(1)).await.unwrap().unwrap();
        let PaymentState::Awaiting(stored) = row.state else { panic!("{row:?}") };
        assert_eq!(stored, question);
    }
}

pub(crate) async fn what_is_sent_reads_back_with_and_without_evidence(stores: &dyn Stores) {
    let journal = stores.open().journal;
    for (number, evidence) in [(1, None), (2, Some(b"sealed evidence".to_vec()))] {
        journal.open(&new_payment(number), start()).await.unwrap();
        let mut sent = authorizing(number);
        sent.evidence = evidence;
        assert!(journal.authorize(payment_id(number), &sent, after(1)).await.unwrap());
        let row = journal.get(payment_id(number)).await.unwrap().unwrap();
        let PaymentState::Authorizing(stored) = row.state else { panic!("{row:?}") };
        assert_eq!(stored, sent);
    }
}

pub(crate) async fn a_closed_payment_keeps_its_answer_and_what_was_sent(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    let mut sent = authorizing(1);
    sent.evidence = Some(b"sealed evidence".to_vec());
    journal.authorize(payment_id(1), &sent, after(1)).await.unwrap();
    journal.close(payment_id(1), &approved(1), Closing::Answered, after(2)).await.unwrap();
    for closing in [Closing::Unsent, Closing::Answered] {
        assert_eq!(journal.close(payment_id(1), &declined(1), closing, after(3)).await, Ok(false));
    }
    let row = journal.get(payment_id(1)).await.unwrap().unwrap();
    let PaymentState::Closed(closed) = row.state else { panic!("{row:?}") };
    let sent = Some(Sent { provider: sent.provider, message: sent.message });
    assert_eq!(closed, Closed { outcome: approved(1), sent });
}

pub(crate) async fn every_outcome_reads_back(stores: &dyn Stores) {
    let journal = stores.open().journal;
    let refused = RefusalCode::ALL.iter().map(|code| Outcome::Refused(*code));
    for (number, outcome) in (1_u64..).zip([approved(1), declined(1)].into_iter().chain(refused)) {
        journal.open(&new_payment(number), start()).await.unwrap();
        journal.close(payment_id(number), &outcome, Closing::Unsent, start()).await.unwrap();
        let row = journal.get(payment_id(number)).await.unwrap().unwrap();
        let PaymentState::Closed(closed) = row.state else { panic!("{row:?}") };
        assert_eq!(closed.outcome, outcome);
    }
}

pub(crate) async fn a_payment_closed_unsent_has_sent_nothing(stores: &dyn Stores) {
    let journal = stores.open().journal;
    journal.open(&new_payment(1), start()).await.unwrap();
    journal.await_input(payment_id(1), &awaiting(1), start()).await.unwrap();
    let outcome = Outcome::Refused(RefusalCode::ChallengeExpired);
    journal.close(payment_id(1), &outcome, Closing::Unsent, after(1)).await.unwrap();
    let row = journal.get(payment_id(1)).await.unwrap().unwrap();
    let PaymentState::Closed(closed) = row.state else { panic!("{row:?}") };
    assert_eq!(closed, Closed { outcome, sent: None });
}

pub(crate) async fn a_close_queues_exactly_one_reversal(stores: &dyn Stores) {
    let ports = stores.open();
    ports.journal.open(&new_payment(1), start()).await.unwrap();
    ports.journal.authorize(payment_id(1), &authorizing(1), start()).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let journal = Arc::clone(&ports.journal);
        let close = async move {
            journal.close(payment_id(1), &declined(1), Closing::Reversed(&reversal(1)), after(1)).await
        };
        tasks.spawn(close);
    }
    let won = tasks.join_all().await.into_iter().filter(|closed| *closed == Ok(true)).count();
    assert_eq!(won, 1);
    assert_eq!(ports.reversals.pending().await, Ok(1));
    let due = ports.reversals.due(&reversal(1).provider, 10, after(1)).await.unwrap();
    assert_eq!(due.iter().map(|queued| &queued.reversal).collect::<Vec<_>>(), [&reversal(1)]);
    let row = ports.journal.get(payment_id(1)).await.unwrap().unwrap();
    let PaymentState::Closed(closed) = row.state else { panic!("{row:?}") };
    assert_eq!(closed.outcome, declined(1), "the answer is the flow's, not the queue's");
}

pub(crate) async fn a_reversal_of_another_payment_closes_nothing(stores: &dyn Stores) {
    let ports = stores.open();
    for number in [1, 2] {
        ports.journal.open(&new_payment(number), start()).await.unwrap();
        ports.journal.authorize(payment_id(number), &authorizing(number), start()).await.unwrap();
    }
    let mut elsewhere = reversal(1);
    elsewhere.provider = "bank-y".parse().unwrap();
    for wrong in [reversal(2), elsewhere] {
        assert!(
            ports
                .journal
                .close(payment_id(1), &declined(1), Closing::Reversed(&wrong), after(1))
                .await
                .is_err()
        );
    }
    assert_eq!(stage(&ports.journal.get(payment_id(1)).await.unwrap().unwrap()), "authorizing");
    assert_eq!(ports.reversals.pending().await, Ok(0));
}

pub(crate) async fn unfinished_payments_survive_a_restart_oldest_first(stores: &dyn Stores) {
    let ports = stores.open();
    let journal = &ports.journal;
    for (number, age) in [(1, 4), (2, 3), (3, 2), (4, 1)] {
        journal.open(&new_payment(number), after(10 - age)).await.unwrap();
    }
    journal.await_input(payment_id(3), &awaiting(3), after(11)).await.unwrap();
    let mut sent = authorizing(2);
    sent.evidence = Some(b"sealed evidence".to_vec());
    journal.authorize(payment_id(2), &sent, after(12)).await.unwrap();
    journal.close(payment_id(4), &declined(4), Closing::Unsent, after(13)).await.unwrap();
    drop(ports);
    let rows = stores.open().journal.unfinished().await.unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.id, stage(row))).collect();
    let expected = [(payment_id(1), "proven"), (payment_id(2), "authorizing"), (payment_id(3), "awaiting")];
    assert_eq!(seen, expected);
    let PaymentState::Authorizing(stored) = &rows[1].state else { panic!("{rows:?}") };
    assert_eq!(*stored, sent);
}

pub(crate) async fn nothing_moves_a_payment_that_never_was(stores: &dyn Stores) {
    let journal = stores.open().journal;
    for tried in [Step::Await, Step::Authorize, Step::Refuse, Step::Answer, Step::TakeBack] {
        assert!(!step(&*journal, 1, tried).await, "{tried:?}");
    }
    assert!(journal.unfinished().await.unwrap().is_empty());
}
