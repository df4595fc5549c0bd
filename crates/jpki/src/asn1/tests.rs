use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

use super::{DerFault, Reader, encode, encode_all, tag};

fn fault(input: &[u8], expected: u8) -> DerFault {
    Reader::only(input, expected).map(|_| ()).unwrap_err().fault
}

#[test]
fn lengths_that_are_not_der_are_refused() {
    for (input, expected) in [
        (&[][..], DerFault::Truncated),
        (&[0x30], DerFault::Truncated),
        (&[0x30, 1], DerFault::Truncated),
        (&[0x30, 0x80, 0, 0], DerFault::Length),
        (&[0x30, 0x81, 1, 0], DerFault::Length),
        (&[0x30, 0x82, 0, 0x80], DerFault::Length),
        (&[0x30, 0x85, 1, 0, 0, 0, 0], DerFault::Length),
        (&[0x30, 0xff], DerFault::Length),
        (&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], DerFault::Truncated),
        (&[0x30, 0, 0], DerFault::Trailing),
        (&[0x1f, 0x81, 1, 0], DerFault::Tag { expected: 0x30, found: 0x1f }),
    ] {
        assert_eq!(fault(input, 0x30), expected, "{input:02x?}");
    }
    assert_eq!(Reader::new(&[0x1f, 0x81, 1, 0]).any().map(|_| ()).unwrap_err().fault, DerFault::LongTag);
}

#[test]
fn elements_know_where_they_stood() {
    let input = encode_all(0x30, &[&[2, 1, 5], &encode(0x04, &[0x30, 2, 5, 0])]);
    let mut inside = Reader::only(&input, 0x30).unwrap().inside();
    assert_eq!(inside.expect(2).unwrap().range(), 2..5);
    let octets = inside.expect(4).unwrap();
    let nested = octets.only_inside(0x30).unwrap().only_inside(5).unwrap();
    assert_eq!(nested.range(), 9..11);
    assert_eq!(&input[nested.range()], nested.raw());
    assert!(inside.finish().is_ok());
}

#[test]
fn two_digit_years_turn_at_1950() {
    let year = |text: &str| {
        let der = encode(tag::UTC_TIME, text.as_bytes());
        Reader::new(&der).any().unwrap().x509_time().unwrap().to_string()
    };
    assert_eq!(year("491231235959Z"), "2049-12-31T23:59:59Z");
    assert_eq!(year("500101000000Z"), "1950-01-01T00:00:00Z");
}

#[test]
fn times_that_do_not_exist_or_have_another_form_are_refused() {
    for text in [
        "",
        "Z",
        "250101000000",
        "2501010000Z",
        "250101000000+0900",
        "251301000000Z",
        "250100000000Z",
        "250101240000Z",
        "250101000060Z",
        "25010100000aZ",
        "25010100 000Z",
        "20250101000000Z",
        "250101000000ZZ",
    ] {
        let der = encode(tag::UTC_TIME, text.as_bytes());
        assert!(Reader::new(&der).any().unwrap().x509_time().is_err(), "{text}");
    }
    for text in ["20500101000000", "20500101000000.0Z", "2050010100Z", "99991231235959Z"] {
        let der = encode(tag::GENERALIZED_TIME, text.as_bytes());
        assert!(Reader::new(&der).any().unwrap().x509_time().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn whatever_is_encoded_reads_back(tag in 0_u8..0x1f, content in prop::collection::vec(any::<u8>(), 0..70_000)) {
        let der = encode(tag, &content);
        let element = Reader::only(&der, tag).unwrap();
        prop_assert_eq!(element.content(), content.as_slice());
        prop_assert_eq!(element.raw(), der.as_slice());
        prop_assert!(Reader::only(&der[..der.len() - 1], tag).is_err());
    }

    #[test]
    fn random_octets_never_panic(input in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut reader = Reader::new(&input);
        while let Ok(element) = reader.any() {
            let _ = (element.x509_time(), element.generalized_time(), element.unsigned_integer());
            let _ = (element.whole_octets(), element.object_identifier(), element.utf8(), element.true_flag());
            let _ = element.inside().any();
        }
    }
}
