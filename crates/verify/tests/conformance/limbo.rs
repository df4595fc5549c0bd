//! x509-limbo: every case, by RFC 5280, in one step.
//!
//! A case here names no peer and no purpose. Where limbo refuses a path for one of them alone, this file shows that it
//! does; where two of its cases contradict each other, RFC 5280's is followed.

use std::collections::BTreeMap;

use enishi_jpki::OutsideCertificate;
use enishi_jpki::asn1::tag;
use enishi_jpki::oid;
use enishi_verify::corpus::{Case, Judgement, PathCase, PathProfile, Verdict, judge};
use serde_json::Value;

use crate::vectors::{der, list, read, text};

/// One line for each case that is not decided as limbo expects: what kind of exception, which case, why.
const EXCEPTIONS: &str = include_str!("limbo.exceptions");
/// Every case of the corpus.
const CASES: usize = 208;
/// The moment of a case that names none; all its certificates are valid for centuries.
const NOW: &str = "2024-06-01T00:00:00Z";

/// How a case may differ from what limbo expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exception<'a> {
    /// Not decided; the reason, word for word.
    Unsupported(&'a str),
    /// Accepted, for limbo refuses it for the peer's name alone.
    PeerName,
    /// Decided as another case demands, which contradicts this one.
    Contradicted(&'a str),
}

fn exceptions() -> BTreeMap<&'static str, Exception<'static>> {
    let mut found = BTreeMap::new();
    for line in EXCEPTIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (kind, rest) = line.split_once(' ').unwrap();
        let (id, why) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
        let exception = match kind {
            "unsupported" => Exception::Unsupported(why.trim_start()),
            "peer-name" => Exception::PeerName,
            "contradicted-by" => {
                let (twin, case) = (id, why.trim_start());
                assert!(found.insert(case, Exception::Contradicted(twin)).is_none(), "{case} twice");
                continue;
            }
            other => panic!("no kind of exception: {other}"),
        };
        assert!(found.insert(id, exception).is_none(), "{id} twice");
    }
    found
}

fn judged(case: &Value) -> Judgement {
    let ders = |member: &str| list(case, member).iter().map(|pem| der(pem.as_str().unwrap())).collect();
    judge(&Case::Path(PathCase {
        now: case["validation_time"].as_str().unwrap_or(NOW).parse().unwrap(),
        profile: PathProfile::Rfc5280,
        leaf: der(text(case, "peer_certificate")),
        intermediates: ders("untrusted_intermediates"),
        anchors: ders("trusted_certs"),
        crls: ders("crls"),
        required_policy: None,
    }))
}

#[test]
fn limbo_is_decided_as_it_expects_or_listed_with_a_reason() {
    let Some(limbo) = read("x509-limbo/limbo.json") else { return };
    let cases = list(&limbo, "testcases");
    assert_eq!(cases.len(), CASES);
    let verdicts: BTreeMap<_, _> = cases.iter().map(|case| (text(case, "id"), judged(case))).collect();
    assert_eq!(verdicts.len(), CASES);
    let exceptions = exceptions();
    let mut faults = Vec::new();
    let (mut accepted, mut refused, mut unsupported) = (0, 0, 0);
    for case in cases {
        let id = text(case, "id");
        let verdict = &verdicts[id];
        let expected = match text(case, "expected_result") {
            "SUCCESS" => Verdict::Accept,
            "FAILURE" => Verdict::Reject,
            other => panic!("{id}: {other}"),
        };
        match verdict.verdict {
            Verdict::Accept => accepted += 1,
            Verdict::Reject => refused += 1,
            _ => unsupported += 1,
        }
        let holds = match exceptions.get(id) {
            None => verdict.verdict == expected,
            Some(Exception::Unsupported(why)) => {
                // What has the shape of a card's path and must pass may not hide here.
                let longer = expected == Verdict::Reject || !list(case, "untrusted_intermediates").is_empty();
                longer
                    && verdict.verdict == Verdict::Error
                    && verdict.reason.strip_prefix("unsupported: ") == Some(why)
            }
            Some(Exception::PeerName) => {
                expected == Verdict::Reject && verdict.verdict == Verdict::Accept && !names_peer(case)
            }
            Some(Exception::Contradicted(twin)) => {
                let contradicts =
                    list(case, "conflicts_with").iter().any(|other| other.as_str() == Some(*twin));
                contradicts
                    && twin.starts_with("rfc5280::")
                    && !exceptions.contains_key(twin)
                    && verdict.verdict == verdicts[twin].verdict
                    && verdict.verdict != expected
            }
        };
        if !holds {
            faults.push(format!(
                "{id}: {expected:?} expected, {:?} ({}), listed as {:?}",
                verdict.verdict,
                verdict.reason,
                exceptions.get(id)
            ));
        }
    }
    let stale = exceptions.keys().filter(|id| !verdicts.contains_key(*id));
    faults.extend(stale.map(|id| format!("{id}: listed, and no case of limbo's")));
    // Neither may everything be unsupported.
    assert!(accepted >= 30 && refused >= 70, "{accepted} accepted, {refused} refused");
    println!("x509-limbo: {accepted} accepted, {refused} refused, {unsupported} unsupported");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// Whether the leaf names the peer that limbo expects (RFC 6125 §6.4).
fn names_peer(case: &Value) -> bool {
    let peer = &case["expected_peer_name"];
    assert_eq!(text(peer, "kind"), "DNS");
    let peer = text(peer, "value");
    let leaf = der(text(case, "peer_certificate"));
    let mut leaf = OutsideCertificate::parse(&leaf).unwrap();
    let names = leaf.extensions.take(oid::SUBJECT_ALT_NAME).unwrap();
    let mut names = names.value(tag::SEQUENCE).unwrap().inside();
    let mut found = 0;
    while !names.is_empty() {
        let name = names.expect(tag::context_primitive(2)).unwrap();
        let name = std::str::from_utf8(name.content()).unwrap();
        found += 1;
        let matches = match name.strip_prefix("*.") {
            Some(base) => peer.split_once('.').is_some_and(|(_, rest)| rest == base),
            None => name == peer,
        };
        if matches {
            return true;
        }
    }
    assert!(found > 0);
    false
}
