use jiff::{Timestamp, civil::Date};

use super::{Term, age, end};
use crate::RegisteredBirth;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn born(text: &str) -> RegisteredBirth {
    RegisteredBirth::Known(text.parse().unwrap())
}

#[test]
fn a_certificate_ends_with_the_fifth_birthday_after_its_issue() {
    for (birth, issued, last_second) in [
        // The pair that the profile was read from.
        ("1980-02-17", "2025-10-27T01:02:03Z", "2030-02-17T14:59:59Z"),
        // Issued on the eve, on the day and on the morrow of a birthday.
        ("1990-06-10", "2026-06-09T00:00:00Z", "2030-06-10T14:59:59Z"),
        ("1990-06-10", "2026-06-10T00:00:00Z", "2031-06-10T14:59:59Z"),
        ("1990-06-10", "2026-06-11T00:00:00Z", "2031-06-10T14:59:59Z"),
        // The day is Japan's: 15:00Z on the 9th is the 10th there.
        ("1990-06-10", "2026-06-09T14:59:59Z", "2030-06-10T14:59:59Z"),
        ("1990-06-10", "2026-06-09T15:00:00Z", "2031-06-10T14:59:59Z"),
        // New Year's Eve and New Year's Day.
        ("1990-01-01", "2026-12-31T01:00:00Z", "2031-01-01T14:59:59Z"),
        ("1990-12-31", "2026-01-01T01:00:00Z", "2030-12-31T14:59:59Z"),
        // 29 February: the fifth birthday may fall in a leap year or not.
        ("2000-02-29", "2026-05-01T00:00:00Z", "2031-02-28T14:59:59Z"),
        ("2000-02-29", "2027-05-01T00:00:00Z", "2032-02-29T14:59:59Z"),
        // Issued on 28 February of a common year: that is the birthday itself.
        ("2000-02-29", "2027-02-28T00:00:00Z", "2032-02-29T14:59:59Z"),
        ("2000-02-29", "2027-02-27T00:00:00Z", "2031-02-28T14:59:59Z"),
        // Issued on 28 February of a leap year: the birthday is still to come.
        ("2000-02-29", "2028-02-28T00:00:00Z", "2032-02-29T14:59:59Z"),
    ] {
        assert_eq!(end(born(birth), Term::FifthBirthday, at(issued)), at(last_second), "{birth} {issued}");
    }
}

#[test]
fn a_renewal_in_the_last_three_months_runs_to_the_sixth_birthday() {
    let old_end = at("2030-02-17T14:59:59Z");
    for (now, term) in [
        ("2029-11-16T00:00:00Z", Term::FifthBirthday),
        ("2029-11-17T14:59:59Z", Term::FifthBirthday),
        ("2029-11-17T15:00:00Z", Term::SixthBirthday),
        ("2030-02-17T14:59:59Z", Term::SixthBirthday),
        ("2030-02-17T15:00:00Z", Term::FifthBirthday),
    ] {
        assert_eq!(Term::of_renewal(old_end, at(now)), term, "{now}");
    }
    // Renewed before the birthday on which the old one ends: five more years after that birthday.
    assert_eq!(
        end(born("1980-02-17"), Term::SixthBirthday, at("2030-01-10T00:00:00Z")),
        at("2035-02-17T14:59:59Z")
    );
}

#[test]
fn an_unknown_birthday_counts_from_the_day_of_issue() {
    for birth in [RegisteredBirth::Unknown, RegisteredBirth::Partly { year: 1950, month: Some(3) }] {
        assert_eq!(end(birth, Term::FifthBirthday, at("2026-07-01T03:00:00Z")), at("2031-07-01T14:59:59Z"));
    }
}

#[test]
fn age_changes_on_the_birthday_in_japan() {
    let birth: Date = "2011-06-10".parse().unwrap();
    assert_eq!(age(birth, at("2026-06-09T14:59:59Z")), 14);
    assert_eq!(age(birth, at("2026-06-09T15:00:00Z")), 15);
}
