use crate::{Amount, Fee, FeeSign, ReplacementAmounts};

#[test]
fn partial_dispense_is_one_amount_and_three_zeros() {
    let amounts = ReplacementAmounts::transaction(Amount::new(30_000).unwrap());
    let text = "000000030000000000000000C00000000C00000000";
    assert_eq!(amounts.to_string(), text);
    assert_eq!(ReplacementAmounts::parse(text), Ok(amounts));
}

#[test]
fn fees_keep_their_sign() {
    let fee = Fee::new(FeeSign::Debit, 110).unwrap();
    let amounts =
        ReplacementAmounts { transaction_fee: fee, ..ReplacementAmounts::transaction(Amount::ZERO) };
    assert_eq!(amounts.to_string(), "000000000000000000000000D00000110C00000000");
    let read = ReplacementAmounts::parse(&amounts.to_string()).unwrap();
    assert_eq!((read.transaction_fee.sign(), read.transaction_fee.minor_units()), (FeeSign::Debit, 110));
    assert!(Fee::new(FeeSign::Credit, 100_000_000).is_err());
}

#[test]
fn malformed_replacement_amounts_are_refused() {
    for text in [
        "",
        "000000030000000000000000C00000000C0000000",
        "000000030000000000000000C00000000C000000000",
        "000000030000000000000000000000000000000000",
        "00000003000A000000000000C00000000C00000000",
        "000000030000000000000000X00000000C00000000",
        "000000030000000000000000C+0000000C00000000",
    ] {
        assert!(ReplacementAmounts::parse(text).is_err(), "{text}");
    }
}
