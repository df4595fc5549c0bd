//! The company's own PIN: asked from its floor on, re-enciphered, and never at rest.

use enishi_party::RefusalCode;
use enishi_pinblock::{PinBlock, PinKey, open};
use enishi_wire::{ContinueRequest, Octets};

use crate::company::Act;
use crate::purchase::{Tap, approval, decline, need, refusal};
use crate::world::{A, B, PIN_FROM, World, ZONE_KEY, holds, octets_below};

const PIN: &str = "402918365017";

/// Some octets in base64 at each of its three offsets, without the characters that their neighbours decide.
fn base64(octets: &[u8]) -> [Vec<u8>; 3] {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = |three: &[u8]| {
        let bits = three.iter().fold(0_usize, |bits, octet| (bits << 8) | usize::from(*octet));
        [18, 12, 6, 0].map(|shift| ALPHABET[(bits >> shift) & 63])
    };
    [0, 1, 2].map(|offset| octets[offset..].chunks_exact(3).flat_map(digits).collect())
}

fn with_pin(pin: Octets) -> ContinueRequest {
    ContinueRequest { choice: None, pin_block: Some(pin) }
}

#[tokio::test]
async fn the_pin_is_asked_from_the_floor_on() {
    let world = World::new();
    world.linked(A).await;
    world.linked(B).await;
    approval(world.pay(&world.purchase(Some(B), PIN_FROM - 1)).await);
    approval(world.pay(&world.purchase(Some(A), 999_999)).await);
    let purchase = world.purchase(Some(B), PIN_FROM);
    world.company.take_heard();
    let (asked, need) = need(world.pay(&purchase).await);
    let pan = need.pin.unwrap().surrogate_pan;
    assert_eq!(pan, purchase.ticket.1, "the ticket's number, which the card signed");
    assert!(world.company.take_heard().is_empty());
    approval(world.go_on(&asked, with_pin(world.pin_block(PIN, &pan))).await);
}

#[tokio::test]
async fn the_block_is_re_enciphered_over_the_same_number_for_the_company() {
    let world = World::new();
    world.linked(B).await;
    let purchase = world.purchase(Some(B), PIN_FROM);
    let (asked, need) = need(world.pay(&purchase).await);
    let pan = need.pin.unwrap().surrogate_pan;
    let entered = world.pin_block(PIN, &pan);
    approval(world.go_on(&asked, with_pin(entered.clone())).await);
    let (_, message) = world.company.take_heard().remove(0);
    let sent = *message.expose_pin_block().unwrap();
    assert_ne!(sent.as_slice(), entered.0);
    assert_eq!(message.expose_surrogate_pan(), Some(pan.as_str()));
    let zone = PinKey::from_bytes(&ZONE_KEY).unwrap();
    assert_eq!(open(&PinBlock::from_octets(sent), &pan, &zone).unwrap().expose_digits(), PIN.as_bytes());
}

#[tokio::test]
async fn a_block_that_came_with_the_request_is_used_without_a_question() {
    let world = World::new();
    world.linked(B).await;
    let tap = Tap { contract: Some(B.to_owned()), yen: PIN_FROM, pin: Some(PIN), ..Tap::default() };
    approval(world.pay(&world.tap(&tap)).await);
    let (_, message) = world.company.take_heard().remove(0);
    assert!(message.expose_pin_block().is_some());
}

#[tokio::test]
async fn a_message_without_a_pin_has_no_number_to_form_one_over() {
    let world = World::new();
    world.linked(B).await;
    approval(world.pay(&world.purchase(Some(B), 1_980)).await);
    let (_, message) = world.company.take_heard().remove(0);
    assert!(message.expose_pin_block().is_none() && message.expose_surrogate_pan().is_none());
}

#[tokio::test]
async fn a_block_that_does_not_open_ends_the_purchase_unsent() {
    let world = World::new();
    world.linked(B).await;
    let other = enishi_party::SurrogatePan::from_random(3);
    for block in [Octets(vec![0x5A; 16]), world.pin_block(PIN, &other)] {
        let purchase = world.purchase(Some(B), PIN_FROM);
        let (asked, _) = need(world.pay(&purchase).await);
        let told = world.go_on(&asked, with_pin(block)).await;
        assert_eq!(refusal(&told), Some(RefusalCode::MalformedRequest));
        assert_eq!(world.stage(&purchase).await, "closed");
        assert_eq!(refusal(&world.pay(&purchase).await), Some(RefusalCode::MalformedRequest));
    }
    assert!(world.company.take_heard().is_empty());
}

#[tokio::test]
async fn a_company_that_asks_no_pin_is_sent_none() {
    let world = World::new();
    world.linked(A).await;
    let tap = Tap { contract: Some(A.to_owned()), pin: Some(PIN), ..Tap::default() };
    let told = world.pay(&world.tap(&tap)).await;
    assert_eq!(refusal(&told), Some(RefusalCode::MalformedRequest));
    assert!(world.company.take_heard().is_empty());
}

#[tokio::test]
async fn no_block_reaches_the_disk_not_even_where_a_company_gives_it_back() {
    let world = World::new();
    world.linked(B).await;
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    let acts = [Act::Approve, Act::Code("55"), Act::Unanswered, Act::NotSent, Act::PinBack];
    for act in acts {
        world.company.does([act]);
        let purchase = world.purchase(Some(B), PIN_FROM);
        let (asked, need) = need(world.pay(&purchase).await);
        let entered = world.pin_block(PIN, &need.pin.unwrap().surrogate_pan);
        world.go_on(&asked, with_pin(entered.clone())).await.unwrap();
        blocks.push(entered.0);
    }
    for (_, message) in world.company.take_heard() {
        blocks.push(message.expose_pin_block().unwrap().to_vec());
    }
    assert_eq!((blocks.len(), world.pending().await), (10, 2));
    let kept = world.quarantine.kept();
    assert!(kept.len() == 1 && kept[0].expose_pin_block().is_none(), "{kept:?}");
    let octets = octets_below(&world.folder());
    assert!(holds(&octets, b"0100"), "the scan reads what the journal wrote");
    for block in &blocks {
        assert!(!holds(&octets, block));
        for hex in [hex(block), hex(block).to_uppercase()] {
            assert!(!holds(&octets, hex.as_bytes()));
        }
        for text in base64(block) {
            assert!(!holds(&octets, &text));
        }
    }
    assert!(!holds(&octets, PIN.as_bytes()));
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[tokio::test]
async fn a_wrong_pin_is_the_companys_word() {
    let world = World::new();
    world.linked(B).await;
    world.company.does([Act::Code("55")]);
    let tap = Tap { contract: Some(B.to_owned()), yen: PIN_FROM, pin: Some("1234"), ..Tap::default() };
    assert_eq!(decline(world.pay(&world.tap(&tap)).await), "55");
    assert_eq!(world.pending().await, 0);
}
