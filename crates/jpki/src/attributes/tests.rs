use proptest::prelude::{any, prop, proptest};

use super::{AttributeError, BasicAttributes, BirthDay, CharacterForm, Era, Sex};
use crate::asn1::{encode, encode_all, tag};
use crate::oid::{self, Oid};

type Attribute = (Oid, &'static str);

/// An invented person.
const PERSON: [Attribute; 6] = [
    (oid::ATTRIBUTE_NAME, "縁結\u{3000}花子"),
    (oid::ATTRIBUTE_BIRTH_DATE, "419890108"),
    (oid::ATTRIBUTE_SEX, "2"),
    (oid::ATTRIBUTE_ADDRESS, "架空県見本市一丁目"),
    (oid::ATTRIBUTE_NAME_SUBSTITUTIONS, "01000"),
    (oid::ATTRIBUTE_ADDRESS_SUBSTITUTIONS, "000000000"),
];

fn other_name(oid: Oid, text: &str) -> Vec<u8> {
    let value = encode(0xa0, &encode(tag::UTF8_STRING, text.as_bytes()));
    encode_all(0xa0, &[&encode(tag::OID, oid.as_bytes()), &value])
}

fn names(attributes: &[Attribute]) -> Vec<u8> {
    let each: Vec<_> = attributes.iter().map(|&(oid, text)| other_name(oid, text)).collect();
    encode(tag::SEQUENCE, &each.concat())
}

fn with(attribute: Oid, text: &'static str) -> Result<BasicAttributes, AttributeError> {
    let mut person = PERSON;
    person.iter_mut().find(|(oid, _)| *oid == attribute).unwrap().1 = text;
    BasicAttributes::read(&names(&person))
}

#[test]
fn attributes_are_found_by_identifier_in_any_order() {
    let mut person = PERSON;
    for _ in 0..6 {
        person.rotate_left(1);
        let read = BasicAttributes::read(&names(&person)).unwrap();
        assert_eq!(read.expose_name(), "縁結\u{3000}花子");
        assert_eq!(read.expose_address(), "架空県見本市一丁目");
        assert_eq!(read.expose_name_substitutions()[1], CharacterForm::Substitute);
        assert_eq!(read.expose_address_substitutions().len(), 9);
        assert!(read.expose_sex() == Sex::Female);
        assert!(read.expose_birth_date().expose_era() == Era::Heisei);
        assert!(read.expose_birth_date().expose_day() == BirthDay::Known(jiff::civil::date(1989, 1, 8)));
        assert_eq!(format!("{read:?} {:?}", read.expose_birth_date()), "BasicAttributes(…) BirthDate(…)");
    }
}

#[test]
fn unknown_names_are_passed_over() {
    let known: Vec<_> = PERSON.iter().map(|&(oid, text)| other_name(oid, text)).collect();
    let kana = other_name(Oid::new_unwrap("1.2.392.200149.8.5.5.7"), "エンムスビ　ハナコ");
    let odd = encode_all(0xa0, &[&encode(tag::OID, &[0x2a, 3]), &encode(0xa0, &[5, 0])]);
    let email = encode(0x81, b"hanako@mail.example");
    let all = encode(tag::SEQUENCE, &[kana, odd, email, known.concat()].concat());
    assert!(BasicAttributes::read(&all).is_ok());
}

#[test]
fn each_missing_or_double_attribute_is_refused_by_name() {
    for index in 0..PERSON.len() {
        let mut person = PERSON.to_vec();
        let double = person[index];
        person.push(double);
        let error = BasicAttributes::read(&names(&person)).unwrap_err();
        assert!(matches!(error, AttributeError::Duplicate(_)), "{error}");
        person.pop();
        person.remove(index);
        let error = BasicAttributes::read(&names(&person)).unwrap_err();
        assert!(matches!(error, AttributeError::Missing(_)), "{error}");
    }
    assert_eq!(BasicAttributes::read(&[]), Err(AttributeError::Missing("name")));
}

#[test]
fn attributes_of_another_form_are_refused() {
    for (attribute, text) in [
        (oid::ATTRIBUTE_NAME, ""),
        (oid::ATTRIBUTE_NAME, "a\nb c"),
        (oid::ATTRIBUTE_NAME_SUBSTITUTIONS, "0100"),
        (oid::ATTRIBUTE_NAME_SUBSTITUTIONS, "01002"),
        (oid::ATTRIBUTE_ADDRESS_SUBSTITUTIONS, "0000000000"),
        (oid::ATTRIBUTE_SEX, "0"),
        (oid::ATTRIBUTE_SEX, "12"),
        (oid::ATTRIBUTE_BIRTH_DATE, "41989010"),
        (oid::ATTRIBUTE_BIRTH_DATE, "619890108"),
        (oid::ATTRIBUTE_BIRTH_DATE, "419890230"),
        (oid::ATTRIBUTE_BIRTH_DATE, "419891301"),
        (oid::ATTRIBUTE_BIRTH_DATE, "400001301"),
        (oid::ATTRIBUTE_BIRTH_DATE, "4198901a8"),
        (oid::ATTRIBUTE_BIRTH_DATE, "４１９８９"),
    ] {
        assert!(matches!(with(attribute, text), Err(AttributeError::Form(_))), "{attribute} {text}");
    }
    let long: &'static str = "長".repeat(201).leak();
    assert_eq!(with(oid::ATTRIBUTE_ADDRESS, long), Err(AttributeError::Form("address")));
    let many: Vec<_> = std::iter::repeat_n((Oid::new_unwrap("1.2.3"), "x"), 33).collect();
    assert_eq!(BasicAttributes::read(&names(&many)), Err(AttributeError::TooMany));
}

#[test]
fn birth_dates_may_be_known_in_part_only() {
    for (text, expected) in [
        ("019890100", BirthDay::Partial { year: Some(1989), month: Some(1), day: None }),
        ("319450000", BirthDay::Partial { year: Some(1945), month: None, day: None }),
        ("000000000", BirthDay::Partial { year: None, month: None, day: None }),
        ("500000208", BirthDay::Partial { year: None, month: Some(2), day: Some(8) }),
    ] {
        let read = with(oid::ATTRIBUTE_BIRTH_DATE, text).unwrap();
        assert!(read.expose_birth_date().expose_day() == expected, "{text}");
    }
}

#[test]
fn both_digits_for_a_sex_that_is_not_stated_are_read() {
    for digit in ["3", "9"] {
        assert!(with(oid::ATTRIBUTE_SEX, digit).unwrap().expose_sex() == Sex::NotStated);
    }
}

proptest! {
    #[test]
    fn random_and_damaged_names_never_panic(
        random in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..400, octet in any::<u8>(),
    ) {
        let _ = BasicAttributes::read(&random);
        let mut damaged = names(&PERSON);
        let at = at % damaged.len();
        let _ = BasicAttributes::read(&damaged[..at]);
        damaged[at] = octet;
        let _ = BasicAttributes::read(&damaged);
    }
}
