use proptest::prelude::*;

use super::Pan;

#[test]
fn numbers_with_a_right_check_digit_are_read() {
    // The networks' published test numbers, 14 to 19 digits.
    for text in
        ["4111111111111111", "378282246310005", "30569309025904", "3530111333300000", "6304000000000000000"]
    {
        assert_eq!(text.parse::<Pan>().unwrap().expose(), text);
    }
}

#[test]
fn a_wrong_digit_length_alphabet_or_a_surrogate_is_refused() {
    for text in
        ["4111111111111112", "0000", "00000000000000000000", "411111111111111１", "4111-1111-1111-1111", ""]
    {
        assert!(text.parse::<Pan>().is_err(), "{text}");
    }
    assert!("9392000000000007".parse::<Pan>().is_err(), "a surrogate is no card number");
}

#[test]
fn neither_debug_output_nor_error_holds_a_digit() {
    let pan: Pan = "4111111111111111".parse().unwrap();
    assert_eq!(format!("{pan:?}"), "Pan(…)");
    let error = "4111111111111112".parse::<Pan>().unwrap_err();
    assert!(!error.to_string().contains("4111") && !format!("{error:?}").contains("4111"));
}

proptest! {
    #[test]
    fn any_one_digit_changed_is_noticed(index in 0_usize..16, by in 1_u8..10) {
        let mut digits = *b"4111111111111111";
        digits[index] = (digits[index] - b'0' + by) % 10 + b'0';
        prop_assert!(std::str::from_utf8(&digits).unwrap().parse::<Pan>().is_err());
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}") {
        let _ = text.parse::<Pan>();
    }
}
