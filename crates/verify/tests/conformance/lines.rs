//! Lines: what is no case is answered as an error, and nothing that could change a verdict is passed over.

use enishi_verify::corpus::{answer_line, answer_overlong};
use serde_json::Value;

fn answer(line: &str) -> (Value, String, String) {
    let answer = answer_line(line.as_bytes());
    assert!(!answer.contains('\n'), "{answer}");
    assert!(answer.starts_with("{\"id\":"), "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let text = |member: &str| answer[member].as_str().unwrap().to_owned();
    (answer["id"].clone(), text("verdict"), text("reason"))
}

#[test]
fn what_is_no_case_is_an_error_and_keeps_its_id() {
    const NOW: &str = r#""now":"2026-11-20T03:00:00Z""#;
    let crl = r#""kind":"crl","crl":"MAA=","issuer":"MAA=","certificate":"MAA=""#;
    for (line, id, reason) in [
        ("", Value::Null, "no case: EOF"),
        ("{", Value::Null, "no case: EOF"),
        ("[]", Value::Null, "no case: "),
        ("null", Value::Null, "no case: "),
        ("{} {}", Value::Null, "no case: trailing"),
        ("{}", Value::Null, "no case: field id"),
        (r#"{"id":{}}"#, Value::Null, "no case: field id"),
        (r#"{"id":7}"#, 7.into(), "no case: field kind missing"),
        (r#"{"id":"a","kind":7}"#, "a".into(), "no case: invalid type"),
        (r#"{"id":"a","kind":"cms"}"#, "a".into(), "unsupported: kind"),
        (r#"{"id":"a","kind":"path"}"#, "a".into(), "no case: field now missing"),
        (r#"{"id":"a","kind":"path","peer":"x"}"#, "a".into(), "no case: unknown field `peer`"),
        (r#"{"id":"a","kind":"path","kind":"crl"}"#, "a".into(), "no case: duplicate field `kind`"),
        (&format!(r#"{{"id":"a",{NOW},{crl},"max_age_s":9}}"#), "a".into(), "unsupported: field max_age_s"),
        (&format!(r#"{{"id":"a","now":"yesterday",{crl}}}"#), "a".into(), "no case: now"),
        (&format!(r#"{{"id":"a","now":"2026-11-20T03:00:00",{crl}}}"#), "a".into(), "no case: now"),
        (
            &format!(r#"{{"id":"a",{NOW},"kind":"crl","crl":"*"}}"#),
            "a".into(),
            "no case: octets not in base64",
        ),
        (&format!(r#"{{"id":"a",{NOW},"kind":"crl","crl":"MAA="}}"#), "a".into(), "no case: field issuer"),
        (&format!(r#"{{"id":"a",{NOW},"kind":"path","profile":"web"}}"#), "a".into(), "unsupported: profile"),
        (r#"{"id":"a","kind":"sig","algorithm":"EdDSA"}"#, "a".into(), "unsupported: algorithm"),
        (r#"{"id":"a","kind":"sig","algorithm":"none"}"#, "a".into(), "unsupported: algorithm"),
    ] {
        let (found, verdict, why) = answer(line);
        assert_eq!((found, verdict.as_str()), (id, "error"), "{line}: {why}");
        assert!(why.starts_with(reason), "{line}: {why}");
    }
}

#[test]
fn octets_that_are_no_certificate_are_refused() {
    let now = r#""now":"2026-11-20T03:00:00+09:00""#;
    // Padding may be missing.
    for octets in ["MAA=", "MAA", "", "MIAAAA=="] {
        for profile in ["rfc5280", "jpki"] {
            let line = format!(
                r#"{{"id":1,"kind":"path","profile":"{profile}",{now},"leaf":"{octets}","anchors":["{octets}"]}}"#
            );
            assert_eq!(answer(&line).1, "reject", "{line}");
        }
        let sig = format!(
            r#"{{"id":1,"kind":"sig","algorithm":"RS256","key":"{octets}","message":"","signature":""}}"#
        );
        assert_eq!(answer(&sig).1, "reject");
    }
}

#[test]
fn null_is_absence_and_a_line_too_long_has_no_id() {
    let line = r#"{"id":1,"kind":"path","profile":"jpki","now":"2026-11-20T03:00:00Z","leaf":"MAA=",
        "anchors":[],"intermediates":null,"crls":null,"required_policy":null,"nonce":null}"#;
    assert_eq!(answer(line).1, "reject");
    let overlong: Value = serde_json::from_str(&answer_overlong(16)).unwrap();
    assert_eq!((&overlong["id"], overlong["verdict"].as_str()), (&Value::Null, Some("error")));
}

#[test]
fn more_members_than_any_corpus_has_are_not_read() {
    let anchors = vec!["\"MAA=\""; 257].join(",");
    let line = format!(
        r#"{{"id":1,"kind":"path","profile":"jpki","now":"2026-11-20T03:00:00Z","leaf":"MAA=","anchors":[{anchors}]}}"#
    );
    assert_eq!(answer(&line).2, "unsupported: more than 256 members in anchors");
}
