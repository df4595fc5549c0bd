//! The company's PIN: tried three times, counted before it is answered, never kept.

use std::time::Duration;

use enishi_party::AssertionId;
use enishi_pinblock::PinKey;
use enishi_provider::UNREADABLE_MAX;

use crate::world::{HANAKO, PIN, World, customer, slot};

fn other_key() -> PinKey {
    PinKey::from_bytes(&[0x99; 32]).unwrap()
}

#[tokio::test]
async fn a_pin_is_asked_from_fifteen_thousand_and_one_yen_on() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    assert_eq!(world.purchase(&buy.clone().of(15_000)).await, "00");
    assert_eq!(world.purchase(&buy.clone().of(15_001).again(&world.pen)).await, "70");
    assert_eq!(world.purchase(&buy.of(15_001).with_pin(PIN).again(&world.pen)).await, "00");
}

#[tokio::test]
async fn three_wrong_pins_block_the_card_until_the_company_lifts_it() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let with = |pin: &str| buy.clone().with_pin(pin).again(&world.pen);
    for _ in 0..3 {
        assert_eq!(world.purchase(&with("0000")).await, "55");
    }
    assert_eq!(world.purchase(&with("0000")).await, "75");
    assert_eq!(world.purchase(&with(PIN)).await, "75");
    assert_eq!(world.purchase(&world.tied(HANAKO, 1).await.with_pin("2468")).await, "00", "another card");
    assert_eq!(world.purchase(&buy.clone().again(&world.pen)).await, "00", "without a PIN, below its amount");
    assert!(world.store.unblock_pin(&customer(HANAKO), slot(0)).await.unwrap());
    assert_eq!(world.purchase(&with(PIN)).await, "00");
}

#[tokio::test]
async fn a_right_pin_forgives_the_wrong_ones_even_where_the_limit_declines() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let with = |pin: &str| buy.clone().with_pin(pin).again(&world.pen);
    for _ in 0..3 {
        assert_eq!(world.purchase(&with("0000")).await, "55");
        assert_eq!(world.purchase(&with("0000")).await, "55");
        assert_eq!(world.purchase(&with(PIN).of(100_001)).await, "61");
    }
}

#[tokio::test]
async fn the_same_message_again_costs_no_second_try() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let wrong = world.pen.write(&buy.clone().with_pin("0000"));
    for _ in 0..10 {
        assert_eq!(world.code(&wrong).await, "55");
    }
    assert_eq!(world.purchase(&buy.with_pin(PIN).again(&world.pen)).await, "00");
}

#[tokio::test]
async fn wrong_tries_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("provider.db");
    let buy = World::at(&file).await.tied(HANAKO, 0).await;
    let mut codes = Vec::new();
    for (hour, pin) in ["0000", "0000", "0000", PIN].into_iter().enumerate() {
        let world = World::at(&file).await;
        // Each process's pen counts from one again; an hour later its keys are others all the same.
        world.clock.advance(Duration::from_secs(3600 * (u64::try_from(hour).unwrap() + 1)));
        let mut buy = buy.clone().again(&world.pen).with_pin(pin);
        buy.assertion.id = AssertionId::from_random([u8::try_from(hour).unwrap() + 0xE0; 16]);
        codes.push(world.purchase(&buy).await);
    }
    assert_eq!(codes, ["55", "55", "55", "75"]);
}

#[tokio::test]
async fn a_block_that_does_not_decipher_is_no_wrong_pin_and_soon_not_looked_at() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await;
    let unreadable = async || {
        let buy = buy.clone().with_pin(PIN).again(&world.pen);
        world.code(&world.pen.write_under(&buy, &other_key())).await
    };
    for _ in 0..UNREADABLE_MAX {
        assert_eq!(unreadable().await, "96");
    }
    assert_eq!(unreadable().await, "63");
    let right = |world: &World| buy.clone().with_pin(PIN).again(&world.pen);
    assert_eq!(world.purchase(&right(&world)).await, "63", "a good block is not looked at either");
    world.clock.advance(Duration::from_secs(3600));
    assert_eq!(world.purchase(&right(&world)).await, "00", "and no try was lost");
}

#[tokio::test]
async fn a_block_over_another_number_does_not_decipher() {
    let world = World::new().await;
    let buy = world.tied(HANAKO, 0).await.with_pin(PIN);
    let mut moved = buy.clone();
    moved.assertion.surrogate_pan = enishi_party::SurrogatePan::from_random(78);
    let block = *world.pen.write(&buy).expose_pin_block().unwrap();
    let mut message = world.pen.write(&moved);
    message.set_pin_block(moved.assertion.surrogate_pan.as_str(), &block);
    assert_eq!(world.code(&message).await, "96");
}
