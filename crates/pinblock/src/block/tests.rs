use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use proptest::prelude::*;

use super::*;
use crate::PinKeyError;

const RANDOM: [u8; 8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];

fn pin(text: &str) -> IssuerPin {
    IssuerPin::parse(text).unwrap()
}

fn key(seed: u8, length: usize) -> PinKey {
    PinKey::from_bytes(&vec![seed; length]).unwrap()
}

fn surrogate(number: u64) -> SurrogatePan {
    SurrogatePan::from_random(number)
}

fn hex(text: &str) -> [u8; 16] {
    let octets = (0..16).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap());
    octets.collect::<Vec<_>>().try_into().unwrap()
}

/// The standard's steps written out with the cipher alone: the fields are hexadecimal text made by hand.
fn by_hand(pin_field: &str, pan_field: &str, key: [u8; 16]) -> [u8; 16] {
    let cipher = Aes128::new(&Array::from(key));
    let mut a = Array::from(hex(pin_field));
    cipher.encrypt_block(&mut a);
    let pan = hex(pan_field);
    let mut b = Array::from(std::array::from_fn::<u8, 16, _>(|i| a[i] ^ pan[i]));
    cipher.encrypt_block(&mut b);
    b.into()
}

#[test]
fn a_block_is_what_the_standards_steps_give_by_hand() {
    // Surrogate number 0 is 9392000000000007: length nibble 16 − 12 = 4, its digits, zeros.
    let pan_field = "49392000000000007000000000000000";
    let key = *b"0123456789abcdef";
    for (text, pin_field) in [
        ("1234", "441234aaaaaaaaaa1122334455667788"),
        ("0000", "440000aaaaaaaaaa1122334455667788"),
        ("98765", "4598765aaaaaaaaa1122334455667788"),
        ("123456789012", "4c123456789012aa1122334455667788"),
    ] {
        let sealed = seal(&pin(text), &surrogate(0), &PinKey::from_bytes(&key).unwrap(), RANDOM);
        assert_eq!(*sealed.expose_octets(), by_hand(pin_field, pan_field, key), "a PIN of {}", text.len());
    }
}

#[test]
fn aes_itself_is_the_standards() {
    // FIPS 197 appendix B, so that the construction by hand stands on something outside this crate.
    let mut block = hex("3243f6a8885a308d313198a2e0370734");
    PinKey::from_bytes(&hex("2b7e151628aed2a6abf7158809cf4f3c")).unwrap().encipher(&mut block);
    assert_eq!(block, hex("3925841d02dc09fbdc118597196a0b32"));
}

#[test]
fn every_length_of_pin_and_key_opens_again() {
    for key_length in [16, 24, 32] {
        for digits in 4..=12 {
            let text = &"907856341290"[..digits];
            let block = seal(&pin(text), &surrogate(7), &key(3, key_length), RANDOM);
            let opened = open(&block, &surrogate(7), &key(3, key_length)).unwrap();
            assert_eq!(opened.expose_digits(), text.as_bytes());
        }
    }
}

#[test]
fn keys_and_pins_of_other_lengths_are_refused() {
    for length in [0, 8, 15, 17, 31, 33, 64] {
        assert_eq!(PinKey::from_bytes(&vec![1; length]).unwrap_err(), PinKeyError { length });
    }
    for text in ["", "123", "1234567890123", "12 4", "12a4", "１２３４", "-1234", "1234\n"] {
        assert!(IssuerPin::parse(text).is_err());
    }
}

#[test]
fn another_number_or_key_is_an_error_and_no_pin() {
    let block = seal(&pin("1234"), &surrogate(1), &key(1, 16), RANDOM);
    assert_eq!(open(&block, &surrogate(2), &key(1, 16)).unwrap_err(), PinBlockError);
    assert_eq!(open(&block, &surrogate(1), &key(2, 16)).unwrap_err(), PinBlockError);
    assert_eq!(open(&block, &surrogate(1), &key(1, 32)).unwrap_err(), PinBlockError);
}

#[test]
fn a_block_with_any_bit_flipped_is_refused() {
    let block = seal(&pin("123456"), &surrogate(1), &key(1, 32), RANDOM);
    for bit in 0..128 {
        let mut octets = *block.expose_octets();
        octets[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&PinBlock::from_octets(octets), &surrogate(1), &key(1, 32)).is_err(), "bit {bit}");
    }
}

#[test]
fn a_field_that_breaks_one_rule_is_refused() {
    let pan_field = "49392000000000007000000000000000";
    let key = *b"0123456789abcdef";
    let opened = |field: &str| {
        let block = PinBlock::from_octets(by_hand(field, pan_field, key));
        open(&block, &surrogate(0), &PinKey::from_bytes(&key).unwrap())
    };
    assert!(opened("441234aaaaaaaaaaffffffffffffffff").is_ok(), "the random octets may be anything");
    for (rule, field) in [
        ("control nibble 0", "041234aaaaaaaaaa1122334455667788"),
        ("control nibble 3", "341234aaaaaaaaaa1122334455667788"),
        ("three digits", "43123aaaaaaaaaaa1122334455667788"),
        ("thirteen digits", "4d1234567890123a1122334455667788"),
        ("no digits", "40aaaaaaaaaaaaaa1122334455667788"),
        ("a digit of ten", "44123aaaaaaaaaaa1122334455667788"),
        ("a digit of fifteen", "44f234aaaaaaaaaa1122334455667788"),
        ("fill of zero", "4412340aaaaaaaaa1122334455667788"),
        ("fill of F", "441234ffffffffff1122334455667788"),
        ("last fill", "441234aaaaaaaaab1122334455667788"),
        ("a digit too many", "4c123456789012a31122334455667788"),
    ] {
        assert_eq!(opened(field).unwrap_err(), PinBlockError, "{rule}");
    }
}

#[test]
fn translation_keeps_pin_and_number_and_changes_the_key() {
    let block = seal(&pin("4711"), &surrogate(5), &key(1, 16), RANDOM);
    let translated = translate(&block, &surrogate(5), &key(1, 16), &key(2, 32), [9; 8]).unwrap();
    assert_ne!(block.expose_octets(), translated.expose_octets());
    assert_eq!(open(&translated, &surrogate(5), &key(2, 32)).unwrap().expose_digits(), b"4711");
    assert!(open(&translated, &surrogate(5), &key(1, 16)).is_err());
    assert!(translate(&block, &surrogate(6), &key(1, 16), &key(2, 32), RANDOM).is_err());
    assert!(translate(&block, &surrogate(5), &key(2, 32), &key(2, 32), RANDOM).is_err());
}

#[test]
fn the_same_pin_gives_another_block_each_time() {
    let first = seal(&pin("1234"), &surrogate(1), &key(1, 16), [1; 8]);
    let second = seal(&pin("1234"), &surrogate(1), &key(1, 16), [2; 8]);
    assert_ne!(first.expose_octets(), second.expose_octets());
}

#[test]
fn debug_output_and_errors_hold_no_digit() {
    let block = seal(&pin("918273645546"), &surrogate(1), &key(1, 16), RANDOM);
    let shown = format!(
        "{:?} {block:?} {:?} {PinBlockError} {} {}",
        pin("918273645546"),
        key(0xDD, 16),
        PinKeyError { length: 3 },
        IssuerPin::parse("918273645546000").unwrap_err(),
    );
    assert_eq!(shown.matches("9182").count() + shown.matches("221").count() + shown.matches("dd").count(), 0);
    assert!(shown.starts_with("IssuerPin(…) PinBlock(…) PinKey(…)"), "{shown}");
}

proptest! {
    #[test]
    fn random_octets_are_no_block_and_never_panic(octets: [u8; 16], number: u64) {
        // One in 10⁷ would open; proptest's few hundred cases do not meet it.
        prop_assert!(open(&PinBlock::from_octets(octets), &surrogate(number), &key(8, 16)).is_err());
    }

    #[test]
    fn what_is_sealed_opens(text in "[0-9]{4,12}", number: u64, random: [u8; 8], octets: [u8; 24]) {
        let key = PinKey::from_bytes(&octets).unwrap();
        let block = seal(&pin(&text), &surrogate(number), &key, random);
        let opened = open(&block, &surrogate(number), &key).unwrap();
        prop_assert_eq!(opened.expose_digits(), text.as_bytes());
    }
}
