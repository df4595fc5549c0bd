use super::*;

fn value(key: u8, pan: &str, pin: &str) -> PinVerificationValue {
    let key = PinVerificationKey::from_octets(&[key; 32]);
    key.value(&pan.parse().unwrap(), &IssuerPin::parse(pin).unwrap())
}

#[test]
fn a_value_belongs_to_one_key_card_and_pin() {
    let kept = value(1, "4111111111111111", "1234");
    assert_eq!(kept, value(1, "4111111111111111", "1234"));
    for other in [
        value(2, "4111111111111111", "1234"),
        value(1, "3530111333300000", "1234"),
        value(1, "4111111111111111", "1235"),
        value(1, "4111111111111111", "01234"),
    ] {
        assert_ne!(kept, other);
    }
    assert_eq!(kept, PinVerificationValue::from_octets(*kept.expose_octets()));
}

#[test]
fn a_value_is_the_hmac_of_lengths_and_digits() {
    let mut message = b"enishi provider PIN verification value v1\0".to_vec();
    message.extend_from_slice(b"\x104111111111111111\x041234");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]), &message);
    assert_eq!(value(1, "4111111111111111", "1234").expose_octets(), &tag.as_ref()[..16]);
}

#[test]
fn key_and_value_are_silent() {
    let record = PinRecord { value: PinVerificationValue::from_octets([0xAB; 16]), wrong_tries: 2 };
    assert_eq!(
        format!("{record:?} {:?}", PinVerificationKey::from_octets(&[1; 32])),
        "PinRecord { value: PinVerificationValue(…), wrong_tries: 2 } PinVerificationKey(…)"
    );
}
