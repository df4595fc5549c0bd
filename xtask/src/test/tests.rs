use std::collections::BTreeSet;
use std::time::Duration;

use super::{SUITES, Strictness, choose, clock, run_one, verdict};
use crate::error::TaskError;
use crate::suite::{Session, Suite, Tally, Without};
use crate::workspace::Workspace;

fn tally(passed: u64, failed: u64, skipped: u64, not_run: &[&str]) -> Tally {
    Tally { passed, failed, skipped, not_run: not_run.iter().map(|&what| what.to_owned()).collect() }
}

#[test]
fn the_closing_line_stands_alone_in_its_plain_form() {
    let line = |sum| verdict(sum, Strictness::Desk).0;
    assert_eq!(line(tally(12, 0, 0, &[])), "12 passed, 0 failed");
    assert_eq!(line(tally(12, 3, 2, &["openssl"])), "12 passed, 3 failed, 3 skipped");
}

#[test]
fn what_was_not_run_fails_under_ci_only() {
    assert!(verdict(tally(1, 0, 0, &["openssl"]), Strictness::Desk).1);
    let (line, succeeded) = verdict(tally(1, 0, 0, &["openssl"]), Strictness::ContinuousIntegration);
    assert_eq!((line.as_str(), succeeded), ("1 passed, 1 failed", false));
}

#[test]
fn a_failure_or_a_run_without_any_check_is_no_success() {
    assert!(!verdict(tally(5, 1, 0, &[]), Strictness::Desk).1);
    assert!(!verdict(tally(0, 0, 0, &[]), Strictness::Desk).1);
}

#[test]
fn a_suite_that_cannot_start_has_failed() {
    let workspace = Workspace::here().unwrap();
    let mut session = Session { workspace: &workspace, python: None, fuzz_seconds: 0 };
    let suite = Suite {
        name: "broken",
        about: "",
        needs: &[],
        without: Without::IsNotRun,
        budget: Duration::ZERO,
        applies: |_| true,
        run: |_| Err(TaskError::NotProvided("nothing".to_owned())),
    };
    assert_eq!(run_one(&suite, &mut session), Tally::one(false));
}

#[test]
fn suites_have_names_of_their_own_and_an_unknown_one_is_an_error() {
    let workspace = Workspace::here().unwrap();
    let names: BTreeSet<_> = SUITES.iter().map(|suite| suite.name).collect();
    assert_eq!(names.len(), SUITES.len());
    assert!(choose(&workspace, &["no-such-suite".to_owned()]).is_err());
    let chosen = choose(&workspace, &["fmt".to_owned()]).unwrap();
    assert_eq!(chosen.iter().map(|suite| suite.name).collect::<Vec<_>>(), ["fmt"]);
}

#[test]
fn times_are_minutes_and_seconds() {
    assert_eq!(clock(Duration::from_secs(65)), "1:05");
}
