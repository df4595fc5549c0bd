use enishi_card::Tries;
use enishi_party::{Language, RefusalCode};
use enishi_wire::{AmountBinding, CancelOutcome, PaymentRequest};

use super::fake_relay::Decision;
use super::person::{ISSUER_PIN, Person};
use super::plastic::{auth_certificate, reader};
use super::world::{World, contains, sale};
use crate::{Cancellation, CardRefused, Outcome, Preparation, Reply, Sale, TerminalError, TicketFault};

/// What no file may hold once the outcome is known.
fn assert_clean(world: &World) {
    let bytes = world.folder_bytes();
    assert!(!contains(&bytes, &auth_certificate()));
    for seen in world.relay.seen("/v1/payments").iter().chain(&world.relay.seen("/continue")) {
        let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
        let secrets =
            [&body["token"]["unverifiedCertificate"], &body["token"]["signature"], &body["pin_block"]];
        for secret in secrets.iter().filter_map(|value| value.as_str()) {
            assert!(!contains(&bytes, secret.as_bytes()));
        }
    }
    assert!(!contains(&bytes, ISSUER_PIN.as_bytes()));
    assert!(world.pending_files().is_empty());
}

#[tokio::test]
async fn an_approved_purchase_is_recorded_and_printed_and_leaves_nothing_of_the_card() {
    let world = World::new().await;
    let (mut terminal, mut person, reader) = (world.terminal(), Person::default(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut person).await.unwrap();
    let Outcome::Approved { receipt } = &report.outcome else { panic!("{:?}", report.outcome) };
    let text = receipt.text(Language::En);
    assert!(text.contains("Slip: 000001\nDate (JST): 2026-04-01 12:00:00\nAmount: ¥12,345\n"), "{text}");
    assert!(text.contains("Paid with: カードA ••1234\nApproval: A1B2C3\n"), "{text}");
    assert_eq!(report.timing.relay.len(), 1);
    assert!(!report.timing.card.is_zero());
    let sales = world.sales();
    assert_eq!(sales.len(), 1);
    assert_eq!(sales[0]["outcome"], "approved");
    assert_eq!(sales[0]["approval_number"], "A1B2C3");
    assert_eq!(sales[0]["payment"], receipt.payment.to_string());
    assert_eq!(sales[0]["business_date"], "2026-04-01");
    assert!(!contains(&world.folder_bytes(), "••1234".as_bytes()));
    assert_eq!(terminal.last_sale().unwrap().unwrap().slip, receipt.slip);
    assert_clean(&world);
}

#[tokio::test]
async fn amount_and_payee_are_shown_before_the_pin_and_no_message_stands_between_tap_and_proof() {
    let world = World::new().await;
    let (mut terminal, mut person, reader) = (world.terminal(), Person::default(), reader());
    let relay = world.relay.clone();
    let mut seen_at_tap = 0;
    let connect = || {
        seen_at_tap = relay.book().seen.len();
        reader.connect()
    };
    terminal.pay(connect, sale(), &mut person).await.unwrap();
    assert_eq!(seen_at_tap, 1);
    let paths: Vec<_> = world.relay.book().seen.iter().map(|seen| seen.path.clone()).collect();
    assert_eq!(paths, ["/v1/tickets", "/v1/payments"]);
    assert!(person.asked[0].contains("Pay { amount: 12345 JPY"), "{:?}", person.asked);
    assert!(person.asked[0].contains("Enmusubi Store") && person.asked[0].contains("Left(3)"));
}

#[tokio::test]
async fn one_batch_of_tickets_serves_several_customers() {
    let world = World::new().await;
    let (mut terminal, reader) = (world.terminal(), reader());
    terminal.refill().await.unwrap();
    for _ in 0..4 {
        let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
        assert!(matches!(report.outcome, Outcome::Approved { .. }));
    }
    assert_eq!(world.relay.seen("/v1/tickets").len(), 1);
    terminal.refill().await.unwrap();
    assert_eq!(world.relay.seen("/v1/tickets").len(), 2);
}

#[tokio::test]
async fn a_choice_and_a_pin_are_sent_in_the_same_session_without_a_second_tap() {
    let world = World::new().await;
    world.relay.decide(&[Decision::ChooseAndPin]);
    let (mut terminal, mut person, reader) = (world.terminal(), Person::default(), reader());
    let mut taps = 0;
    let connect = || {
        taps += 1;
        reader.connect()
    };
    let report = terminal.pay(connect, sale(), &mut person).await.unwrap();
    assert!(matches!(report.outcome, Outcome::Approved { .. }), "{:?}", report.outcome);
    assert_eq!(taps, 1);
    assert_eq!(person.asked[1..], ["choose of 3", "issuer PIN"]);
    let first = world.relay.seen("/v1/payments");
    let second = world.relay.seen("/continue");
    assert_eq!(second[0].key, format!("{}-c", first[0].key));
    assert_eq!(report.timing.relay.len(), 2);
    assert_clean(&world);
}

#[tokio::test]
async fn a_pin_asked_after_the_choice_has_a_key_of_its_own() {
    let world = World::new().await;
    world.relay.decide(&[Decision::Choose, Decision::Pin]);
    let (mut terminal, reader) = (world.terminal(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    assert!(matches!(report.outcome, Outcome::Approved { .. }), "{:?}", report.outcome);
    let keys: Vec<_> = world.relay.seen("/continue").into_iter().map(|seen| seen.key).collect();
    assert!(keys[0].ends_with("-c") && keys[1].ends_with("-c2"));
    assert_clean(&world);
}

#[tokio::test]
async fn a_relay_that_asks_without_end_is_cancelled() {
    let world = World::new().await;
    world.relay.decide(&[Decision::Choose; 3]);
    let (mut terminal, reader) = (world.terminal(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    let closed = Cancellation::Acknowledged(CancelOutcome::Closed);
    assert_eq!(report.outcome, Outcome::NotCompleted { cancellation: closed });
}

#[tokio::test]
async fn a_pin_is_never_sealed_over_a_number_that_the_card_did_not_sign() {
    let world = World::new().await;
    world.relay.decide(&[Decision::OtherPin]);
    let (mut terminal, mut person, reader) = (world.terminal(), Person::default(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut person).await.unwrap();
    let closed = Cancellation::Acknowledged(CancelOutcome::Closed);
    assert_eq!(report.outcome, Outcome::NotCompleted { cancellation: closed });
    assert_eq!(person.asked.len(), 1);
    assert!(world.relay.seen("/continue").is_empty());
}

#[tokio::test]
async fn a_holder_who_does_not_choose_takes_the_request_back() {
    let world = World::new().await;
    world.relay.decide(&[Decision::Choose]);
    let (mut terminal, reader) = (world.terminal(), reader());
    let mut person = Person { choice: None, ..Person::default() };
    let report = terminal.pay(|| reader.connect(), sale(), &mut person).await.unwrap();
    let closed = Cancellation::Acknowledged(CancelOutcome::Closed);
    assert_eq!(report.outcome, Outcome::Withdrawn { cancellation: closed });
    let outcomes: Vec<_> = world.sales().iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["withdrawn", "cancelled"]);
    assert_clean(&world);
}

#[tokio::test]
async fn a_decline_and_a_refusal_are_told_in_words() {
    let world = World::new().await;
    world.relay.decide(&[Decision::Decline, Decision::Refuse(RefusalCode::NotLinked)]);
    let (mut terminal, reader) = (world.terminal(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    let Outcome::Declined { response_code, text } = report.outcome else { panic!("not declined") };
    assert_eq!((response_code.as_str(), text.en.as_str()), ("51", "The amount is over the limit."));
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    let Outcome::Refused { problem } = report.outcome else { panic!("not refused") };
    assert_eq!(problem.refusal_code(), Some(RefusalCode::NotLinked));
    assert_clean(&world);
    let sales = world.sales();
    assert_eq!(sales[0]["response_code"], "51");
    assert_eq!(sales[1]["code"], "not_linked");
}

#[tokio::test]
async fn a_wrong_pin_tells_the_tries_left_and_sends_nothing() {
    let world = World::new().await;
    let (mut terminal, reader) = (world.terminal(), reader());
    terminal.refill().await.unwrap();
    let mut wrong = Person { pin: Some("0000"), ..Person::default() };
    for expected in [
        CardRefused::PinWrong { left: Tries::Left(2) },
        CardRefused::PinWrong { left: Tries::Left(1) },
        CardRefused::PinLocked,
        CardRefused::PinLocked,
    ] {
        let report = terminal.pay(|| reader.connect(), sale(), &mut wrong).await.unwrap();
        assert_eq!(report.outcome, Outcome::CardRefused(expected));
    }
    // Nobody is asked for the PIN of a locked card, and no slip is taken for it.
    assert_eq!(wrong.asked.len(), 3);
    assert!(wrong.asked[2].contains("Left(1)"));
    assert_eq!(world.relay.book().seen.len(), 1, "the tickets alone");
    assert_eq!(world.sales().len(), 3);
    assert_clean(&world);
}

#[tokio::test]
async fn without_a_pin_or_a_card_nothing_happens_and_no_slip_is_taken() {
    let world = World::new().await;
    let (mut terminal, reader) = (world.terminal(), reader());
    let mut person = Person { pin: None, ..Person::default() };
    let report = terminal.pay(|| reader.connect(), sale(), &mut person).await.unwrap();
    assert_eq!(report.outcome, Outcome::Withdrawn { cancellation: Cancellation::NothingSent });
    let card = reader.remove();
    let report = terminal.pay(|| reader.connect(), sale(), &mut person).await.unwrap();
    assert_eq!(report.outcome, Outcome::CardRefused(CardRefused::NoCard));
    assert_eq!(report.slip, None);
    reader.insert(card.unwrap());
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    assert_eq!(report.slip.unwrap().as_str(), "000001");
    // The ticket over which nothing was signed served in the end.
    assert_eq!(world.relay.seen("/v1/tickets").len(), 1);
}

#[tokio::test]
async fn the_decks_order_is_another_occasion_and_says_so_to_the_holder() {
    let world = World::new().await;
    let (mut terminal, mut person, reader) = (world.terminal(), Person::default(), reader());
    let unbound = Sale { amount_binding: AmountBinding::Unbound, ..sale() };
    let report = terminal.pay(|| reader.connect(), unbound, &mut person).await.unwrap();
    assert!(matches!(report.outcome, Outcome::Approved { .. }), "{:?}", report.outcome);
    assert!(person.asked[0].contains("PayUnbound"));
}

#[tokio::test]
async fn a_product_code_of_another_form_is_no_sale() {
    let world = World::new().await;
    let (mut terminal, reader) = (world.terminal(), reader());
    for code in ["", "09", "09909909", "09 0", "０９９０"] {
        let sale = Sale { product_code: code.to_owned(), ..sale() };
        let refused = terminal.pay(|| reader.connect(), sale, &mut Person::default()).await;
        assert!(matches!(refused, Err(TerminalError::Sale(_))), "{code}");
    }
}

#[tokio::test]
async fn tickets_of_another_relay_or_without_time_for_a_tap_are_not_signed_over() {
    let world = World::new().await;
    let (mut terminal, mut person, reader) = (world.terminal(), Person::default(), reader());
    let other: enishi_party::PartyUri = "urn:enishi:sandbox:relay:other".parse().unwrap();
    world.relay.book().name = Some(other.clone());
    let refused = terminal.pay(|| reader.connect(), sale(), &mut person).await;
    assert!(matches!(refused, Err(TerminalError::NoTicket(TicketFault::OtherRelay(name))) if name == other));
    world.relay.book().name = None;
    world.relay.book().life_s = Some(5);
    let refused = terminal.pay(|| reader.connect(), sale(), &mut person).await;
    assert!(matches!(refused, Err(TerminalError::NoTicket(TicketFault::NoAnswer(_)))));
    assert!(person.asked.is_empty());
}

#[tokio::test]
async fn a_recorded_request_can_be_replayed_and_altered_for_tests_of_the_relay() {
    let world = World::new().await;
    let (mut terminal, reader) = (world.terminal(), reader());
    let prepared = terminal.prepare_payment(|| reader.connect(), &sale(), &mut Person::default()).await;
    let Preparation::Ready(prepared) = prepared.unwrap() else { panic!("no request") };
    assert!(world.relay.seen("/v1/payments").is_empty());

    let folder = tempfile::tempdir().unwrap();
    let other = world.open("4980000000029", folder.path(), std::time::Duration::from_secs(60)).unwrap();
    let Reply::Refusal(problem) = other.submit(&prepared).await else { panic!("another terminal's ticket") };
    assert_eq!(problem.refusal_code(), Some(RefusalCode::ChallengeExpired));

    let mut request: PaymentRequest = serde_json::from_slice(prepared.expose_body()).unwrap();
    request.amount = enishi_party::Money::yen(1).unwrap();
    let altered = prepared.clone().with_other_body(serde_json::to_vec(&request).unwrap());
    let Reply::Refusal(problem) = terminal.submit(&altered).await else { panic!("another amount") };
    assert_eq!(problem.refusal_code(), Some(RefusalCode::ContextMismatch));

    assert!(matches!(terminal.submit(&prepared).await, Reply::Answer(_)));
    assert!(!format!("{prepared:?}").contains("unverified"));
}
