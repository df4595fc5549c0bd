//! A relay that lies, each lie by its name.

use axum::http::StatusCode;
use ciborium::Value;
use enishi_authority::RevocationReason;
use enishi_entrusted::{EvidenceRefused, Item};
use enishi_jpki::{Context, LoginContext};
use enishi_party::{
    AssertionId, InstrumentRef, Money, PairwiseId, PartyUri, PaymentType, SurrogatePan, VerifierModel,
};
use enishi_provider::{Recheck, RecheckRefused};
use enishi_verify::{Evidence, OcspError, OpeningKey, RecheckError, SealError};
use enishi_wire::{AmountBinding, Assertion, Subject};

use crate::relay::relay_party;
use crate::world::{By, KIND, OTHER_CUSTOMER, World, assertion, contract, now, pay_context, seconds};

const CERTIFICATE: usize = 4;
const CHECKED_AT: usize = 8;
const STATUS: usize = 9;

/// The evidence as a lying relay writes it.
fn forged(evidence: &Evidence, lie: impl FnOnce(&mut Vec<Value>)) -> Evidence {
    let mut fields: Value = ciborium::from_reader(evidence.to_cbor().as_slice()).unwrap();
    lie(fields.as_array_mut().unwrap());
    let mut bytes = Vec::new();
    ciborium::into_writer(&fields, &mut bytes).unwrap();
    Evidence::from_cbor(&bytes).unwrap()
}

fn honest_tap(world: &World) -> Evidence {
    world.tap(&world.card, &Context::Pay(pay_context()), By::List)
}

#[tokio::test]
async fn an_assertion_that_says_other_than_the_card_signed_is_refused_by_name() {
    let world = World::new().await;
    world.enrol().await;
    type Lie = fn(&mut Assertion);
    let other_relay = || -> PartyUri { "urn:enishi:sandbox:relay:relay-2".parse().unwrap() };
    assert_ne!(other_relay(), relay_party());
    let rows: [(Item, Lie); 8] = [
        (Item::Amount, |it| it.amount = Money::yen(198_000).unwrap()),
        (Item::Terminal, |it| it.terminal = "4980000000029".parse().unwrap()),
        (Item::Merchant, |it| it.merchant = "M0002".parse().unwrap()),
        (Item::Slip, |it| it.slip = "0043".parse().unwrap()),
        (Item::PaymentType, |it| it.payment_type = PaymentType::Revolving),
        (Item::SurrogatePan, |it| it.surrogate_pan = SurrogatePan::from_random(78)),
        (Item::AmountBinding, |it| it.amount_binding = AmountBinding::Unbound),
        (Item::Relay, |it| it.issuer = "urn:enishi:sandbox:relay:relay-2".parse().unwrap()),
    ];
    let evidence = honest_tap(&world);
    for (item, lie) in rows {
        let mut assertion = assertion(&pay_context());
        lie(&mut assertion);
        let refused = world.examine(&assertion, &evidence).await;
        assert!(matches!(refused, Err(EvidenceRefused::Differs(it)) if it == item), "{item:?}: {refused:?}");
        let told = world.provider.recheck(&assertion, b"", now()).await;
        assert_eq!(told, Err(RecheckRefused::Disproved), "{item:?}");
    }
    world.examine(&assertion(&pay_context()), &evidence).await.unwrap();
}

#[tokio::test]
async fn another_customer_instrument_or_card_is_refused_by_name() {
    let world = World::new().await;
    world.enrol().await;
    let evidence = honest_tap(&world);
    let mut another_customer = assertion(&pay_context());
    another_customer.subject = Subject::Customer(OTHER_CUSTOMER.parse().unwrap());
    let refused = world.examine(&another_customer, &evidence).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherCustomer)), "{refused:?}");

    let mut another_instrument = assertion(&pay_context());
    another_instrument.instrument = InstrumentRef::from_random([8; 16]);
    let refused = world.examine(&another_instrument, &evidence).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherInstrument)), "{refused:?}");

    let others = world.tap(&world.other, &Context::Pay(pay_context()), By::List);
    let refused = world.examine(&assertion(&pay_context()), &others).await;
    assert!(matches!(refused, Err(EvidenceRefused::UnknownCard)), "{refused:?}");
    let enrolment = world.enrolment(&world.other, OTHER_CUSTOMER, 9);
    world.provider.record(&enrolment, now()).await.unwrap();
    let refused = world.examine(&assertion(&pay_context()), &others).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherCustomer)), "{refused:?}");
}

#[tokio::test]
async fn evidence_of_another_assertion_is_refused_by_name() {
    let world = World::new().await;
    world.enrol().await;
    let evidence = honest_tap(&world);
    let first = assertion(&pay_context());
    // Said openly.
    world.relay.gives(AssertionId::from_random([2; 16]), world.seal(&evidence));
    let refused = world.provider.examine(&first, now()).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherAssertion)), "{refused:?}");
    // One tap, two assertions that are equal but for their name: two debits.
    world.examine(&first, &evidence).await.unwrap();
    let mut second = first.clone();
    second.id = AssertionId::from_random([2; 16]);
    let refused = world.examine(&second, &evidence).await;
    assert!(matches!(refused, Err(EvidenceRefused::Reused)), "{refused:?}");
    // The same tap under a later date of its check.
    let redated = forged(&evidence, |fields| fields[CHECKED_AT] = Value::from(now().as_millisecond()));
    assert!(matches!(world.examine(&second, &redated).await, Err(EvidenceRefused::Reused)));
    // A tap too long before the assertion.
    let old = world.tap_at(&world.card, &Context::Pay(pay_context()), By::List, seconds(-1_000));
    assert!(matches!(world.examine(&second, &old).await, Err(EvidenceRefused::OtherTime)));
}

#[tokio::test]
async fn a_tap_for_another_occasion_is_refused_by_name() {
    let world = World::new().await;
    world.enrol().await;
    let login = Context::Login(LoginContext {
        relay: relay_party(),
        client: "clinic".to_owned(),
        request_sha256: "5a".repeat(32),
    });
    let evidence = world.tap(&world.card, &login, By::List);
    let refused = world.examine(&assertion(&pay_context()), &evidence).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherOccasion)), "{refused:?}");
}

#[tokio::test]
async fn a_card_that_the_own_list_calls_revoked_is_refused_by_name() {
    for by in [By::List, By::Responder] {
        let world = World::new().await;
        world.enrol().await;
        let evidence = world.tap(&world.card, &Context::Pay(pay_context()), by);
        // Revoked before the relay says that it looked; the relay's list was older.
        let (serial, reason) = (world.card.certificate(), RevocationReason::CessationOfOperation);
        world.authority.revoke(KIND, serial.serial(), reason, seconds(-60)).unwrap();
        world.authority.publish(seconds(-1)).unwrap();
        world.provider.refresh().await;
        let refused = world.examine(&assertion(&pay_context()), &evidence).await;
        assert!(
            matches!(refused, Err(EvidenceRefused::Recheck(RecheckError::RevokedByOwnList { .. }))),
            "{refused:?}"
        );
    }
    // Revoked between the check and the look.
    let world = World::new().await;
    world.enrol().await;
    let evidence = honest_tap(&world);
    let (serial, reason) = (world.card.certificate(), RevocationReason::CertificateHold);
    world.authority.revoke(KIND, serial.serial(), reason, seconds(-2)).unwrap();
    world.authority.publish(seconds(-1)).unwrap();
    world.provider.refresh().await;
    let refused = world.examine(&assertion(&pay_context()), &evidence).await;
    assert!(matches!(refused, Err(EvidenceRefused::RevokedSince { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_list_that_nobody_else_has_is_refused_by_name() {
    let world = World::new().await;
    world.enrol().await;
    let invented = forged(&honest_tap(&world), |fields| {
        let number = fields[STATUS].as_array_mut().unwrap()[1].as_bytes_mut().unwrap();
        *number.last_mut().unwrap() = 0x7f;
    });
    let assertion = assertion(&pay_context());
    let refused = world.examine(&assertion, &invented).await;
    assert!(matches!(refused, Err(EvidenceRefused::ListUnknown)), "{refused:?}");
    assert_eq!(world.provider.recheck(&assertion, b"", now()).await, Err(RecheckRefused::Unavailable));
}

#[tokio::test]
async fn a_swapped_answer_of_the_responder_is_refused_by_name() {
    let world = World::new().await;
    world.enrol().await;
    let own = world.tap(&world.card, &Context::Pay(pay_context()), By::Responder);
    let others = world.tap(&world.other, &Context::Pay(pay_context()), By::Responder);
    let others: Value = ciborium::from_reader(others.to_cbor().as_slice()).unwrap();
    let swapped = forged(&own, |fields| fields[STATUS] = others.as_array().unwrap()[STATUS].clone());
    let refused = world.examine(&assertion(&pay_context()), &swapped).await;
    let other_card = RecheckError::Ocsp(OcspError::OtherCertificate);
    assert!(matches!(&refused, Err(EvidenceRefused::Recheck(it)) if *it == other_card), "{refused:?}");
    // Another card's certificate put into honest evidence: the card did not sign.
    let der = world.other.der.clone();
    let swapped = forged(&own, |fields| fields[CERTIFICATE] = Value::from(der));
    let refused = world.examine(&assertion(&pay_context()), &swapped).await;
    assert!(matches!(refused, Err(EvidenceRefused::Recheck(RecheckError::Prove(_)))), "{refused:?}");
}

#[tokio::test]
async fn evidence_sealed_for_another_contract_or_key_does_not_open() {
    let world = World::new().await;
    world.enrol().await;
    let (evidence, assertion) = (honest_tap(&world), assertion(&pay_context()));
    let (_, strange_key) = OpeningKey::from_random([0x77; 32]);
    let mut flipped = world.seal(&evidence);
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    for sealed in [
        world.sealing_key.seal(&evidence, &"bank-b-debit".parse().unwrap()).unwrap(),
        strange_key.seal(&evidence, &contract()).unwrap(),
        flipped,
    ] {
        world.relay.gives(assertion.id, sealed);
        let refused = world.provider.examine(&assertion, now()).await;
        assert!(matches!(refused, Err(EvidenceRefused::Sealed(SealError::Closed))), "{refused:?}");
    }
    for sealed in [vec![], vec![0; 31], evidence.to_cbor(), vec![0xff; 12_000]] {
        world.relay.gives(assertion.id, sealed);
        let refused = world.provider.examine(&assertion, now()).await;
        assert!(matches!(refused, Err(EvidenceRefused::Sealed(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn missing_evidence_and_garbage_are_refused_by_name() {
    let world = World::new().await;
    world.enrol().await;
    let assertion = assertion(&pay_context());
    let problem = br#"{"type":"about:blank","title":"x","status":404,"code":"not_linked"}"#.to_vec();
    for body in [problem, vec![], b"<html>".to_vec()] {
        world.relay.says(StatusCode::NOT_FOUND, body);
        let refused = world.provider.examine(&assertion, now()).await;
        assert!(matches!(refused, Err(EvidenceRefused::Missing)), "{refused:?}");
    }
    let huge = format!(r#"{{"assertion":"{}","sealed":"{}"}}"#, assertion.id, "A".repeat(30_000));
    for body in [vec![], b"garbage".to_vec(), b"{}".to_vec(), b"[]".to_vec(), huge.into_bytes()] {
        world.relay.says(StatusCode::OK, body);
        let refused = world.provider.examine(&assertion, now()).await;
        assert!(matches!(refused, Err(EvidenceRefused::Malformed)), "{refused:?}");
        assert_eq!(world.provider.recheck(&assertion, b"", now()).await, Err(RecheckRefused::Disproved));
    }
    world.relay.says(StatusCode::INTERNAL_SERVER_ERROR, vec![]);
    assert!(matches!(world.provider.examine(&assertion, now()).await, Err(EvidenceRefused::Unreachable(_))));
    assert_eq!(world.provider.recheck(&assertion, b"", now()).await, Err(RecheckRefused::Unavailable));
}

#[tokio::test]
async fn assertions_of_another_contract_or_model_are_not_looked_at() {
    let world = World::new().await;
    type Lie = fn(&mut Assertion);
    let rows: [Lie; 3] = [
        |it| it.audience = "bank-b-debit".parse().unwrap(),
        |it| it.model = VerifierModel::Proxy,
        |it| it.subject = Subject::Pairwise(PairwiseId::from_random([9; 16])),
    ];
    for lie in rows {
        let mut assertion = assertion(&pay_context());
        lie(&mut assertion);
        let refused = world.provider.examine(&assertion, now()).await;
        assert!(matches!(refused, Err(EvidenceRefused::NotOurs)), "{refused:?}");
    }
    assert_eq!(world.relay.asked(), 0);
}
