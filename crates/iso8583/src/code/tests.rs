use crate::{
    Amount, ApprovalNumber, GoodsCode, InstitutionId, MerchantCode, ProcessingCode, Rrn, SlipNumber, Stan,
    TerminalCode,
};

#[test]
fn codes_hold_their_length_and_characters() {
    assert_eq!(Rrn::parse("ABCdef012345").unwrap().as_str(), "ABCdef012345");
    assert!(Rrn::parse("00000000004").is_err());
    assert!(Rrn::parse("0000000000421").is_err());
    assert!(Rrn::parse("00000000004 ").is_err());
    assert!(ApprovalNumber::parse("A1B2C3").is_ok());
    assert!(ApprovalNumber::parse("A1B2C").is_err());
    assert_eq!(TerminalCode::parse("T-1").unwrap().to_string(), "T-1");
    assert!(TerminalCode::parse("T1 ").is_err());
    assert!(TerminalCode::parse("").is_err());
    assert!(TerminalCode::parse("12345678901234").is_err());
    assert!(MerchantCode::parse("店").is_err());
    assert!(SlipNumber::parse("123456789").is_err());
    assert!(GoodsCode::parse("12").is_err());
    assert!(GoodsCode::parse("12345678").is_err());
    assert_eq!(ProcessingCode::parse("010000"), Ok(ProcessingCode::WITHDRAWAL));
}

#[test]
fn numbers_hold_their_range() {
    assert_eq!(Stan::new(7).unwrap().to_string(), "000007");
    assert_eq!(Stan::parse("000007"), Stan::new(7));
    assert!(Stan::new(1_000_000).is_err());
    assert!(["7", "+00007", "0000007", " 00007"].iter().all(|text| Stan::parse(text).is_err()));
    assert_eq!(Amount::new(1_500).unwrap().to_string(), "000000001500");
    assert_eq!(Amount::parse("999999999999").unwrap().minor_units(), 999_999_999_999);
    assert!(Amount::new(1_000_000_000_000).is_err());
    assert!(["", "+1", "-1", "1.0", "0000000000001"].iter().all(|text| Amount::parse(text).is_err()));
}

#[test]
fn institution_is_the_same_with_and_without_leading_zeros() {
    let [short, long] = ["12345", "00000012345"].map(|text| InstitutionId::parse(text).unwrap());
    assert_eq!(short, long);
    assert_eq!(short.to_string(), "12345");
    assert_eq!(long.to_string(), "00000012345");
    assert!(
        ["", "0", "00000000000", "123456789012", "12a"]
            .iter()
            .all(|text| InstitutionId::parse(text).is_err())
    );
}
