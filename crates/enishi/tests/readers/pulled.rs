//! The card is pulled out at every single command of a purchase, before the card has it and before its answer is heard.

use enishi_card::{PinKind, Tries};
use enishi_sandbox::demo::{Citizen, of_outcome};
use enishi_terminal::{Outcome, PayReport};

use crate::cards::CardFile;
use crate::desk::{Desk, Side};
use crate::ours::{Books, reader, tries};

/// What the holder reads when the card was away too early.
const TAP_AGAIN: [&str; 2] = ["Please tap the card again.", "Please tap the card."];

#[tokio::test(flavor = "multi_thread")]
async fn a_card_pulled_at_any_command_costs_no_try_and_no_debit_is_unknown_to_the_shop() {
    let Some(desk) = Desk::set("pulled") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let file = books.card_file();
    let mut inserted = desk.put(books.card());
    let reader = reader();
    books.enrol(&reader).await;

    inserted.count_anew(None);
    books.sell_well(&reader, 1).await;
    let commands = inserted.traffic().commands;
    let mut approved = vec![1];
    let mut refused = 0;
    for number in 1..=commands {
        for (side, yen) in [(Side::BeforeCard, 1_000 + number), (Side::AfterCard, 2_000 + number)] {
            let pulled = format!("pulled at command {number} of {commands}, {side:?}");
            inserted.count_anew(Some((number, side)));
            let report = books.sell(&reader, yen, &mut Citizen::new()).await;
            assert!(!inserted.awaits_pull(), "not {pulled}");
            let traffic = inserted.traffic();
            assert!(traffic.verified <= 1 && traffic.signatures <= 1, "{pulled}: {traffic:?}");
            assert_eq!(CardFile::read(&file).tries(), (3, 5), "{pulled}");
            match &report.outcome {
                Outcome::Approved { .. } => {
                    assert_eq!(traffic.signatures, 1, "{pulled}");
                    approved.push(yen);
                }
                Outcome::CardRefused(_) => {
                    assert!(TAP_AGAIN.contains(&&*clerk(&report)), "{pulled}: {}", clerk(&report));
                    refused += 1;
                }
                other => panic!("{pulled}: {}", of_outcome(other)),
            }
            assert_eq!(books.statement().await, approved, "{pulled}");
            inserted = desk.put(inserted.pull());
        }
    }
    // Whatever was pulled when: the next purchase is a purchase.
    books.sell_well(&reader, 3_000).await;
    approved.push(3_000);
    assert_eq!(books.statement().await, approved);
    println!(
        "{commands} commands, pulled before and after each: {refused} times to tap again, {} approved",
        approved.len()
    );
    assert!(refused >= commands, "hardly anything was refused: {refused}");
    books.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_whose_answer_is_lost_costs_one_try() {
    let Some(desk) = Desk::set("pulled-wrong-pin") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let mut inserted = desk.put(books.card());
    let reader = reader();
    books.enrol(&reader).await;
    let file = books.card_file();

    // From the first command on, until the answer to the wrong PIN is heard.
    let mut left = 3;
    for number in 1.. {
        inserted.count_anew(Some((number, Side::AfterCard)));
        let report = books.sell(&reader, 100 + number, &mut Citizen::new().with_card_pin("9998")).await;
        let (now, _) = CardFile::read(&file).tries();
        assert!(now == left || now + 1 == left, "{left} tries became {now} at command {number}");
        inserted = desk.put(inserted.pull());
        let heard = of_outcome(&report.outcome) == format!("card: wrong PIN, {now} left");
        assert!(heard || TAP_AGAIN.contains(&&*clerk(&report)), "{}", clerk(&report));
        if now < left {
            left = now;
            assert_eq!(tries(PinKind::Authentication), Tries::Left(left));
        }
        if heard {
            break;
        }
    }
    assert_eq!(left, 1, "one try for the lost answer, one for the heard one");
    books.sell_well(&reader, 500).await;
    assert_eq!(tries(PinKind::Authentication), Tries::Left(3));
    assert_eq!(books.statement().await, [500]);
    books.town.stop().await;
}

fn clerk(report: &PayReport) -> String {
    report.outcome.clerk_text().en
}
