use crate::{AdditionalData, De, Error, GoodsCode, Message, Mti, PaymentTerms, SlipNumber, japan_credit};

fn terms(kind: u8, count: u8) -> Option<PaymentTerms> {
    Some(PaymentTerms::new(kind, count).unwrap())
}

fn slip(text: &str) -> Option<SlipNumber> {
    Some(SlipNumber::parse(text).unwrap())
}

fn goods(text: &str) -> Option<GoodsCode> {
    Some(GoodsCode::parse(text).unwrap())
}

#[test]
fn tags_are_read_and_written() {
    for (text, payment, slip, goods) in [
        ("040041000", terms(10, 0), None, None),
        ("040046112", terms(61, 12), None, None),
        ("060011", None, slip("1"), None),
        ("0600800000123", None, slip("00000123"), None),
        ("07003990", None, None, goods("990")),
        ("0400480000600512345070071234567", terms(80, 0), slip("12345"), goods("1234567")),
    ] {
        let data = AdditionalData { payment, slip, goods };
        assert_eq!(AdditionalData::parse(text), Ok(data), "{text}");
        assert_eq!(data.to_string(), text);
    }
}

#[test]
fn tags_are_read_in_any_order_and_written_in_theirs() {
    let data = AdditionalData::parse("07003990060011040041000").unwrap();
    assert_eq!(data.to_string(), "04004100006001107003990");
}

#[test]
fn faults_in_additional_data_are_refused_at_their_place() {
    for (text, at, expected) in [
        ("050011", 0, "a tag of the dialect"),
        ("040041000060011050011", 15, "a tag of the dialect"),
        ("040041000040041000", 9, "each tag once"),
        ("04004100004004100", 9, "each tag once"),
        ("04003100", 2, "a length that the tag may have"),
        ("0400510000", 2, "a length that the tag may have"),
        ("06000", 2, "a length that the tag may have"),
        ("06009123456789", 2, "a length that the tag may have"),
        ("0700212", 2, "a length that the tag may have"),
        ("0700812345678", 2, "a length that the tag may have"),
        ("06999", 2, "a length that the tag may have"),
        ("0600812345", 2, "a length within the element"),
        ("04004100A", 8, "a character that the tag may contain"),
        ("06003-12", 5, "a character that the tag may contain"),
        ("07003AB1", 5, "a character that the tag may contain"),
        ("0400", 0, "two digits of tag and three of length"),
        ("0400410000", 9, "two digits of tag and three of length"),
        ("4 0041000", 1, "two digits of tag and three of length"),
        ("04+041000", 2, "two digits of tag and three of length"),
    ] {
        let mut message = Message::new(Mti::FINANCIAL_REQUEST);
        message.set(De::ADDITIONAL_DATA, text);
        let wire =
            [b"02000000000000010000".as_slice(), format!("{:03}{text}", text.len()).as_bytes()].concat();
        // MTI, bitmap, length prefix.
        let refusal = Error::Content { de: De::ADDITIONAL_DATA, offset: 4 + 16 + 3 + at, expected };
        assert_eq!(Message::decode(japan_credit(), &wire), Err(refusal), "{text}");
        assert_eq!(message.encode(japan_credit()), Err(refusal), "{text}");
        assert_eq!(message.additional_data(), Err(Error::Value { de: De::ADDITIONAL_DATA, expected }));
    }
}

#[test]
fn payment_terms_are_two_digits_twice() {
    assert_eq!(PaymentTerms::parse("6112"), PaymentTerms::instalments(12));
    assert_eq!(PaymentTerms::LUMP_SUM.to_string(), "1000");
    assert!(
        ["", "611", "61123", "6 12", "+112", "６1"].iter().all(|text| PaymentTerms::parse(text).is_err())
    );
    assert!(PaymentTerms::new(100, 0).is_err() && PaymentTerms::instalments(100).is_err());
}

#[test]
fn empty_additional_data_take_the_element_out() {
    let mut message = Message::new(Mti::FINANCIAL_REQUEST);
    message.set_additional_data(&AdditionalData { slip: slip("1"), ..AdditionalData::default() });
    assert!(message.has(De::ADDITIONAL_DATA));
    message.set_additional_data(&AdditionalData::default());
    assert!(!message.has(De::ADDITIONAL_DATA));
    assert_eq!(message.additional_data(), Ok(AdditionalData::default()));
}
