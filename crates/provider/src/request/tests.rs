use enishi_iso8583::{AdditionalData, Amount, Mti, PaymentTerms, SlipNumber as IsoSlip, TerminalCode};
use proptest::prelude::*;

use super::*;

fn purchase() -> Message {
    let mut message = Message::new(Mti::AUTHORISATION_REQUEST);
    message
        .set_processing_code(ProcessingCode::PURCHASE)
        .set_amount(Amount::new(1_980).unwrap())
        .set_terminal(TerminalCode::parse("4980000000012").unwrap())
        .set(De::MERCHANT, "SHOP-1")
        .set_additional_data(&AdditionalData {
            payment: Some(PaymentTerms::instalments(12).unwrap()),
            slip: Some(IsoSlip::parse("00012").unwrap()),
            goods: None,
        })
        .set_currency(CurrencyNumber::JPY)
        .set_pin_block("9392000000000007", &[7; 16])
        .set_assertion(b"cose");
    message
}

#[test]
fn every_element_is_read() {
    let read = PurchaseRequest::read(&purchase()).unwrap();
    assert_eq!(read.amount, Money::yen(1_980).unwrap());
    assert_eq!(read.terminal.as_str(), "4980000000012");
    assert_eq!(read.merchant.as_str(), "SHOP-1");
    assert_eq!(read.slip.as_str(), "00012");
    assert_eq!(read.payment_type, PaymentType::from_code("61", 12).unwrap());
    assert_eq!(read.sealed_assertion, b"cose");
    let pin = read.pin.unwrap();
    assert_eq!((pin.surrogate_pan.as_str(), pin.block.expose_octets()), ("9392000000000007", &[7; 16]));
}

#[test]
fn a_missing_element_is_a_format_error_and_a_missing_pin_is_not() {
    for de in [
        De::PROCESSING_CODE,
        De::AMOUNT,
        De::TERMINAL,
        De::MERCHANT,
        De::ADDITIONAL_DATA,
        De::CURRENCY,
        De::ASSERTION,
        De::PAN,
        De::PIN_BLOCK_FORMAT_4,
    ] {
        let mut message = purchase();
        message.remove(de);
        assert_eq!(PurchaseRequest::read(&message).unwrap_err(), Refusal::Format, "{de}");
    }
    let mut message = purchase();
    message.remove(De::PAN).remove(De::PIN_BLOCK_FORMAT_4);
    assert!(PurchaseRequest::read(&message).unwrap().pin.is_none());
}

#[test]
fn what_is_no_purchase_in_yen_is_refused() {
    for (de, value, refusal) in [
        (De::PROCESSING_CODE, "010000", Refusal::Unsupported),
        (De::CURRENCY, "840", Refusal::Format),
        (De::AMOUNT, "000000000000", Refusal::Format),
        (De::TERMINAL, "T1", Refusal::Format),
        (De::MERCHANT, "a shop", Refusal::Format),
        (De::ADDITIONAL_DATA, "04004990006005000120700399", Refusal::Format),
        (De::ADDITIONAL_DATA, "040041005060050001207003990", Refusal::Format),
        (De::PAN, "4111111111111111", Refusal::Format),
    ] {
        let mut message = purchase();
        message.set(de, value);
        assert_eq!(PurchaseRequest::read(&message).unwrap_err(), refusal, "{de} {value}");
    }
}

proptest! {
    #[test]
    fn any_value_of_any_element_is_read_or_refused(number in 2_u8..=128, value: Vec<u8>) {
        let mut message = purchase();
        message.set(De::new(number).unwrap(), value);
        let _ = PurchaseRequest::read(&message);
    }
}
