use enishi_party::{
    AssertionId, Environment, InstrumentRef, Money, PairwiseId, PartyRole, PaymentType, SurrogatePan,
};
use enishi_pinblock::PinBlock;
use enishi_wire::{AmountBinding, AssertionKey, Assurance, RevocationMethod};

use super::*;
use crate::request::OfferedPin;

const NOW: i64 = 1_790_000_000;

struct Bench {
    key: AssertionKey,
    trust: Trust,
    assertion: Assertion,
    request: PurchaseRequest,
}

fn relay(name: &str) -> PartyUri {
    PartyUri::new(Environment::Sandbox, PartyRole::Relay, name).unwrap()
}

fn bench() -> Bench {
    let (key, _) = AssertionKey::generate().unwrap();
    let trust = Trust {
        relay: relay("relay"),
        relay_key: key.verifying_key(),
        contract: "card-a".parse().unwrap(),
        model: VerifierModel::Proxy,
    };
    let assertion = Assertion {
        id: AssertionId::from_random([1; 16]),
        issuer: relay("relay"),
        audience: "card-a".parse().unwrap(),
        issued_at: NOW,
        subject: Subject::Pairwise(PairwiseId::from_random([2; 16])),
        instrument: InstrumentRef::from_random([3; 16]),
        terminal: "4980000000012".parse().unwrap(),
        merchant: "SHOP".parse().unwrap(),
        slip: "00012".parse().unwrap(),
        amount: Money::yen(1_980).unwrap(),
        payment_type: PaymentType::LumpSum,
        surrogate_pan: SurrogatePan::from_random(1),
        amount_binding: AmountBinding::Bound,
        assurance: Assurance::PinByProxy,
        revocation: RevocationMethod::Crl { age_h: 1 },
        verifier: "platform".parse().unwrap(),
        model: VerifierModel::Proxy,
    };
    let request = PurchaseRequest {
        amount: assertion.amount,
        terminal: assertion.terminal.clone(),
        merchant: assertion.merchant.clone(),
        slip: assertion.slip.clone(),
        payment_type: assertion.payment_type,
        pin: None,
        sealed_assertion: key.seal(&assertion).unwrap(),
    };
    Bench { key, trust, assertion, request }
}

impl Bench {
    fn check_at(&self, second: i64) -> Result<Assertion, Refusal> {
        let now = Timestamp::from_second(second).unwrap();
        self.trust.check(&self.request, &Policy::default(), now)
    }

    fn sealed(mut self) -> Self {
        self.request.sealed_assertion = self.key.seal(&self.assertion).unwrap();
        self
    }
}

#[test]
fn an_assertion_that_agrees_with_its_message_is_believed() {
    let bench = bench();
    assert_eq!(bench.check_at(NOW).unwrap(), bench.assertion);
}

#[test]
fn each_field_that_differs_is_refused_by_name() {
    type Spoil = fn(&mut Bench);
    let table: &[(Difference, Spoil)] = &[
        (Difference::Issuer, |bench| bench.assertion.issuer = relay("other")),
        (Difference::Audience, |bench| bench.assertion.audience = "card-b".parse().unwrap()),
        (Difference::Model, |bench| bench.assertion.model = VerifierModel::Entrusted),
        (Difference::Model, |bench| bench.assertion.subject = Subject::Customer("C-1".parse().unwrap())),
        (Difference::Amount, |bench| bench.request.amount = Money::yen(1_981).unwrap()),
        (Difference::Terminal, |bench| bench.request.terminal = "4980000000013".parse().unwrap()),
        (Difference::Merchant, |bench| bench.request.merchant = "SHOP2".parse().unwrap()),
        (Difference::Slip, |bench| bench.request.slip = "12".parse().unwrap()),
        (Difference::PaymentType, |bench| bench.request.payment_type = PaymentType::Revolving),
        (Difference::SurrogatePan, |bench| {
            let surrogate_pan = SurrogatePan::from_random(2);
            bench.request.pin = Some(OfferedPin { surrogate_pan, block: PinBlock::from_octets([0; 16]) });
        }),
    ];
    for (difference, spoil) in table {
        let mut bench = bench();
        spoil(&mut bench);
        let told = bench.sealed().check_at(NOW).unwrap_err();
        assert_eq!(told, Refusal::AssertionDiffers(*difference));
        assert_eq!(told.response_code().as_str(), "63");
    }
}

#[test]
fn another_key_or_a_flipped_bit_is_a_forgery() {
    let mut bench = bench();
    let (stranger, _) = AssertionKey::generate().unwrap();
    for octet in 0..bench.request.sealed_assertion.len() {
        bench.request.sealed_assertion[octet] ^= 1;
        assert_eq!(bench.check_at(NOW).unwrap_err(), Refusal::AssertionForged);
        bench.request.sealed_assertion[octet] ^= 1;
    }
    bench.request.sealed_assertion = stranger.seal(&bench.assertion).unwrap();
    assert_eq!(bench.check_at(NOW).unwrap_err(), Refusal::AssertionForged);
}

#[test]
fn an_assertion_is_good_for_a_minute_and_ten_seconds_ahead() {
    let bench = bench();
    for (second, is_good) in
        [(-11, false), (-10, true), (0, true), (60, true), (61, false), (i64::from(i32::MAX), false)]
    {
        let told = bench.check_at(NOW + second);
        assert_eq!(told.is_ok(), is_good, "{second} s after");
        if let Err(refusal) = told {
            assert_eq!(refusal, Refusal::AssertionStale);
        }
    }
}

#[test]
fn times_at_the_edge_of_numbers_do_not_overflow() {
    for issued_at in [i64::MIN, i64::MAX] {
        let mut bench = bench();
        bench.assertion.issued_at = issued_at;
        assert_eq!(bench.sealed().check_at(NOW).unwrap_err(), Refusal::AssertionStale);
    }
}
