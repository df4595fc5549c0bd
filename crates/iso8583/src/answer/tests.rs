use crate::samples::{purchase, reversal};
use crate::{De, Error, Mti, ResponseCode, japan_credit};

#[test]
fn answer_says_what_it_answers_and_nothing_secret() {
    let answer = purchase().answer(ResponseCode::InsufficientFunds).unwrap();
    assert_eq!(answer.mti(), Mti::FINANCIAL_RESPONSE);
    assert_eq!(answer.response_code(), Ok(ResponseCode::InsufficientFunds));
    let numbers: Vec<u8> = answer.numbers().map(De::number).collect();
    assert_eq!(numbers, [3, 4, 7, 11, 32, 37, 39, 41, 42, 49]);
    assert!(answer.encode(japan_credit()).is_ok());
}

#[test]
fn answer_to_a_reversal_names_the_original_again() {
    let answer = reversal().answer(ResponseCode::Approved).unwrap();
    assert_eq!(answer.original_data(), reversal().original_data());
}

#[test]
fn answer_has_no_answer() {
    let mti = Mti::FINANCIAL_RESPONSE;
    let answer = purchase().answer(ResponseCode::Approved).unwrap();
    assert_eq!(answer.answer(ResponseCode::Approved), Err(Error::NoAnswer { mti }));
}
