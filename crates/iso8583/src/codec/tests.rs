use proptest::prelude::*;

use crate::samples::{self, all, any_message, de};
use crate::{
    Amount, De, Dialect, Error, MAX_MESSAGE_LENGTH, Message, Mti, Part, ResponseCode, ascii_1987,
    japan_credit,
};

/// Written by hand from the standard and the dialect's table, not by the codec.
const PURCHASE: &[&[u8]] = &[
    b"0200",
    b"F220000108C18000", // 1, 2, 3, 4, 7, 11, 32, 37, 41, 42, 48, 49
    b"000000000000000C", // 125, 126
    b"16",
    b"9999990000000014",
    b"000000",
    b"000000001500",
    b"1130010203",
    b"000042",
    b"05",
    b"12345",
    b"000000000042",
    b"1234567890123",
    b"KITTE 12       ",
    b"028",
    b"0400461030600500123070049900",
    b"392",
    b"016",
    b"\xDE\xAD\xBE\xEF pin block \xFF",
    b"015",
    b"\xD2\x84 not ASCII \x00\x01",
];

#[test]
fn purchase_is_the_bytes_that_the_tables_say() {
    assert_eq!(samples::purchase().encode(japan_credit()).unwrap(), PURCHASE.concat());
    assert_eq!(Message::decode(japan_credit(), &PURCHASE.concat()).unwrap(), samples::purchase());
}

#[test]
fn echo_is_the_bytes_that_the_tables_say() {
    let bytes = b"0800822000000000000004000000000000000229235959999999301";
    assert_eq!(samples::echo().encode(ascii_1987()).unwrap(), bytes);
    assert_eq!(samples::echo().encode(japan_credit()).unwrap(), bytes);
}

#[test]
fn binary_elements_stand_in_hexadecimal() {
    let mut message = Message::new(Mti::FINANCIAL_REQUEST);
    message.set(De::PIN_DATA, [0, 1, 2, 3, 0xFC, 0xFD, 0xFE, 0xFF]).set(De::MAC, [0xAB; 8]);
    let bytes = b"0200000000000000100100010203FCFDFEFFABABABABABABABAB";
    assert_eq!(message.encode(ascii_1987()).unwrap(), bytes);
    assert_eq!(Message::decode(ascii_1987(), bytes).unwrap(), message);
}

#[test]
fn short_quantity_is_filled_with_zeros_and_short_text_with_spaces() {
    let mut message = Message::new(Mti::AUTHORISATION_REQUEST);
    message.set(De::AMOUNT, "7").set(De::TERMINAL, "T1").set(De::MERCHANT, "");
    let bytes = message.encode(ascii_1987()).unwrap();
    assert_eq!(bytes, b"01001000000000C00000000000000007T1                     ");
    let read = Message::decode(ascii_1987(), &bytes).unwrap();
    assert_eq!(read.expose_text(De::AMOUNT), Some("000000000007"));
    assert_eq!(read.expose_text(De::TERMINAL), Some("T1"));
    assert_eq!(read.expose_text(De::MERCHANT), Some(""));
}

#[test]
fn every_sample_comes_back_as_it_was() {
    for message in all() {
        let bytes = message.encode(japan_credit()).unwrap();
        assert_eq!(Message::decode(japan_credit(), &bytes).unwrap(), message);
    }
}

#[test]
fn every_truncation_is_refused_as_truncated() {
    for message in all() {
        let bytes = message.encode(japan_credit()).unwrap();
        for length in 0..bytes.len() {
            let refusal = Message::decode(japan_credit(), &bytes[..length]).unwrap_err();
            let Error::Truncated { offset, expected, found, .. } = refusal else {
                panic!("{length}: {refusal}")
            };
            assert_eq!(offset + found, length);
            assert!(expected > found);
        }
    }
}

#[test]
fn every_single_byte_mutation_is_refused_or_encodes_to_the_same_bytes() {
    let mut accepted = 0;
    let mut refused = 0;
    for message in all() {
        let bytes = message.encode(japan_credit()).unwrap();
        for at in 0..bytes.len() {
            for byte in 0..=u8::MAX {
                let mut mutated = bytes.clone();
                mutated[at] = byte;
                for dialect in [japan_credit(), ascii_1987()] {
                    match Message::decode(dialect, &mutated) {
                        Ok(read) => {
                            assert_eq!(read.encode(dialect).unwrap(), mutated);
                            accepted += 1;
                        }
                        Err(_) => refused += 1,
                    }
                }
            }
        }
    }
    assert!(accepted > 1_000 && refused > 100_000, "{accepted} accepted, {refused} refused");
}

#[test]
fn every_deletion_and_doubling_of_a_byte_is_refused_or_encodes_to_the_same_bytes() {
    for message in all() {
        let bytes = message.encode(japan_credit()).unwrap();
        for at in 0..bytes.len() {
            let mut shorter = bytes.clone();
            shorter.remove(at);
            let mut longer = bytes.clone();
            longer.insert(at, bytes[at]);
            for changed in [shorter, longer] {
                if let Ok(read) = Message::decode(japan_credit(), &changed) {
                    assert_eq!(read.encode(japan_credit()).unwrap(), changed);
                }
            }
        }
    }
}

#[test]
fn errors_name_element_offset_and_expectation_but_no_content() {
    let mut bytes = PURCHASE.concat();
    let at = 36 + 2 + 15;
    bytes[at] = b'X';
    let refusal = Message::decode(japan_credit(), &bytes).unwrap_err();
    assert_eq!(refusal.to_string(), "DE 2 at byte 53: expected ASCII digits");
    let cut = Message::decode(japan_credit(), &bytes[..40]).unwrap_err();
    assert_eq!(cut, Error::Truncated { part: Part::Element(De::PAN), offset: 38, expected: 16, found: 2 });
    assert_eq!(cut.to_string(), "DE 2 at byte 38: expected 16 bytes, 2 are left");
}

#[test]
fn encoding_refuses_what_decoding_would_refuse() {
    let encode = |de: De, value: &[u8]| {
        let mut message = Message::new(Mti::FINANCIAL_REQUEST);
        message.set(de, value);
        message.encode(japan_credit()).unwrap_err()
    };
    let at = 20;
    assert!(matches!(encode(De::STAN, b"12345"), Error::Length { min: 6, max: 6, found: 5, offset: 20, .. }));
    assert!(matches!(encode(De::AMOUNT, b"1234567890123"), Error::Length { max: 12, found: 13, .. }));
    assert!(matches!(encode(De::AMOUNT, b""), Error::Length { min: 1, found: 0, .. }));
    assert!(matches!(encode(De::AMOUNT, b"-1"), Error::Charset { offset: 30, .. }));
    assert!(matches!(encode(De::ACQUIRER, b""), Error::Length { min: 1, found: 0, .. }));
    assert!(matches!(encode(De::MERCHANT, b"blank at end "), Error::Content { .. }));
    assert!(
        matches!(encode(De::TRANSMITTED_AT, b"0230000000"), Error::Content { offset, .. } if offset == at + 2)
    );
    assert!(matches!(encode(De::ORIGINAL_DATA, b"1"), Error::Length { .. }));
    assert!(matches!(encode(De::ASSERTION, &[0; 1000]), Error::Length { max: 999, found: 1000, .. }));
    assert!(matches!(encode(de(35), b"1"), Error::UnknownElement { dialect: "japan-credit", .. }));
    assert!(matches!(encode(De::PAN, samples::SURROGATE.as_bytes()), Error::Alone { de: De::PAN, .. }));
}

#[test]
fn message_longer_than_the_limit_is_neither_written_nor_read() {
    let mut message = Message::new(Mti::FINANCIAL_REQUEST);
    for number in [46, 47, 56, 57, 58, 59, 60, 61] {
        message.set(de(number), [b'x'; 999]);
    }
    message.set(De::ADDITIONAL_DATA, [b'x'; 136]);
    let longest = message.encode(ascii_1987()).unwrap();
    assert_eq!(longest.len(), 20 + 8 * 1002 + 139);
    assert_eq!(Message::decode(ascii_1987(), &longest).unwrap(), message);
    message.set(De::ADDITIONAL_DATA, [b'x'; 154]);
    assert_eq!(message.encode(ascii_1987()), Err(Error::TooLong { length: MAX_MESSAGE_LENGTH + 1 }));
    let length = MAX_MESSAGE_LENGTH + 1;
    assert_eq!(Message::decode(ascii_1987(), &vec![b'0'; length]), Err(Error::TooLong { length }));
}

#[test]
fn element_that_the_bitmap_promises_must_be_there() {
    let bytes = b"0200000000000001000012";
    let part = Part::Prefix(De::ADDITIONAL_DATA);
    let expected = Error::Truncated { part, offset: 20, expected: 3, found: 2 };
    assert_eq!(Message::decode(ascii_1987(), bytes), Err(expected));
}

fn round_trip(dialect: &'static Dialect, message: &Message) -> Result<(), TestCaseError> {
    let bytes = match message.encode(dialect) {
        Err(Error::TooLong { .. }) => return Ok(()),
        encoded => encoded?,
    };
    prop_assert_eq!(&Message::decode(dialect, &bytes)?, message);
    Ok(())
}

proptest! {
    #[test]
    fn any_message_of_ascii_1987_comes_back_as_it_was(message in any_message(ascii_1987())) {
        round_trip(ascii_1987(), &message)?;
    }

    #[test]
    fn any_message_of_japan_credit_comes_back_as_it_was(message in any_message(japan_credit())) {
        round_trip(japan_credit(), &message)?;
    }

    #[test]
    fn any_message_cut_anywhere_is_refused(message in any_message(japan_credit()), at in any::<prop::sample::Index>()) {
        let bytes = message.encode(japan_credit())?;
        prop_assert!(Message::decode(japan_credit(), &bytes[..at.index(bytes.len())]).is_err());
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Message::decode(japan_credit(), &bytes).is_err());
    }

    #[test]
    fn random_elements_behind_a_good_bitmap_never_panic(
        bitmap in "[0-9A-F]{16}", elements in prop::collection::vec(b' '..=b'9', 0..600),
    ) {
        let bytes = [b"0200".as_slice(), bitmap.as_bytes(), &elements].concat();
        if let Ok(message) = Message::decode(ascii_1987(), &bytes) {
            prop_assert_eq!(message.encode(ascii_1987())?, bytes);
        }
    }

    #[test]
    fn setting_anything_never_panics_on_encoding(
        elements in prop::collection::vec((2..=128_u8, prop::collection::vec(any::<u8>(), 0..40)), 0..30),
    ) {
        let mut message = Message::new(Mti::FINANCIAL_REQUEST);
        for (number, value) in &elements {
            message.set(de(*number), value);
        }
        if let Ok(bytes) = message.encode(ascii_1987()) {
            prop_assert!(Message::decode(ascii_1987(), &bytes).is_ok());
        }
    }
}

#[test]
fn typed_values_survive_the_line() {
    let bytes = samples::reversal().encode(japan_credit()).unwrap();
    let read = Message::decode(japan_credit(), &bytes).unwrap();
    assert_eq!(read.amount(), Ok(Amount::new(1_500).unwrap()));
    assert_eq!(read.original_data(), samples::reversal().original_data());
    let answer = read.answer(ResponseCode::Approved).unwrap();
    assert_eq!(Message::decode(japan_credit(), &answer.encode(japan_credit()).unwrap()).unwrap(), answer);
}
