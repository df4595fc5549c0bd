use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

use super::{Serial, SerialError};

#[test]
fn a_serial_is_a_positive_minimal_integer_of_at_most_20_octets() {
    for (content, error) in [
        (&[][..], SerialError::NotDer),
        (&[0], SerialError::Zero),
        (&[0x80], SerialError::NotDer),
        (&[0xff, 0xff], SerialError::NotDer),
        (&[0, 0x7f], SerialError::NotDer),
        (&[0, 0], SerialError::NotDer),
        (&[1; 21], SerialError::TooLong),
    ] {
        assert_eq!(Serial::from_der_content(content), Err(error), "{content:?}");
    }
    for content in [&[1][..], &[0x7f], &[0, 0x80], &[0x7f; 20]] {
        assert_eq!(Serial::from_der_content(content).unwrap().expose_der_content(), content);
    }
    assert_eq!(Serial::from_u64(0), Err(SerialError::Zero));
}

#[test]
fn a_serial_prints_nothing_and_is_exposed_in_decimal() {
    // The serial of an authority's certificate in both notations (docs/jpki.md §2).
    let serial = Serial::from_der_content(&[0x06, 0xd1, 0x80, 0x06]).unwrap();
    assert_eq!(serial.expose_decimal(), "114393094");
    assert_eq!(format!("{serial:?}"), "Serial(…)");
    let largest = Serial::from_der_content(&[0x7f; 20]).unwrap();
    assert_eq!(largest.expose_decimal(), "727885129180488904360266563744972327436484050815");
}

proptest! {
    #[test]
    fn numbers_keep_value_and_order(a in 1..=u64::MAX, b in 1..=u64::MAX) {
        let (first, second) = (Serial::from_u64(a).unwrap(), Serial::from_u64(b).unwrap());
        prop_assert_eq!(first.expose_decimal(), a.to_string());
        prop_assert_eq!(first.cmp(&second), a.cmp(&b));
        prop_assert_eq!(&Serial::from_der_content(first.expose_der_content()).unwrap(), &first);
    }

    #[test]
    fn any_octets_are_a_serial_that_reads_back_or_an_error(octets in prop::collection::vec(any::<u8>(), 0..24)) {
        if let Ok(serial) = Serial::from_der_content(&octets) {
            prop_assert_eq!(serial.expose_der_content(), octets.as_slice());
            prop_assert!(!serial.expose_decimal().is_empty());
        }
    }
}
