//! A card that is pulled at each command: before the card hears it, and after the card has obeyed.

use std::sync::{Arc, Mutex};

use enishi_card::{CardError, SoftwareConnection, SoftwareReader};
use enishi_party::IntentId;
use myna_card::Transmit;

use super::enrol::view;
use super::person::Person;
use super::plastic::reader;
use super::world::{World, sale};
use crate::{Cancellation, CardRefused, EnrolOutcome, Outcome, Preparation};

/// A PIN presented.
const VERIFY: u8 = 0x20;
/// VERIFY without a PIN, which asks for the tries left and costs none; noted under a number that no command has.
const TRIES: u8 = 0xFF;
/// PERFORM SECURITY OPERATION.
const SIGN: u8 = 0x2A;
/// More commands than any visit has.
const COMMANDS_MAX: usize = 200;

/// On which side of a command the contact breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    BeforeTheCardHears,
    AfterTheCardObeyed,
}

/// Every command of a visit, across taps.
#[derive(Default)]
struct Wire {
    instructions: Vec<u8>,
    pull_at: Vec<usize>,
    side: Option<Side>,
    taps: usize,
}

struct Pulled {
    inner: Option<SoftwareConnection>,
    wire: Arc<Mutex<Wire>>,
}

impl Transmit for Pulled {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        let mut wire = self.wire.lock().unwrap();
        let number = wire.instructions.len();
        let pulled = wire.pull_at.contains(&number);
        let Some(inner) = &mut self.inner else { return Err(myna_card::Error::ShortResponse(0)) };
        if !pulled {
            wire.instructions.push(noted(command));
            return inner.transmit(command);
        }
        if wire.side == Some(Side::AfterTheCardObeyed) {
            inner.transmit(command)?;
            wire.instructions.push(noted(command));
        } else {
            wire.instructions.push(0);
        }
        // The card loses its power.
        self.inner = None;
        Err(myna_card::Error::ShortResponse(0))
    }
}

fn noted(command: &[u8]) -> u8 {
    match command {
        [_, VERIFY, _, _] => TRIES,
        _ => command[1],
    }
}

struct Puller {
    reader: SoftwareReader,
    wire: Arc<Mutex<Wire>>,
}

impl Puller {
    fn new(reader: SoftwareReader, pull_at: &[usize], side: Side) -> Self {
        let wire = Wire { pull_at: pull_at.to_vec(), side: Some(side), ..Wire::default() };
        Self { reader, wire: Arc::new(Mutex::new(wire)) }
    }

    fn connect(&self) -> Result<Pulled, CardError> {
        self.wire.lock().unwrap().taps += 1;
        Ok(Pulled { inner: Some(self.reader.connect()?), wire: Arc::clone(&self.wire) })
    }

    fn verifies(&self) -> usize {
        self.wire.lock().unwrap().instructions.iter().filter(|ins| **ins == VERIFY).count()
    }

    fn commands(&self) -> usize {
        self.wire.lock().unwrap().instructions.len()
    }

    fn taps(&self) -> usize {
        self.wire.lock().unwrap().taps
    }
}

fn times(person: &Person, words: &str) -> usize {
    person.asked.iter().filter(|asked| asked.contains(words)).count()
}

#[tokio::test]
async fn a_card_pulled_at_any_command_is_tapped_again_and_the_same_sale_goes_through() {
    let world = World::new().await;
    let mut slips = 0;
    let mut kept = 0;
    let mut asked_again = 0;
    for side in [Side::BeforeTheCardHears, Side::AfterTheCardObeyed] {
        for number in 0.. {
            assert!(number < COMMANDS_MAX);
            let (mut terminal, mut person) = (world.terminal(), Person::default());
            terminal.refill().await.unwrap();
            let tickets = world.relay.seen("/v1/tickets").len();
            let puller = Puller::new(reader(), &[number], side);
            let report = terminal.pay(|| puller.connect(), sale(), &mut person).await.unwrap();
            assert!(matches!(report.outcome, Outcome::Approved { .. }), "{side:?} {number}: {report:?}");
            slips += 1;
            assert_eq!(report.slip.unwrap().as_str(), format!("{slips:06}"), "one slip a sale");
            assert_eq!(world.relay.seen("/v1/tickets").len(), tickets, "the ticket was kept");
            let entered = times(&person, "Pay {");
            assert!(
                puller.verifies() <= entered,
                "{side:?} {number}: no VERIFY but for a PIN that was entered"
            );
            kept += times(&person, "secret: Kept");
            asked_again += times(&person, "secret: AskedAgain");
            // A PIN that was kept is not asked again, one that may have been seen is.
            assert_eq!(
                entered,
                1 + times(&person, "secret: AskedAgain"),
                "{side:?} {number}: {:?}",
                person.asked
            );
            if number >= puller.commands() {
                assert_eq!(puller.taps(), 1);
                break;
            }
        }
    }
    assert!(kept > 0 && asked_again > 0, "{kept} {asked_again}");
    let approved = world.sales().iter().filter(|line| line["outcome"] == "approved").count();
    assert_eq!((approved, world.sales().len()), (slips, slips));
}

#[tokio::test]
async fn a_wrong_pin_and_a_pulled_card_cost_one_try_each_time_it_is_entered() {
    let world = World::new().await;
    let mut terminal = world.terminal();
    let reader = reader();
    let dry = Puller::new(reader.clone(), &[], Side::AfterTheCardObeyed);
    let mut right = Person::default();
    terminal.pay(|| dry.connect(), sale(), &mut right).await.unwrap();
    let verify = dry.wire.lock().unwrap().instructions.iter().position(|ins| *ins == VERIFY).unwrap();

    let puller = Puller::new(reader, &[verify], Side::AfterTheCardObeyed);
    let mut wrong = Person { pin: Some("0000"), ..Person::default() };
    let report = terminal.pay(|| puller.connect(), sale(), &mut wrong).await.unwrap();
    let Outcome::CardRefused(CardRefused::PinWrong { left }) = report.outcome else { panic!("{report:?}") };
    assert_eq!(left, enishi_card::Tries::Left(1));
    assert_eq!(puller.verifies(), 2);
    // The second time the holder saw what the lost one had cost.
    let shown: Vec<_> = wrong.asked.iter().filter(|asked| asked.contains("Pay {")).collect();
    assert!(shown[0].contains("Left(3)") && shown[1].contains("Left(2)"), "{shown:?}");
    assert_eq!(world.sales().last().unwrap()["outcome"], "card_refused");
}

#[tokio::test]
async fn nobody_is_asked_to_tap_without_end_and_a_no_ends_the_visit() {
    let world = World::new().await;
    let mut terminal = world.terminal();
    let always: Vec<usize> = (0..COMMANDS_MAX).collect();
    let puller = Puller::new(reader(), &always, Side::BeforeTheCardHears);
    let mut person = Person::default();
    let report = terminal.pay(|| puller.connect(), sale(), &mut person).await.unwrap();
    assert_eq!(report.outcome, Outcome::CardRefused(CardRefused::CardMoved));
    assert_eq!((puller.taps(), report.slip), (4, None));
    assert_eq!(times(&person, "taps_left: 0"), 1);

    let puller = Puller::new(reader(), &[0], Side::BeforeTheCardHears);
    let mut person = Person { taps_again: 0, ..Person::default() };
    let prepared = terminal.prepare_payment(|| puller.connect(), &sale(), &mut person).await.unwrap();
    assert!(matches!(prepared, Preparation::CardRefused { why: CardRefused::CardMoved, slip: None, .. }));
    assert_eq!(puller.taps(), 1);
    // The ticket over which nobody signed serves the next customer.
    let report = terminal.pay(|| reader().connect(), sale(), &mut Person::default()).await.unwrap();
    assert!(matches!(report.outcome, Outcome::Approved { .. }));
    assert_eq!(world.relay.seen("/v1/tickets").len(), 1);
}

#[tokio::test]
async fn a_card_that_is_taken_away_for_good_ends_the_visit_with_the_slip_accounted_for() {
    let world = World::new().await;
    let mut terminal = world.terminal();
    let reader = reader();
    let dry = Puller::new(reader.clone(), &[], Side::BeforeTheCardHears);
    terminal.pay(|| dry.connect(), sale(), &mut Person::default()).await.unwrap();
    let sign = dry.wire.lock().unwrap().instructions.iter().position(|ins| *ins == SIGN).unwrap();

    let puller = Puller::new(reader.clone(), &[sign], Side::BeforeTheCardHears);
    let mut first = true;
    let connect = || {
        if !std::mem::take(&mut first) {
            reader.remove();
        }
        puller.connect()
    };
    let report = terminal.pay(connect, sale(), &mut Person::default()).await.unwrap();
    assert_eq!(report.outcome, Outcome::CardRefused(CardRefused::NoCard));
    assert_eq!(report.slip.unwrap().as_str(), "000002");
    assert_eq!(world.sales().last().unwrap()["outcome"], "card_refused");
    assert_eq!(terminal.pending(), 0);
}

#[tokio::test]
async fn a_kept_pin_is_not_shown_to_a_card_with_other_tries_or_one() {
    let world = World::new().await;
    let mut terminal = world.terminal();
    for wrong_before in [1, 2] {
        let (mine, other) = (reader(), reader());
        let mut wrong = Person { pin: Some("0000"), ..Person::default() };
        for _ in 0..wrong_before {
            terminal.pay(|| other.connect(), sale(), &mut wrong).await.unwrap();
        }
        // Lost after the PIN was entered, before the card could see it: where the proof asks for the tries.
        let dry = Puller::new(mine.clone(), &[], Side::BeforeTheCardHears);
        terminal.pay(|| dry.connect(), sale(), &mut Person::default()).await.unwrap();
        let before_pin = dry.wire.lock().unwrap().instructions.iter().rposition(|ins| *ins == TRIES);
        let puller = Puller::new(mine.clone(), &[before_pin.unwrap()], Side::BeforeTheCardHears);
        let swapped = Puller::new(other, &[], Side::BeforeTheCardHears);
        let mut first = true;
        let connect = || if std::mem::take(&mut first) { puller.connect() } else { swapped.connect() };
        let mut person = Person::default();
        let report = terminal.pay(connect, sale(), &mut person).await.unwrap();
        assert!(matches!(report.outcome, Outcome::Approved { .. }), "{report:?}");
        assert_eq!(times(&person, "secret: Kept"), 1);
        assert_eq!(times(&person, "Pay {"), 2, "another card: asked again: {:?}", person.asked);
    }
}

#[tokio::test]
async fn a_holder_who_gives_up_after_a_lost_pin_leaves_no_open_slip() {
    struct Once(Person);
    impl crate::Holder for Once {
        fn auth_pin(&mut self, shown: &crate::Shown<'_>) -> Option<enishi_jpki::AuthPin> {
            let pin = self.0.auth_pin(shown);
            self.0.pin = None;
            pin
        }
        fn card_lost(&mut self, lost: crate::CardLost) -> crate::TapAgain {
            self.0.card_lost(lost)
        }
        fn choose(&mut self, entries: &[enishi_wire::Choice]) -> Option<enishi_party::ChoiceHandle> {
            self.0.choose(entries)
        }
        fn issuer_pin(&mut self) -> Option<enishi_pinblock::IssuerPin> {
            self.0.issuer_pin()
        }
        fn consent(&mut self, terms: &enishi_wire::ConsentTerms) -> crate::Consent {
            self.0.consent(terms)
        }
        fn signing_password(
            &mut self,
            tries_left: enishi_card::Tries,
        ) -> Option<enishi_jpki::SigningPassword> {
            self.0.signing_password(tries_left)
        }
    }
    let world = World::new().await;
    let mut terminal = world.terminal();
    let dry = Puller::new(reader(), &[], Side::BeforeTheCardHears);
    terminal.pay(|| dry.connect(), sale(), &mut Person::default()).await.unwrap();
    let sign = dry.wire.lock().unwrap().instructions.iter().position(|ins| *ins == SIGN).unwrap();
    let puller = Puller::new(reader(), &[sign], Side::BeforeTheCardHears);
    let report = terminal.pay(|| puller.connect(), sale(), &mut Once(Person::default())).await.unwrap();
    assert_eq!(report.outcome, Outcome::Withdrawn { cancellation: Cancellation::NothingSent });
    assert_eq!(report.slip.unwrap().as_str(), "000002");
    assert_eq!(world.sales().len(), 2, "each slip has an outcome");
}

#[tokio::test]
async fn a_registration_goes_on_where_the_card_was_pulled() {
    let world = World::new().await;
    world.relay.book().intent = Some(view());
    let intent = IntentId::from_random([3; 16]);
    let mut password_kept = 0;
    for side in [Side::BeforeTheCardHears, Side::AfterTheCardObeyed] {
        for number in 0.. {
            assert!(number < COMMANDS_MAX);
            let (mut terminal, mut person) = (world.terminal(), Person::default());
            let puller = Puller::new(reader(), &[number], side);
            let report = terminal.enrol(|| puller.connect(), intent, &mut person).await.unwrap();
            assert!(matches!(report.outcome, EnrolOutcome::Enrolled(_)), "{side:?} {number}: {report:?}");
            let pins = times(&person, "Enrol {");
            let passwords = times(&person, "password, ");
            assert!(puller.verifies() <= pins + passwords, "{side:?} {number}");
            assert!(pins <= 2 && passwords <= 2 && pins + passwords <= 3, "{:?}", person.asked);
            assert_eq!(pins + passwords, 2 + times(&person, "secret: AskedAgain"), "{:?}", person.asked);
            let lost = person.asked.iter().position(|asked| asked.contains("CardLost"));
            let password = person.asked.iter().position(|asked| asked.contains("password, "));
            if lost > password && times(&person, "secret: Kept") == 1 {
                password_kept += 1;
            }
            assert_eq!(times(&person, "consent to"), 1, "the terms are read once");
            if number >= puller.commands() {
                break;
            }
        }
    }
    assert!(password_kept > 0);
}

#[tokio::test]
async fn another_card_cannot_go_on_with_a_registration() {
    let world = World::new().await;
    world.relay.book().intent = Some(view());
    let intent = IntentId::from_random([3; 16]);
    let (mine, other) = (reader(), super::plastic::reader_of_somebody_else());
    let mut terminal = world.terminal();
    let dry = Puller::new(mine.clone(), &[], Side::BeforeTheCardHears);
    terminal.enrol(|| dry.connect(), intent, &mut Person::default()).await.unwrap();
    let signatures: Vec<usize> = {
        let wire = dry.wire.lock().unwrap();
        (0..wire.instructions.len()).filter(|n| wire.instructions[*n] == SIGN).collect()
    };
    let puller = Puller::new(mine, &[signatures[1]], Side::BeforeTheCardHears);
    let mut first = true;
    let mut person = Person::default();
    let connect = || {
        if std::mem::take(&mut first) {
            puller.connect()
        } else {
            Puller::new(other.clone(), &[], Side::BeforeTheCardHears).connect()
        }
    };
    let report = terminal.enrol(connect, intent, &mut person).await.unwrap();
    assert!(
        matches!(report.outcome, EnrolOutcome::CardRefused(CardRefused::CardSwapped)),
        "{:?}",
        report.outcome
    );
    assert_eq!(times(&person, "password, "), 1, "the other card was shown no password");
    assert_eq!(world.relay.seen("/v1/enrolments").len(), 1, "the dry run's alone");
}
