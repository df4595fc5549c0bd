use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

const EVER: i64 = 0;

#[test]
fn an_older_answer_about_the_same_certificate_is_refused() {
    let mut newest = NewestAnswers::new(8);
    newest.admit([1; 32], at(100), at(EVER)).unwrap();
    let refused = newest.admit([1; 32], at(99), at(EVER));
    assert!(matches!(refused, Err(RevocationError::OlderAnswer { known, offered })
        if known == at(100) && offered == at(99)));
    newest.admit([1; 32], at(100), at(EVER)).unwrap();
    newest.admit([2; 32], at(1), at(EVER)).unwrap();
    newest.admit([1; 32], at(101), at(EVER)).unwrap();
    assert!(newest.admit([1; 32], at(100), at(EVER)).is_err());
}

#[test]
fn what_would_be_stale_anyway_is_forgotten() {
    let mut newest = NewestAnswers::new(8);
    newest.admit([1; 32], at(100), at(EVER)).unwrap();
    newest.admit([2; 32], at(200), at(101)).unwrap();
    assert_eq!((newest.of.len(), newest.by_age.len()), (1, 1));
}

proptest! {
    #[test]
    fn memory_stays_bounded_and_both_halves_agree(
        answers in prop::collection::vec((0_u8..12, 0_i64..50), 0..200),
    ) {
        let mut newest = NewestAnswers::new(5);
        for (certificate, second) in answers {
            drop(newest.admit([certificate; 32], at(second), at(10)));
            prop_assert!(newest.of.len() <= 5);
            let both: BTreeSet<_> = newest.of.iter().map(|(&of, &signed)| (signed, of)).collect();
            prop_assert_eq!(&both, &newest.by_age);
        }
    }
}
