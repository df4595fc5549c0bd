use enishi_party::{Environment, PartyRole};

use super::*;

fn assertion(subject: Subject) -> Assertion {
    Assertion {
        id: AssertionId::from_random([1; 16]),
        issuer: PartyUri::new(Environment::Sandbox, PartyRole::Relay, &"r".repeat(40)).unwrap(),
        audience: "c".repeat(40).parse().unwrap(),
        issued_at: 1_790_000_000,
        subject,
        instrument: InstrumentRef::from_random([3; 16]),
        terminal: "4980000000012".parse().unwrap(),
        merchant: "SHOP-1234567890".parse().unwrap(),
        slip: "12345678".parse().unwrap(),
        amount: Money::yen(999_999_999_999).unwrap(),
        payment_type: PaymentType::Instalments(60.try_into().unwrap()),
        surrogate_pan: SurrogatePan::from_random(1),
        amount_binding: AmountBinding::Unbound,
        assurance: Assurance::PinByProxy,
        revocation: RevocationMethod::Ocsp { age_min: 1 },
        verifier: "v".repeat(32).parse().unwrap(),
        model: VerifierModel::Entrusted,
    }
}

#[test]
fn the_largest_assertion_fits_its_message_element_and_opens_again() {
    let (key, _) = AssertionKey::generate().unwrap();
    let largest = assertion(Subject::Customer("C".repeat(64).parse().unwrap()));
    let sealed = key.seal(&largest).unwrap();
    assert!(sealed.len() <= 999, "{}", sealed.len());
    assert_eq!(key.verifying_key().open(&sealed), Ok(largest));
}

#[test]
fn another_relays_key_or_any_flipped_bit_is_refused() {
    let (key, _) = AssertionKey::generate().unwrap();
    let (stranger, _) = AssertionKey::generate().unwrap();
    let sealed = key.seal(&assertion(Subject::Pairwise(PairwiseId::from_random([2; 16])))).unwrap();
    assert_eq!(stranger.verifying_key().open(&sealed), Err(AssertionError::Signature));
    for index in 0..sealed.len() {
        let mut forged = sealed.clone();
        forged[index] ^= 1;
        assert!(key.verifying_key().open(&forged).is_err(), "octet {index}");
    }
    for length in 0..sealed.len() {
        assert!(key.verifying_key().open(&sealed[..length]).is_err());
    }
}

proptest::proptest! {
    #[test]
    fn random_octets_are_no_assertion(octets in proptest::collection::vec(proptest::num::u8::ANY, 0..1200)) {
        let (key, _) = AssertionKey::generate().unwrap();
        assert!(key.verifying_key().open(&octets).is_err());
    }
}
