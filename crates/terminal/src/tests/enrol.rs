use aws_lc_rs::digest;
use enishi_party::{ConsentId, IntentId, Text, VerifierModel};
use enishi_wire::{ConsentReceipt, ConsentTerms, IntentView, Octets};

use super::fake_relay::Delivery;
use super::person::Person;
use super::plastic::reader;
use super::world::{World, relay_party, sale};
use crate::{CardRefused, Consent, EnrolOutcome, Outcome, TerminalError};

fn intent() -> IntentId {
    IntentId::from_random([3; 16])
}

pub(super) fn view() -> IntentView {
    let terms = ConsentTerms {
        intent: intent(),
        contract: "card-a-credit".parse().unwrap(),
        provider: Text::new("カードA社", "Card A"),
        model: VerifierModel::Proxy,
        label: "Card A ••1234".to_owned(),
        offer_jointly: true,
        statement: Text::new("だれが、何を、いつまで", "Who sees what, and for how long"),
    };
    let canonical = serde_json_canonicalizer::to_vec(&terms).unwrap();
    let consent_sha256 = hex::encode(digest::digest(&digest::SHA256, &canonical));
    IntentView { relay: relay_party(), terms, consent_sha256 }
}

pub(super) fn receipt(terms: ConsentTerms) -> ConsentReceipt {
    ConsentReceipt {
        consent: ConsentId::from_random([4; 16]),
        terms,
        given_at: "2026-04-01T03:00:00Z".to_owned(),
        signature: Octets(vec![0; 64]),
    }
}

async fn enrol(world: &World, person: &mut Person) -> Result<EnrolOutcome, TerminalError> {
    let reader = reader();
    let report = world.terminal().enrol(|| reader.connect(), intent(), person).await;
    report.map(|report| report.outcome)
}

#[tokio::test]
async fn the_terms_are_read_before_the_pin_and_both_keys_sign_once() {
    let world = World::new().await;
    world.relay.book().intent = Some(view());
    let mut person = Person::default();
    let outcome = enrol(&world, &mut person).await.unwrap();
    let EnrolOutcome::Enrolled(answer) = outcome else { panic!("{outcome:?}") };
    assert_eq!(answer.receipt.terms, view().terms);
    assert_eq!(person.asked[0], "consent to Card A ••1234");
    assert!(person.asked[1].contains("Enrol { provider"), "{}", person.asked[1]);
    assert_eq!(person.asked[2], "password, 5 tries left");
    assert!(world.sales().is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_bytes() {
    let world = World::new().await;
    world.relay.book().intent = Some(view());
    world.relay.deliver(&[Delivery::Garbled]);
    let outcome = enrol(&world, &mut Person::default()).await.unwrap();
    assert!(matches!(outcome, EnrolOutcome::Enrolled(_)), "{outcome:?}");
    let seen = world.relay.seen("/v1/enrolments");
    assert_eq!((&seen[0].key, &seen[0].body), (&seen[1].key, &seen[1].body));
    world.relay.deliver(&[Delivery::Garbled; 5]);
    let outcome = enrol(&world, &mut Person::default()).await.unwrap();
    assert!(matches!(outcome, EnrolOutcome::NotCompleted));
}

#[tokio::test]
async fn terms_with_another_digest_intent_or_relay_are_refused_before_anyone_is_asked() {
    let world = World::new().await;
    let other_label = {
        let mut view = view();
        view.terms.label = "Card B ••9999".to_owned();
        view
    };
    let other_digest = IntentView { consent_sha256: "0".repeat(64), ..view() };
    let other_relay = IntentView { relay: "urn:enishi:sandbox:relay:other".parse().unwrap(), ..view() };
    let other_intent = {
        let mut view = view();
        view.terms.intent = IntentId::from_random([5; 16]);
        let canonical = serde_json_canonicalizer::to_vec(&view.terms).unwrap();
        view.consent_sha256 = hex::encode(digest::digest(&digest::SHA256, &canonical));
        view
    };
    for altered in [other_label, other_digest, other_relay, other_intent] {
        world.relay.book().intent = Some(altered);
        let mut person = Person::default();
        let refused = enrol(&world, &mut person).await;
        assert!(matches!(refused, Err(TerminalError::TermsAltered)), "{refused:?}");
        assert!(person.asked.is_empty());
    }
    assert!(world.relay.seen("/v1/enrolments").is_empty());
}

#[tokio::test]
async fn a_no_or_a_wrong_secret_sends_nothing() {
    let world = World::new().await;
    world.relay.book().intent = Some(view());
    let mut no = Person { consent: Consent::No, ..Person::default() };
    assert!(matches!(enrol(&world, &mut no).await.unwrap(), EnrolOutcome::Withdrawn));
    assert_eq!(no.asked.len(), 1);
    let mut silent = Person { password: None, ..Person::default() };
    assert!(matches!(enrol(&world, &mut silent).await.unwrap(), EnrolOutcome::Withdrawn));
    for mut wrong in [
        Person { pin: Some("0000"), ..Person::default() },
        Person { password: Some("WRONG99"), ..Person::default() },
    ] {
        let outcome = enrol(&world, &mut wrong).await.unwrap();
        let EnrolOutcome::CardRefused(CardRefused::PinWrong { .. }) = outcome else { panic!("{outcome:?}") };
    }
    assert!(world.relay.seen("/v1/enrolments").is_empty());
}

#[tokio::test]
async fn an_unknown_intent_is_refused_and_payments_go_on() {
    let world = World::new().await;
    let outcome = enrol(&world, &mut Person::default()).await.unwrap();
    assert!(matches!(outcome, EnrolOutcome::Refused { .. }));
    let (mut terminal, reader) = (world.terminal(), reader());
    let report = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.unwrap();
    assert!(matches!(report.outcome, Outcome::Approved { .. }));
}
