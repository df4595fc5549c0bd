//! The reversal table: whatever became of the original, its net effect is nothing.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use enishi_iso8583::{Amount, De, Message, Mti, ReplacementAmounts, Stan};
use enishi_party::{Timestamp, VerifierModel};
use enishi_provider::{Books, EnrolmentEvidence, Recheck, RecheckRefused, TOMBSTONE_LIFE};
use enishi_wire::{Assertion, Subject};
use tokio::sync::Notify;

use crate::world::{HANAKO, Setting, World, customer};

#[tokio::test]
async fn an_approved_purchase_is_undone_once_however_often_it_is_asked() {
    let world = World::new().await;
    let original = world.pen.write(&world.tied(HANAKO, 0).await);
    assert_eq!(world.code(&original).await, "00");
    let reversal = world.pen.reverse(&original);
    let answer = world.send(&reversal).await.unwrap();
    assert_eq!(answer.mti(), Mti::REVERSAL_ADVICE_RESPONSE);
    assert_eq!(answer.response_code().unwrap().as_str(), "00");
    let repeat = reversal.repeat().unwrap();
    assert_eq!(repeat.mti(), Mti::REVERSAL_ADVICE_REPEAT);
    for message in [&repeat, &repeat, &reversal, &world.pen.reverse(&original)] {
        assert_eq!(world.code(message).await, "00");
    }
    assert_eq!(world.statement(HANAKO).await, [1_980, -1_980]);
    world.assert_sound(2).await;
}

#[tokio::test]
async fn an_approval_that_was_undone_is_never_said_again() {
    let world = World::new().await;
    let original = world.pen.write(&world.tied(HANAKO, 0).await);
    assert_eq!(world.code(&original).await, "00");
    assert_eq!(world.code(&world.pen.reverse(&original)).await, "00");
    assert_eq!(world.code(&original).await, "12");
    world.assert_sound(2).await;
}

#[tokio::test]
async fn a_declined_purchase_is_reversed_without_an_entry() {
    let world = World::new().await;
    let original = world.pen.write(&world.tied(HANAKO, 0).await.of(20_000));
    assert_eq!(world.code(&original).await, "70");
    let reversal = world.pen.reverse(&original);
    assert_eq!(world.code(&reversal).await, "00");
    assert_eq!(world.code(&reversal.repeat().unwrap()).await, "00");
    assert_eq!(world.code(&original).await, "70", "the same answer as before");
    world.assert_sound(0).await;
}

#[tokio::test]
async fn an_original_that_comes_after_its_reversal_is_declined() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let original = world.pen.write(&buy);
    let reversal = world.pen.reverse(&original);
    assert_eq!(world.code(&reversal).await, "00", "never seen");
    assert_eq!(world.code(&reversal.repeat().unwrap()).await, "00");
    assert_eq!(world.code(&original).await, "12");
    assert_eq!(world.code(&original).await, "12", "again");
    assert_eq!(world.code(&reversal.repeat().unwrap()).await, "00");
    assert_eq!(world.purchase(&buy).await, "94", "its assertion is used up");
    world.assert_sound(0).await;
}

#[tokio::test]
async fn a_tombstone_is_kept_for_seven_days() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let original = world.pen.write(&buy);
    assert_eq!(world.code(&world.pen.reverse(&original)).await, "00");
    world.clock.advance(TOMBSTONE_LIFE);
    world.provider.forget().await.unwrap();
    assert_eq!(world.code(&original).await, "12");
    let late = world.pen.write(&buy.again(&world.pen));
    assert_eq!(world.code(&world.pen.reverse(&late)).await, "00");
    world.clock.advance(TOMBSTONE_LIFE + Duration::from_secs(1));
    world.provider.forget().await.unwrap();
    assert_eq!(world.code(&late).await, "63", "forgotten, but its assertion is a week old");
    assert_eq!(world.code(&original).await, "12", "what was answered is not forgotten");
    world.assert_sound(0).await;
}

#[tokio::test]
async fn a_reversal_that_is_not_of_its_original_is_refused_and_undoes_nothing() {
    let world = World::new().await;
    let original = world.pen.write(&world.tied(HANAKO, 0).await);
    assert_eq!(world.code(&original).await, "00");
    type Spoil = fn(&mut Message);
    let table: &[(&str, Spoil)] = &[
        ("77", |it| {
            it.set_amount(Amount::new(1_979).unwrap());
        }),
        ("77", |it| {
            it.set(De::MERCHANT, "KAMEIDO-8");
        }),
        ("12", |it| {
            it.set_replacement_amounts(ReplacementAmounts::transaction(Amount::new(980).unwrap()));
        }),
        ("12", |it| {
            let mut original = it.original_data().unwrap();
            original.mti = Mti::FINANCIAL_REQUEST;
            it.set_original_data(&original);
        }),
        ("30", |it| {
            it.set(De::CURRENCY, "840");
        }),
        ("30", |it| {
            it.remove(De::ORIGINAL_DATA);
        }),
        ("30", |it| {
            it.remove(De::AMOUNT);
        }),
        ("30", |it| {
            it.remove(De::TERMINAL);
        }),
    ];
    for (row, (code, spoil)) in table.iter().enumerate() {
        let mut reversal = world.pen.reverse(&original);
        spoil(&mut reversal);
        assert_eq!(world.code(&reversal).await, *code, "row {row}");
    }
    assert_eq!(world.statement(HANAKO).await, [1_980]);
    assert_eq!(world.code(&world.pen.reverse(&original)).await, "00");
    world.assert_sound(2).await;
}

#[tokio::test]
async fn a_reversal_of_another_transaction_leaves_this_one_alone() {
    let world = World::new().await;
    let original = world.pen.write(&world.tied(HANAKO, 0).await);
    assert_eq!(world.code(&original).await, "00");
    let mut reversal = world.pen.reverse(&original);
    let mut other = reversal.original_data().unwrap();
    other.stan = Stan::new(999_999).unwrap();
    reversal.set_original_data(&other);
    assert_eq!(world.code(&reversal).await, "00", "a tombstone for what never came");
    assert_eq!(world.statement(HANAKO).await, [1_980]);
}

/// Holds every look at evidence until it is let go.
#[derive(Default)]
struct Gate {
    reached: Notify,
    open: Notify,
}

#[async_trait]
impl Recheck for Gate {
    async fn recheck(&self, _: &Assertion, _: &[u8], _: Timestamp) -> Result<(), RecheckRefused> {
        self.reached.notify_one();
        self.open.notified().await;
        Ok(())
    }

    async fn enrolled(&self, _: &EnrolmentEvidence, _: Timestamp) -> Result<(), RecheckRefused> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reversal_that_comes_while_its_original_is_decided_wins() {
    let gate = Arc::new(Gate::default());
    let setting = Setting { model: VerifierModel::Entrusted, recheck: gate.clone(), ..Setting::default() };
    let world = Arc::new(World::with(setting).await);
    let instrument = world.tie_entrusted(HANAKO).await;
    let original = world.pen.write(&world.buy(Subject::Customer(customer(HANAKO)), instrument));
    let deciding = tokio::spawn({
        let (world, original) = (Arc::clone(&world), original.clone());
        async move { world.code(&original).await }
    });
    gate.reached.notified().await;
    assert_eq!(world.code(&world.pen.reverse(&original)).await, "00");
    gate.open.notify_one();
    assert_eq!(deciding.await.unwrap(), "12");
    assert_eq!(world.code(&original).await, "12");
    world.assert_sound(0).await;
}

#[tokio::test]
async fn original_and_reversal_at_once_come_to_nothing_in_either_order() {
    let world = Arc::new(World::new().await);
    let buy = world.tied(HANAKO, 0).await;
    let mut approved = 0_u64;
    for round in 0..60 {
        let original = world.pen.write(&buy.clone().again(&world.pen));
        let reversal = world.pen.reverse(&original);
        let send = |message: Message| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.code(&message).await })
        };
        let (first, second) = match round % 2 {
            0 => (send(original.clone()), send(reversal)),
            _ => (send(reversal), send(original.clone())),
        };
        let (first, second) = (first.await.unwrap(), second.await.unwrap());
        let (of_original, of_reversal) = if round % 2 == 0 { (first, second) } else { (second, first) };
        assert_eq!(of_reversal, "00");
        assert!(["00", "12"].contains(&of_original.as_str()), "{of_original}");
        approved += u64::from(of_original == "00");
        assert_eq!(world.code(&original).await, "12");
    }
    assert_eq!(world.statement(HANAKO).await.iter().sum::<i64>(), 0);
    world.assert_sound(2 * approved).await;
    let lines = world.store.statement(&customer(HANAKO), 1_000).await.unwrap();
    assert_eq!(u64::try_from(lines.len()).unwrap(), 2 * approved);
}
