use crate::samples::{purchase, reversal};
use crate::{De, Error, InstitutionId, Mti, OriginalData};

const DIGITS: &str = "020000004211300102030000001234500000000000";

#[test]
fn original_data_are_type_trace_number_time_and_institutions() {
    let original = OriginalData::of(&purchase()).unwrap();
    assert_eq!(original.to_digits(), DIGITS);
    assert_eq!(OriginalData::parse(DIGITS), Ok(original));
    assert_eq!(original.mti, Mti::FINANCIAL_REQUEST);
    assert_eq!(original.forwarder, None);
    assert_eq!(reversal().original_data(), Ok(original));
}

#[test]
fn forwarder_is_carried_where_there_is_one() {
    let mut message = purchase();
    message.set(De::FORWARDER, "777");
    let original = OriginalData::of(&message).unwrap();
    assert_eq!(original.forwarder, Some(InstitutionId::parse("777").unwrap()));
    assert_eq!(OriginalData::parse(&original.to_digits()), Ok(original));
    message.set(De::FORWARDER, "not a number");
    assert!(matches!(OriginalData::of(&message), Err(Error::Value { de: De::FORWARDER, .. })));
}

#[test]
fn original_without_trace_number_or_time_has_no_original_data() {
    for de in [De::STAN, De::TRANSMITTED_AT] {
        let mut message = purchase();
        message.remove(de);
        assert_eq!(OriginalData::of(&message), Err(Error::Missing { de }));
    }
}

#[test]
fn malformed_original_data_are_refused() {
    let zeros = "0".repeat(42);
    let month_13 = DIGITS.replace("1130010203", "1330010203");
    let letter = DIGITS.replace("12345", "1234A");
    for text in ["", &DIGITS[1..], &zeros, &month_13, &letter] {
        assert!(OriginalData::parse(text).is_err(), "{text}");
    }
}
