//! The intent and the tap.

use enishi_jpki::{Challenge, Context, EnrolContext, Nonce, Origin};
use enishi_linkage::LookupMethod;
use enishi_party::{IntentId, RefusalCode};
use enishi_relay::{Caller, Stop};
use enishi_testkit::{SignedDocument, Tally, Town, Who};
use enishi_wire::{
    Application, ConsentReceipt, EnrolmentAnswer, EnrolmentRequest, IntentRequest, IntentView, Octets,
    VerifyingKey,
};

use crate::purchase::refused;
use crate::world::{
    A, B, CUSTOMER, LAPSED, World, assertion_key, caller, caller_at, holds, octets_below, provider,
};

pub(crate) const STATE: &str = "state-of-the-session-0042";

pub(crate) fn intent_request(contract: &str) -> IntentRequest {
    IntentRequest {
        contract: contract.parse().unwrap(),
        customer: (contract == B).then(|| CUSTOMER.parse().unwrap()),
        callback: "https://app.example/linked".to_owned(),
        state: STATE.to_owned(),
        label: "架空 ••1234".to_owned(),
        offer_jointly: false,
    }
}

pub(crate) async fn intent(world: &World, contract: &str) -> IntentId {
    world.relay.create_intent(&provider(contract), intent_request(contract)).await.unwrap().intent
}

/// The terms as the signing key signs them (RFC 8785).
fn canonical(view: &IntentView) -> Vec<u8> {
    let value = serde_json::to_value(&view.terms).unwrap();
    serde_json_canonicalizer::to_vec(&value).unwrap()
}

/// Everything that a tap sends; each part can be changed.
pub(crate) struct Tapped {
    pub(crate) request: EnrolmentRequest,
}

pub(crate) async fn tap(world: &World, id: IntentId, who: Who, applicant: Who) -> Tapped {
    let view = world.relay.view_intent(&caller(), id).await.unwrap();
    let (ticket, _) = world.ticket(&caller());
    let context = Context::Enrol(EnrolContext {
        relay: view.relay.clone(),
        terminal: caller().terminal,
        intent: id,
        consent_sha256: view.consent_sha256.clone(),
    });
    let nonce = Nonce::new(&ticket, &context);
    let challenge = Challenge::new(Origin::parse("https://pos.enishi.example").unwrap(), nonce.clone());
    let SignedDocument { certificate, signature } = Town::get().card(applicant).sign(&canonical(&view));
    let request = EnrolmentRequest {
        intent: id,
        token: Town::get().card(who).token(&challenge).to_json(),
        nonce: nonce.as_str().to_owned(),
        application: Application { certificate: Octets(certificate), signature: Octets(signature) },
    };
    Tapped { request }
}

pub(crate) async fn enrol(world: &World, tapped: &Tapped) -> Result<EnrolmentAnswer, Stop> {
    world.relay.enrol(&caller(), tapped.request.clone()).await
}

/// An intent and a good tap on it.
pub(crate) async fn enrolled(world: &World, contract: &str, who: Who) -> (IntentId, EnrolmentAnswer) {
    let id = intent(world, contract).await;
    let tapped = tap(world, id, who, who).await;
    (id, enrol(world, &tapped).await.unwrap())
}

#[tokio::test]
async fn a_provider_makes_intents_for_its_own_contracts_in_their_own_form() {
    let world = World::new();
    type Change = fn(&mut IntentRequest);
    let long = |length| "x".repeat(length);
    let malformed = Some(RefusalCode::MalformedRequest);
    let cases: [(&str, &str, Change, Option<RefusalCode>); 17] = [
        (A, A, |_| (), None),
        (B, B, |_| (), None),
        (A, B, |_| (), Some(RefusalCode::ClientNotAllowed)),
        (LAPSED, LAPSED, |_| (), Some(RefusalCode::ContractNotInForce)),
        (A, A, |its| its.contract = "nobodys-credit".parse().unwrap(), Some(RefusalCode::ClientNotAllowed)),
        (A, A, |its| its.customer = Some(CUSTOMER.parse().unwrap()), malformed),
        (B, B, |its| its.customer = None, malformed),
        (A, A, |its| its.label = String::new(), malformed),
        (A, A, |its| its.label = "Card\u{202E}A".to_owned(), malformed),
        (A, A, |its| its.state = "too-short".to_owned(), malformed),
        (A, A, |its| its.state = "x".repeat(513), malformed),
        (A, A, |its| its.callback = format!("https://app.example/{}", "x".repeat(493)), malformed),
        (A, A, |its| its.callback = "app.example/linked".to_owned(), malformed),
        (A, A, |its| its.callback = "javascript:alert(1)".to_owned(), malformed),
        (A, A, |its| its.callback = "http://app.example/linked".to_owned(), malformed),
        (A, A, |its| its.callback = "https://app.example@evil.example/linked".to_owned(), malformed),
        // On this machine and in the sandbox, nobody else hears it.
        (A, A, |its| its.callback = "http://127.0.0.1:14984/linked".to_owned(), None),
    ];
    for (number, (caller, contract, change, expected)) in cases.into_iter().enumerate() {
        let mut request = intent_request(contract);
        change(&mut request);
        let made = world.relay.create_intent(&provider(caller), request).await;
        assert_eq!(refused(made), expected, "case {number}");
    }
    let mut longest = intent_request(A);
    (longest.state, longest.callback) = (long(512), format!("https://app.example/{}", long(492)));
    assert!(world.relay.create_intent(&provider(A), longest).await.is_ok());
}

#[tokio::test]
async fn the_terms_say_who_verifies_and_who_learns_what() {
    let world = World::new();
    for (contract, word) in [(A, "never receives a card number"), (B, "is the verifier")] {
        let view = world.relay.view_intent(&caller(), intent(&world, contract).await).await.unwrap();
        assert!(view.terms.statement.en.contains(word), "{}", view.terms.statement.en);
        assert_eq!((view.terms.label.as_str(), view.terms.offer_jointly), ("架空 ••1234", false));
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &canonical(&view));
        let hex: String = digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(view.consent_sha256, hex);
    }
    let unregistered = caller_at("4980000000999");
    let view = world.relay.view_intent(&unregistered, intent(&world, A).await).await;
    assert_eq!(refused(view), Some(RefusalCode::ClientNotAllowed));
}

#[tokio::test]
async fn a_tap_gives_the_citizen_a_code_for_the_session_and_a_receipt() {
    for contract in [A, B] {
        let world = World::new();
        let (id, answer) = enrolled(&world, contract, Who::First).await;
        assert_eq!((answer.state.as_str(), answer.callback.as_str()), (STATE, "https://app.example/linked"));
        assert_eq!(answer.code.len(), 64);
        assert_eq!(
            (answer.receipt.terms.intent, answer.receipt.given_at.as_str()),
            (id, "2026-11-20T03:00:00Z")
        );
        assert!(receipt_holds(&answer.receipt, &assertion_key().verifying_key()));
    }
}

fn receipt_holds(receipt: &ConsentReceipt, key: &VerifyingKey) -> bool {
    let mut body = serde_json::to_value(receipt).unwrap();
    body.as_object_mut().unwrap().remove("signature").unwrap();
    let body = serde_json_canonicalizer::to_vec(&body).unwrap();
    key.check(&body, &receipt.signature.0).is_ok()
}

#[tokio::test]
async fn a_receipt_holds_for_what_was_consented_to_alone() {
    let world = World::new();
    let (_, answer) = enrolled(&world, A, Who::First).await;
    let key = assertion_key().verifying_key();
    type Change = fn(&mut ConsentReceipt);
    let changes: [Change; 4] = [
        |its| its.terms.label.push('!'),
        |its| its.terms.offer_jointly = true,
        |its| its.given_at = "2026-11-20T03:00:01Z".to_owned(),
        |its| its.terms.contract = B.parse().unwrap(),
    ];
    for change in changes {
        let mut changed = answer.receipt.clone();
        change(&mut changed);
        assert!(!receipt_holds(&changed, &key));
    }
    let other = enishi_wire::AssertionKey::generate().unwrap().0.verifying_key();
    assert!(!receipt_holds(&answer.receipt, &other));
}

#[tokio::test]
async fn every_wrong_tap_is_refused_and_leaves_the_intent_open() {
    type Change = fn(&mut EnrolmentRequest);
    fn flip(octets: &mut Octets) {
        *octets.0.last_mut().unwrap() ^= 1;
    }
    let cases: [(Who, Who, Change, RefusalCode); 9] = [
        (Who::First, Who::First, |its| its.nonce = String::new(), RefusalCode::MalformedRequest),
        (Who::First, Who::First, |its| its.token = serde_json::json!({}), RefusalCode::MalformedRequest),
        (
            Who::First,
            Who::First,
            |its| its.application.certificate = Octets(vec![0x30, 0]),
            RefusalCode::ProfileInvalid,
        ),
        (
            Who::First,
            Who::First,
            |its| its.application.certificate.0 = Town::get().card(Who::First).certificate().der().to_vec(),
            RefusalCode::ProfileInvalid,
        ),
        (
            Who::First,
            Who::First,
            |its| flip(&mut its.application.certificate),
            RefusalCode::CertUnknownIssuer,
        ),
        (Who::First, Who::First, |its| flip(&mut its.application.signature), RefusalCode::SignatureInvalid),
        (Who::Lost, Who::First, |_| (), RefusalCode::CertRevoked),
        (Who::Moved, Who::Moved, |_| (), RefusalCode::CertRevoked),
        (Who::First, Who::Second, |_| (), RefusalCode::IdentityMismatch),
    ];
    for (number, (who, applicant, change, expected)) in cases.into_iter().enumerate() {
        let world = World::new();
        let id = intent(&world, A).await;
        let mut tapped = tap(&world, id, who, applicant).await;
        change(&mut tapped.request);
        assert_eq!(refused(enrol(&world, &tapped).await), Some(expected), "case {number}");
        let good = tap(&world, id, Who::First, Who::First).await;
        assert!(enrol(&world, &good).await.is_ok(), "case {number}");
    }
}

#[tokio::test]
async fn what_is_not_known_to_be_genuine_is_never_looked_up() {
    let world = World::new();
    let id = intent(&world, A).await;
    let mut tapped = tap(&world, id, Who::First, Who::First).await;
    *tapped.request.application.signature.0.last_mut().unwrap() ^= 1;
    assert_eq!(refused(enrol(&world, &tapped).await), Some(RefusalCode::SignatureInvalid));
    assert_eq!(world.lookups.take_tally(), []);
}

#[tokio::test]
async fn both_certificates_are_looked_up_in_the_verifiers_right_and_then_the_pairing() {
    use enishi_jpki::CertKind::{Authentication, Signing};
    for (contract, verifier) in [(A, "platform"), (B, "minato")] {
        let world = World::new();
        enrolled(&world, contract, Who::First).await;
        let counted = Tally::Counted(verifier.to_owned(), "enrolment", LookupMethod::Ocsp);
        let asked = |kind| Tally::Asked(kind, LookupMethod::Ocsp);
        let expected = [counted.clone(), asked(Signing), counted, asked(Authentication), Tally::Paired];
        assert_eq!(world.lookups.take_tally(), expected);
    }
}

#[tokio::test]
async fn without_the_authority_nobody_is_linked() {
    let failures: [fn(&World); 2] =
        [|world| world.lookups.revocation_fails(), |world| world.lookups.pairing_fails()];
    for fail in failures {
        let world = World::new();
        let id = intent(&world, A).await;
        let tapped = tap(&world, id, Who::First, Who::First).await;
        fail(&world);
        assert_eq!(refused(enrol(&world, &tapped).await), Some(RefusalCode::RevocationUnavailable));
        world.lookups.recovers();
        assert!(enrol(&world, &tapped).await.is_ok(), "the same tap, within its minute");
    }
}

#[tokio::test]
async fn a_tap_on_one_intent_consents_to_no_other() {
    let world = World::new();
    let (first, second) = (intent(&world, A).await, intent(&world, A).await);
    let mut tapped = tap(&world, first, Who::First, Who::First).await;
    tapped.request.intent = second;
    assert_eq!(refused(enrol(&world, &tapped).await), Some(RefusalCode::ContextMismatch));
}

#[tokio::test]
async fn a_tap_to_pay_is_no_consent() {
    let world = World::new();
    let id = intent(&world, A).await;
    let mut tapped = tap(&world, id, Who::First, Who::First).await;
    let purchase = world.purchase(Some(A), 1_980);
    (tapped.request.token, tapped.request.nonce) = (purchase.request.token, purchase.request.nonce);
    assert_eq!(refused(enrol(&world, &tapped).await), Some(RefusalCode::ContextMismatch));
}

#[tokio::test]
async fn terminal_ticket_and_intent_are_each_in_time_and_their_own() {
    let world = World::new();
    let id = intent(&world, A).await;
    let tapped = tap(&world, id, Who::First, Who::First).await;
    let at_terminal = async |caller: Caller| world.relay.enrol(&caller, tapped.request.clone()).await;
    let unregistered = at_terminal(caller_at("4980000000999")).await;
    assert_eq!(refused(unregistered), Some(RefusalCode::ClientNotAllowed));
    let other = at_terminal(caller_at(crate::world::OTHER_TERMINAL)).await;
    assert_eq!(refused(other), Some(RefusalCode::ChallengeExpired));
    world.pass(61);
    assert_eq!(refused(enrol(&world, &tapped).await), Some(RefusalCode::ChallengeExpired));
    world.pass(900 - 61);
    let last = tap(&world, id, Who::First, Who::First).await;
    world.pass(1);
    assert_eq!(refused(enrol(&world, &last).await), Some(RefusalCode::IntentInvalid));
    assert_eq!(refused(world.relay.view_intent(&caller(), id).await), Some(RefusalCode::IntentInvalid));
    let unknown = IntentId::from_random([5; 16]);
    assert_eq!(refused(world.relay.view_intent(&caller(), unknown).await), Some(RefusalCode::IntentInvalid));
}

#[tokio::test]
async fn a_verifier_whose_accreditation_ends_meanwhile_links_nobody() {
    let world = World::with_b_until(100);
    let id = intent(&world, B).await;
    world.pass(100);
    let tapped = tap(&world, id, Who::First, Who::First).await;
    assert_eq!(refused(enrol(&world, &tapped).await), Some(RefusalCode::ContractNotInForce));
    assert_eq!(world.lookups.take_tally(), [], "nothing is looked up in its right");
}

#[tokio::test]
async fn a_card_that_is_linked_there_already_is_a_conflict() {
    let world = World::new();
    world.linked(A).await;
    let id = intent(&world, A).await;
    let tapped = tap(&world, id, Who::First, Who::First).await;
    assert_eq!(refused(enrol(&world, &tapped).await), Some(RefusalCode::LinkConflict));
    enrolled(&world, A, Who::Second).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_taps_on_one_intent_one_is_the_consent() {
    let world = World::new();
    let id = intent(&world, A).await;
    let mut taps = Vec::new();
    for _ in 0..10 {
        taps.push(tap(&world, id, Who::First, Who::First).await);
    }
    let tasks: Vec<_> = taps
        .into_iter()
        .map(|tapped| {
            let relay = world.relay.clone();
            tokio::spawn(async move { relay.enrol(&caller(), tapped.request).await })
        })
        .collect();
    let mut codes = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(answer) => codes.push(answer.code),
            other => assert_eq!(refused(other), Some(RefusalCode::IntentInvalid)),
        }
    }
    assert_eq!(codes.len(), 1);
    // The links of the others never were: this one is confirmed without a conflict.
    crate::confirming::confirmed(&world, A, id, &codes[0]).await;
}

#[tokio::test]
async fn nothing_of_a_person_is_readable_at_rest() {
    let world = World::new();
    for contract in [A, B] {
        enrolled(&world, contract, Who::First).await;
    }
    let octets = octets_below(&world.folder());
    let card = Town::get().card(Who::First);
    let certificate = card.certificate();
    let serial = certificate.serial();
    assert!(holds(&octets, STATE.as_bytes()), "the scan reads what was written");
    for secret in [
        Who::First.name().as_bytes(),
        serial.expose_der_content(),
        serial.expose_decimal().as_bytes(),
        card.signing_certificate().serial().expose_der_content(),
        &certificate.der()[..48],
    ] {
        assert!(!holds(&octets, secret));
    }
}
