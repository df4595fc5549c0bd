//! Each refusal of the host once, and what is said when a message comes again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use enishi_iso8583::{De, Mti, ProcessingCode};
use enishi_party::{InstrumentRef, PairwiseId, PaymentType, SurrogatePan, Timestamp, VerifierModel};
use enishi_provider::{
    CardState, CustomerState, EnrolmentEvidence, Policy, Recheck, RecheckRefused, UnboundRule,
};
use enishi_wire::{AmountBinding, Assertion, Subject};

use crate::pen::Buy;
use crate::world::{HANAKO, PIN, Setting, TARO, World, customer, party, slot, yen};

#[tokio::test]
async fn a_sound_purchase_is_approved_and_posted() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let message = world.pen.write(&buy);
    let answer = world.send(&message).await.unwrap();
    assert_eq!(answer.mti(), Mti::AUTHORISATION_RESPONSE);
    assert_eq!(answer.response_code().unwrap().as_str(), "00");
    assert_eq!(answer.approval_number().unwrap().as_str(), "000001");
    for de in [De::PROCESSING_CODE, De::AMOUNT, De::TRANSMITTED_AT, De::STAN, De::ACQUIRER, De::RRN] {
        assert_eq!(answer.expose_bytes(de), message.expose_bytes(de), "{de}");
    }
    for de in [De::ASSERTION, De::ADDITIONAL_DATA, De::PAN, De::PIN_BLOCK_FORMAT_4] {
        assert!(!answer.has(de), "{de} is not sent back");
    }
    assert_eq!(world.statement(HANAKO).await, [1_980]);
    world.assert_sound(1).await;
}

#[tokio::test]
async fn approval_numbers_are_the_days_own_in_japan() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let mut numbers = Vec::new();
    // 12:00, 23:59 and 00:00 in Japan.
    for hours in [0, 0, 11, 1] {
        world.clock.advance(Duration::from_secs(hours * 3600 + 59 * 60 * u64::from(hours == 11)));
        let answer = world.send(&world.pen.write(&buy.clone().again(&world.pen))).await.unwrap();
        numbers.push(answer.approval_number().unwrap().as_str().to_owned());
    }
    assert_eq!(numbers, ["000001", "000002", "000003", "000001"]);
}

#[tokio::test]
async fn each_element_that_differs_from_the_assertion_is_refused() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await.with_pin(PIN);
    for (de, value) in [
        (De::AMOUNT, "000000001981"),
        (De::TERMINAL, "4980000000013"),
        (De::MERCHANT, "KAMEIDO-8"),
        (De::ADDITIONAL_DATA, "0400410000600500013"),
        (De::ADDITIONAL_DATA, "0400480000600500012"),
        (De::PAN, SurrogatePan::from_random(78).as_str()),
    ] {
        let mut message = world.pen.write(&buy.clone().again(&world.pen));
        message.set(de, value);
        assert_eq!(world.code(&message).await, "63", "{de} {value}");
    }
    assert_eq!(world.purchase(&buy.again(&world.pen)).await, "00");
    world.assert_sound(1).await;
}

#[tokio::test]
async fn each_thing_an_assertion_must_say_is_looked_at() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    type Spoil = fn(&mut Assertion);
    let table: &[(&str, Spoil)] = &[
        ("another relay", |it| it.issuer = party(enishi_party::PartyRole::Relay, "other")),
        ("another contract", |it| it.audience = "card-a-debit".parse().unwrap()),
        ("another model", |it| it.model = VerifierModel::Entrusted),
        ("a customer under 代行", |it| it.subject = Subject::Customer(customer(HANAKO))),
        ("too old", |it| it.issued_at -= 61),
        ("of the future", |it| it.issued_at += 11),
    ];
    for (what, spoil) in table {
        let mut spoilt = buy.clone().again(&world.pen);
        spoil(&mut spoilt.assertion);
        assert_eq!(world.purchase(&spoilt).await, "63", "{what}");
    }
    world.assert_sound(0).await;
}

#[tokio::test]
async fn a_message_without_an_element_is_a_format_error() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    for de in [
        De::PROCESSING_CODE,
        De::AMOUNT,
        De::TRANSMITTED_AT,
        De::STAN,
        De::ACQUIRER,
        De::RRN,
        De::TERMINAL,
        De::MERCHANT,
        De::ADDITIONAL_DATA,
        De::CURRENCY,
        De::ASSERTION,
    ] {
        let mut message = world.pen.write(&buy.clone().again(&world.pen));
        message.remove(de);
        assert_eq!(world.code(&message).await, "30", "{de}");
        assert_eq!(world.code(&message).await, "30", "{de}, again");
    }
    world.assert_sound(0).await;
}

#[tokio::test]
async fn what_this_company_does_not_do_is_no_valid_transaction() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let mut withdrawal = world.pen.write(&buy);
    withdrawal.set_processing_code(ProcessingCode::WITHDRAWAL);
    assert_eq!(world.code(&withdrawal).await, "12");
    for mti in
        [Mti::FINANCIAL_REQUEST, Mti::AUTHORISATION_ADVICE, Mti::FINANCIAL_ADVICE, Mti::REVERSAL_REQUEST]
    {
        let purchase = world.pen.write(&buy.clone().again(&world.pen));
        let mut message = enishi_iso8583::Message::new(mti);
        for de in purchase.numbers() {
            message.set(de, purchase.expose_bytes(de).unwrap());
        }
        assert_eq!(world.code(&message).await, "12", "{mti}");
    }
    world.assert_sound(0).await;
}

#[tokio::test]
async fn nobody_but_the_relay_is_answered() {
    let world = World::new().await;
    let message = world.pen.write(&world.tied(HANAKO, 0).await);
    assert!(world.send_as("other-relay", &message).await.is_none());
    world.assert_sound(0).await;
}

#[tokio::test]
async fn an_assertion_is_good_for_one_transaction_whatever_came_of_it() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    assert_eq!(world.purchase(&buy).await, "00");
    assert_eq!(world.purchase(&buy).await, "94");
    let refused = buy.of(100_001).with_pin(PIN).again(&world.pen);
    assert_eq!(world.purchase(&refused).await, "61");
    assert_eq!(world.purchase(&refused).await, "94");
    world.assert_sound(1).await;
}

#[tokio::test]
async fn an_unbound_amount_is_refused_unless_the_policy_has_a_ceiling() {
    let refused = World::new().await;
    let mut buy = refused.tied(HANAKO, 0).await;
    buy.assertion.amount_binding = AmountBinding::Unbound;
    assert_eq!(refused.purchase(&buy).await, "57");
    let policy = Policy { unbound: UnboundRule::UpTo(yen(2_000)), ..Policy::default() };
    let world = World::with(Setting { policy, ..Setting::default() }).await;
    let mut buy = world.tied(HANAKO, 0).await;
    buy.assertion.amount_binding = AmountBinding::Unbound;
    assert_eq!(world.purchase(&buy).await, "00");
    assert_eq!(world.purchase(&buy.of(2_001).again(&world.pen)).await, "57");
}

#[tokio::test]
async fn who_is_not_known_with_that_card_is_unknown() {
    let world = World::new().await;
    let (hanako, taro) = (world.tied(HANAKO, 0).await, world.tied(TARO, 0).await);
    let strange = Subject::Pairwise(PairwiseId::from_random([9; 16]));
    for (subject, instrument) in [
        (strange, hanako.assertion.instrument),
        (hanako.assertion.subject.clone(), InstrumentRef::from_random([9; 16])),
        (hanako.assertion.subject.clone(), taro.assertion.instrument),
        (taro.assertion.subject.clone(), hanako.assertion.instrument),
    ] {
        assert_eq!(world.purchase(&world.buy(subject, instrument)).await, "14");
    }
    world.assert_sound(0).await;
}

#[tokio::test]
async fn suspended_customers_and_cards_are_restricted_until_it_is_lifted() {
    let world = World::new().await;
    let (buy, id) = (world.tied(HANAKO, 0).await, customer(HANAKO));
    let again = |buy: &Buy| buy.clone().again(&world.pen);
    assert!(world.store.set_customer_state(&id, CustomerState::Suspended).await.unwrap());
    assert_eq!(world.purchase(&buy).await, "62");
    assert!(world.store.set_customer_state(&id, CustomerState::Active).await.unwrap());
    assert!(world.store.set_card_state(&id, slot(0), CardState::Suspended).await.unwrap());
    assert_eq!(world.purchase(&again(&buy)).await, "62");
    assert!(world.store.set_card_state(&id, slot(0), CardState::Active).await.unwrap());
    assert_eq!(world.purchase(&again(&buy)).await, "00");
    assert!(!world.store.set_card_state(&id, slot(9), CardState::Active).await.unwrap());
}

#[tokio::test]
async fn limits_hold_for_one_purchase_and_for_all_of_a_card() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await.with_pin(PIN);
    let purchase = async |amount| world.purchase(&buy.clone().of(amount).again(&world.pen)).await;
    assert_eq!(purchase(100_001).await, "61");
    assert_eq!(purchase(100_000).await, "00");
    assert_eq!(purchase(100_000).await, "00");
    assert_eq!(purchase(99_999).await, "00");
    assert_eq!(purchase(2).await, "51");
    assert_eq!(purchase(1).await, "00");
    let other_card = world.tied(HANAKO, 1).await.of(400_000).with_pin("2468");
    assert_eq!(world.purchase(&other_card).await, "00", "each card has its own limits");
    world.assert_sound(5).await;
}

#[tokio::test]
async fn the_same_message_is_answered_the_same_for_ever_and_debited_once() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let (approved, declined) = (world.pen.write(&buy), world.pen.write(&buy.clone().of(100_001)));
    let mut declined = declined;
    declined
        .set_assertion(&world.pen.key.seal(&buy.clone().of(100_001).again(&world.pen).assertion).unwrap());
    let first = (world.send(&approved).await.unwrap(), world.send(&declined).await.unwrap());
    assert_eq!(first.1.response_code().unwrap().as_str(), "70", "over ¥15,000 without a PIN");
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(3600));
        assert_eq!(world.send(&approved).await.unwrap(), first.0);
        assert_eq!(world.send(&declined).await.unwrap(), first.1);
    }
    assert_eq!(world.statement(HANAKO).await, [1_980]);
}

#[tokio::test]
async fn another_message_under_the_same_key_is_a_duplicate_and_changes_nothing() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let message = world.pen.write(&buy);
    assert_eq!(world.code(&message).await, "00");
    let other = buy.of(3_000).again(&world.pen);
    let mut under_its_key = world.pen.write(&other);
    for de in [De::TRANSMITTED_AT, De::STAN, De::RRN] {
        under_its_key.set(de, message.expose_bytes(de).unwrap());
    }
    assert_eq!(world.code(&under_its_key).await, "94");
    assert_eq!(world.code(&message).await, "00");
    assert_eq!(world.purchase(&other).await, "00", "its assertion was not used up");
    assert_eq!(world.statement(HANAKO).await, [1_980, 3_000]);
}

#[tokio::test]
async fn many_copies_at_once_are_debited_once_and_hear_one_answer() {
    let world = Arc::new(World::new().await);
    let message = world.pen.write(&world.tied(HANAKO, 0).await);
    let copies: Vec<_> = (0..50)
        .map(|_| {
            let (world, message) = (Arc::clone(&world), message.clone());
            tokio::spawn(async move { world.send(&message).await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for copy in copies {
        answers.push(copy.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(answers[0].approval_number().unwrap().as_str(), "000001");
    assert_eq!(world.statement(HANAKO).await, [1_980]);
}

#[tokio::test]
async fn instalments_and_other_ways_to_pay_are_compared_like_the_rest() {
    let world = World::new().await;
    let mut buy = world.tied(HANAKO, 0).await;
    for kind in [PaymentType::Instalments(12.try_into().unwrap()), PaymentType::Revolving, PaymentType::Bonus]
    {
        buy.assertion.payment_type = kind;
        assert_eq!(world.purchase(&buy.clone().again(&world.pen)).await, "00", "{kind:?}");
    }
}

/// Answers as it is told, and counts how often it is asked.
struct Told(Result<(), RecheckRefused>, AtomicU32);

#[async_trait]
impl Recheck for Told {
    async fn recheck(&self, _: &Assertion, sealed: &[u8], _: Timestamp) -> Result<(), RecheckRefused> {
        assert!(!sealed.is_empty());
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0
    }

    async fn enrolled(&self, _: &EnrolmentEvidence, _: Timestamp) -> Result<(), RecheckRefused> {
        self.0
    }
}

#[tokio::test]
async fn under_entrustment_the_subject_is_the_customer_and_the_evidence_decides() {
    for (told, code) in
        [(Ok(()), "00"), (Err(RecheckRefused::Disproved), "63"), (Err(RecheckRefused::Unavailable), "96")]
    {
        let recheck = Arc::new(Told(told, AtomicU32::new(0)));
        let setting =
            Setting { model: VerifierModel::Entrusted, recheck: recheck.clone(), ..Setting::default() };
        let world = World::with(setting).await;
        let instrument = world.tie_entrusted(HANAKO).await;
        let subject = Subject::Customer(customer(HANAKO));
        let message = world.pen.write(&world.buy(subject.clone(), instrument));
        assert_eq!(world.code(&message).await, code);
        assert_eq!(world.code(&message).await, code, "again");
        assert_eq!(recheck.1.load(Ordering::Relaxed), 1, "once for each transaction");
        let stranger = world.buy(Subject::Customer(customer(TARO)), instrument);
        assert_eq!(world.purchase(&stranger).await, "14");
        let pairwise = world.buy(Subject::Pairwise(PairwiseId::from_random([9; 16])), instrument);
        assert_eq!(world.purchase(&pairwise).await, "63");
        assert_eq!(recheck.1.load(Ordering::Relaxed), 1, "not for what is refused anyway");
    }
}
