//! How long a certificate lasts (docs/jpki.md §2; act's ordinance, as municipalities print it).
//!
//! Until the end, in Japan, of the holder's fifth birthday after the day of issue; of the sixth where it renews one
//! with less than three months left. No longer than the carrier, nor than the authority's own certificate.

use jiff::{Span, Timestamp, civil::Date, tz::Offset};

use crate::RegisteredBirth;

/// Japan keeps one offset all year.
const JAPAN: Offset = Offset::constant(9);
/// The months before the end in which a renewal counts as one.
const RENEWAL_WINDOW_MONTHS: i64 = 3;

/// Which birthday after the day of issue is the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Term {
    FifthBirthday,
    SixthBirthday,
}

impl Term {
    /// The term of a certificate that replaces one with that end.
    pub(crate) fn of_renewal(old_not_after: Timestamp, now: Timestamp) -> Self {
        let window = day_in_japan(old_not_after).checked_sub(Span::new().months(RENEWAL_WINDOW_MONTHS));
        let today = day_in_japan(now);
        match window {
            // "Less than three months left": the day three months before the end is not yet one of them.
            Ok(window) if today > window && now <= old_not_after => Self::SixthBirthday,
            _ => Self::FifthBirthday,
        }
    }

    const fn years(self) -> i16 {
        match self {
            Self::FifthBirthday => 5,
            Self::SixthBirthday => 6,
        }
    }
}

/// The last second of a certificate issued now, before any cap.
pub(crate) fn end(birth: RegisteredBirth, term: Term, now: Timestamp) -> Timestamp {
    let today = day_in_japan(now);
    // Nobody's birthday is known: the anniversary of the issue stands for it.
    let birth = birth.known().unwrap_or(today);
    let first_year = today.year();
    let this_year = birthday(birth, first_year);
    // "After the day of issue": a certificate issued on a birthday counts from the next one.
    let first = if this_year > today { first_year } else { first_year.saturating_add(1) };
    end_of_day(birthday(birth, first.saturating_add(term.years() - 1)))
}

/// Age in whole years; one is a year older on the birthday.
pub(crate) fn age(birth: Date, now: Timestamp) -> i16 {
    let today = day_in_japan(now);
    let full = today.year().saturating_sub(birth.year());
    if birthday(birth, today.year()) > today { full.saturating_sub(1) } else { full }
}

/// A birthday in a year; that of 29 February is 28 February in common years (an assumption: the ordinance on
/// driving licences says so, JPKI's own text is not public here).
fn birthday(birth: Date, year: i16) -> Date {
    Date::new(year, birth.month(), birth.day())
        .or_else(|_| Date::new(year, birth.month(), 28))
        .unwrap_or(Date::MAX)
}

/// 23:59:59 in Japan, which is 14:59:59Z.
pub(crate) fn end_of_day(day: Date) -> Timestamp {
    JAPAN.to_timestamp(day.at(23, 59, 59, 0)).unwrap_or(Timestamp::MAX)
}

pub(crate) fn day_in_japan(at: Timestamp) -> Date {
    JAPAN.to_datetime(at).date()
}

/// `YYYYMMDDhhmmss` in Japan, as in a signing certificate's common name.
pub(crate) fn stamp_in_japan(at: Timestamp) -> String {
    let t = JAPAN.to_datetime(at);
    format!("{:04}{:02}{:02}{:02}{:02}{:02}", t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second())
}

/// Certificates count whole seconds.
pub(crate) fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

#[cfg(test)]
mod tests;
