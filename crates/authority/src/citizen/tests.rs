use jiff::civil::date;

use super::{CitizenId, Municipality, RegisteredBirth, RegisteredText};

#[test]
fn a_birth_date_is_written_with_its_era_and_the_gregorian_year() {
    for (birth, text) in [
        (RegisteredBirth::Known(date(1980, 2, 17)), "319800217"),
        (RegisteredBirth::Known(date(2019, 4, 30)), "420190430"),
        (RegisteredBirth::Known(date(2019, 5, 1)), "520190501"),
        (RegisteredBirth::Known(date(1989, 1, 7)), "319890107"),
        (RegisteredBirth::Known(date(1989, 1, 8)), "419890108"),
        (RegisteredBirth::Known(date(1926, 12, 24)), "219261224"),
        (RegisteredBirth::Known(date(1926, 12, 25)), "319261225"),
        (RegisteredBirth::Known(date(1912, 7, 29)), "119120729"),
        (RegisteredBirth::Known(date(1912, 7, 30)), "219120730"),
        (RegisteredBirth::Known(date(1868, 1, 24)), "018680124"),
        (RegisteredBirth::Partly { year: 1951, month: Some(6) }, "319510600"),
        (RegisteredBirth::Partly { year: 1951, month: None }, "319510000"),
        (RegisteredBirth::Unknown, "000000000"),
    ] {
        assert_eq!(birth.expose_text(), text);
    }
}

#[test]
fn a_flag_stands_for_each_character_and_the_space() {
    let name = RegisteredText::name("霧島\u{3000}舞").unwrap();
    assert_eq!(name.expose_flags(), "0000");
    let name = name.with_substitutes(&[1]).unwrap();
    assert_eq!(name.expose_flags(), "0100");
    assert!(name.with_substitutes(&[4]).is_err());
}

#[test]
fn texts_outside_their_limits_are_refused() {
    assert!(RegisteredText::name("").is_err());
    assert!(RegisteredText::name("a\nb").is_err());
    assert!(RegisteredText::address(&"町".repeat(200)).is_ok());
    assert!(RegisteredText::address(&"町".repeat(201)).is_err());
    assert!(Municipality::new("1322", "Tokyo-to", "Kiyose-shi").is_err());
    assert!(Municipality::new("13221", "東京都", "Kiyose-shi").is_err());
    assert!(CitizenId::parse("").is_err());
    assert!(CitizenId::parse("a b").is_err());
}

#[test]
fn nothing_of_a_person_is_printed() {
    let shown = format!(
        "{:?}{:?}{:?}",
        RegisteredText::name("霧島\u{3000}舞").unwrap(),
        RegisteredBirth::Known(date(1980, 2, 17)),
        CitizenId::parse("resident-7").unwrap(),
    );
    assert_eq!(shown, "RegisteredText(…)RegisteredBirth(…)CitizenId(…)");
}
