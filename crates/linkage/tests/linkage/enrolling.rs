//! How a link begins: a consent to exactly these terms, one person, good standing.

use enishi_jpki::{CertKind, Serial};
use enishi_linkage::{
    AnyLink, Consent, Intent, Label, LinkState, LinkageError, LookupMethod, Offer, SessionState, register,
    same_person,
};
use enishi_party::{ConsentId, IntentId, RefusalCode};
use enishi_testkit::{Lookups, Tally, Town, Who, at, now};
use enishi_verify::{VerifiedHolder, VerifiedSigner, check_document};

use crate::world::{ENTRUSTED, PROXY, World, consenting, fault, paying, refusal};

const DIGEST: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

fn intent_id() -> IntentId {
    IntentId::from_random([6; 16])
}

fn intent(contract: &str, customer: Option<&str>, offer: Offer) -> Intent {
    Intent {
        id: intent_id(),
        contract: contract.parse().unwrap(),
        customer: customer.map(|customer| customer.parse().unwrap()),
        callback: "https://app.example/linked".to_owned(),
        state: SessionState("a state of the session".to_owned()),
        label: Label::new("架空 ••1234").unwrap(),
        offer,
        expires_at: at(900),
    }
}

async fn verified(who: Who) -> VerifiedHolder {
    let (world, lookups) = (World::new(), Lookups::default());
    let consent = Consent::given(consenting(who, intent_id(), DIGEST), intent_id(), DIGEST).unwrap();
    consent.clear(world.contract(PROXY), &lookups, &lookups, now()).await.unwrap()
}

async fn signer(who: Who) -> VerifiedSigner {
    let (town, lookups) = (Town::get(), Lookups::default());
    let signed = town.card(who).sign(b"application");
    let certificate = town.card(who).signing_certificate();
    let checked =
        check_document(b"application", &signed.signature, certificate, town.anchors(), now()).unwrap();
    let method = LookupMethod::Ocsp;
    let source: &dyn enishi_linkage::RevocationSource = &lookups;
    let status = source.status(checked.certificate(), checked.authority(), method, now()).await.unwrap();
    checked.clear(status, now()).unwrap()
}

#[test]
fn only_the_very_terms_that_the_card_signed_are_consented_to() {
    let other = IntentId::from_random([7; 16]);
    let upper = DIGEST.to_uppercase();
    let cases = [
        (intent_id(), DIGEST, None),
        (other, DIGEST, Some(RefusalCode::ConsentInvalid)),
        (intent_id(), &DIGEST[1..], Some(RefusalCode::ConsentInvalid)),
        (intent_id(), upper.as_str(), Some(RefusalCode::ConsentInvalid)),
        (intent_id(), "", Some(RefusalCode::ConsentInvalid)),
    ];
    for (intent, digest, expected) in cases {
        let proven = consenting(Who::First, intent_id(), DIGEST);
        assert_eq!(refusal(Consent::given(proven, intent, digest)), expected, "{digest}");
    }
}

#[test]
fn a_tap_to_pay_is_no_consent() {
    let given = Consent::given(paying(Who::First), intent_id(), DIGEST);
    assert_eq!(refusal(given), Some(RefusalCode::ConsentInvalid));
}

#[tokio::test]
async fn a_link_begins_with_the_freshest_answer_counted_as_an_enrolment() {
    let (world, lookups) = (World::new(), Lookups::default());
    for (contract, verifier) in [(PROXY, "platform"), (ENTRUSTED, "minato")] {
        let consent = Consent::given(consenting(Who::First, intent_id(), DIGEST), intent_id(), DIGEST);
        let holder = consent.unwrap().clear(world.contract(contract), &lookups, &lookups, now()).await;
        assert_eq!(holder.unwrap().checked_at(), now());
        let counted = Tally::Counted(verifier.to_owned(), "enrolment", LookupMethod::Ocsp);
        let asked = Tally::Asked(CertKind::Authentication, LookupMethod::Ocsp);
        assert_eq!(lookups.take_tally(), [counted, asked]);
    }
}

#[tokio::test]
async fn a_holder_in_bad_or_unknown_standing_is_not_linked() {
    let (world, lookups) = (World::new(), Lookups::default());
    let clear = async |who: Who| -> Result<VerifiedHolder, LinkageError> {
        let consent = Consent::given(consenting(who, intent_id(), DIGEST), intent_id(), DIGEST).unwrap();
        consent.clear(world.contract(PROXY), &lookups, &lookups, now()).await
    };
    assert_eq!(refusal(clear(Who::Lost).await), Some(RefusalCode::CertRevoked));
    lookups.revocation_fails();
    assert_eq!(refusal(clear(Who::First).await), Some(RefusalCode::RevocationUnavailable));
    lookups.take_tally();
    lookups.meter_fails();
    assert!(fault(clear(Who::First).await).is_some());
    assert_eq!(lookups.take_tally(), [], "not counted, so not asked");
}

#[tokio::test]
async fn the_authority_says_whether_applicant_and_card_are_one_person() {
    let (lookups, first) = (Lookups::default(), verified(Who::First).await);
    let own = signer(Who::First).await;
    assert!(same_person(&first, &own, &lookups, now()).await.is_ok());
    let other = signer(Who::Second).await;
    let mismatch = Some(RefusalCode::IdentityMismatch);
    assert_eq!(refusal(same_person(&first, &other, &lookups, now()).await), mismatch);
    for said in [None, Some(Serial::from_der_content(&[1]).unwrap())] {
        lookups.pairing_says(said);
        assert_eq!(refusal(same_person(&first, &own, &lookups, now()).await), mismatch);
    }
    lookups.pairing_fails();
    let down = refusal(same_person(&first, &own, &lookups, now()).await);
    assert_eq!(down, Some(RefusalCode::RevocationUnavailable));
}

async fn written(world: &World, holder: &VerifiedHolder, intent: &Intent) -> Result<AnyLink, LinkageError> {
    let contract = world.contract(intent.contract.as_str());
    let consent = ConsentId::from_random(world.octets());
    register(holder, intent, contract, consent, world.register(), &world.entropy, now()).await
}

#[tokio::test]
async fn a_link_is_written_pending_with_the_subject_of_its_model() {
    let (world, holder) = (World::new(), verified(Who::First).await);
    let link = written(&world, &holder, &intent(PROXY, None, Offer::Alone)).await.unwrap();
    assert!(matches!(&link, AnyLink::Proxy(_)));
    let entrusted = intent(ENTRUSTED, Some("customer-9"), Offer::Alone);
    let AnyLink::Entrusted(second) = written(&world, &holder, &entrusted).await.unwrap() else {
        panic!("委託")
    };
    assert_eq!(second.subject.as_str(), "customer-9");
    assert_eq!((link.state(), &second.state), (&LinkState::PendingConfirm, &LinkState::PendingConfirm));
    let rows = world.links.rows();
    assert_eq!(rows.iter().map(|row| row.link.id()).collect::<Vec<_>>(), [link.id(), second.id]);
    assert!(rows.iter().all(|row| row.route.is_none()), "offered alone: no routing row");
}

#[tokio::test]
async fn a_link_that_is_offered_jointly_gets_a_route_that_leads_to_it() {
    let (world, holder) = (World::new(), verified(Who::First).await);
    let link = written(&world, &holder, &intent(PROXY, None, Offer::Jointly)).await.unwrap();
    let (at, sealed) = world.links.rows()[0].route.clone().unwrap();
    assert_eq!(at, world.keys.on_platform(&Town::get().card(Who::First).certificate()));
    assert_eq!(world.keys.open_route(&at, &sealed), Ok((PROXY.parse().unwrap(), link.id())));
}

#[tokio::test]
async fn an_intent_of_the_other_model_is_refused() {
    let (world, holder) = (World::new(), verified(Who::First).await);
    for wrong in [intent(PROXY, Some("customer-9"), Offer::Alone), intent(ENTRUSTED, None, Offer::Alone)] {
        let refused = refusal(written(&world, &holder, &wrong).await);
        assert_eq!(refused, Some(RefusalCode::IntentInvalid));
    }
    assert_eq!(world.links.len(), 0);
}

#[tokio::test]
async fn a_card_that_is_linked_in_a_contract_is_not_linked_there_again() {
    let (world, holder) = (World::new(), verified(Who::First).await);
    world.active(Who::First, PROXY, Offer::Alone);
    world.active(Who::Second, ENTRUSTED, Offer::Alone);
    let refused = written(&world, &holder, &intent(PROXY, None, Offer::Alone)).await;
    assert_eq!(refusal(refused), Some(RefusalCode::LinkConflict));
    let elsewhere = intent(ENTRUSTED, Some("customer-9"), Offer::Alone);
    assert!(written(&world, &holder, &elsewhere).await.is_ok(), "another contract, and another card in it");
}

#[tokio::test]
async fn a_link_that_nobody_confirmed_hinders_no_new_one_and_every_identifier_is_new() {
    let (world, holder) = (World::new(), verified(Who::First).await);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..3 {
        let link = written(&world, &holder, &intent(PROXY, None, Offer::Alone)).await.unwrap();
        let AnyLink::Proxy(link) = link else { panic!("代行") };
        assert!(seen.insert(link.subject), "a pairwise ID is never minted twice");
    }
}

#[tokio::test]
async fn a_contract_without_an_index_key_and_a_store_that_fails_are_faults() {
    let (mut world, holder) = (World::new(), verified(Who::First).await);
    world.links.fails();
    assert!(fault(written(&world, &holder, &intent(PROXY, None, Offer::Alone)).await).is_some());
    world = World::new();
    world.keys = enishi_linkage::IndexKeys::derived(&[7; 32], &[ENTRUSTED.parse().unwrap()]);
    assert!(fault(written(&world, &holder, &intent(PROXY, None, Offer::Alone)).await).is_some());
    assert!(fault(world.gather_in(Who::First, PROXY).await).is_some());
}
