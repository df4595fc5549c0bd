use proptest::prelude::*;
use std::collections::BTreeMap;

use crate::samples::{self, de};
use crate::{De, Error, Message, Mti, japan_credit};

#[test]
fn repeat_changes_nothing_but_the_type() {
    let first = samples::reversal();
    let repeat = first.repeat().unwrap();
    assert_eq!(repeat.mti(), Mti::REVERSAL_ADVICE_REPEAT);
    let [first, repeat] = [&first, &repeat].map(|message| message.encode(japan_credit()).unwrap());
    assert_eq!(&repeat[..4], b"0421");
    assert_eq!(first[4..], repeat[4..]);
}

#[test]
fn repeat_of_a_repeat_is_the_same_again() {
    let repeat = samples::reversal().repeat().unwrap();
    assert_eq!(repeat.repeat().unwrap(), repeat);
}

#[test]
fn requests_and_answers_cannot_be_repeated() {
    for (mti, repeat) in [
        (Mti::AUTHORISATION_REQUEST, None),
        (Mti::FINANCIAL_REQUEST, None),
        (Mti::NETWORK_REQUEST, None),
        (Mti::FINANCIAL_RESPONSE, None),
        (Mti::REVERSAL_ADVICE_RESPONSE, None),
        (Mti::AUTHORISATION_ADVICE, Some(Mti::AUTHORISATION_ADVICE_REPEAT)),
        (Mti::FINANCIAL_ADVICE, Some(Mti::FINANCIAL_ADVICE_REPEAT)),
        (Mti::REVERSAL_REQUEST, Some(Mti::REVERSAL_REQUEST_REPEAT)),
    ] {
        let found = Message::new(mti).repeat().map(|message| message.mti());
        assert_eq!(found, repeat.ok_or(Error::NotRepeatable { mti }), "{mti}");
    }
}

#[test]
fn debug_shows_type_and_numbers_only() {
    let debug = format!("{:?}", samples::purchase());
    assert_eq!(
        debug,
        "Message(0200, DE 2, DE 3, DE 4, DE 7, DE 11, DE 32, DE 37, DE 41, DE 42, DE 48, DE 49, DE 125, DE 126)"
    );
}

#[test]
fn removed_element_is_gone_and_the_others_stay() {
    let mut message = samples::purchase();
    message.remove(De::PIN_BLOCK_FORMAT_4).remove(De::PAN).remove(de(60));
    assert!(!message.has(De::PAN) && message.expose_pin_block().is_none());
    assert_eq!(message.assertion(), samples::purchase().assertion());
    assert_eq!(message.stan(), samples::purchase().stan());
}

#[test]
fn equality_does_not_depend_on_the_order_of_setting() {
    let [mut one, mut other] = [Message::new(Mti::FINANCIAL_REQUEST), Message::new(Mti::FINANCIAL_REQUEST)];
    one.set(De::STAN, "000001").set(De::RRN, "000000000001").set(De::AMOUNT, "1");
    other.set(De::RRN, "x").set(De::AMOUNT, "1").set(De::STAN, "000001").set(De::RRN, "000000000001");
    assert_eq!(one, other);
}

proptest! {
    #[test]
    fn elements_behave_as_a_map(
        steps in prop::collection::vec((2..=128_u8, prop::option::of(prop::collection::vec(any::<u8>(), 0..80))), 0..60),
    ) {
        let mut message = Message::new(Mti::FINANCIAL_REQUEST);
        let mut map = BTreeMap::new();
        for (number, value) in steps {
            match value {
                Some(value) => {
                    message.set(de(number), &value);
                    map.insert(de(number), value);
                }
                None => {
                    message.remove(de(number));
                    map.remove(&de(number));
                }
            }
        }
        prop_assert!(message.numbers().eq(map.keys().copied()));
        for (&de, value) in &map {
            prop_assert_eq!(message.expose_bytes(de), Some(value.as_slice()));
        }
    }
}
