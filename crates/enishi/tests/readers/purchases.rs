//! Our terminal pays through PC/SC, alone and beside other programs.

use enishi_sandbox::sandbox::{CARD_AUTH_PIN, Shop};
use enishi_terminal::Outcome;

use crate::cards::{CardFile, Certificate};
use crate::desk::Desk;
use crate::opensc::{certificate, sends};
use crate::ours::{Books, reader};

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_linked_and_pays_through_pcscd_and_no_pin_stays_behind() {
    let Some(desk) = Desk::set("purchase") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let card = CardFile::read(&books.card_file());
    let inserted = desk.put(books.card());
    let reader = reader();
    books.enrol(&reader).await;

    inserted.count_anew(None);
    let report = books.sell_well(&reader, 1_980).await;
    let traffic = inserted.traffic();
    assert_eq!((traffic.verified, traffic.signatures), (1, 1), "{traffic:?}");
    let Outcome::Approved { receipt } = &report.outcome else { unreachable!() };
    let language = books.town.language;
    let text = receipt.text(language);
    assert!(text.contains(Shop::Books.name().of(language)) && text.contains("1,980"), "{text}");
    assert_eq!(books.statement().await, [1_980]);

    // OpenSC reads the card again, and the key refuses it without the PIN.
    assert!(certificate(&desk, Certificate::Authentication) == card.certificate(Certificate::Authentication));
    assert_eq!(sends(&desk, &sign_after(None)), "6982");
    assert_eq!(sends(&desk, &sign_after(Some(CARD_AUTH_PIN))), "9000", "the refusal came for another reason");
    books.town.stop().await;
}

/// Commands that sign with the authentication key, after the PIN or without it.
fn sign_after(pin: Option<&str>) -> Vec<String> {
    let mut commands = vec!["00A4040C0AD392F000260100000001".to_owned()];
    if let Some(pin) = pin {
        commands.push("00A4020C020018".to_owned());
        commands.push(format!("0020008004{}", hex::encode_upper(pin)));
    }
    commands.push("00A4020C020017".to_owned());
    // DigestInfo of a SHA-256 of zeros, PKCS #1 v1.5 by the card.
    commands.push(format!("802A0080333031300D060960864801650304020105000420{}00", "00".repeat(32)));
    commands
}
