//! Messages that two readers would read differently: each is refused, with the reason that is meant.

use crate::samples::{self, de};
use crate::{Charset, De, Error, Message, Mti, Part, ascii_1987, japan_credit};

fn refusal(bytes: &[u8]) -> Error {
    Message::decode(ascii_1987(), bytes).unwrap_err()
}

/// A request with one element, by its bitmap.
fn request(bitmap: &str, elements: &[u8]) -> Vec<u8> {
    [b"0100", bitmap.as_bytes(), elements].concat()
}

#[test]
fn secondary_bitmap_without_an_element_is_refused() {
    let part = Part::SecondaryBitmap;
    let bytes = request("8020000000000000", b"0000000000000000000042");
    assert!(matches!(refusal(&bytes), Error::Bitmap { part: found, offset: 20, .. } if found == part));
}

#[test]
fn bitmap_sent_twice_is_refused() {
    let doubled = request("0020000000000000", b"0020000000000000000042");
    assert_eq!(refusal(&doubled), Error::TrailingBytes { offset: 26, count: 16 });
}

#[test]
fn secondary_bitmap_that_is_not_announced_is_refused() {
    let bytes = request("0020000000000000", b"0400000000000000000042301");
    assert!(matches!(refusal(&bytes), Error::TrailingBytes { offset: 26, .. }));
}

#[test]
fn third_bitmap_is_refused() {
    let bytes = request("8000000000000000", b"80000000000000000000000000000000");
    assert!(
        matches!(refusal(&bytes), Error::UnknownElement { de: found, offset: 36, .. } if found == de(65))
    );
}

#[test]
fn bitmap_in_lower_case_or_in_binary_is_refused() {
    let lower = request("00200000000000f0", b"000042");
    assert!(matches!(refusal(&lower), Error::Bitmap { part: Part::PrimaryBitmap, offset: 18, .. }));
    let binary =
        [b"0100".as_slice(), &[0, 0x20, 0, 0, 0, 0, 0, 0], b"000042".as_slice(), &[b'0'; 8]].concat();
    assert!(matches!(refusal(&binary), Error::Bitmap { part: Part::PrimaryBitmap, offset: 4, .. }));
}

#[test]
fn ebcdic_digits_are_refused_wherever_they_stand() {
    assert!(matches!(refusal(b"\xF0\xF1\xF0\xF00020000000000000000042"), Error::Mti { offset: 0, .. }));
    let bitmap = [b"0100\xF0".as_slice(), b"020000000000000000042"].concat();
    assert!(matches!(refusal(&bitmap), Error::Bitmap { offset: 4, .. }));
    let element = request("0020000000000000", b"0000\xF42");
    assert_eq!(refusal(&element), Error::Charset { de: De::STAN, offset: 24, expected: Charset::Numeric });
    let prefix = request("0000000100000000", b"0\xF512345");
    assert_eq!(refusal(&prefix), Error::Prefix { de: De::ACQUIRER, offset: 21, expected: 2 });
}

#[test]
fn digits_of_other_scripts_and_spaces_are_no_digits() {
    for stan in
        ["00004\u{0661}".as_bytes(), "\u{FF11}042".as_bytes(), b" 00042", b"00042 ", b"+00042", b"0x0042"]
    {
        let bytes = request("0020000000000000", stan);
        assert!(Message::decode(ascii_1987(), &bytes).is_err(), "{stan:?}");
    }
}

#[test]
fn length_beyond_the_table_is_refused_before_the_value_is_looked_at() {
    let twelve = request("0000000100000000", b"12123456789012");
    let expected = Error::Length { de: De::ACQUIRER, offset: 20, min: 1, max: 11, found: 12 };
    assert_eq!(refusal(&twelve), expected);
    let nothing_follows = request("0000000100000000", b"99");
    assert!(matches!(refusal(&nothing_follows), Error::Length { found: 99, .. }));
}

#[test]
fn length_that_runs_into_the_next_element_leaves_a_fault_behind() {
    // Element 32 claims one byte of element 37, which then lacks one.
    let bytes = request("0000000108000000", b"0612345000000000042");
    assert!(matches!(refusal(&bytes), Error::Truncated { part: Part::Element(De::RRN), found: 11, .. }));
}

#[test]
fn empty_variable_element_is_refused() {
    let bytes = request("0000000100000000", b"00");
    assert!(matches!(refusal(&bytes), Error::Length { min: 1, found: 0, .. }));
}

#[test]
fn signs_and_spaces_in_a_length_are_refused() {
    for prefix in [b"+5", b" 5", b"-1", b"5 ", b"0x"] {
        let bytes = request("0000000100000000", &[prefix.as_slice(), b"12345"].concat());
        assert!(matches!(refusal(&bytes), Error::Prefix { de: De::ACQUIRER, .. }), "{prefix:?}");
    }
}

#[test]
fn element_that_the_dialect_does_not_name_is_refused() {
    let mut message = Message::new(Mti::AUTHORISATION_REQUEST);
    message.set(de(35), "9999990000000014=2912");
    let bytes = message.encode(ascii_1987()).unwrap();
    assert!(Message::decode(ascii_1987(), &bytes).is_ok());
    let refusal = Message::decode(japan_credit(), &bytes).unwrap_err();
    assert_eq!(refusal, Error::UnknownElement { de: de(35), offset: 20, dialect: "japan-credit" });
}

#[test]
fn elements_that_bear_card_or_account_numbers_cannot_pass_the_japanese_dialect() {
    for number in [14, 23, 34, 35, 36, 45, 55, 102, 103] {
        assert!(ascii_1987().field(de(number)).is_some());
        assert!(japan_credit().field(de(number)).is_none());
    }
}

#[test]
fn account_number_without_a_pin_block_is_refused() {
    let mut message = samples::purchase();
    message.remove(De::PIN_BLOCK_FORMAT_4);
    let refusal = message.encode(japan_credit()).unwrap_err();
    assert_eq!(refusal, Error::Alone { de: De::PAN, expected: "DE 52 or DE 125" });
    let bare = [b"0100".as_slice(), b"4000000000000000", b"16", b"9999990000000014"].concat();
    assert_eq!(Message::decode(japan_credit(), &bare).unwrap_err(), refusal);
}

#[test]
fn format_4_block_without_its_account_number_is_refused() {
    let mut message = samples::purchase();
    message.remove(De::PAN);
    let expected = Error::Alone { de: De::PIN_BLOCK_FORMAT_4, expected: "DE 2" };
    assert_eq!(message.encode(japan_credit()), Err(expected));
}

#[test]
fn account_number_of_another_length_than_the_surrogates_is_refused() {
    for pan in ["999999000000001", "99999900000000141"] {
        let mut message = samples::purchase();
        message.set_pin_block(pan, &samples::PIN_BLOCK);
        assert!(matches!(message.encode(japan_credit()), Err(Error::Length { min: 16, max: 16, .. })));
    }
}

#[test]
fn pin_block_is_refused_in_answers_advices_and_reversals() {
    let bytes = samples::purchase().encode(japan_credit()).unwrap();
    for mti in ["0210", "0220", "0221", "0120", "0420", "0421", "0400", "0110", "0800"] {
        let moved = [mti.as_bytes(), &bytes[4..]].concat();
        let refusal = Message::decode(japan_credit(), &moved).unwrap_err();
        assert!(matches!(refusal, Error::PinOutsideRequest { de: De::PIN_BLOCK_FORMAT_4, .. }), "{mti}");
    }
    let moved = [b"0100", &bytes[4..]].concat();
    assert!(Message::decode(japan_credit(), &moved).is_ok());
}

#[test]
fn bytes_behind_the_message_are_refused() {
    for message in samples::all() {
        let mut bytes = message.encode(japan_credit()).unwrap();
        let offset = bytes.len();
        bytes.push(b' ');
        assert_eq!(Message::decode(japan_credit(), &bytes), Err(Error::TrailingBytes { offset, count: 1 }));
    }
}

#[test]
fn other_versions_and_unknown_digits_in_the_type_are_refused() {
    for mti in ["1100", "2100", "3100", "0000", "0900", "0150", "0190", "0106", "0109", "01 0", "010A"] {
        let bytes = [mti.as_bytes(), b"0020000000000000000042"].concat();
        assert!(matches!(refusal(&bytes), Error::Mti { .. }), "{mti}");
    }
}

#[test]
fn hexadecimal_element_takes_upper_case_digits_only() {
    let bytes = request("0000000000000001", b"ABABABABABABABAb");
    assert!(matches!(refusal(&bytes), Error::Content { de: De::MAC, offset: 35, .. }));
}

#[test]
fn calendar_is_checked_on_reading() {
    for time in
        ["0000000000", "1301000000", "0431000000", "0230000000", "0101240000", "0101006000", "0101000060"]
    {
        let bytes = request("0200000000000000", time.as_bytes());
        assert!(matches!(refusal(&bytes), Error::Content { de: De::TRANSMITTED_AT, .. }), "{time}");
    }
}
