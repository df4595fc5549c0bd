use enishi_iso8583::{InstitutionId, Mti, OriginalData, Rrn, Stan, TerminalCode};
use enishi_pinblock::PinBlock;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn request(transmitted_at: &str) -> Message {
    let mut message = Message::new(Mti::AUTHORISATION_REQUEST);
    message
        .set_transmitted_at(TransmissionTime::parse(transmitted_at).unwrap())
        .set_stan(Stan::new(7).unwrap())
        .set_acquirer(InstitutionId::parse("12345").unwrap())
        .set_rrn(Rrn::parse("000000000042").unwrap())
        .set_terminal(TerminalCode::parse("4980000000012").unwrap());
    message
}

fn reversal(original: &Message) -> Message {
    let mut message = original.clone();
    let mut reversal = Message::new(Mti::REVERSAL_ADVICE);
    for de in [De::ACQUIRER, De::RRN, De::TERMINAL] {
        reversal.set(de, message.expose_bytes(de).unwrap());
    }
    message.set_stan(Stan::new(8).unwrap());
    reversal
        .set_transmitted_at(TransmissionTime::parse("0101000003").unwrap())
        .set_stan(Stan::new(8).unwrap())
        .set_original_data(&OriginalData::of(original).unwrap());
    reversal
}

#[test]
fn a_reversal_finds_its_original_across_new_year() {
    let original = request("1231235959");
    let key = BookKey::of(&original, at("2026-12-31T23:59:59Z")).unwrap();
    assert!(key.as_str().starts_with("2026-1231235959-"), "{key:?}");
    for now in ["2026-12-31T23:59:59Z", "2027-01-01T00:00:03Z", "2027-05-30T00:00:00Z"] {
        assert_eq!(BookKey::of_original(&reversal(&original), at(now)).unwrap(), key, "{now}");
    }
    let ahead = BookKey::of(&request("0101000000"), at("2026-12-31T23:59:59Z")).unwrap();
    assert!(ahead.as_str().starts_with("2027-"), "a clock a second ahead: {ahead:?}");
}

#[test]
fn the_same_elements_a_year_later_are_another_transaction() {
    let key = |now| BookKey::of(&request("0401120000"), at(now)).unwrap();
    assert_ne!(key("2026-04-01T12:00:00Z"), key("2027-04-01T12:00:00Z"));
}

#[test]
fn a_message_without_its_key_has_none() {
    for de in [De::TRANSMITTED_AT, De::STAN, De::ACQUIRER, De::RRN, De::TERMINAL] {
        let mut message = request("0401120000");
        message.remove(de);
        assert!(Keyed::of(&message, at("2026-04-01T12:00:00Z")).is_err(), "{de}");
    }
}

#[test]
fn the_digest_covers_everything_but_the_pin_block() {
    let now = at("2026-04-01T12:00:00Z");
    let digest = |message: &Message| Keyed::of(message, now).unwrap().digest;
    let block = |octet| *PinBlock::from_octets([octet; 16]).expose_octets();
    let mut message = request("0401120000");
    message.set_pin_block("9392000000000007", &block(1));
    let first = digest(&message);
    message.set_pin_block("9392000000000007", &block(2));
    assert_eq!(digest(&message), first);
    for de in [De::AMOUNT, De::MERCHANT, De::ADDITIONAL_DATA, De::ASSERTION, De::PAN] {
        let mut other = message.clone();
        other.set(de, "1");
        assert_ne!(digest(&other), first, "{de}");
    }
}
