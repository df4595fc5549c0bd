//! Revocation: looked up in the contract's verifier's right, counted first, and never passed over.

use enishi_jpki::CertKind;
use enishi_linkage::{Answer, AnyCandidate, Entrusted, Freshness, LinkageError, LookupMethod, Offer, Proxy};
use enishi_party::RefusalCode;
use enishi_testkit::{Lookups, Tally, Town, Who, now};

use crate::world::{ENTRUSTED, PROXY, World, fault, provider, refusal};

const KIND: CertKind = CertKind::Authentication;

async fn clear_proxy(world: &World, who: Who, lookups: &Lookups) -> Result<Answer<Proxy>, LinkageError> {
    let AnyCandidate::Proxy(candidate) = world.candidate(who, PROXY).await else { panic!("代行") };
    candidate.clear(lookups, lookups, now()).await
}

async fn clear_entrusted(
    world: &World,
    who: Who,
    lookups: &Lookups,
) -> Result<Answer<Entrusted>, LinkageError> {
    let AnyCandidate::Entrusted(candidate) = world.candidate(who, ENTRUSTED).await else { panic!("委託") };
    candidate.clear(lookups, lookups, now()).await
}

fn linked(who: Who) -> World {
    let world = World::new();
    for contract in [PROXY, ENTRUSTED] {
        world.active(who, contract, Offer::Alone);
    }
    world
}

#[tokio::test]
async fn a_look_up_is_counted_for_the_contracts_verifier_before_it_is_made() {
    let (world, lookups) = (linked(Who::First), Lookups::default());
    clear_proxy(&world, Who::First, &lookups).await.unwrap();
    let platform = Tally::Counted("platform".to_owned(), "payment", LookupMethod::Crl);
    assert_eq!(lookups.take_tally(), [platform, Tally::Asked(KIND, LookupMethod::Crl)]);
    clear_entrusted(&world, Who::First, &lookups).await.unwrap();
    let company = Tally::Counted("minato".to_owned(), "payment", LookupMethod::Ocsp);
    assert_eq!(lookups.take_tally(), [company, Tally::Asked(KIND, LookupMethod::Ocsp)]);
}

#[tokio::test]
async fn what_cannot_be_counted_is_not_looked_up() {
    let (world, lookups) = (linked(Who::First), Lookups::default());
    lookups.meter_fails();
    let refused = fault(clear_proxy(&world, Who::First, &lookups).await);
    assert_eq!(refused.as_deref(), Some("the meter is broken"));
    assert!(fault(clear_entrusted(&world, Who::First, &lookups).await).is_some());
    assert_eq!(lookups.take_tally(), []);
}

#[tokio::test]
async fn a_revoked_holder_and_an_unknown_status_are_refused_under_either_model() {
    let (world, lookups) = (linked(Who::Lost), Lookups::default());
    assert_eq!(refusal(clear_proxy(&world, Who::Lost, &lookups).await), Some(RefusalCode::CertRevoked));
    assert_eq!(refusal(clear_entrusted(&world, Who::Lost, &lookups).await), Some(RefusalCode::CertRevoked));
    let world = linked(Who::First);
    lookups.revocation_fails();
    let expected = Some(RefusalCode::RevocationUnavailable);
    assert_eq!(refusal(clear_proxy(&world, Who::First, &lookups).await), expected);
    assert_eq!(refusal(clear_entrusted(&world, Who::First, &lookups).await), expected);
}

#[tokio::test]
async fn an_answer_tells_the_subject_of_its_model_and_who_vouches() {
    let (world, lookups) = (linked(Who::First), Lookups::default());
    let rows = world.links.rows();
    let answer = clear_proxy(&world, Who::First, &lookups).await.unwrap();
    let enishi_linkage::AnyLink::Proxy(link) = &rows[0].link else { panic!("代行") };
    assert_eq!(*answer.subject(), link.subject);
    assert_eq!(enishi_linkage::LinkState::Active(answer.instrument()), link.state);
    assert_eq!((answer.verifier(), answer.contract().id().as_str()), (&provider("platform"), PROXY));
    assert_eq!(answer.label().expose(), "架空 ••1234");
    assert!(matches!(answer.freshness(now()), Freshness::Crl(age) if age.as_secs() == 600));

    let answer = clear_entrusted(&world, Who::First, &lookups).await.unwrap();
    assert_eq!(answer.subject().as_str(), "customer-1");
    assert_eq!(answer.verifier(), &provider("minato"));
    assert!(matches!(answer.freshness(now()), Freshness::Ocsp(age) if age.as_secs() < 900));
    assert_eq!(answer.evidence().checked_at(), now());
}

#[tokio::test]
async fn an_answer_prints_neither_person_nor_serial() {
    let (world, lookups) = (linked(Who::First), Lookups::default());
    let serial = Town::get().card(Who::First).certificate().serial().expose_decimal();
    for printed in [
        format!("{:?}", clear_proxy(&world, Who::First, &lookups).await.unwrap()),
        format!("{:?}", clear_entrusted(&world, Who::First, &lookups).await.unwrap()),
    ] {
        assert!(printed.contains("VerifiedHolder(…)"), "{printed}");
        assert!(!printed.contains(&serial) && !printed.contains("customer-1"), "{printed}");
    }
}
