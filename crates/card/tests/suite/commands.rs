//! Selecting, reading and everything that is refused.

use enishi_card::{Filler, Form};

use crate::support::*;

#[test]
fn power_on_leaves_the_issuer_domain_selected_and_no_file() {
    let mut card = card();
    expect(&mut card, "00A4020C020006", "6A82");
    expect(&mut card, "00B0000000", "6986");
    expect(&mut card, "00B0860020", "6A82");
    expect(&mut card, "00200080", "6986");
    expect(&mut card, "00200098", "6A88");
    expect(&mut card, "802A008001AA00", "6986");
}

#[test]
fn an_application_is_selected_by_its_name_or_any_beginning_of_it() {
    for name in ["D392F000260100000001", "D392F0002601", "D392F0", "D3"] {
        let mut card = card();
        expect(&mut card, &format!("00A4040C{:02X}{name}", name.len() / 2), "9000");
        expect(&mut card, "00A4020C020006", "9000");
    }
    let mut card = card();
    expect(&mut card, "00A404000AD392F00026010000000100", "9000");
    expect(&mut card, SELECT_ISSUER, "9000");
    expect(&mut card, "00A4020C020006", "6A82");
}

#[test]
fn a_name_that_is_no_beginning_is_not_found_and_changes_nothing() {
    let mut card = jpki();
    expect(&mut card, "00A4020C020006", "9000");
    // The first probes of OpenSC's other drivers, and the applications that only real cards have.
    for probe in [
        "00A4040007627601FF000000",
        "00A4040006A00000000101",
        "00A404000BE82B0601040181C31F0201",
        "00A4040C0FD23300000045737445494420763335",
        "00A4040C07A000000116DB0000",
        "00A4040009A0000003080000100000",
        "00A4040C0AD3921000310001010402",
        "00A4040C0AD3921000310001010401",
        "00A4040C0AD3921000310001010100",
        SELECT_TEXT,
        "00A4040C0BD392F00026010000000100",
    ] {
        expect(&mut card, probe, "6A82");
    }
    expect(&mut card, "00B0000003", "4A504B9000");
}

#[test]
fn a_file_is_selected_by_identifier_with_p1_02_only() {
    let mut card = jpki();
    for file in
        ["0001", "0002", "0006", "0008", "0009", "000A", "000B", "0016", "0017", "0018", "001A", "001B"]
    {
        expect(&mut card, &format!("00A4020C02{file}"), "9000");
        expect(&mut card, &format!("00A4000C02{file}"), "6A82");
    }
    for file in ["0003", "0000", "001F", "3F00", "2F10"] {
        expect(&mut card, &format!("00A4020C02{file}"), "6A82");
    }
    for (command, answer) in [
        ("00A4020C010A", "6700"),
        ("00A4020C03000A00", "6700"),
        ("00A4020C", "6700"),
        ("00A4040C", "6700"),
        ("00A4040C11D392F0002601000000010000000000000000", "6700"),
        ("00A4010C02000A", "6A86"),
        ("00A4030C", "6A86"),
        ("00A4080C02000A", "6A86"),
        ("00A4020202000A", "6A86"),
    ] {
        expect(&mut card, command, answer);
    }
}

#[test]
fn the_iso_form_for_the_master_file_never_selects_it() {
    let mut card = card();
    expect(&mut card, "00A40000", "6A86");
    expect(&mut card, "00A40000023F00", "6A82");
    expect(&mut card, SELECT_JPKI, "9000");
    expect(&mut card, "00A4020C020008", "9000");
    expect(&mut card, "00A40000", "9000");
    expect(&mut card, "00A4000C023F00", "6A82");
    expect(&mut card, "00B0000000", "8F8F009000");
}

#[test]
fn reading_honours_every_offset_and_length_and_stops_at_the_end() {
    let mut card = jpki();
    let whole = auth_certificate(Holder::First);
    expect(&mut card, "00A4020C02000A", "9000");
    for (offset, le) in
        [(0, 1), (0, 256), (1, 255), (7, 256), (whole.len() - 1, 256), (whole.len() - 256, 256)]
    {
        let end = whole.len().min(offset + le);
        let expected = format!("{}9000", hex::encode_upper(&whole[offset..end]));
        expect(&mut card, &format!("00B0{offset:04X}{:02X}", le % 256), &expected);
    }
    for offset in [whole.len(), whole.len() + 1, 0x7FFF] {
        expect(&mut card, &format!("00B0{offset:04X}00"), "6B00");
    }
    expect(&mut card, "00B00000", "6700");
    expect(&mut card, "00B00000010000", "6700");
}

#[test]
fn reading_by_short_identifier_makes_the_file_current() {
    let mut card = jpki();
    expect(&mut card, "00B0880000", "8F8F009000");
    expect(&mut card, "00B0000102", "8F009000");
    expect(&mut card, "00B0860203", "4B49419000");
    expect(&mut card, "00B0000003", "4A504B9000");
    expect(&mut card, "00B0830000", "6A82");
    expect(&mut card, "00B09F0000", "6A82");
    expect(&mut card, "00B0800000", "6A86");
    expect(&mut card, "00B0E60000", "6A86");
    expect(&mut card, "00B0000003", "4A504B9000");
}

#[test]
fn the_free_files_hold_what_was_put_on_the_card() {
    let mut card = jpki();
    assert_eq!(read_all(&mut card, 0x000A), auth_certificate(Holder::First));
    assert_eq!(read_all(&mut card, 0x000B), auth_ca());
    assert_eq!(read_all(&mut card, 0x0002), sign_ca());
    let token = read_all(&mut card, 0x0006);
    assert_eq!(token.len(), 160);
    assert_eq!(&token[..32], b"JPKIAPICCTOKEN2                 ");
    assert_eq!(&token[32..64], b"00000000000000000000000000000001");
    assert_eq!(&token[64..96], b"E16R01NJ        0000000090000001");
    assert_eq!(
        hex::encode(&token[96..124]),
        "0000040d00000001000000000000000100000000".to_owned() + "0000001000000006"
    );
    assert_eq!(token[124..140], [0xFF; 16]);
    assert_eq!(&token[140..], b"03019999999999999999");
}

#[test]
fn protected_files_open_with_their_own_pin_and_no_other() {
    let mut card = jpki();
    expect(&mut card, "00B0810000", "6982");
    expect(&mut card, "00B0890000", "6982");
    expect(&mut card, "00A4020C020018", "9000");
    expect(&mut card, &verify_command(AUTH_PIN), "9000");
    expect(&mut card, "00B0810000", "6982");
    expect(&mut card, "00A4020C02001B", "9000");
    expect(&mut card, &verify_command(SIGN_PASSWORD), "9000");
    assert_eq!(read_all(&mut card, 0x0001), sign_certificate(Holder::First));
    expect(&mut card, "00B0890000", "6982");
}

#[test]
fn keys_and_pins_cannot_be_read() {
    let mut card = jpki();
    for file in ["0016", "0017", "0018", "001A", "001B"] {
        expect(&mut card, &format!("00A4020C02{file}"), "9000");
        expect(&mut card, "00B0000000", "6981");
    }
    expect(&mut card, "00B2010400", "6981");
    expect(&mut card, "00B2013400", "6981");
    expect(&mut card, "00B2011C00", "6A82");
}

#[test]
fn filler_stands_behind_the_certificates_only() {
    for (filler, byte) in [(Filler::Ones, 0xFF), (Filler::Zeros, 0x00)] {
        let mut card = card_of(enishi_card::CardParts { filler, ..parts(Holder::First) });
        expect(&mut card, SELECT_JPKI, "9000");
        let der = auth_certificate(Holder::First);
        let file = read_all(&mut card, 0x000A);
        assert_eq!(file.len(), 2048);
        let (content, rest) = file.split_at(der.len());
        assert_eq!(content, der);
        assert!(rest.iter().all(|found| *found == byte));
        assert_eq!(read_all(&mut card, 0x0006).len(), 160);
        assert_eq!(read_all(&mut card, 0x0008), [0x8F, 0x8F, 0x00]);
    }
}

#[test]
fn a_card_without_a_signing_certificate_says_so() {
    let mut card = card_of(enishi_card::CardParts { signing: None, ..parts(Holder::First) });
    expect(&mut card, SELECT_JPKI, "9000");
    expect(&mut card, "00B0880000", "008F009000");
    expect(&mut card, "00A4020C020001", "6A82");
    expect(&mut card, "00A4020C02001A", "6A82");
    expect(&mut card, "00A4020C02001B", "9000");
    expect(&mut card, "00200080", "63C0");
    expect(&mut card, &verify_command(SIGN_PASSWORD), "6984");
    expect(&mut card, "00A4020C020002", "9000");
}

#[test]
fn a_phone_hides_its_certificate_behind_the_pin_and_has_no_other_application() {
    let mut phone = card_of(enishi_card::CardParts { form: Form::Phone, ..parts(Holder::First) });
    expect(&mut phone, SELECT_TEXT, "6A82");
    expect(&mut phone, SELECT_JPKI, "9000");
    assert_eq!(&read_all(&mut phone, 0x0006)[..16], b"JPKIAPGPSETOKEN ");
    expect(&mut phone, "00B08A0000", "6982");
    expect(&mut phone, "00A4020C020018", "9000");
    expect(&mut phone, &verify_command(AUTH_PIN), "9000");
    assert_eq!(read_all(&mut phone, 0x000A), auth_certificate(Holder::First));
    expect(&mut phone, "80FC0000", "9000");
    expect(&mut phone, "00B08A0000", "6982");
    expect(&mut phone, "80FC0001", "6A86");
    expect(&mut phone, "80FC000000", "6700");
    expect(&mut jpki(), "80FC0000", "6700");
}

#[test]
fn a_challenge_has_the_length_that_was_asked_for_and_is_never_the_same() {
    for mut card in [card(), jpki()] {
        let first = send(&mut card, "0084000000");
        assert_eq!(first.len(), 2 * 258);
        assert!(first.ends_with("9000"));
        assert_ne!(send(&mut card, "0084000000"), first);
        assert_eq!(send(&mut card, "0084000008").len(), 2 * 10);
        expect(&mut card, "00840000", "6700");
        expect(&mut card, "0084000108", "6A86");
        expect(&mut card, "008400000101AA", "6700");
        expect(&mut card, "00840000000010", "6985");
    }
}

#[test]
fn channels_classes_and_instructions_that_are_not_there_have_their_own_words() {
    let mut card = jpki();
    for (command, answer) in [
        ("01B0000000", "6881"),
        ("03A4020C020006", "6881"),
        ("812A008001AA00", "6881"),
        ("0900000000", "6881"),
        ("08B0000000", "69FC"),
        ("0CB0000000", "6882"),
        ("88B0000000", "6882"),
        ("10B0000000", "6E00"),
        ("A0B0000000", "6E00"),
        ("FFCA000000", "6E00"),
        ("00FF000000", "6D00"),
        ("00C0000000", "6D00"),
        ("00CB3FFF035C017E08", "6D00"),
        ("80B0000000", "6D00"),
        ("80A20000", "6A86"),
        ("80AE0000", "6982"),
        ("00880097", "6982"),
        ("00880098", "6981"),
        ("00880083", "6A88"),
        ("00CA5F5100", "E000FF8131FE45149000"),
        ("00CA5F5102", "6700"),
        ("00CADF3005", "6A88"),
    ] {
        expect(&mut card, command, answer);
    }
}

#[test]
fn short_and_extended_lengths_that_do_not_fit_are_refused() {
    let mut card = jpki();
    for command in
        ["", "00", "00A402", "00A4020C05000A", "00A4020C02000A0000", "00B0000000000100", "00A4020C000002000A"]
    {
        expect(&mut card, command, "6700");
    }
}

#[test]
fn a_card_without_power_gives_no_byte() {
    let mut card = jpki();
    card.power_off();
    expect(&mut card, SELECT_JPKI, "");
    card.power_on();
    expect(&mut card, "00A40000", "6A86");
}

/// Reads a whole file in blocks of 256 bytes.
fn read_all(card: &mut enishi_card::SoftwareCard, file: u16) -> Vec<u8> {
    expect(card, &format!("00A4020C02{file:04X}"), "9000");
    let mut content = Vec::new();
    loop {
        let answer = send(card, &format!("00B0{:04X}00", content.len()));
        match answer.strip_suffix("9000") {
            Some(block) => content.extend(hex::decode(block).unwrap()),
            None => {
                assert_eq!(answer, "6B00");
                return content;
            }
        }
    }
}
