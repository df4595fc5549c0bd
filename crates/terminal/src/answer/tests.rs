use enishi_party::RefusalCode;
use enishi_wire::{PaymentStatus, Problem};
use proptest::prelude::*;

use super::{ANSWER_OCTETS, payment, refusal};

const PAYMENT: &str = "pay_00000000000000000000000000000001";

fn approved(number: &str, label: &str) -> Vec<u8> {
    serde_json::json!({
        "payment": PAYMENT, "status": "approved", "approval_number": number,
        "retrieval_reference": "000000000001", "label": label, "unknown": { "future": [1] },
    })
    .to_string()
    .into_bytes()
}

fn need(entries: usize, pin: Option<&str>) -> Vec<u8> {
    let handle = |n: usize| format!("chs_{n:032x}");
    let choose: Vec<_> =
        (0..entries).map(|n| serde_json::json!({ "handle": handle(n), "label": "L" })).collect();
    let pin = pin.map(|pan| serde_json::json!({ "surrogate_pan": pan }));
    serde_json::json!({ "payment": PAYMENT, "status": "need", "choose": choose, "pin": pin })
        .to_string()
        .into_bytes()
}

#[test]
fn an_unknown_field_of_an_answer_is_ignored() {
    assert!(matches!(payment(&approved("A1B2C3", "x")).unwrap().status, PaymentStatus::Approved(_)));
}

#[test]
fn an_answer_that_is_not_of_the_form_is_none() {
    assert!(payment(b"").is_none());
    assert!(payment(b"{}").is_none());
    assert!(payment(&approved("", "x")).is_none());
    assert!(payment(&approved("1234567", "x")).is_none());
    assert!(payment(&approved("12\u{1b}4", "x")).is_none());
    for code in ["", "0", "00", "000", "é"] {
        let body = serde_json::json!({ "payment": PAYMENT, "status": "declined", "response_code": code });
        assert!(payment(body.to_string().as_bytes()).is_none(), "{code}");
    }
    let mut long = approved("A1B2C3", "x");
    long.resize(ANSWER_OCTETS + 1, b' ');
    assert!(payment(&long).is_none());
}

#[test]
fn a_list_has_two_to_eight_entries_and_a_question_asks_something() {
    for entries in 2..=8 {
        assert!(payment(&need(entries, None)).is_some());
    }
    assert!(payment(&need(0, Some("9392000000000007"))).is_some());
    assert!(payment(&need(0, None)).is_none());
    assert!(payment(&need(1, None)).is_none());
    assert!(payment(&need(9, None)).is_none());
    assert!(payment(&need(0, Some("4111111111111111"))).is_none());
}

#[test]
fn a_label_is_cleaned_where_it_comes_in() {
    let answer = payment(&approved("A1B2C3", "a\u{1b}b\nc")).unwrap();
    let PaymentStatus::Approved(approval) = answer.status else { panic!("not approved") };
    assert_eq!(approval.label, "abc");
}

#[test]
fn a_refusal_is_told_in_our_own_words_and_only_under_its_own_status() {
    for code in RefusalCode::ALL {
        let mut problem = Problem::refusal(*code).with_detail("field\n amount");
        problem.user_message.ja = "<script>".to_owned();
        let body = serde_json::to_vec(&problem).unwrap();
        let told = refusal(code.http_status(), &body).unwrap();
        assert_eq!(told, Problem::refusal(*code).with_detail("field amount"));
        assert!(refusal(200, &body).is_none());
    }
    assert!(refusal(503, &serde_json::to_vec(&Problem::fault()).unwrap()).is_none());
}

proptest! {
    #[test]
    fn random_and_truncated_bytes_are_no_answer(
        bytes in prop::collection::vec(any::<u8>(), 0..512),
        cut in 0..200_usize,
    ) {
        prop_assert!(payment(&bytes).is_none() && refusal(403, &bytes).is_none());
        let whole = approved("A1B2C3", "label");
        prop_assert!(payment(&whole[..cut.min(whole.len() - 1)]).is_none());
    }
}
