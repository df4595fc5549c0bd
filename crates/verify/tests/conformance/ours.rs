//! Every kind and every verdict, on what OpenSSL makes: a second opinion of what paths, lists and answers look like.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enishi_verify::corpus::answer_line;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::openssl::{Authority, Key, available};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Sections of an authority and of certificates in the shape of JPKI's (docs/jpki.md §2).
const JPKI: &str = "\
[card]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
certificatePolicies = critical,@policy
authorityKeyIdentifier = keyid:always,issuer:always
crlDistributionPoints = point
subjectKeyIdentifier = hash
[policy]
policyIdentifier = 1.2.392.200149.8.5.1.3.30
CPS.1 = http://cps.example/
[point]
fullname = dirName:municipality
[municipality]
C = JP
O = JPKI
OU = JPKI for user authentication
CN = Somewhere CRLDP
[elsewhere]
C = JP
O = JPKI
OU = JPKI for user authentication
CN = Elsewhere CRLDP
[signing]
keyUsage = critical,digitalSignature,nonRepudiation
certificatePolicies = critical,1.2.392.200149.8.5.1.1.20
authorityKeyIdentifier = keyid:always
[foreign]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
certificatePolicies = critical,1.2.3.4
authorityKeyIdentifier = keyid:always
[partition]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@partition_point
[partition_point]
fullname = dirName:municipality
onlyuser = TRUE
[other_partition]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@other_point
[other_point]
fullname = dirName:elsewhere
";
const JPKI_NAME: &str = "/C=JP/O=JPKI/OU=JPKI for user authentication/OU=Somebody";

fn base64(octets: &[u8]) -> Value {
    STANDARD.encode(octets).into()
}

/// Verdict and reason of a case; `case` lacks only its id.
fn ask(mut case: Value) -> (String, String) {
    case["id"] = "asked".into();
    let answer: Value = serde_json::from_str(&answer_line(case.to_string().as_bytes())).unwrap();
    assert_eq!(answer["id"], "asked");
    assert_eq!(answer.as_object().unwrap().len(), 3, "{answer}");
    let text = |member: &str| answer[member].as_str().unwrap().to_owned();
    (text("verdict"), text("reason"))
}

fn path(profile: &str, leaf: &[u8], anchors: &[&[u8]], crls: &[&[u8]], now: Timestamp) -> Value {
    let all = |ders: &[&[u8]]| ders.iter().map(|der| base64(der)).collect::<Vec<_>>();
    json!({
        "kind": "path", "profile": profile, "now": now.to_string(), "leaf": base64(leaf), "intermediates": [],
        "anchors": all(anchors), "crls": all(crls),
    })
}

fn verdict(case: Value) -> String {
    let (verdict, reason) = ask(case);
    assert_eq!(
        verdict == "error",
        reason.starts_with("unsupported") || reason.starts_with("no case"),
        "{reason}"
    );
    verdict
}

#[test]
fn paths_lists_and_answers_of_every_key_are_judged() {
    if !available("paths_lists_and_answers_of_every_key_are_judged") {
        return;
    }
    for (ca_key, leaf_key) in [(Key::Rsa, Key::P256), (Key::P256, Key::P384), (Key::P384, Key::Rsa)] {
        let authority = Authority::new(ca_key, "/CN=Ordinary CA", "");
        let (now, ca) = (authority.now(), authority.certificate());
        let good = authority.issue("good", leaf_key, "leaf", "/CN=somebody");
        let revoked = authority.issue("revoked", leaf_key, "leaf", "/CN=somebody else");
        authority.issue("responder", leaf_key, "responder", "/CN=responder");
        authority.issue("talkative", leaf_key, "talkative", "/CN=no responder");
        authority.revoke("revoked", "keyCompromise");
        let list = authority.list("list");
        paths(ca_key, &good, &revoked, &ca, &list, now);
        lists(&authority, &good, &revoked, now);
        answers(&authority, &good, &revoked, now);
    }
}

fn paths(key: Key, good: &[u8], revoked: &[u8], ca: &[u8], list: &[u8], now: Timestamp) {
    let stranger = Authority::new(key, "/CN=Ordinary CA", "");
    let other = stranger.certificate();
    let mut damaged = good.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    for (name, case, expected) in [
        ("without lists", path("rfc5280", good, &[ca], &[], now), "accept"),
        ("with a list", path("rfc5280", good, &[ca], &[list], now), "accept"),
        ("beside another key of that name", path("rfc5280", good, &[&other, ca], &[list], now), "accept"),
        ("revoked", path("rfc5280", revoked, &[ca], &[list], now), "reject"),
        (
            "revoked by a list that has ended",
            path("rfc5280", revoked, &[ca], &[list], now + DAY * 8),
            "reject",
        ),
        ("with a list that has ended", path("rfc5280", good, &[ca], &[list], now + DAY * 8), "reject"),
        ("expired", path("rfc5280", good, &[ca], &[], now + DAY * 31), "reject"),
        ("not valid yet", path("rfc5280", good, &[ca], &[], now - DAY), "reject"),
        ("another key of that name", path("rfc5280", good, &[&other], &[], now), "reject"),
        ("no anchors", path("rfc5280", good, &[], &[], now), "reject"),
        ("damaged", path("rfc5280", &damaged, &[ca], &[], now), "reject"),
        ("cut short", path("rfc5280", &good[..good.len() - 1], &[ca], &[], now), "reject"),
        ("the anchor itself", path("rfc5280", ca, &[ca], &[], now), "error"),
        ("no card", path("jpki", good, &[ca], &[], now), "reject"),
    ] {
        assert_eq!(verdict(case), expected, "{key:?}: {name}");
    }
}

fn lists(authority: &Authority, good: &[u8], revoked: &[u8], now: Timestamp) {
    let case = |list: &[u8], certificate: &[u8], now: Timestamp| {
        json!({
            "kind": "crl", "now": now.to_string(), "crl": base64(list), "certificate": base64(certificate),
            "issuer": base64(&authority.certificate()),
        })
    };
    let list = authority.list("list");
    let stranger = Authority::new(Key::P256, "/CN=Ordinary CA", "");
    let mut damaged = list.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for (name, case, expected) in [
        ("good", case(&list, good, now), "good"),
        ("revoked", case(&list, revoked, now), "revoked"),
        ("a week on, good is not known", case(&list, good, now + DAY * 8), "reject"),
        ("a week on, revoked stays so", case(&list, revoked, now + DAY * 8), "revoked"),
        ("ahead", case(&list, good, now - DAY), "reject"),
        ("damaged", case(&damaged, good, now), "reject"),
        ("another's", case(&stranger.list("list"), good, now), "reject"),
        ("delta", case(&authority.list("delta"), good, now), "error"),
        ("indirect", case(&authority.list("indirect"), good, now), "error"),
        ("of authorities", case(&authority.list("authorities"), good, now), "reject"),
        ("without key identifier", case(&authority.list("bare"), good, now), "reject"),
    ] {
        assert_eq!(verdict(case), expected, "{name}");
    }
}

fn answers(authority: &Authority, good: &[u8], revoked: &[u8], now: Timestamp) {
    let ca = authority.certificate();
    let case = |answer: &[u8], certificate: &[u8], now: Timestamp| {
        json!({
            "kind": "ocsp", "now": now.to_string(), "response": base64(answer), "certificate": base64(certificate),
            "issuer": base64(&ca),
        })
    };
    let with = |mut case: Value, field: &str, value: Value| {
        case[field] = value;
        case
    };
    let plain = authority.answer("good", "ca", &["-ndays", "1", "-no_nonce"]);
    let endless = authority.answer("good", "responder", &["-no_nonce"]);
    let sha256 = authority.answer("good", "responder", &["-sha256", "-ndays", "1", "-no_nonce"]);
    let bad = authority.answer("revoked", "responder", &["-ndays", "1", "-no_nonce"]);
    let undelegated = authority.answer("good", "talkative", &["-ndays", "1", "-no_nonce"]);
    let nonced = authority.answer("good", "responder", &["-ndays", "1", "-nonce"]);
    let nonce = base64(&authority.nonce());
    let mut damaged = plain.clone();
    // Within what is signed; the certificates behind it are not.
    damaged[80] ^= 1;
    for (name, case, expected) in [
        ("good", case(&plain, good, now), "good"),
        ("good an hour on", case(&plain, good, now + HOUR * 2), "good"),
        (
            "good an hour on, too old",
            with(case(&plain, good, now + HOUR * 2), "max_age_s", 600.into()),
            "reject",
        ),
        ("past nextUpdate", case(&plain, good, now + DAY * 2), "reject"),
        (
            "past nextUpdate, whatever age",
            with(case(&plain, good, now + DAY * 2), "max_age_s", 999_999.into()),
            "reject",
        ),
        ("delegated, without nextUpdate", case(&endless, good, now), "good"),
        ("without nextUpdate, two hours on", case(&endless, good, now + HOUR * 2), "reject"),
        ("under SHA-256", case(&sha256, good, now), "good"),
        ("revoked", case(&bad, revoked, now), "revoked"),
        ("revoked two days on", case(&bad, revoked, now + DAY * 2), "revoked"),
        ("revoked, without our nonce", with(case(&bad, revoked, now), "nonce", nonce.clone()), "revoked"),
        ("about another certificate", case(&bad, good, now), "reject"),
        ("nobody's delegate", case(&undelegated, good, now), "reject"),
        ("with its nonce", with(case(&nonced, good, now), "nonce", nonce.clone()), "good"),
        ("with a nonce that nobody asks for", case(&nonced, good, now), "good"),
        ("with another nonce", with(case(&nonced, good, now), "nonce", "AAAA".into()), "reject"),
        ("without the nonce", with(case(&plain, good, now), "nonce", nonce), "reject"),
        ("damaged", case(&damaged, good, now), "reject"),
        ("ahead", case(&plain, good, now - DAY), "reject"),
    ] {
        assert_eq!(verdict(case), expected, "{name}");
    }
}

#[test]
fn a_responder_that_does_not_know_the_certificate_says_so() {
    if !available("a_responder_that_does_not_know_the_certificate_says_so") {
        return;
    }
    let authority = Authority::new(Key::P256, "/CN=Ordinary CA", "");
    let forgotten = authority.issue("forgotten", Key::P256, "leaf", "/CN=somebody");
    authority.forget();
    let answer = authority.answer("forgotten", "ca", &["-ndays", "1", "-no_nonce"]);
    let case = json!({
        "kind": "ocsp", "now": authority.now().to_string(), "response": base64(&answer),
        "certificate": base64(&forgotten), "issuer": base64(&authority.certificate()),
    });
    assert_eq!(verdict(case), "unknown");
}

#[test]
fn cards_of_another_maker_are_judged_as_the_product_does() {
    if !available("cards_of_another_maker_are_judged_as_the_product_does") {
        return;
    }
    let authority = Authority::new(Key::Rsa, JPKI_NAME, JPKI);
    let (now, ca) = (authority.now(), authority.certificate());
    let card = authority.issue("card", Key::Rsa, "card", "/C=JP/CN=0000000001");
    let revoked = authority.issue("revoked", Key::Rsa, "card", "/C=JP/CN=0000000002");
    let foreign = authority.issue("foreign", Key::Rsa, "foreign", "/C=JP/CN=0000000003");
    let signing = authority.issue("signing", Key::Rsa, "signing", "/C=JP/CN=0000000004");
    let curve = authority.issue("curve", Key::P384, "card", "/C=JP/CN=0000000005");
    authority.revoke("revoked", "cessationOfOperation");
    let [whole, part, other] =
        ["list", "partition", "other_partition"].map(|section| authority.list(section));
    let with_policy = |policy: &str| {
        let mut case = path("jpki", &card, &[&ca], &[], now);
        case["required_policy"] = policy.into();
        case
    };
    for (name, case, expected) in [
        ("a card", path("jpki", &card, &[&ca], &[], now), "accept"),
        ("a card by RFC 5280", path("rfc5280", &card, &[&ca], &[&whole], now), "accept"),
        ("with the whole list", path("jpki", &card, &[&ca], &[&whole], now), "accept"),
        ("with its partition", path("jpki", &card, &[&ca], &[&other, &part], now), "accept"),
        ("with another partition", path("jpki", &card, &[&ca], &[&other], now), "reject"),
        ("with a list that has ended", path("jpki", &card, &[&ca], &[&whole], now + DAY * 8), "reject"),
        ("revoked", path("jpki", &revoked, &[&ca], &[&whole], now), "reject"),
        ("revoked in its partition", path("jpki", &revoked, &[&ca], &[&part], now), "reject"),
        ("its policy", with_policy("1.2.392.200149.8.5.1.3.30"), "accept"),
        ("the other policy", with_policy("1.2.392.200149.8.5.1.1.20"), "reject"),
        ("a foreign policy", with_policy("1.2.3.4"), "reject"),
        ("of a foreign policy", path("jpki", &foreign, &[&ca], &[], now), "reject"),
        ("a signing certificate of this authority", path("jpki", &signing, &[&ca], &[], now), "reject"),
        ("a key that is no card's yet", path("jpki", &curve, &[&ca], &[], now), "reject"),
        ("expired", path("jpki", &card, &[&ca], &[], now + DAY * 31), "reject"),
        ("no anchors", path("jpki", &card, &[], &[], now), "reject"),
    ] {
        let (verdict, reason) = ask(case);
        assert_eq!(verdict, expected, "{name}: {reason}");
    }
}
