use crate::{ApprovalNumber, De, Error, MerchantCode, Message, Mti, NetworkCode, ProcessingCode, samples};

#[test]
fn typed_values_are_those_that_were_set() {
    let mut message = Message::new(Mti::FINANCIAL_RESPONSE);
    message
        .set_processing_code(ProcessingCode::DEPOSIT)
        .set_approval_number(ApprovalNumber::parse("A00001").unwrap())
        .set_merchant(MerchantCode::parse("M 1").unwrap())
        .set_network_code(NetworkCode::SIGN_ON);
    assert_eq!(message.processing_code(), Ok(ProcessingCode::DEPOSIT));
    assert_eq!(message.approval_number(), ApprovalNumber::parse("A00001"));
    assert_eq!(message.merchant(), MerchantCode::parse("M 1"));
    assert_eq!(message.network_code(), Ok(NetworkCode::SIGN_ON));
}

#[test]
fn missing_and_malformed_are_told_apart() {
    let mut message = Message::new(Mti::FINANCIAL_REQUEST);
    assert_eq!(message.stan(), Err(Error::Missing { de: De::STAN }));
    message.set(De::STAN, "12");
    assert!(matches!(message.stan(), Err(Error::Value { de: De::STAN, .. })));
    message.set(De::STAN, [0xFF; 6]);
    assert!(matches!(message.stan(), Err(Error::Value { de: De::STAN, .. })));
}

#[test]
fn pin_block_comes_with_its_surrogate_number() {
    let message = samples::purchase();
    assert_eq!(message.expose_pin_block(), Some(&samples::PIN_BLOCK));
    assert_eq!(message.expose_surrogate_pan(), Some(samples::SURROGATE));
}
