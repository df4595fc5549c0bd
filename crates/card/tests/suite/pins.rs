//! Retry counters, and what a verified PIN survives.

use enishi_card::SoftwareCard;

use crate::support::*;

/// A signature by the authentication key, which needs its PIN; only the status word is looked at.
fn can_sign(card: &mut SoftwareCard) -> bool {
    let answer = send(card, &format!("802A0297 20 {} 00", "11".repeat(32)));
    match answer.as_str() {
        "6982" => false,
        signed => {
            assert!(signed.len() == 2 * 258 && signed.ends_with("9000"), "{signed}");
            true
        }
    }
}

fn verified() -> SoftwareCard {
    let mut card = jpki();
    expect(&mut card, "00A4020C020018", "9000");
    expect(&mut card, &verify_command(AUTH_PIN), "9000");
    card
}

#[test]
fn asking_for_the_tries_left_costs_none_and_never_says_9000() {
    let mut card = jpki();
    for (file, short, left) in [("0018", "98", "63C3"), ("001B", "9B", "63C5")] {
        expect(&mut card, &format!("00A4020C02{file}"), "9000");
        for _ in 0..10 {
            expect(&mut card, "00200080", left);
            expect(&mut card, &format!("002000{short}"), left);
        }
    }
    let mut card = verified();
    expect(&mut card, "00200080", "63C3");
    assert!(can_sign(&mut card));
}

#[test]
fn wrong_pins_count_down_to_63c0_and_then_6984_for_good() {
    for (file, wrong, right, words) in [
        ("0018", "0000", AUTH_PIN, &["63C2", "63C1", "63C0"][..]),
        ("001B", "WRONG1", SIGN_PASSWORD, &["63C4", "63C3", "63C2", "63C1", "63C0"][..]),
    ] {
        let mut card = jpki();
        expect(&mut card, &format!("00A4020C02{file}"), "9000");
        for word in words {
            expect(&mut card, &verify_command(wrong), word);
        }
        expect(&mut card, "00200080", "63C0");
        for value in [right, wrong, right] {
            expect(&mut card, &verify_command(value), "6984");
        }
        card.power_off();
        card.power_on();
        expect(&mut card, SELECT_JPKI, "9000");
        expect(&mut card, &format!("00A4020C02{file}"), "9000");
        expect(&mut card, &verify_command(right), "6984");
    }
}

#[test]
fn a_right_pin_fills_the_counter_again() {
    let mut card = jpki();
    expect(&mut card, "00A4020C020018", "9000");
    expect(&mut card, &verify_command("0000"), "63C2");
    expect(&mut card, &verify_command("00000"), "63C1");
    expect(&mut card, &verify_command(AUTH_PIN), "9000");
    expect(&mut card, "00200080", "63C3");
}

#[test]
fn the_two_counters_are_apart() {
    let mut card = jpki();
    expect(&mut card, "0020009804 30303030", "63C2");
    expect(&mut card, "0020009B", "63C5");
    expect(&mut card, &format!("0020009B08{}", hex::encode(SIGN_PASSWORD)), "9000");
    assert!(!can_sign(&mut card));
    expect(&mut card, "00200098", "63C2");
}

#[test]
fn a_lower_case_password_is_a_wrong_one() {
    let mut card = jpki();
    expect(&mut card, "00A4020C02001B", "9000");
    expect(&mut card, &verify_command(&SIGN_PASSWORD.to_lowercase()), "63C4");
}

#[test]
fn references_and_lengths_that_do_not_fit_cost_no_try() {
    let mut card = jpki();
    expect(&mut card, "00200080", "6986");
    expect(&mut card, "00A4020C020018", "9000");
    for (command, answer) in [
        ("0020018004 30303030", "6A86"),
        ("0020000004 30303030", "6A86"),
        ("002000C004 30303030", "6A86"),
        ("0020008304 30303030", "6A88"),
        ("0020009704 30303030", "6981"),
        ("0020008A04 30303030", "6981"),
        ("0020008000", "6700"),
        ("0020008004 30303030 00", "6700"),
        ("0020008011 3030303030303030303030303030303030", "6700"),
        ("0020008005 30303030", "6700"),
    ] {
        expect(&mut card, command, answer);
    }
    expect(&mut card, "00A4020C02000A", "9000");
    expect(&mut card, "0020008004 30303030", "6981");
    expect(&mut card, "00200098", "63C3");
}

#[test]
fn a_verified_pin_survives_files_signatures_reselection_and_a_warm_reset() {
    let mut card = verified();
    for _ in 0..3 {
        assert!(can_sign(&mut card));
    }
    expect(&mut card, "00A4020C02000A", "9000");
    assert!(can_sign(&mut card));
    expect(&mut card, SELECT_JPKI, "9000");
    assert!(can_sign(&mut card));
    expect(&mut card, "00A4040C03D392F0", "9000");
    assert!(can_sign(&mut card));
    expect(&mut card, "00A4040006A00000000101", "6A82");
    assert!(can_sign(&mut card));
    card.warm_reset();
    assert!(can_sign(&mut card));
}

#[test]
fn another_application_or_a_loss_of_power_clears_a_verified_pin() {
    let mut card = verified();
    expect(&mut card, SELECT_ISSUER, "9000");
    expect(&mut card, SELECT_JPKI, "9000");
    assert!(!can_sign(&mut card));

    let mut card = verified();
    card.power_off();
    card.power_on();
    expect(&mut card, SELECT_JPKI, "9000");
    assert!(!can_sign(&mut card));

    let mut card = card_of(enishi_card::CardParts { face: Some(face_parts()), ..parts(Holder::First) });
    expect(&mut card, SELECT_JPKI, "9000");
    expect(&mut card, "0020009804 34303731", "9000");
    assert!(can_sign(&mut card));
    expect(&mut card, SELECT_TEXT, "9000");
    expect(&mut card, SELECT_JPKI, "9000");
    assert!(!can_sign(&mut card));
}

#[test]
fn a_wrong_pin_takes_back_what_a_right_one_gave() {
    let mut card = verified();
    expect(&mut card, &verify_command("0000"), "63C2");
    assert!(!can_sign(&mut card));
}

#[test]
fn a_pin_is_changed_only_after_it_was_verified_and_only_to_one_that_fits() {
    let mut card = jpki();
    expect(&mut card, "00A4020C020018", "9000");
    expect(&mut card, "0024018004 38383838", "6982");
    expect(&mut card, &verify_command(AUTH_PIN), "9000");
    for (command, answer) in [
        ("0024008004 38383838", "6A86"),
        ("0024010004 38383838", "6A86"),
        ("00240180", "6700"),
        ("0024018003 383838", "6A80"),
        ("0024018004 38383841", "6A80"),
        ("0024019B06 414243313233", "6982"),
        ("0024018004 38383838", "9000"),
    ] {
        expect(&mut card, command, answer);
    }
    assert!(can_sign(&mut card));
    expect(&mut card, &verify_command(AUTH_PIN), "63C2");
    expect(&mut card, &verify_command("8888"), "9000");

    expect(&mut card, "00A4020C02001B", "9000");
    expect(&mut card, &verify_command(SIGN_PASSWORD), "9000");
    expect(&mut card, "0024018006 616263313233", "6A80");
    expect(&mut card, "0024018006 414243313233", "9000");
    expect(&mut card, &verify_command("ABC123"), "9000");
}
