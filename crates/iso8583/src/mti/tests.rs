use crate::{Class, Error, Mti};

#[test]
fn every_type_is_read_and_written_alike_or_refused_at_its_wrong_digit() {
    let mut accepted = 0;
    for number in 0..10_000_u32 {
        let text = format!("{number:04}");
        let digits: [u8; 4] = text.as_bytes().try_into().unwrap();
        match Mti::parse(digits) {
            Ok(mti) => {
                assert_eq!(mti.digits(), digits);
                assert_eq!(mti.to_string(), text);
                accepted += 1;
            }
            Err(Error::Mti { offset, .. }) => assert!(offset < 4),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(accepted, 3 * 8 * 5 * 6);
}

#[test]
fn constants_are_the_types_that_they_are_called() {
    for (mti, text) in [
        (Mti::AUTHORISATION_REQUEST, "0100"),
        (Mti::AUTHORISATION_RESPONSE, "0110"),
        (Mti::AUTHORISATION_ADVICE, "0120"),
        (Mti::AUTHORISATION_ADVICE_REPEAT, "0121"),
        (Mti::AUTHORISATION_ADVICE_RESPONSE, "0130"),
        (Mti::FINANCIAL_REQUEST, "0200"),
        (Mti::FINANCIAL_RESPONSE, "0210"),
        (Mti::FINANCIAL_ADVICE, "0220"),
        (Mti::FINANCIAL_ADVICE_REPEAT, "0221"),
        (Mti::FINANCIAL_ADVICE_RESPONSE, "0230"),
        (Mti::REVERSAL_REQUEST, "0400"),
        (Mti::REVERSAL_REQUEST_REPEAT, "0401"),
        (Mti::REVERSAL_RESPONSE, "0410"),
        (Mti::REVERSAL_ADVICE, "0420"),
        (Mti::REVERSAL_ADVICE_REPEAT, "0421"),
        (Mti::REVERSAL_ADVICE_RESPONSE, "0430"),
        (Mti::NETWORK_REQUEST, "0800"),
        (Mti::NETWORK_RESPONSE, "0810"),
    ] {
        assert_eq!(mti.to_string(), text);
    }
}

#[test]
fn answer_is_one_function_further_and_never_a_repeat() {
    for (mti, response) in [
        (Mti::AUTHORISATION_REQUEST, Some(Mti::AUTHORISATION_RESPONSE)),
        (Mti::FINANCIAL_ADVICE_REPEAT, Some(Mti::FINANCIAL_ADVICE_RESPONSE)),
        (Mti::REVERSAL_REQUEST_REPEAT, Some(Mti::REVERSAL_RESPONSE)),
        (Mti::REVERSAL_ADVICE, Some(Mti::REVERSAL_ADVICE_RESPONSE)),
        (Mti::REVERSAL_ADVICE_REPEAT, Some(Mti::REVERSAL_ADVICE_RESPONSE)),
        (Mti::NETWORK_REQUEST, Some(Mti::NETWORK_RESPONSE)),
        (Mti::REVERSAL_ADVICE_RESPONSE, None),
        (Mti::FINANCIAL_RESPONSE, None),
    ] {
        assert_eq!(mti.response(), response, "{mti}");
    }
    assert_eq!(Mti::REVERSAL_ADVICE.class, Class::Reversal);
}
