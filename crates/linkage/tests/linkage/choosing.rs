//! From a proven holder to the one link.

use enishi_linkage::{AnyCandidate, AnyLink, Ask, Link, LinkState, LookupMethod, Offer};
use enishi_party::{ConsentId, InstrumentRef, LinkId, PairwiseId, RefusalCode};
use enishi_testkit::{Lookups, Tally, Who, now};

use crate::world::{ENTRUSTED, LAPSED, PROXY, World, fault, refusal};

#[tokio::test]
async fn the_only_link_of_a_contract_is_the_candidate() {
    let world = World::new();
    for contract in [PROXY, ENTRUSTED] {
        let link = world.active(Who::First, contract, Offer::Alone);
        let candidate = world.candidate(Who::First, contract).await;
        assert_eq!((candidate.link(), candidate.contract().as_str()), (link, contract));
        assert_eq!(matches!(candidate, AnyCandidate::Proxy(_)), contract == PROXY);
        assert_eq!(candidate.policy(), world.contract(contract).policy());
    }
}

#[tokio::test]
async fn a_card_without_a_link_is_told_so_and_another_cards_link_does_not_serve_it() {
    let world = World::new();
    world.active(Who::First, PROXY, Offer::Jointly);
    assert_eq!(refusal(world.gather_in(Who::Second, PROXY).await), Some(RefusalCode::NotLinked));
    assert_eq!(refusal(world.gather(Who::Second, Ask::Joint).await), Some(RefusalCode::NotLinked));
    assert_eq!(refusal(world.gather_in(Who::First, ENTRUSTED).await), Some(RefusalCode::NotLinked));
}

#[tokio::test]
async fn a_contract_that_is_unknown_or_lapsed_is_refused_before_anyone_is_looked_up() {
    let world = World::new();
    world.active(Who::First, LAPSED, Offer::Jointly);
    for contract in [LAPSED, "nobodys-credit"] {
        let refused = refusal(world.gather_in(Who::First, contract).await);
        assert_eq!(refused, Some(RefusalCode::ContractNotInForce), "{contract}");
    }
    assert_eq!(world.links.lookups(), 0);
}

#[tokio::test]
async fn a_pending_link_is_never_a_candidate() {
    let world = World::new();
    world.link(Who::First, PROXY, LinkState::PendingConfirm, Offer::Jointly);
    assert_eq!(refusal(world.gather_in(Who::First, PROXY).await), Some(RefusalCode::NotLinked));
    assert_eq!(refusal(world.gather(Who::First, Ask::Joint).await), Some(RefusalCode::NotLinked));
    let active = world.active(Who::First, PROXY, Offer::Jointly);
    assert_eq!(world.candidate(Who::First, PROXY).await.link(), active);
}

#[tokio::test]
async fn a_joint_request_gathers_across_contracts_of_both_models() {
    let world = World::new();
    let mut links =
        [PROXY, ENTRUSTED].map(|contract| world.active(Who::First, contract, Offer::Jointly)).to_vec();
    world.active(Who::Second, PROXY, Offer::Jointly);
    links.sort();
    let candidates = world.gather(Who::First, Ask::Joint).await.unwrap();
    assert_eq!(candidates.count(), 2);
    let entries = candidates.entries(&Lookups::default(), now()).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.link).collect::<Vec<_>>(), links);
    let Err(candidates) = candidates.only() else { panic!("two are not one") };
    assert_eq!(candidates.choose(links[1]).unwrap().link(), links[1]);
}

#[tokio::test]
async fn a_joint_request_never_shows_a_link_that_is_offered_alone_or_whose_contract_lapsed() {
    let world = World::new();
    world.active(Who::First, ENTRUSTED, Offer::Alone);
    world.active(Who::First, LAPSED, Offer::Jointly);
    assert_eq!(refusal(world.gather(Who::First, Ask::Joint).await), Some(RefusalCode::NotLinked));
    let shown = world.active(Who::First, PROXY, Offer::Jointly);
    let candidates = world.gather(Who::First, Ask::Joint).await.unwrap();
    assert_eq!(candidates.only().unwrap().link(), shown);
}

#[tokio::test]
async fn a_route_that_was_moved_to_another_card_is_a_fault_and_serves_nobody() {
    let world = World::new();
    world.active(Who::First, PROXY, Offer::Jointly);
    let card = enishi_testkit::Town::get().card(Who::Second).certificate();
    world.links.move_routes(world.keys.on_platform(&card));
    assert!(fault(world.gather(Who::Second, Ask::Joint).await).is_some());
}

#[tokio::test]
async fn a_store_that_fails_is_no_refusal() {
    let world = World::new();
    world.active(Who::First, PROXY, Offer::Jointly);
    world.links.fails();
    assert_eq!(fault(world.gather_in(Who::First, PROXY).await).as_deref(), Some("the shelf fell down"));
    assert_eq!(fault(world.gather(Who::First, Ask::Joint).await).as_deref(), Some("the shelf fell down"));
}

#[tokio::test]
async fn a_link_of_the_other_model_or_of_another_contract_is_no_candidate() {
    let world = World::new();
    let state = LinkState::Active(InstrumentRef::from_random([1; 16]));
    let (label, consent) = (enishi_linkage::Label::new("x").unwrap(), ConsentId::from_random([2; 16]));
    let proxy = AnyLink::Proxy(Link {
        id: LinkId::from_random([3; 16]),
        contract: ENTRUSTED.parse().unwrap(),
        subject: PairwiseId::from_random([4; 16]),
        state: state.clone(),
        label,
        offer: Offer::Jointly,
        consent,
    });
    world.put(Who::First, ENTRUSTED, proxy);
    let elsewhere = world.link_of(LAPSED, state, Offer::Jointly);
    world.put(Who::First, PROXY, elsewhere);
    for contract in [ENTRUSTED, PROXY] {
        let refused = refusal(world.gather_in(Who::First, contract).await);
        assert_eq!(refused, Some(RefusalCode::NotLinked), "{contract}");
    }
    assert_eq!(refusal(world.gather(Who::First, Ask::Joint).await), Some(RefusalCode::NotLinked));
}

#[tokio::test]
async fn a_choice_that_was_not_gathered_is_refused() {
    let world = World::new();
    for contract in [PROXY, ENTRUSTED] {
        world.active(Who::First, contract, Offer::Jointly);
    }
    let foreign = world.active(Who::Second, PROXY, Offer::Jointly);
    let candidates = world.gather(Who::First, Ask::Joint).await.unwrap();
    assert_eq!(refusal(candidates.choose(foreign)), Some(RefusalCode::ChoiceInvalid));
}

#[tokio::test]
async fn a_terminal_shows_at_most_eight_entries() {
    let world = World::new();
    for _ in 0..9 {
        world.active(Who::First, PROXY, Offer::Jointly);
    }
    let candidates = world.gather(Who::First, Ask::Joint).await.unwrap();
    assert_eq!(candidates.count(), 9);
    assert_eq!(candidates.entries(&Lookups::default(), now()).await.unwrap().len(), 8);
}

#[tokio::test]
async fn no_entry_is_told_of_a_revoked_card_or_without_a_list() {
    let (world, lookups) = (World::new(), Lookups::default());
    for who in [Who::First, Who::Lost] {
        for contract in [PROXY, ENTRUSTED] {
            world.active(who, contract, Offer::Jointly);
        }
    }
    let candidates = world.gather(Who::Lost, Ask::Joint).await.unwrap();
    let entries = candidates.entries(&lookups, now()).await;
    assert_eq!(refusal(entries), Some(RefusalCode::CertRevoked));
    let asked = Tally::Asked(enishi_jpki::CertKind::Authentication, LookupMethod::Crl);
    assert_eq!(lookups.take_tally(), [asked], "the free list, and not counted");
    lookups.revocation_fails();
    let candidates = world.gather(Who::First, Ask::Joint).await.unwrap();
    let entries = candidates.entries(&lookups, now()).await;
    assert_eq!(refusal(entries), Some(RefusalCode::RevocationUnavailable));
}

#[tokio::test]
async fn what_is_gathered_prints_nothing_of_a_person() {
    let world = World::new();
    world.active(Who::First, PROXY, Offer::Alone);
    let printed = format!("{:?}", world.gather_in(Who::First, PROXY).await.unwrap());
    assert!(printed.contains("ProvenHolder(…)") && printed.contains("Label(…)"), "{printed}");
    assert!(printed.contains("PairwiseId(…)") && !printed.contains("1234"), "{printed}");
}
