//! What a holder reads.

use enishi_linkage::Label;
use proptest::prelude::*;

#[test]
fn a_label_is_what_a_terminal_can_show_in_a_line() {
    let longest = "あ".repeat(40);
    for text in ["a", "みなとカード ••1234", longest.as_str(), "Carte d’été – 7"] {
        assert_eq!(Label::new(text).unwrap().expose(), text);
    }
    let too_long = "あ".repeat(41);
    for text in ["", " ", "\u{3000}\u{3000}", too_long.as_str(), "a\nb", "a\0", "\u{7F}", "a\u{85}"] {
        assert!(Label::new(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_label_cannot_dress_up_as_another() {
    for unseen in [
        '\u{AD}', '\u{61C}', '\u{200B}', '\u{200E}', '\u{2028}', '\u{202E}', '\u{2066}', '\u{2069}',
        '\u{FEFF}',
    ] {
        assert!(Label::new(&format!("Card{unseen}A")).is_err(), "{unseen:?}");
    }
}

#[test]
fn a_label_is_silent() {
    assert_eq!(format!("{:?}", Label::new("カード ••1234").unwrap()), "Label(…)");
}

proptest! {
    #[test]
    fn any_text_is_a_label_as_it_is_or_none(text in "\\PC{0,60}|.{0,60}") {
        if let Ok(label) = Label::new(&text) {
            prop_assert_eq!(label.expose(), &text);
            prop_assert!((1..=40).contains(&text.chars().count()));
        }
    }
}
