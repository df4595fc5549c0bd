//! An answer's times and its nonce: every window with both edges.

use enishi_jpki::asn1::{encode, tag};
use enishi_jpki::{ExtensionError, oid};
use enishi_party::Timestamp;
use enishi_verify::{AnswerTime as T, NonceMatch, OcspError as E, Standing, check_ocsp, examine_ocsp};

use crate::answer::{Answer, nonce, time};
use crate::answers::check;
use crate::issue::Ext;
use crate::world::{at, auth_authority, limits, now, request};

/// thisUpdate, producedAt, nextUpdate, and the moment of the check, in seconds and thousandths from now; what the
/// answer's time is then. The limit of age is an hour, clocks may differ by ten seconds.
type Window = (&'static str, i64, i64, Option<i64>, (i64, i64), T);

/// Every window with both edges.
const WINDOWS: &[Window] = &[
    ("within", -600, -60, Some(300), (0, 0), T::Fresh),
    ("within, no nextUpdate", -600, -60, None, (0, 0), T::Fresh),
    ("all at once", 0, 0, Some(0), (0, 0), T::Fresh),
    ("nextUpdate is now", -600, -60, Some(0), (0, 0), T::Fresh),
    ("nextUpdate was a thousandth ago", -600, -60, Some(0), (0, 1), T::Stale),
    ("nextUpdate was a second ago", -600, -60, Some(-1), (0, 0), T::Stale),
    ("an hour old", -3600, -60, Some(300), (0, 0), T::Fresh),
    ("an hour and a thousandth old", -3600, -60, Some(300), (0, 1), T::Stale),
    ("an hour and a second old", -3601, -60, Some(300), (0, 0), T::Stale),
    ("an hour old, no nextUpdate", -3600, -60, None, (0, 0), T::Fresh),
    ("an hour and a second old, no nextUpdate", -3601, -60, None, (0, 0), T::Stale),
    ("an hour old, nextUpdate in a year", -3600, -60, Some(31_536_000), (0, 0), T::Fresh),
    ("a second older, nextUpdate in a year", -3601, -60, Some(31_536_000), (0, 0), T::Stale),
    ("old knowledge, signed just now", -3601, 0, Some(300), (0, 0), T::Stale),
    ("signed ten seconds ahead", -600, 10, Some(300), (0, 0), T::Fresh),
    ("signed a thousandth further ahead", -600, 10, Some(300), (-1, 999), T::Future),
    ("signed eleven seconds ahead", -600, 11, Some(300), (0, 0), T::Future),
    ("known ten seconds ahead", 10, 10, Some(300), (0, 0), T::Fresh),
    ("known eleven seconds ahead", 11, 11, Some(300), (0, 0), T::Future),
    ("signed as it became known", -600, -600, Some(300), (0, 0), T::Fresh),
    ("signed before it was known", -600, -601, Some(300), (0, 0), T::Contradictory),
    ("known ahead of its signing", 5, 0, Some(300), (0, 0), T::Contradictory),
    ("nextUpdate at thisUpdate", -5, -5, Some(-5), (0, 0), T::Stale),
    ("nextUpdate before thisUpdate", -5, -5, Some(-6), (0, 0), T::Contradictory),
    ("nextUpdate before thisUpdate, both ahead", 300, 300, Some(299), (0, 0), T::Contradictory),
];

fn moment((seconds, thousandths): (i64, i64)) -> Timestamp {
    Timestamp::from_millisecond(at(seconds).as_millisecond() + thousandths).unwrap()
}

#[test]
fn every_window_holds_at_both_edges() {
    for (name, this_update, produced_at, next_update, when, expected) in WINDOWS {
        let answer = Answer {
            this_update: time(at(*this_update)),
            produced_at: time(at(*produced_at)),
            next_update: next_update.map(|next| time(at(next))),
            ..Answer::good()
        }
        .build();
        let when = moment(*when);
        let found = examine_ocsp(&answer, &request(), &auth_authority(), &limits(), when).unwrap();
        assert_eq!(found.time_at(&limits(), when), *expected, "{name}");
        let oldest = at(*this_update + 3600);
        let fresh_until = next_update.map_or(oldest, |next| at(next).min(oldest));
        let strict = match expected {
            T::Fresh => Ok(Standing::Good),
            T::Stale => Err(E::Expired { fresh_until }),
            T::Future => Err(E::NotYetValid),
            T::Contradictory => Err(E::TimesReversed),
        };
        let checked = check_ocsp(&answer, &request(), &auth_authority(), &limits(), when);
        assert_eq!(checked.map(|answer| answer.standing()), strict, "{name}");
    }
}

#[test]
fn an_answer_that_was_fresh_when_it_was_examined_ages_until_it_is_judged() {
    let answer = Answer::good().build();
    let found = examine_ocsp(&answer, &request(), &auth_authority(), &limits(), now()).unwrap();
    assert_eq!(found.produced_at(), at(-60));
    assert_eq!(found.time_at(&limits(), at(300)), T::Fresh);
    assert_eq!(found.time_at(&limits(), at(301)), T::Stale);
    assert_eq!(found.time_at(&limits(), at(-71)), T::Future);
}

/// A nonce of so many octets, each the same; what it is to a question whose nonce is 32 octets of 7.
const NONCES: &[(usize, u8, Result<NonceMatch, E>)] = &[
    (32, 7, Ok(NonceMatch::Right)),
    (32, 8, Ok(NonceMatch::Wrong)),
    (0, 7, Err(E::NonceLength { octets: 0 })),
    (1, 7, Ok(NonceMatch::Wrong)),
    (16, 7, Ok(NonceMatch::Wrong)),
    (31, 7, Ok(NonceMatch::Wrong)),
    (33, 7, Ok(NonceMatch::Wrong)),
    (64, 7, Ok(NonceMatch::Wrong)),
    (128, 7, Ok(NonceMatch::Wrong)),
    (129, 7, Err(E::NonceLength { octets: 129 })),
    (4096, 7, Err(E::NonceLength { octets: 4096 })),
];

#[test]
fn a_nonce_of_1_to_128_octets_is_read_and_only_the_questions_own_is_right() {
    for (octets, octet, expected) in NONCES {
        let answer = Answer { extensions: vec![nonce(&vec![*octet; *octets])], ..Answer::good() }.build();
        let found = examine_ocsp(&answer, &request(), &auth_authority(), &limits(), now());
        assert_eq!(found.map(|found| found.nonce()), *expected, "{octets}");
        let strict = match expected {
            Ok(NonceMatch::Right) => Ok(Standing::Good),
            Ok(_) => Err(E::Nonce),
            Err(error) => Err(error.clone()),
        };
        assert_eq!(check(&answer), strict, "{octets}");
    }
    let none = Answer { extensions: vec![], ..Answer::good() }.build();
    let found = examine_ocsp(&none, &request(), &auth_authority(), &limits(), now()).unwrap();
    assert_eq!((found.nonce(), check(&none)), (NonceMatch::Missing, Err(E::Nonce)));
}

#[test]
fn a_nonce_in_another_form_is_refused() {
    let of = |ext: Ext| check(&Answer { extensions: vec![ext], ..Answer::good() }.build()).unwrap_err();
    // RFC 6960 left the value's type open: the octets themselves, without the OCTET STRING of RFC 9654.
    assert!(matches!(of(Ext(oid::OCSP_NONCE, false, vec![7; 32])), E::Der(_)));
    let critical = Ext(oid::OCSP_NONCE, true, encode(tag::OCTET_STRING, &[7; 32]));
    assert_eq!(of(critical), E::Extension(ExtensionError::Criticality(oid::OCSP_NONCE)));
}
