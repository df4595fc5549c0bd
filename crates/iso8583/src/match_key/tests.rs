use std::collections::HashSet;

use crate::samples::{echo, purchase, reversal};
use crate::{De, Error, MatchKey, Message, Mti, ResponseCode, TransactionKey, japan_credit};

fn over_the_line(message: &Message) -> Message {
    Message::decode(japan_credit(), &message.encode(japan_credit()).unwrap()).unwrap()
}

#[test]
fn request_and_answer_have_the_same_key() {
    for request in [purchase(), reversal(), echo()] {
        let answer = over_the_line(&request.answer(ResponseCode::DoNotHonour).unwrap());
        assert_eq!(MatchKey::of(&request), MatchKey::of(&answer));
        assert!(MatchKey::of(&request).is_ok());
    }
}

#[test]
fn reversal_repeat_and_their_answers_have_the_same_key() {
    let first = reversal();
    let repeat = over_the_line(&first.repeat().unwrap());
    let answers = [&first, &repeat].map(|message| message.answer(ResponseCode::Approved).unwrap());
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].mti(), Mti::REVERSAL_ADVICE_RESPONSE);
    let keys: HashSet<MatchKey> =
        [&first, &repeat, &answers[0]].map(|message| MatchKey::of(message).unwrap()).into_iter().collect();
    assert_eq!(keys.len(), 1);
}

#[test]
fn every_part_of_the_key_tells_messages_apart() {
    let base = MatchKey::of(&purchase()).unwrap();
    for (de, other) in [
        (De::TRANSMITTED_AT, "1130010204"),
        (De::STAN, "000043"),
        (De::ACQUIRER, "12346"),
        (De::RRN, "000000000043"),
        (De::TERMINAL, "1234567890124"),
    ] {
        let mut message = purchase();
        message.set(de, other);
        assert_ne!(MatchKey::of(&message).unwrap(), base, "{de}");
        assert_ne!(TransactionKey::of(&message).unwrap(), TransactionKey::of(&purchase()).unwrap(), "{de}");
    }
    let mut message = purchase();
    message.set(De::AMOUNT, "1").set(De::MERCHANT, "other");
    assert_eq!(MatchKey::of(&message).unwrap(), base);
}

#[test]
fn answer_of_another_type_does_not_match() {
    let keys: Vec<MatchKey> = [
        Mti::AUTHORISATION_RESPONSE,
        Mti::FINANCIAL_RESPONSE,
        Mti::FINANCIAL_ADVICE_RESPONSE,
        Mti::REVERSAL_RESPONSE,
    ]
    .iter()
    .map(|&mti| {
        let mut message = Message::new(mti);
        for de in purchase().numbers() {
            message.set(de, purchase().expose_bytes(de).unwrap());
        }
        MatchKey::of(&message).unwrap()
    })
    .collect();
    assert_eq!(keys.iter().filter(|&&key| Ok(key) == MatchKey::of(&purchase())).count(), 1);
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 4);
}

#[test]
fn missing_part_of_the_key_is_an_error_except_in_network_management() {
    for de in [De::TRANSMITTED_AT, De::STAN, De::ACQUIRER, De::RRN, De::TERMINAL] {
        let mut message = purchase();
        message.remove(de);
        assert_eq!(MatchKey::of(&message), Err(Error::Missing { de }));
        assert_eq!(TransactionKey::of(&message), Err(Error::Missing { de }));
    }
    assert!(MatchKey::of(&echo()).is_ok());
}

#[test]
fn reversal_finds_its_original_through_element_90() {
    let original = TransactionKey::of(&over_the_line(&purchase())).unwrap();
    for message in [reversal(), reversal().repeat().unwrap()] {
        let message = over_the_line(&message);
        assert_eq!(TransactionKey::of_original(&message), Ok(original));
        assert_ne!(TransactionKey::of(&message), Ok(original));
    }
}

#[test]
fn original_of_another_acquirer_is_refused() {
    let mut message = reversal();
    message.set(De::ACQUIRER, "54321");
    assert_eq!(TransactionKey::of_original(&message), Err(Error::OriginalDiffers { de: De::ACQUIRER }));
    assert_eq!(TransactionKey::of_original(&purchase()), Err(Error::Missing { de: De::ORIGINAL_DATA }));
}

#[test]
fn key_as_text_is_the_same_for_equal_keys() {
    let mut other = purchase();
    other.set(De::ACQUIRER, "00012345");
    let keys = [purchase(), other].map(|message| TransactionKey::of(&message).unwrap());
    assert_eq!(keys[0], keys[1]);
    assert_eq!(keys.map(|key| key.to_string()), ["1130010203-000042-12345-000000000042-1234567890123"; 2]);
}
