//! Wycheproof: every valid signature is accepted, every other refused; "acceptable" is refused.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enishi_jpki::SignatureAlgorithm;
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid;
use enishi_verify::corpus::{Case, SigCase, Verdict, judge};
use serde_json::Value;

use crate::vectors::{hex, list, read, text};

/// How many cases came out how.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    accepted: usize,
    refused: usize,
}

fn verdict(algorithm: SignatureAlgorithm, key: &[u8], message: &[u8], signature: &[u8]) -> Verdict {
    let case = SigCase { algorithm, key: key.into(), message: message.into(), signature: signature.into() };
    judge(&Case::Sig(case)).verdict
}

/// Runs a file of bare signatures.
fn run(file: &str, algorithm: SignatureAlgorithm) -> Option<Tally> {
    let corpus = read(&format!("wycheproof/{file}"))?;
    let mut tally = Tally::default();
    let mut faults = Vec::new();
    for group in list(&corpus, "testGroups") {
        let key = hex(text(group, "publicKeyDer"));
        for test in list(group, "tests") {
            let verdict = verdict(algorithm, &key, &hex(text(test, "msg")), &hex(text(test, "sig")));
            let expected = if text(test, "result") == "valid" { Verdict::Accept } else { Verdict::Reject };
            match verdict {
                Verdict::Accept => tally.accepted += 1,
                _ => tally.refused += 1,
            }
            if verdict != expected {
                faults.push(format!(
                    "{}: {expected:?} expected, {verdict:?}: {}",
                    test["tcId"],
                    text(test, "comment")
                ));
            }
        }
    }
    println!("{file}: {} accepted, {} refused", tally.accepted, tally.refused);
    assert!(faults.is_empty(), "{file}\n{}", faults.join("\n"));
    Some(tally)
}

#[test]
fn rsa_2048_signatures_are_told_apart() {
    if let Some(tally) = run("rsa_signature_2048_sha256_test.json", SignatureAlgorithm::Rs256) {
        assert_eq!(tally, Tally { accepted: 9, refused: 250 });
    }
}

#[test]
fn p_256_signatures_are_told_apart() {
    if let Some(tally) = run("ecdsa_secp256r1_sha256_test.json", SignatureAlgorithm::Es256) {
        assert_eq!(tally, Tally { accepted: 174, refused: 310 });
    }
}

#[test]
fn p_384_signatures_are_told_apart() {
    if let Some(tally) = run("ecdsa_secp384r1_sha384_test.json", SignatureAlgorithm::Es384) {
        assert_eq!(tally, Tally { accepted: 194, refused: 310 });
    }
}

/// What a compact JWS comes to: its frame is read here, its signature by the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Jws {
    Accepted,
    Refused,
    /// The frame is none (RFC 7515 §3.1), so there is no signature to judge.
    Malformed,
    /// Key, or header, of another algorithm than ours, or a key for something else.
    OtherAlgorithm,
}

fn jws(jws: &str, key: &Value) -> Jws {
    let ours = match key["alg"].as_str() {
        Some("RS256") => SignatureAlgorithm::Rs256,
        Some("ES256") => SignatureAlgorithm::Es256,
        Some("ES384") => SignatureAlgorithm::Es384,
        _ => return Jws::OtherAlgorithm,
    };
    let parts: Vec<_> = jws.split('.').collect();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let (Some(header), Some(_), Some(signature), 3) = (
        parts.first().and_then(|part| decode(part)),
        parts.get(1).and_then(|part| decode(part)),
        parts.get(2).and_then(|part| decode(part)),
        parts.len(),
    ) else {
        return Jws::Malformed;
    };
    let Ok(header) = serde_json::from_slice::<Value>(&header) else { return Jws::Malformed };
    if header["alg"] != key["alg"] {
        return Jws::OtherAlgorithm;
    }
    let message = format!("{}.{}", parts[0], parts[1]);
    match verdict(ours, &spki(key), message.as_bytes(), &signature) {
        Verdict::Accept => Jws::Accepted,
        Verdict::Reject => Jws::Refused,
        other => panic!("{other:?}"),
    }
}

/// A JSON Web Key as SubjectPublicKeyInfo.
fn spki(key: &Value) -> Vec<u8> {
    let number = |member: &str| URL_SAFE_NO_PAD.decode(text(key, member)).unwrap();
    let sequence = |parts: &[&[u8]]| encode_all(tag::SEQUENCE, parts);
    let identifier = |oid: &oid::Oid| encode(tag::OID, oid.as_bytes());
    let (algorithm, octets) = match text(key, "kty") {
        "RSA" => {
            let positive = |mut octets: Vec<u8>| {
                if octets[0] & 0x80 != 0 {
                    octets.insert(0, 0);
                }
                encode(tag::INTEGER, &octets)
            };
            let key = sequence(&[&positive(number("n")), &positive(number("e"))]);
            (sequence(&[&identifier(&oid::RSA_ENCRYPTION), &[tag::NULL, 0]]), key)
        }
        _ => {
            let curve = if text(key, "crv") == "P-256" { oid::P256 } else { oid::P384 };
            let point = [vec![4], number("x"), number("y")].concat();
            (sequence(&[&identifier(&oid::EC_PUBLIC_KEY), &identifier(&curve)]), point)
        }
    };
    sequence(&[&algorithm, &encode_all(tag::BIT_STRING, &[&[0], &octets])])
}

#[test]
fn json_web_signatures_are_told_apart() {
    let Some(corpus) = read("wycheproof/json_web_signature_test.json") else { return };
    let mut tally = BTreeMap::new();
    let mut faults = Vec::new();
    for group in list(&corpus, "testGroups") {
        let key = if group["public"].is_object() { &group["public"] } else { &group["private"] };
        for test in list(group, "tests") {
            let outcome = jws(test["jws"].as_str().unwrap_or_default(), key);
            let valid = text(test, "result") == "valid";
            *tally.entry((outcome, valid)).or_insert(0) += 1;
            let holds = match outcome {
                Jws::Accepted => valid,
                Jws::Refused | Jws::Malformed => !valid,
                Jws::OtherAlgorithm => true,
            };
            if !holds {
                faults.push(format!("{} {outcome:?}: {}", test["tcId"], text(test, "comment")));
            }
        }
    }
    println!("json_web_signature_test.json: {tally:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // Other algorithms are HMAC, PSS, RS384, RS512 and P-521: outside, valid or not.
    let expected = [
        ((Jws::Accepted, true), 10),
        ((Jws::Refused, false), 247),
        ((Jws::Malformed, false), 14),
        ((Jws::OtherAlgorithm, false), 94),
        ((Jws::OtherAlgorithm, true), 36),
    ];
    assert_eq!(tally, BTreeMap::from(expected));
}
