//! A new link: the card must have signed this intent and these terms, and is then the customer's.

use enishi_entrusted::{EvidenceRefused, Item};
use enishi_jpki::{Context, EnrolContext};
use enishi_party::IntentId;
use enishi_provider::{EnrolmentEvidence, Recheck, RecheckRefused};
use enishi_wire::Octets;

use crate::world::{By, CUSTOMER, OTHER_CUSTOMER, World, enrol_context, now, pay_context};

#[tokio::test]
async fn an_enrolment_is_recorded_once_and_may_be_told_again() {
    let world = World::new().await;
    let enrolment = world.enrolment(&world.card, CUSTOMER, 7);
    for _ in 0..2 {
        world.provider.enrolled(&enrolment, now()).await.unwrap();
    }
    assert_eq!(world.provider.rows().forget(enrolment.instrument).await.unwrap(), 1);
}

#[tokio::test]
async fn a_card_that_another_customer_enrolled_is_refused() {
    let world = World::new().await;
    world.enrol().await;
    let enrolment = world.enrolment(&world.card, OTHER_CUSTOMER, 8);
    let refused = world.provider.record(&enrolment, now()).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherCustomer)), "{refused:?}");
    assert_eq!(world.provider.enrolled(&enrolment, now()).await, Err(RecheckRefused::Disproved));
}

#[tokio::test]
async fn a_tap_for_another_intent_or_other_terms_is_refused_by_name() {
    let world = World::new().await;
    type Lie = fn(&mut EnrolContext);
    let rows: [(Item, Lie); 3] = [
        (Item::Intent, |it| it.intent = IntentId::from_random([4; 16])),
        (Item::Consent, |it| it.consent_sha256 = "a5".repeat(32)),
        (Item::Relay, |it| it.relay = "urn:enishi:sandbox:relay:relay-2".parse().unwrap()),
    ];
    for (item, lie) in rows {
        let mut signed = enrol_context();
        lie(&mut signed);
        let enrolment = with_tap(&world, &Context::Enrol(signed));
        let refused = world.provider.record(&enrolment, now()).await;
        assert!(matches!(refused, Err(EvidenceRefused::Differs(it)) if it == item), "{item:?}: {refused:?}");
    }
    let payment = with_tap(&world, &Context::Pay(pay_context()));
    let refused = world.provider.record(&payment, now()).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherOccasion)), "{refused:?}");
}

#[tokio::test]
async fn one_tap_enrols_one_link() {
    let world = World::new().await;
    let enrolment = world.enrolment(&world.card, CUSTOMER, 7);
    world.provider.record(&enrolment, now()).await.unwrap();
    let again = EnrolmentEvidence { link: enishi_party::LinkId::from_random([8; 16]), ..enrolment };
    let refused = world.provider.record(&again, now()).await;
    assert!(matches!(refused, Err(EvidenceRefused::Reused)), "{refused:?}");
}

#[tokio::test]
async fn garbage_in_the_place_of_evidence_is_refused() {
    let world = World::new().await;
    let enrolment = world.enrolment(&world.card, CUSTOMER, 7);
    for sealed in [vec![], vec![0; 40], vec![0xff; 16 * 1024 + 1]] {
        let garbage = EnrolmentEvidence { sealed: Octets(sealed), ..enrolment.clone() };
        let refused = world.provider.record(&garbage, now()).await;
        assert!(matches!(refused, Err(EvidenceRefused::Sealed(_))), "{refused:?}");
    }
}

fn with_tap(world: &World, context: &Context) -> EnrolmentEvidence {
    let evidence = world.tap(&world.card, context, By::Responder);
    let sealed = Octets(world.seal(&evidence));
    EnrolmentEvidence { sealed, ..world.enrolment(&world.card, CUSTOMER, 7) }
}
