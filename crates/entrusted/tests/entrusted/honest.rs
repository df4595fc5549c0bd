//! An honest relay is believed, as often as the rule says, and nothing of the card is kept.

use std::num::NonZeroU32;
use std::sync::atomic::Ordering;

use enishi_entrusted::{EvidenceRefused, RecheckRule};
use enishi_jpki::{Context, PayUnboundContext};
use enishi_party::{AssertionId, Money};
use enishi_provider::{Recheck, RecheckRefused};
use enishi_wire::AmountBinding;

use crate::world::{By, World, assertion, now, pay_context, seconds};

#[tokio::test]
async fn honest_evidence_is_accepted_by_list_and_by_responder() {
    let world = World::new().await;
    world.enrol().await;
    for (number, by) in [(1, By::List), (2, By::Responder)] {
        let signed = pay_context();
        let mut assertion = assertion(&signed);
        assertion.id = AssertionId::from_random([number; 16]);
        let evidence = world.tap(&world.card, &Context::Pay(signed), by);
        world.examine(&assertion, &evidence).await.unwrap();
        // Asked again about the same assertion, it says the same.
        world.provider.recheck(&assertion, b"", now()).await.unwrap();
    }
}

#[tokio::test]
async fn the_decks_order_leaves_amount_and_payment_type_open() {
    let world = World::new().await;
    world.enrol().await;
    let bound = pay_context();
    let signed = Context::PayUnbound(PayUnboundContext {
        relay: bound.relay.clone(),
        terminal: bound.terminal.clone(),
        merchant: bound.merchant.clone(),
        slip: bound.slip.clone(),
        surrogate_pan: bound.surrogate_pan,
    });
    let mut assertion = assertion(&bound);
    assertion.amount_binding = AmountBinding::Unbound;
    assertion.amount = Money::yen(300).unwrap();
    let evidence = world.tap(&world.card, &signed, By::List);
    world.examine(&assertion, &evidence).await.unwrap();
}

#[tokio::test]
async fn a_relay_that_renewed_its_list_a_moment_earlier_is_not_a_liar() {
    let world = World::new().await;
    world.enrol().await;
    world.provider.refresh().await;
    world.authority.publish(seconds(-30)).unwrap();
    let signed = pay_context();
    let evidence = world.tap(&world.card, &Context::Pay(signed.clone()), By::List);
    world.examine(&assertion(&signed), &evidence).await.unwrap();
}

#[tokio::test]
async fn lists_at_hand_serve_while_the_authority_is_down() {
    let world = World::new().await;
    world.enrol().await;
    world.provider.refresh().await;
    world.lists_down.store(true, Ordering::SeqCst);
    world.provider.refresh().await;
    let signed = pay_context();
    let evidence = world.tap(&world.card, &Context::Pay(signed.clone()), By::List);
    world.examine(&assertion(&signed), &evidence).await.unwrap();
}

#[tokio::test]
async fn without_an_own_list_nothing_is_believed() {
    let world = World::new().await;
    world.lists_down.store(true, Ordering::SeqCst);
    let enrolment = world.enrolment(&world.card, "tanuki", 7);
    let refused = world.provider.record(&enrolment, now()).await;
    assert!(matches!(refused, Err(EvidenceRefused::NoOwnList(_))), "{refused:?}");
    assert_eq!(world.provider.enrolled(&enrolment, now()).await, Err(RecheckRefused::Unavailable));
    world.lists_down.store(false, Ordering::SeqCst);
    world.provider.enrolled(&enrolment, now()).await.unwrap();
}

#[tokio::test]
async fn the_rule_says_how_often_the_relay_is_asked() {
    let four = NonZeroU32::new(4).unwrap();
    for (rule, asked) in
        [(RecheckRule::Always, 12), (RecheckRule::Sample { one_in: four }, 3), (RecheckRule::Never, 0)]
    {
        let world = World::with(rule).await;
        let outcomes = {
            let mut refused = 0;
            for _ in 0..12 {
                // The relay has no evidence: who looks, refuses.
                match world.provider.recheck(&assertion(&pay_context()), b"", now()).await {
                    Ok(()) => {}
                    Err(why) => {
                        assert_eq!(why, RecheckRefused::Disproved);
                        refused += 1;
                    }
                }
            }
            refused
        };
        assert_eq!((outcomes, world.relay.asked()), (asked, asked), "{rule:?}");
    }
}

#[tokio::test]
async fn neither_serial_nor_certificate_nor_signature_is_kept() {
    let world = World::new().await;
    world.enrol().await;
    let signed = pay_context();
    let evidence = world.tap(&world.card, &Context::Pay(signed.clone()), By::List);
    world.examine(&assertion(&signed), &evidence).await.unwrap();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            files.extend(std::fs::read(entry.path()).unwrap());
        }
    }
    assert!(contains(&files, b"tanuki-0001"), "the rows are in these files");
    let certificate = world.card.certificate();
    let serial = certificate.serial().expose_der_content();
    for kept in [
        serial.to_vec(),
        hex::encode(serial).into_bytes(),
        hex::encode_upper(serial).into_bytes(),
        certificate.serial().expose_decimal().into_bytes(),
        certificate.fingerprint().to_vec(),
        certificate.public_key_octets()[20..60].to_vec(),
        certificate.signature_bytes()[..32].to_vec(),
    ] {
        assert!(!contains(&files, &kept));
    }
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}
