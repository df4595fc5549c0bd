use std::time::Duration;

use enishi_party::RefusalCode;
use enishi_wire::CancelOutcome;

use super::fake_relay::{Decision, Delivery};
use super::person::Person;
use super::plastic::reader;
use super::world::{TERMINAL, World, contains, sale};
use crate::journal::Stage;
use crate::{Cancellation, JournalFault, Outcome, TerminalError};

const SECOND: Duration = Duration::from_secs(1);

/// Begins a purchase, and ends the process once the relay has seen a request to that path.
async fn die_when_seen(world: &World, path: &str) {
    let (mut terminal, reader) = (world.terminal(), reader());
    let mut person = Person::default();
    tokio::select! {
        report = terminal.pay(|| reader.connect(), sale(), &mut person) => panic!("{report:?}"),
        () = world.relay.until_seen(path) => {}
    }
}

#[tokio::test]
async fn after_a_lost_answer_the_same_bytes_bring_the_same_outcome() {
    for lost in [Delivery::Garbled, Delivery::Fault, Delivery::InFlight] {
        let world = World::new().await;
        world.relay.deliver(&[lost, lost]);
        let (mut terminal, reader) = (world.terminal(), reader());
        let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
        assert!(matches!(report.outcome, Outcome::Approved { .. }), "{:?}", report.outcome);
        let seen = world.relay.seen("/v1/payments");
        assert_eq!(seen.len(), 3);
        assert!(seen.iter().all(|one| (&one.key, &one.body) == (&seen[0].key, &seen[0].body)));
        assert_eq!(*world.slept.0.lock().unwrap(), [SECOND, SECOND * 2]);
        assert_eq!(report.timing.relay.len(), 3);
        assert!(world.relay.seen("/v1/payment-cancellations").is_empty());
    }
}

#[tokio::test]
async fn a_lost_answer_to_the_choice_is_repeated_too() {
    let world = World::new().await;
    world.relay.decide(&[Decision::ChooseAndPin]);
    world.relay.deliver(&[Delivery::Whole, Delivery::Garbled]);
    let (mut terminal, reader) = (world.terminal(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    assert!(matches!(report.outcome, Outcome::Approved { .. }), "{:?}", report.outcome);
    let seen = world.relay.seen("/continue");
    assert_eq!(seen.len(), 2);
    assert_eq!((&seen[0].key, &seen[0].body), (&seen[1].key, &seen[1].body));
}

#[tokio::test]
async fn an_answer_that_never_comes_ends_in_an_acknowledged_cancellation() {
    let world = World::new().await;
    world.relay.deliver(&[Delivery::Garbled; 5]);
    world.relay.book().cancel_deliveries.extend([Delivery::Garbled, Delivery::Fault]);
    let (mut terminal, reader) = (world.terminal(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    // The second cancellation found the purchase reversed by the first, whose acknowledgement was lost.
    let cancellation = Cancellation::Acknowledged(CancelOutcome::Closed);
    assert_eq!(report.outcome, Outcome::NotCompleted { cancellation });
    assert!(report.outcome.clerk_text().en.contains("Do not hand over the goods"));
    assert_eq!(world.relay.seen("/v1/payments").len(), 5);
    assert_eq!(world.relay.seen("/v1/payment-cancellations").len(), 3);
    assert!(world.relay.book().approved.is_empty());
    assert_eq!(terminal.pending(), 0);
    let outcomes: Vec<_> = world.sales().iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["not_completed", "cancelled"]);
}

#[tokio::test]
async fn a_silent_relay_is_waited_for_and_then_cancelled() {
    let world = World::new().await;
    world.relay.deliver(&[Delivery::Never, Delivery::Never]);
    let mut terminal = world.open(TERMINAL, world.folder.path(), SECOND * 2).unwrap();
    terminal.refill().await.unwrap();
    let reader = reader();
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    let cancellation = Cancellation::Acknowledged(CancelOutcome::Reversing);
    assert_eq!(report.outcome, Outcome::NotCompleted { cancellation });
    // The first wait used the patience up; one repetition there is always.
    assert_eq!(world.relay.seen("/v1/payments").len(), 2);
}

#[tokio::test]
async fn an_unacknowledged_cancellation_goes_on_until_it_is_and_sales_go_on_meanwhile() {
    let world = World::new().await;
    world.relay.deliver(&[Delivery::Fault; 5]);
    world.relay.book().cancel_deliveries.extend([Delivery::Fault; 7]);
    let (mut terminal, reader) = (world.terminal(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    assert_eq!(report.outcome, Outcome::NotCompleted { cancellation: Cancellation::Pending });
    assert_eq!(terminal.pending(), 1);
    let first_key = world.relay.seen("/v1/payments")[0].key.clone();

    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    assert!(matches!(report.outcome, Outcome::Approved { .. }));

    let resumed = terminal.resume().await.unwrap();
    assert_eq!(resumed[0].outcome, Outcome::NotCompleted { cancellation: Cancellation::Pending });
    drop(terminal);
    let mut terminal = world.terminal();
    let resumed = terminal.resume().await.unwrap();
    let never_seen = Cancellation::Acknowledged(CancelOutcome::NeverSeen);
    assert_eq!(resumed[0].outcome, Outcome::NotCompleted { cancellation: never_seen });
    assert_eq!((resumed[0].slip.as_str(), terminal.pending()), ("000001", 0));
    assert!(world.relay.book().cancelled.contains(&first_key));
    // Given up means never sent again.
    assert_eq!(world.relay.seen("/v1/payments").len(), 6);
    assert!(terminal.resume().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_request_that_provably_never_left_needs_no_cancellation() {
    let mut world = World::new().await;
    let mut terminal = world.terminal();
    terminal.refill().await.unwrap();
    world.stop().await;
    let reader = reader();
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    assert_eq!(report.outcome, Outcome::NotCompleted { cancellation: Cancellation::NothingSent });
    assert_eq!(terminal.pending(), 0);
}

#[tokio::test]
async fn a_refusal_that_an_earlier_sending_explains_says_nothing_about_that_sending() {
    for code in [
        RefusalCode::MalformedRequest,
        RefusalCode::ClientNotAllowed,
        RefusalCode::ChallengeReused,
        RefusalCode::SlipReused,
        RefusalCode::ChoiceInvalid,
        RefusalCode::IdempotencyMismatch,
    ] {
        let world = World::new().await;
        let refused = Delivery::Refused(code);
        world.relay.deliver(&[Delivery::Garbled, refused, refused, refused, refused]);
        let (mut terminal, reader) = (world.terminal(), reader());
        let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
        let reversing = Cancellation::Acknowledged(CancelOutcome::Reversing);
        assert_eq!(report.outcome, Outcome::NotCompleted { cancellation: reversing }, "{code:?}");
    }
    let world = World::new().await;
    world.relay.deliver(&[Delivery::Refused(RefusalCode::ClientNotAllowed)]);
    let (mut terminal, reader) = (world.terminal(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    let Outcome::Refused { problem } = report.outcome else { panic!("{:?}", report.outcome) };
    assert_eq!(problem.refusal_code(), Some(RefusalCode::ClientNotAllowed));
}

#[tokio::test]
async fn the_business_date_of_the_first_sending_is_repeated_past_midnight() {
    let world = World::new().await;
    world.clock.advance(SECOND * (11 * 3600 + 59 * 60 + 30));
    world.relay.deliver(&[Delivery::Never]);
    die_when_seen(&world, "/v1/payments").await;
    assert_eq!(world.pending_files().len(), 1);
    let token = world.relay.seen("/v1/payments")[0].body.clone();
    let token: serde_json::Value = serde_json::from_slice(&token).unwrap();
    let certificate = token["token"]["unverifiedCertificate"].as_str().unwrap();
    assert!(!contains(&world.folder_bytes(), certificate.as_bytes()), "it waits sealed");

    world.clock.advance(SECOND * 45);
    let mut terminal = world.terminal();
    let reader = reader();
    let early = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await;
    assert!(matches!(early, Err(TerminalError::ResumeFirst(1))));
    let resumed = terminal.resume().await.unwrap();
    assert!(matches!(resumed[0].outcome, Outcome::Approved { .. }), "{resumed:?}");
    assert_eq!(resumed[0].business_date, "2026-04-01");
    let seen = world.relay.seen("/v1/payments");
    assert_eq!((&seen[0].key, &seen[0].body), (&seen[1].key, &seen[1].body));
    assert_eq!(world.sales().len(), 1);
}

#[tokio::test]
async fn a_question_with_nobody_to_answer_it_is_cancelled_on_resumption() {
    for decision in [Decision::Choose, Decision::Pin] {
        let world = World::new().await;
        world.relay.decide(&[decision]);
        world.relay.deliver(&[Delivery::Never]);
        die_when_seen(&world, "/v1/payments").await;
        let mut terminal = world.terminal();
        let resumed = terminal.resume().await.unwrap();
        let closed = Cancellation::Acknowledged(CancelOutcome::Closed);
        assert_eq!(resumed[0].outcome, Outcome::NotCompleted { cancellation: closed });
    }
}

#[tokio::test]
async fn a_choice_is_repeated_on_resumption() {
    let world = World::new().await;
    world.relay.decide(&[Decision::Choose]);
    world.relay.deliver(&[Delivery::Whole, Delivery::Never]);
    die_when_seen(&world, "/continue").await;
    let mut terminal = world.terminal();
    let resumed = terminal.resume().await.unwrap();
    assert!(matches!(resumed[0].outcome, Outcome::Approved { .. }), "{resumed:?}");
    let seen = world.relay.seen("/continue");
    assert_eq!((&seen[0].key, &seen[0].body), (&seen[1].key, &seen[1].body));
}

#[tokio::test]
async fn a_pin_block_is_not_even_journalled_so_its_purchase_is_cancelled_on_resumption() {
    let world = World::new().await;
    world.relay.decide(&[Decision::Pin]);
    world.relay.deliver(&[Delivery::Whole, Delivery::Never]);
    die_when_seen(&world, "/continue").await;
    let mut terminal = world.terminal();
    let stages: Vec<_> = terminal.journal.pending().values().map(|pending| &pending.stage).collect();
    assert!(matches!(stages[..], [Stage::AnsweredWithPin {}]));
    let resumed = terminal.resume().await.unwrap();
    let reversing = Cancellation::Acknowledged(CancelOutcome::Reversing);
    assert_eq!(resumed[0].outcome, Outcome::NotCompleted { cancellation: reversing });
    assert_eq!(world.relay.seen("/continue").len(), 1);
}

#[tokio::test]
async fn a_pending_request_that_was_altered_moved_or_brought_from_elsewhere_is_refused() {
    let world = World::new().await;
    world.relay.deliver(&[Delivery::Never]);
    die_when_seen(&world, "/v1/payments").await;
    let path = world.pending_files().remove(0);
    let sealed = std::fs::read(&path).unwrap();
    let fault = |terminal: &str, folder: &std::path::Path| match world.open(terminal, folder, SECOND) {
        Err(TerminalError::Journal { fault, .. }) => Some(fault),
        Err(error) => panic!("{error}"),
        Ok(_) => None,
    };

    for position in (0..sealed.len()).step_by(97) {
        let mut altered = sealed.clone();
        altered[position] ^= 1;
        std::fs::write(&path, &altered).unwrap();
        assert_eq!(fault(TERMINAL, world.folder.path()), Some(JournalFault::NotSealedHere));
    }
    for short in [&sealed[..0], &sealed[..11], &sealed[..sealed.len() - 1]] {
        std::fs::write(&path, short).unwrap();
        assert_eq!(fault(TERMINAL, world.folder.path()), Some(JournalFault::NotSealedHere));
    }
    std::fs::write(&path, vec![7; 64 * 1024]).unwrap();
    assert_eq!(fault(TERMINAL, world.folder.path()), Some(JournalFault::TooLarge));

    // Under another request's name.
    std::fs::remove_file(&path).unwrap();
    let other = path.with_file_name("00000000000000000000000000000000.sealed");
    std::fs::write(&other, &sealed).unwrap();
    assert_eq!(fault(TERMINAL, world.folder.path()), Some(JournalFault::NotSealedHere));
    std::fs::rename(&other, path.with_file_name("note.txt")).unwrap();
    assert_eq!(fault(TERMINAL, world.folder.path()), Some(JournalFault::UnknownFile));
    std::fs::remove_file(path.with_file_name("note.txt")).unwrap();

    // In another terminal's folder, and the folder under another terminal.
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(fault("4980000000029", folder.path()), None);
    std::fs::write(folder.path().join("pending").join(path.file_name().unwrap()), &sealed).unwrap();
    assert_eq!(fault("4980000000029", folder.path()), Some(JournalFault::NotSealedHere));
    assert_eq!(fault("4980000000036", world.folder.path()), Some(JournalFault::OtherTerminal));

    std::fs::write(&path, &sealed).unwrap();
    assert_eq!(fault(TERMINAL, world.folder.path()), None);
    assert_eq!(world.terminal().pending(), 1);
}

#[tokio::test]
async fn two_processes_never_work_in_one_folder() {
    let world = World::new().await;
    let first = world.terminal();
    let second = world.open(TERMINAL, world.folder.path(), SECOND);
    assert!(matches!(second, Err(TerminalError::FolderInUse)));
    drop(first);
    world.terminal();
}
