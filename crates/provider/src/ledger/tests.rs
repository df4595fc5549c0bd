use proptest::prelude::*;

use super::*;

fn yen(yen: u64) -> Money {
    Money::yen(yen).unwrap()
}

fn leg(side: Side, amount: u64) -> Leg {
    Leg { account: Account::MerchantPayable("SHOP".parse().unwrap()), side, amount: yen(amount) }
}

fn purchase() -> Legs {
    let (customer, merchant) = ("TANAKA-4711".parse().unwrap(), "SHOP".parse().unwrap());
    Legs::purchase(customer, CardSlot::try_from(0).unwrap(), merchant, yen(1_980))
}

#[test]
fn legs_that_do_not_sum_to_zero_are_no_entry() {
    let difference = |legs| Legs::new(legs).unwrap_err();
    assert_eq!(
        difference(vec![leg(Side::Debit, 3), leg(Side::Credit, 5)]),
        Unbalanced::Sum { currency: Currency::Jpy, difference: -2 }
    );
    assert_eq!(difference(vec![]), Unbalanced::Count { legs: 0 });
    assert_eq!(difference(vec![leg(Side::Debit, 3)]), Unbalanced::Count { legs: 1 });
    assert!(Legs::new(vec![leg(Side::Debit, 3), leg(Side::Credit, 1), leg(Side::Credit, 2)]).is_ok());
}

#[test]
fn the_largest_amounts_do_not_overflow() {
    let most = 999_999_999_999;
    let legs: Vec<_> = (0..16).map(|_| leg(Side::Debit, most)).collect();
    let difference = 16 * i128::from(most);
    assert_eq!(Legs::new(legs).unwrap_err(), Unbalanced::Sum { currency: Currency::Jpy, difference });
}

#[test]
fn a_purchase_and_its_reversal_are_entries_and_cancel_out() {
    for legs in [purchase(), purchase().reversal()] {
        assert_eq!(Legs::new(legs.as_slice().to_vec()).unwrap(), legs);
    }
    assert_eq!(purchase().reversal().reversal(), purchase());
}

#[test]
fn legs_do_not_name_the_customer() {
    assert!(!format!("{:?}", purchase()).contains("TANAKA"));
}

proptest! {
    #[test]
    fn a_reversal_sums_to_zero_with_its_entry(amounts in proptest::collection::vec(1_u64..1_000_000, 1..8)) {
        let total: u64 = amounts.iter().sum();
        let mut legs: Vec<_> = amounts.into_iter().map(|amount| leg(Side::Debit, amount)).collect();
        legs.push(leg(Side::Credit, total));
        let entry = Legs::new(legs).unwrap();
        prop_assert!(Legs::new([entry.as_slice(), entry.reversal().as_slice()].concat()).is_ok());
    }
}
