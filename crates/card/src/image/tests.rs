use super::*;

#[test]
fn a_certificate_is_one_der_sequence_within_bounds() {
    let long = [&[0x30, 0x82, 0x0F, 0xFC][..], &[0; 4092]].concat();
    for good in [&[0x30, 0x00][..], &[0x30, 0x01, 0x00], &long] {
        assert!(check_certificate("field", good).is_ok());
    }
    let longer = [&[0x30, 0x82, 0x0F, 0xFD][..], &[0; 4093]].concat();
    for bad in [
        &[][..],
        &[0x30],
        &[0x31, 0x00],
        &[0x30, 0x00, 0x00],
        &[0x30, 0x02, 0x00],
        &[0x30, 0x80, 0x00, 0x00],
        &[0x30, 0x81, 0x01, 0x00],
        &longer,
    ] {
        assert!(matches!(check_certificate("field", bad), Err(ImageFault::Certificate { field: "field" })));
    }
}

#[test]
fn filler_reaches_the_next_multiple_and_adds_nothing_to_a_full_file() {
    assert_eq!(Filler::None.fill(&[1, 2]), [1, 2]);
    assert_eq!(Filler::Ones.fill(&[1; 1000]).len(), 1024);
    assert_eq!(Filler::Zeros.fill(&[1; 1025])[1025..], [0; 1023]);
    assert_eq!(Filler::Ones.fill(&[1; 1024]), [1; 1024]);
}

#[test]
fn a_pin_outside_its_alphabet_or_counter_is_refused() {
    for (name, value, tries) in [
        (PinName::Authentication, &b"407"[..], 3),
        (PinName::Authentication, b"407A", 3),
        (PinName::Authentication, b"4071", 4),
        (PinName::Signing, b"ABC12", 5),
        (PinName::Signing, b"abc123", 5),
        (PinName::Signing, b"ABCDEFGH123456789", 5),
        (PinName::Signing, b"ABC123", 6),
        (PinName::FaceCodeB, b"5502172035228", 10),
    ] {
        assert!(matches!(Secret::new(name, value, tries), Err(ImageFault::Pin { .. })), "{name:?}");
    }
}

#[test]
fn a_pin_shows_its_counter_and_never_its_value() {
    let secret = Secret::new(PinName::Signing, b"TSUNAGU7", 4).unwrap();
    assert_eq!(format!("{secret:?}"), "Secret { name: Signing, tries_left: 4, .. }");
}
