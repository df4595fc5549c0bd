use enishi_party::{CustomerId, PairwiseId};
use enishi_pinblock::IssuerPin;

use super::*;
use crate::pin::{PinRecord, PinVerificationKey};
use crate::{CardSlot, PinRule, UnboundRule};

fn yen(yen: u64) -> Money {
    Money::yen(yen).unwrap()
}

fn value(pin: &str) -> PinVerificationValue {
    let key = PinVerificationKey::from_octets(&[1; 32]);
    key.value(&"4111111111111111".parse().unwrap(), &IssuerPin::parse(pin).unwrap())
}

fn facts() -> Facts {
    let id: CustomerId = "C-1".parse().unwrap();
    Facts {
        assertion: AssertionUse::Fresh,
        standing: Some(Standing {
            customer: Customer {
                id: id.clone(),
                name: "縁 花子".parse().unwrap(),
                birth_date: "1990-01-01".parse().unwrap(),
                state: CustomerState::Active,
            },
            card: Card {
                customer: id,
                slot: CardSlot::try_from(0).unwrap(),
                pan: "4111111111111111".parse().unwrap(),
                label: "Card A".parse().unwrap(),
                state: CardState::Active,
                credit_limit: yen(100_000),
                transaction_limit: yen(50_000),
                pin: PinRecord { value: value("1234"), wrong_tries: 0 },
            },
            owed_minor: 0,
            unreadable_blocks: 0,
        }),
    }
}

fn purchase(amount: u64) -> Purchase {
    Purchase {
        assertion: AssertionId::from_random([1; 16]),
        subject: Subject::Pairwise(PairwiseId::from_random([2; 16])),
        instrument: InstrumentRef::from_random([3; 16]),
        merchant: "SHOP".parse().unwrap(),
        amount: yen(amount),
        amount_binding: AmountBinding::Bound,
        evidence: Ok(()),
        pin: PinEntry::Absent,
        policy: Policy::default(),
    }
}

fn standing(facts: &mut Facts) -> &mut Standing {
    facts.standing.as_mut().unwrap()
}

/// Each refusal, what alone brings it about, and what it does to the PIN; in the order in which they are looked for.
type Spoil = fn(&mut Purchase, &mut Facts);
const TABLE: &[(Refusal, PinEffect, Spoil)] = &[
    (Refusal::AssertionUsed, PinEffect::None, |_, facts| facts.assertion = AssertionUse::Used),
    (Refusal::AmountUnbound, PinEffect::None, |purchase, _| purchase.amount_binding = AmountBinding::Unbound),
    (Refusal::UnknownHolder, PinEffect::None, |_, facts| facts.standing = None),
    (Refusal::Suspended, PinEffect::None, |_, facts| {
        if let Some(standing) = &mut facts.standing {
            standing.customer.state = CustomerState::Suspended;
        }
    }),
    (Refusal::Suspended, PinEffect::None, |_, facts| {
        if let Some(standing) = &mut facts.standing {
            standing.card.state = CardState::Suspended;
        }
    }),
    (Refusal::EvidenceRefused, PinEffect::None, |purchase, _| {
        purchase.evidence = Err(RecheckRefused::Disproved);
    }),
    (Refusal::EvidenceUnavailable, PinEffect::None, |purchase, _| {
        purchase.evidence = Err(RecheckRefused::Unavailable);
    }),
    (Refusal::PinMissing, PinEffect::None, |purchase, _| purchase.pin = PinEntry::Absent),
    (Refusal::PinBlocked, PinEffect::None, |_, facts| {
        if let Some(standing) = &mut facts.standing {
            standing.card.pin.wrong_tries = PIN_TRIES;
        }
    }),
    (Refusal::PinBlocksLimited, PinEffect::None, |_, facts| {
        if let Some(standing) = &mut facts.standing {
            standing.unreadable_blocks = UNREADABLE_MAX;
        }
    }),
    (Refusal::PinBlockUnreadable, PinEffect::Unreadable, |purchase, _| purchase.pin = PinEntry::Unreadable),
    (Refusal::PinWrong, PinEffect::Wrong, |purchase, _| purchase.pin = PinEntry::Entered(value("4321"))),
    (Refusal::OverTransactionLimit, PinEffect::Right, |purchase, _| purchase.amount = yen(50_001)),
    (Refusal::OverCreditLimit, PinEffect::Right, |_, facts| {
        if let Some(standing) = &mut facts.standing {
            standing.owed_minor = 80_001;
        }
    }),
];

/// A purchase of ¥20,000 with its PIN: nothing is wrong with it.
fn sound() -> (Purchase, Facts) {
    let mut purchase = purchase(20_000);
    purchase.pin = PinEntry::Entered(value("1234"));
    (purchase, facts())
}

#[test]
fn a_sound_purchase_is_posted_from_customer_to_merchant() {
    let (purchase, facts) = sound();
    let legs = Legs::purchase(
        "C-1".parse().unwrap(),
        CardSlot::try_from(0).unwrap(),
        "SHOP".parse().unwrap(),
        yen(20_000),
    );
    assert_eq!(purchase.decide(&facts), Verdict { pin: PinEffect::Right, outcome: Outcome::Post(legs) });
}

#[test]
fn each_fault_alone_brings_its_own_refusal() {
    for (refusal, pin, spoil) in TABLE {
        let (mut purchase, mut facts) = sound();
        spoil(&mut purchase, &mut facts);
        let expected = Verdict { pin: *pin, outcome: Outcome::Decline(*refusal) };
        assert_eq!(purchase.decide(&facts), expected, "{refusal:?}");
    }
}

#[test]
fn of_two_faults_the_earlier_in_the_table_is_told() {
    for (earlier, (first, _, spoil_first)) in TABLE.iter().enumerate() {
        for (second, _, spoil_second) in &TABLE[earlier + 1..] {
            let (mut purchase, mut facts) = sound();
            spoil_second(&mut purchase, &mut facts);
            spoil_first(&mut purchase, &mut facts);
            assert_eq!(
                purchase.decide(&facts).outcome,
                Outcome::Decline(*first),
                "{first:?} before {second:?}"
            );
        }
    }
}

#[test]
fn up_to_the_limits_is_within_them() {
    let (mut purchase, mut facts) = sound();
    purchase.amount = yen(50_000);
    standing(&mut facts).owed_minor = 50_000;
    assert!(matches!(purchase.decide(&facts).outcome, Outcome::Post(_)));
    standing(&mut facts).owed_minor = 50_001;
    assert_eq!(purchase.decide(&facts).outcome, Outcome::Decline(Refusal::OverCreditLimit));
}

#[test]
fn a_pin_is_needed_from_the_policys_amount_and_checked_below_it() {
    assert!(matches!(purchase(15_000).decide(&facts()).outcome, Outcome::Post(_)));
    assert_eq!(purchase(15_001).decide(&facts()).outcome, Outcome::Decline(Refusal::PinMissing));
    let mut below = purchase(100);
    below.pin = PinEntry::Entered(value("9999"));
    assert_eq!(below.decide(&facts()).outcome, Outcome::Decline(Refusal::PinWrong));
    let mut never = purchase(50_000);
    never.policy.pin = PinRule::Never;
    assert!(matches!(never.decide(&facts()).outcome, Outcome::Post(_)));
    let mut always = purchase(1);
    always.policy.pin = PinRule::Always;
    assert_eq!(always.decide(&facts()).outcome, Outcome::Decline(Refusal::PinMissing));
}

#[test]
fn three_wrong_pins_block_the_right_one_too() {
    let (mut purchase, mut facts) = sound();
    for tries in 0..PIN_TRIES {
        standing(&mut facts).card.pin.wrong_tries = tries;
        purchase.pin = PinEntry::Entered(value("0000"));
        let wrong = Verdict { pin: PinEffect::Wrong, outcome: Outcome::Decline(Refusal::PinWrong) };
        assert_eq!(purchase.decide(&facts), wrong);
    }
    standing(&mut facts).card.pin.wrong_tries = PIN_TRIES;
    purchase.pin = PinEntry::Entered(value("1234"));
    assert_eq!(purchase.decide(&facts).outcome, Outcome::Decline(Refusal::PinBlocked));
}

#[test]
fn an_unbound_amount_is_taken_only_as_the_policy_says() {
    let (mut purchase, facts) = sound();
    purchase.amount_binding = AmountBinding::Unbound;
    purchase.policy.unbound = UnboundRule::UpTo(yen(20_000));
    assert!(matches!(purchase.decide(&facts).outcome, Outcome::Post(_)));
    purchase.policy.unbound = UnboundRule::UpTo(yen(19_999));
    assert_eq!(purchase.decide(&facts).outcome, Outcome::Decline(Refusal::AmountUnbound));
    purchase.policy.unbound = UnboundRule::WithPin;
    purchase.amount = yen(100);
    assert!(matches!(purchase.decide(&facts).outcome, Outcome::Post(_)));
    purchase.pin = PinEntry::Absent;
    assert_eq!(purchase.decide(&facts).outcome, Outcome::Decline(Refusal::PinMissing));
}

#[test]
fn nothing_overflows_at_the_largest_amounts() {
    let (mut purchase, mut facts) = sound();
    purchase.amount = yen(999_999_999_999);
    standing(&mut facts).card.transaction_limit = yen(999_999_999_999);
    standing(&mut facts).owed_minor = u64::MAX;
    assert_eq!(purchase.decide(&facts).outcome, Outcome::Decline(Refusal::OverCreditLimit));
}
