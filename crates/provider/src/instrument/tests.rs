use super::*;

#[test]
fn a_label_is_one_short_line_that_holds_no_card_number() {
    assert_eq!("縁カード ••1234".parse::<CardLabel>().unwrap().expose(), "縁カード ••1234");
    for text in ["", "4111111111111111", "４１１１１１１", "Card\nA", &"x".repeat(41)] {
        assert!(text.parse::<CardLabel>().is_err(), "{text}");
    }
}

#[test]
fn slots_are_few() {
    assert_eq!(CardSlot::try_from(31).unwrap().number(), 31);
    assert!(CardSlot::try_from(32).is_err());
}
