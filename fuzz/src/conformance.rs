//! Cases of other people's corpora.

use enishi_verify::corpus::{Case, PathCase, PathProfile, Verdict, answer_line, judge};

use crate::{Reading, world};

/// The input as one line; the answer is one line of JSON, whatever came.
pub(crate) fn line(data: &[u8]) -> Reading {
    let answer = answer_line(data);
    assert!(!answer.contains('\n'), "an answer of two lines");
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
    assert!(answer.get("reason").is_some_and(serde_json::Value::is_string), "an answer without a reason");
    Reading::of(answer.get("verdict").is_some_and(|verdict| verdict != "error"))
}

/// The input as what an authority of ours signed, as its leaf, and as an anchor, by RFC 5280.
pub(crate) fn path(data: &[u8]) -> Reading {
    let world = world::get();
    let authority = world.authority.der().to_vec();
    let accepted = |leaf: Vec<u8>, anchors: Vec<Vec<u8>>, crls: Vec<Vec<u8>>| {
        let case = PathCase {
            now: world::now(),
            profile: PathProfile::Rfc5280,
            leaf,
            intermediates: Vec::new(),
            anchors,
            crls,
            required_policy: None,
        };
        judge(&Case::Path(case)).verdict == Verdict::Accept
    };
    let signed = world.sign(data);
    let understood = accepted(signed.clone(), vec![authority.clone()], Vec::new());
    assert!(!accepted(data.to_vec(), Vec::new(), Vec::new()), "a path from nowhere");
    // A list that says nothing about it is no reason to accept.
    assert!(
        !accepted(signed.clone(), vec![authority], vec![data.to_vec()]) || understood,
        "a list that helps"
    );
    accepted(world.holder.der().to_vec(), vec![signed, data.to_vec()], Vec::new());
    Reading::of(understood)
}
