//! Every pair of what a responder and a list can say, under every policy, with what must come of it.
//!
//! Each cell is run against the real decision with signed answers and signed lists.

use enishi_jpki::oid;
use enishi_verify::{
    AnswerTime, ClearError, Crl, ListShortfall, NonceMatch, NonceRule, OcspFinding, OcspShortfall,
    OcspStanding, RevocationReason, RevocationStatus, SourceRole, Standing, StatusMethod, StatusPolicy,
    StatusSource, Unjudged, clear, examine_ocsp, judge,
};

use crate::answer::{Answer, nonce, revoked, time};
use crate::issue::{full_name, municipality};
use crate::list::{List, entry, point, utc};
use crate::world::{at, auth_authority, certificate, hours, limits, now, proven, request};

/// One line for each of the 28 things that a responder can say: standing, time, nonce. One group for each choice of
/// who may vouch. In each group one letter for each of the 7 things that a list can say: absent, then good fresh,
/// stale, future, then revoked fresh, stale, future.
///
/// `.` no status; `o`, `l` good by the responder, by the list; `O`, `L` revoked by the one or the other;
/// `A` revoked by the responder against a list that counts; `B` revoked by the list against an answer that counts.
const NONCE_REQUIRED: &str = "
                         either    responder list      neither
    absent  -      -       .l..LLL   ....LLL   .l..LLL   ....LLL
    good    fresh  right   ooooBBB   ooooBBB   .l..BBB   ....BBB
    good    fresh  wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    fresh  missing .l..LLL   ....LLL   .l..LLL   ....LLL
    good    stale  right   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    stale  wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    stale  missing .l..LLL   ....LLL   .l..LLL   ....LLL
    good    future right   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    future wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    future missing .l..LLL   ....LLL   .l..LLL   ....LLL
    revoked fresh  right   OAOOOOO   OAOOOOO   OAOOOOO   OAOOOOO
    revoked fresh  wrong   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked fresh  missing OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked stale  right   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked stale  wrong   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked stale  missing OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked future right   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked future wrong   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked future missing OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    unknown fresh  right   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown fresh  wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown fresh  missing .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown stale  right   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown stale  wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown stale  missing .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown future right   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown future wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown future missing .l..LLL   ....LLL   .l..LLL   ....LLL
";

/// The same where an answer without a nonce is as good as one with it.
const NONCE_OPTIONAL: &str = "
                         either    responder list      neither
    absent  -      -       .l..LLL   ....LLL   .l..LLL   ....LLL
    good    fresh  right   ooooBBB   ooooBBB   .l..BBB   ....BBB
    good    fresh  wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    fresh  missing ooooBBB   ooooBBB   .l..BBB   ....BBB
    good    stale  right   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    stale  wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    stale  missing .l..LLL   ....LLL   .l..LLL   ....LLL
    good    future right   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    future wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    good    future missing .l..LLL   ....LLL   .l..LLL   ....LLL
    revoked fresh  right   OAOOOOO   OAOOOOO   OAOOOOO   OAOOOOO
    revoked fresh  wrong   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked fresh  missing OAOOOOO   OAOOOOO   OAOOOOO   OAOOOOO
    revoked stale  right   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked stale  wrong   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked stale  missing OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked future right   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked future wrong   OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    revoked future missing OAOOLOO   OAOOLOO   OAOOLOO   OAOOLOO
    unknown fresh  right   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown fresh  wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown fresh  missing .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown stale  right   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown stale  wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown stale  missing .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown future right   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown future wrong   .l..LLL   ....LLL   .l..LLL   ....LLL
    unknown future missing .l..LLL   ....LLL   .l..LLL   ....LLL
";

/// Since when and why the responder calls the holder revoked; the list has another date and reason.
fn by_ocsp() -> Standing {
    Standing::Revoked { reason: RevocationReason::Superseded, at: hours(-9) }
}

fn by_list() -> Standing {
    Standing::Revoked { reason: RevocationReason::KeyCompromise, at: hours(-8) }
}

/// What a responder says in these words.
fn answer(standing: &str, when: &str, asked: &str) -> Option<Vec<u8>> {
    let mut answer = Answer::good();
    match standing {
        "absent" => return None,
        "good" => {}
        "revoked" => answer.standing = revoked(hours(-9), 4),
        _ => answer.standing = vec![0x82, 0],
    }
    let (this_update, produced_at, next_update) = match when {
        "fresh" => (at(-600), at(-60), at(300)),
        "stale" => (at(-7200), at(-7100), at(-6300)),
        _ => (at(600), at(660), at(1500)),
    };
    answer.this_update = time(this_update);
    answer.produced_at = time(produced_at);
    answer.next_update = Some(time(next_update));
    answer.extensions = match asked {
        "right" => vec![nonce(&[7; 32])],
        "wrong" => vec![nonce(&[8; 32])],
        _ => vec![],
    };
    Some(answer.build())
}

fn examine(response: &[u8]) -> OcspFinding {
    examine_ocsp(response, &request(), &auth_authority(), &limits(), now()).unwrap()
}

/// What a list can say, in the order of the columns.
fn lists() -> [Option<Crl>; 7] {
    let made = |entries: &[u8], this_update: i64| {
        let mut list = List::new().with(entry(entries, hours(-8), 1));
        list.this_update = utc(hours(this_update));
        list.next_update = utc(hours(this_update + 24));
        // Accepted when it was new: it ages where it lies, or the clock was moved back since.
        let then = hours(this_update + 1);
        Some(Crl::accept(list.build(), &auth_authority(), None, &limits(), then).unwrap())
    };
    let (other, holder) = (&[9][..], &[1, 2, 3][..]);
    let [fresh, stale, future] = [-1, -30, 1];
    [
        None,
        made(other, fresh),
        made(other, stale),
        made(other, future),
        made(holder, fresh),
        made(holder, stale),
        made(holder, future),
    ]
}

/// The letter of an outcome, and what it must be beside its letter.
fn letter(outcome: Result<RevocationStatus, Unjudged>, place: &str) -> char {
    let Ok(status) = outcome else { return '.' };
    let (standing, source) = (status.standing(), status.rests_on());
    let by_answer = matches!(status.method(), StatusMethod::Ocsp { .. });
    let letter = match (standing, source) {
        (Standing::Good, StatusSource::Ocsp) => 'o',
        (Standing::Good, StatusSource::List) => 'l',
        (Standing::Revoked { .. }, StatusSource::Ocsp) => 'O',
        (Standing::Revoked { .. }, StatusSource::List) => 'L',
        (Standing::Revoked { .. }, StatusSource::OcspAgainstList) => 'A',
        (Standing::Revoked { .. }, StatusSource::ListAgainstOcsp) => 'B',
        (Standing::Good, _) => '!',
    };
    assert_eq!(by_answer, "oOA".contains(letter), "{place}: the method is another source's");
    let cleared = clear(proven(), status, now()).map(drop);
    match standing {
        Standing::Good => assert_eq!(cleared, Ok(()), "{place}"),
        Standing::Revoked { reason, at } => {
            assert_eq!(standing, if by_answer { by_ocsp() } else { by_list() }, "{place}");
            assert_eq!(cleared, Err(ClearError::Revoked { reason, at }), "{place}");
        }
    }
    letter
}

/// Runs a table; returns how many cells it has.
fn run(table: &str, nonce: NonceRule) -> usize {
    use SourceRole::{Vouches, Warns};
    let roles = [(Vouches, Vouches), (Vouches, Warns), (Warns, Vouches), (Warns, Warns)];
    let lists = lists();
    let mut cells = 0;
    for line in table.lines().skip(2).filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let response = answer(words[0], words[1], words[2]);
        for ((ocsp, list), expected) in roles.iter().copied().zip(&words[3..]) {
            let policy = StatusPolicy { ocsp, list, nonce };
            let mut found = String::new();
            for (column, crl) in lists.iter().enumerate() {
                let finding = response.as_deref().map(examine);
                let outcome = judge(&certificate(), finding, crl.as_ref(), &policy, &limits(), now());
                found.push(letter(outcome, &format!("{line}, list {column}, {policy:?}")));
                cells += 1;
            }
            assert_eq!(&found, expected, "{line}, {policy:?}");
        }
    }
    cells
}

#[test]
fn every_pair_under_every_policy_comes_out_as_the_tables_say() {
    let pairs = 28 * 7;
    assert_eq!(run(NONCE_REQUIRED, NonceRule::Required), pairs * 4);
    assert_eq!(run(NONCE_OPTIONAL, NonceRule::Optional), pairs * 4);
}

#[test]
fn an_answer_is_examined_as_what_the_tables_call_it() {
    let words = |finding: &OcspFinding| {
        let standing = match finding.standing() {
            OcspStanding::Good => "good",
            OcspStanding::Revoked { .. } => "revoked",
            OcspStanding::Unknown => "unknown",
        };
        let time = match finding.time_at(&limits(), now()) {
            AnswerTime::Fresh => "fresh",
            AnswerTime::Stale => "stale",
            AnswerTime::Future => "future",
            AnswerTime::Contradictory => "contradictory",
        };
        let nonce = match finding.nonce() {
            NonceMatch::Right => "right",
            NonceMatch::Wrong => "wrong",
            NonceMatch::Missing => "missing",
        };
        [standing, time, nonce]
    };
    for line in NONCE_REQUIRED.lines().skip(3).filter(|line| !line.trim().is_empty()) {
        let expected: Vec<&str> = line.split_whitespace().take(3).collect();
        let response = answer(expected[0], expected[1], expected[2]).unwrap();
        assert_eq!(words(&examine(&response)).as_slice(), expected);
    }
}

fn judged(answer: Option<&Answer>, list: Option<&List>) -> Result<RevocationStatus, Unjudged> {
    let crl = list.map(crate::world::accept);
    let finding = answer.map(|answer| examine(&answer.build()));
    judge(&certificate(), finding, crl.as_ref(), &StatusPolicy::EITHER, &limits(), now())
}

#[test]
fn without_a_status_each_source_says_what_it_lacks() {
    let answer = |standing: &str, when: &str, asked: &str, policy: StatusPolicy| {
        let finding = answer(standing, when, asked).as_deref().map(examine);
        judge(&certificate(), finding, None, &policy, &limits(), now()).map(drop).unwrap_err().ocsp
    };
    for (standing, when, asked, policy, expected) in [
        ("absent", "-", "-", StatusPolicy::OCSP, OcspShortfall::Absent),
        ("unknown", "fresh", "right", StatusPolicy::OCSP, OcspShortfall::Unknown),
        ("good", "fresh", "wrong", StatusPolicy::OCSP, OcspShortfall::WrongNonce),
        ("good", "fresh", "missing", StatusPolicy::OCSP, OcspShortfall::NoNonce),
        ("good", "stale", "right", StatusPolicy::OCSP, OcspShortfall::Stale),
        ("good", "future", "right", StatusPolicy::OCSP, OcspShortfall::Future),
        ("good", "fresh", "right", StatusPolicy::LIST, OcspShortfall::NotNamed),
    ] {
        assert_eq!(answer(standing, when, asked, policy), expected);
    }
    let [_, fresh, stale, ..] = lists();
    let lacks = |list: Option<Crl>, policy| {
        judge(&certificate(), None, list.as_ref(), &policy, &limits(), now()).map(drop).unwrap_err().list
    };
    assert_eq!(lacks(None, StatusPolicy::LIST), ListShortfall::Absent);
    assert_eq!(lacks(fresh, StatusPolicy::OCSP), ListShortfall::NotNamed);
    let ended = enishi_verify::CoverageError::OutOfWindow { fresh_until: hours(-6) };
    assert_eq!(lacks(stale, StatusPolicy::LIST), ListShortfall::Coverage(ended));
    let error = judged(None, None).map(drop).unwrap_err();
    let told =
        "no revocation status: by the responder, there is no authentic answer; by the list, there is none";
    assert_eq!(error.to_string(), told);
}

#[test]
fn times_that_contradict_each_other_clear_nobody_and_still_tell_who_is_revoked() {
    let reversed = |standing: Vec<u8>| Answer { standing, produced_at: time(at(-601)), ..Answer::good() };
    let good = judged(Some(&reversed(vec![0x80, 0])), None).map(drop).unwrap_err();
    assert_eq!(good.ocsp, OcspShortfall::Contradictory);
    let revoked = judged(Some(&reversed(revoked(hours(-9), 4))), Some(&List::new())).unwrap();
    assert_eq!((revoked.standing(), revoked.rests_on()), (by_ocsp(), StatusSource::OcspAgainstList));
}

#[test]
fn revoked_for_a_reason_that_jpki_does_not_use_is_revoked() {
    for code in [7, 8, 9, 10, 255] {
        let answer = Answer { standing: revoked(hours(-9), code), ..Answer::good() };
        let standing = judged(Some(&answer), Some(&List::new())).unwrap().standing();
        let expected = Standing::Revoked { reason: RevocationReason::Unspecified, at: hours(-9) };
        assert_eq!(standing, expected, "{code}");
    }
}

#[test]
fn a_source_about_another_certificate_neither_clears_nor_revokes() {
    // The list of another municipality, in which our number stands.
    let mut elsewhere = List::new().with(entry(&[1, 2, 3], hours(-8), 1));
    elsewhere.extensions.push(point(&[&full_name(&municipality("Tonari-shi CRLDP"))]));
    let error = judged(None, Some(&elsewhere)).map(drop).unwrap_err();
    let other = enishi_verify::CoverageError::OtherPartition;
    assert_eq!(error.list, ListShortfall::Coverage(other));
    assert_eq!(judged(Some(&Answer::good()), Some(&elsewhere)).unwrap().rests_on(), StatusSource::Ocsp);
    // An answer about the holder, held against another certificate.
    let signing = crate::world::signing_certificate();
    let held = Answer { standing: revoked(hours(-9), 4), ..Answer::good() };
    let error = judge(&signing, Some(examine(&held.build())), None, &StatusPolicy::EITHER, &limits(), now());
    assert_eq!(error.map(drop).unwrap_err().ocsp, OcspShortfall::OtherCertificate);
}

#[test]
fn a_partitions_list_counts_for_its_own_municipality() {
    let mut own = List::new().with(entry(&[9], hours(-8), 1));
    own.extensions.push(point(&[&full_name(&municipality("Mihon-shi CRLDP"))]));
    assert_eq!(judged(None, Some(&own)).unwrap().rests_on(), StatusSource::List);
    own.entries = Some(vec![entry(&[1, 2, 3], hours(-8), 1)]);
    assert_eq!(judged(None, Some(&own)).unwrap().standing(), by_list());
    let mut unlisted = crate::world::holder_spec();
    unlisted.without(oid::CRL_DISTRIBUTION_POINTS);
    let unlisted = enishi_jpki::AuthCertificate::parse(&unlisted.build(), &enishi_jpki::Profile::SANDBOX);
    let crl = crate::world::accept(&own);
    let refused = judge(&unlisted.unwrap(), None, Some(&crl), &StatusPolicy::LIST, &limits(), now());
    let other = enishi_verify::CoverageError::OtherPartition;
    assert_eq!(refused.map(drop).unwrap_err().list, ListShortfall::Coverage(other));
}

#[test]
fn who_is_listed_is_not_cleared_by_an_answer_while_nobody_can_say_why_it_is() {
    let der = List::new().with(entry(&[1, 2, 3], hours(-8), 1)).build();
    let (store, authority) = (crate::streams::Failing { writing: None }, auth_authority());
    let crl = Crl::read(&mut std::io::Cursor::new(der), &store, &authority, None, &limits(), now()).unwrap();
    let answered = |standing: Vec<u8>| {
        let answer = Answer { standing, ..Answer::good() };
        let found = Some(examine(&answer.build()));
        judge(&certificate(), found, Some(&crl), &StatusPolicy::EITHER, &limits(), now())
    };
    let error = answered(vec![0x80, 0]).map(drop).unwrap_err();
    assert_eq!(error.list, ListShortfall::Coverage(enishi_verify::CoverageError::Details));
    // The responder can.
    assert_eq!(answered(revoked(hours(-9), 4)).unwrap().standing(), by_ocsp());
}

#[test]
fn what_was_found_prints_nothing_of_the_person() {
    assert_eq!(format!("{:?}", examine(&Answer::good().build())), "OcspFinding(…)");
    assert_eq!(format!("{:?}", judged(Some(&Answer::good()), None).unwrap()), "RevocationStatus(…)");
}
