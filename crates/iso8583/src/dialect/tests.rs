use crate::samples::de;
use crate::{De, Encoding, Padding, Prefix, Sensitivity, ascii_1987, japan_credit};

#[test]
fn tables_are_as_reviewed() {
    insta::assert_snapshot!("ascii-1987", ascii_1987());
    insta::assert_snapshot!("japan-credit", japan_credit());
}

#[test]
fn every_row_stands_at_its_number() {
    for dialect in [ascii_1987(), japan_credit()] {
        for spec in dialect.fields() {
            assert_eq!(dialect.field(spec.de()).map(|found| found.name()), Some(spec.name()));
            assert!(spec.min() <= spec.max() && spec.max() <= 999);
        }
    }
}

#[test]
fn ascii_1987_has_every_element_but_the_third_bitmap() {
    let missing: Vec<u8> = (2..=128).filter(|&number| ascii_1987().field(de(number)).is_none()).collect();
    assert_eq!(missing, [65]);
    assert!(De::new(0).is_none() && De::new(1).is_none() && De::new(129).is_none());
}

#[test]
fn bytes_are_never_open_and_padding_is_for_fixed_elements_only() {
    for spec in ascii_1987().fields().chain(japan_credit().fields()) {
        if !matches!(spec.encoding(), Encoding::Text(_)) {
            assert_ne!(spec.sensitivity(), Sensitivity::Open, "{}", spec.de());
        }
        if spec.padding() != Padding::None {
            assert_eq!(spec.prefix(), Prefix::Fixed, "{}", spec.de());
        }
    }
}

#[test]
fn pin_blocks_are_marked_as_such() {
    let marked = |dialect: &crate::Dialect| -> Vec<u8> {
        let pins = dialect.fields().filter(|spec| spec.sensitivity() == Sensitivity::Pin);
        pins.map(|spec| spec.de().number()).collect()
    };
    assert_eq!(marked(ascii_1987()), [52]);
    assert_eq!(marked(japan_credit()), [52, 125]);
}
