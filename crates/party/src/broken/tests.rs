use std::collections::HashSet;

use super::{Check, is_broken};

#[test]
fn every_word_reads_back_and_is_kebab_case() {
    let words: HashSet<_> = Check::ALL.iter().map(|check| check.to_string()).collect();
    assert_eq!(words.len(), Check::ALL.len());
    for check in Check::ALL {
        let word = check.word();
        assert_eq!(word.parse(), Ok(*check));
        assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{word}");
    }
}

#[test]
fn other_words_are_no_check() {
    for word in ["", "Possession", "possession ", "everything"] {
        assert!(word.parse::<Check>().is_err(), "{word}");
    }
}

#[cfg(not(feature = "broken-checks"))]
#[test]
fn nothing_is_broken_in_a_build_that_ships() {
    assert!(Check::ALL.iter().all(|check| !is_broken(*check)));
}

/// One test for both: the switch is the process's.
#[cfg(feature = "broken-checks")]
#[test]
fn exactly_one_check_can_be_broken_once() {
    assert!(Check::ALL.iter().all(|check| !is_broken(*check)));
    assert_eq!(super::break_one(Check::Limit), Ok(()));
    assert_eq!(super::break_one(Check::Link), Err(super::AlreadyBroken(Check::Limit)));
    let broken: Vec<_> = Check::ALL.iter().filter(|check| is_broken(**check)).collect();
    assert_eq!(broken, [&Check::Limit]);
}
