//! Questions to the holder, in the same session.

use enishi_linkage::Offer;
use enishi_party::{ChoiceHandle, RefusalCode};
use enishi_testkit::{Tally, Who};
use enishi_wire::{ContinueRequest, Octets, PaymentStatus};

use crate::purchase::{Tap, answer, approval, need, refusal};
use crate::world::{A, B, OTHER_TERMINAL, PIN_FROM, World, caller_at, provider};

fn choose(handle: ChoiceHandle) -> ContinueRequest {
    ContinueRequest { choice: Some(handle), pin_block: None }
}

const NOTHING: ContinueRequest = ContinueRequest { choice: None, pin_block: None };

fn handle_of(need: &enishi_wire::Need, label: &str) -> ChoiceHandle {
    need.choose.iter().find(|choice| choice.label.starts_with(label)).unwrap().handle
}

#[tokio::test]
async fn the_holder_chooses_among_labels_and_the_chosen_company_hears_of_it() {
    for (label, contract) in [("さくら", A), ("みなと", B)] {
        let world = World::new();
        world.linked_jointly().await;
        let purchase = world.purchase(None, 1_980);
        let (asked, need) = need(world.pay(&purchase).await);
        assert_eq!((need.choose.len(), need.pin.is_none()), (2, true));
        assert!(world.company.take_heard().is_empty());
        let told = world.go_on(&asked, choose(handle_of(&need, label))).await;
        assert!(approval(told).label.starts_with(label));
        assert_eq!(world.company.take_heard()[0].0, provider(contract));
        assert_eq!(world.stage(&purchase).await, "closed");
    }
}

#[tokio::test]
async fn no_look_up_is_paid_for_before_the_choice() {
    let world = World::new();
    world.linked_jointly().await;
    let (asked, need) = need(world.pay(&world.purchase(None, 1_980)).await);
    let counted = |tally: Vec<Tally>| tally.iter().filter(|it| matches!(it, Tally::Counted(..))).count();
    assert_eq!(counted(world.lookups.take_tally()), 0);
    answer(world.go_on(&asked, choose(need.choose[0].handle)).await);
    assert_eq!(counted(world.lookups.take_tally()), 1);
}

#[tokio::test]
async fn handles_are_new_for_each_purchase_and_good_for_it_alone() {
    let world = World::new();
    world.linked_jointly().await;
    let (first, offered) = need(world.pay(&world.purchase(None, 1_980)).await);
    let (second, others) = need(world.pay(&world.purchase(None, 1_980)).await);
    let handles = |need: &enishi_wire::Need| need.choose.iter().map(|it| it.handle).collect::<Vec<_>>();
    assert!(handles(&offered).iter().all(|handle| !handles(&others).contains(handle)));
    let foreign = world.go_on(&first, choose(others.choose[0].handle)).await;
    assert_eq!(refusal(&foreign), Some(RefusalCode::ChoiceInvalid));
    approval(world.go_on(&first, choose(offered.choose[0].handle)).await);
    approval(world.go_on(&second, choose(others.choose[1].handle)).await);
}

#[tokio::test]
async fn an_answer_said_again_gets_the_same_answer_whatever_it_says() {
    let world = World::new();
    world.linked_jointly().await;
    let (asked, need) = need(world.pay(&world.purchase(None, 1_980)).await);
    let told = world.go_on(&asked, choose(need.choose[0].handle)).await.unwrap();
    for again in [choose(need.choose[0].handle), choose(need.choose[1].handle), NOTHING] {
        assert_eq!(world.go_on(&asked, again).await.unwrap(), told);
    }
    assert_eq!(world.company.take_types(), ["0100"]);
}

#[tokio::test]
async fn a_malformed_or_foreign_answer_leaves_the_question_as_it_was() {
    let world = World::new();
    world.linked_jointly().await;
    let purchase = world.purchase(None, 1_980);
    let (asked, need) = need(world.pay(&purchase).await);
    let wrong = [
        (NOTHING, RefusalCode::ChoiceInvalid),
        (choose(ChoiceHandle::from_random([1; 16])), RefusalCode::ChoiceInvalid),
        (ContinueRequest { choice: None, pin_block: Some(Octets(vec![0; 16])) }, RefusalCode::ChoiceInvalid),
        (
            ContinueRequest { pin_block: Some(Octets(vec![0; 15])), ..choose(need.choose[0].handle) },
            RefusalCode::MalformedRequest,
        ),
    ];
    for (wrong, expected) in wrong {
        assert_eq!(refusal(&world.go_on(&asked, wrong).await), Some(expected));
        assert_eq!(world.stage(&purchase).await, "awaiting");
    }
    approval(world.go_on(&asked, choose(need.choose[0].handle)).await);
}

#[tokio::test]
async fn nobody_else_continues_a_payment() {
    let world = World::new();
    world.linked_jointly().await;
    let (asked, need) = need(world.pay(&world.purchase(None, 1_980)).await);
    let stolen = choose(need.choose[0].handle);
    let other = world.relay.go_on(&caller_at(OTHER_TERMINAL), asked.payment, stolen.clone()).await;
    assert_eq!(refusal(&other), Some(RefusalCode::ChoiceInvalid));
    let unknown = enishi_party::PaymentId::from_random([1; 16]);
    let nothing = world.relay.go_on(&crate::world::caller(), unknown, stolen.clone()).await;
    assert_eq!(refusal(&nothing), Some(RefusalCode::ChoiceInvalid));
    // The same terminal under another TLS key is not the one that got the ticket.
    let mut renewed = crate::world::caller();
    renewed.key_sha256 = [0xEE; 32];
    let refused = world.relay.go_on(&renewed, asked.payment, stolen).await;
    assert_eq!(refusal(&refused), Some(RefusalCode::ChallengeExpired));
}

#[tokio::test]
async fn a_question_ends_after_a_minute() {
    for (waits, expected) in [(60, None), (61, Some(RefusalCode::ChallengeExpired))] {
        let world = World::new();
        world.linked_jointly().await;
        let (asked, need) = need(world.pay(&world.purchase(None, 1_980)).await);
        world.pass(waits);
        let told = world.go_on(&asked, choose(need.choose[0].handle)).await;
        assert_eq!(refusal(&told), expected, "{waits} s");
        assert_eq!(world.company.take_heard().len(), usize::from(expected.is_none()));
    }
}

#[tokio::test]
async fn both_questions_may_take_their_whole_time_also_when_the_ticket_did() {
    let world = World::new();
    world.linked_jointly().await;
    let purchase = world.purchase(None, PIN_FROM);
    world.pass(60);
    let (asked, offered) = need(world.pay(&purchase).await);
    world.pass(60);
    let (asked_pin, pin) = need(world.go_on(&asked, choose(handle_of(&offered, "みなと"))).await);
    let pan = pin.pin.unwrap().surrogate_pan;
    world.pass(60);
    let block = Some(world.pin_block("402918365017", &pan));
    approval(world.go_on(&asked_pin, ContinueRequest { choice: None, pin_block: block }).await);
}

#[tokio::test]
async fn an_empty_answer_does_not_prolong_a_question() {
    let world = World::new();
    world.linked(B).await;
    let purchase = world.purchase(Some(B), PIN_FROM);
    let asked = need(world.pay(&purchase).await);
    world.pass(50);
    assert_eq!(need(world.go_on(&asked.0, NOTHING).await), asked);
    world.pass(11);
    assert_eq!(refusal(&world.go_on(&asked.0, NOTHING).await), Some(RefusalCode::ChallengeExpired));
}

#[tokio::test]
async fn a_question_survives_a_restart() {
    let world = World::new();
    world.linked_jointly().await;
    let (asked, need) = need(world.pay(&world.purchase(None, 1_980)).await);
    let world = world.restart();
    assert_eq!(world.relay.recover().await.unwrap(), 0);
    approval(world.go_on(&asked, choose(need.choose[0].handle)).await);
}

#[tokio::test]
async fn one_link_is_served_without_a_question_and_a_choice_answers_a_choice_alone() {
    let world = World::new();
    world.link(Who::First, A, "さくら", Offer::Jointly).await;
    let told = world.pay(&world.purchase(None, 1_980)).await;
    assert!(matches!(answer(told).status, PaymentStatus::Approved(_)));
    world.linked(B).await;
    let (asked, need) = need(world.pay(&world.purchase(Some(B), PIN_FROM)).await);
    assert!(need.choose.is_empty());
    let unasked = world.go_on(&asked, choose(ChoiceHandle::from_random([1; 16]))).await;
    assert_eq!(refusal(&unasked), Some(RefusalCode::ChoiceInvalid));
}

#[tokio::test]
async fn a_revoked_card_is_shown_no_label_and_asked_no_pin() {
    let world = World::new();
    world.link(Who::Lost, A, "さくら", Offer::Jointly).await;
    world.link(Who::Lost, B, "みなと", Offer::Jointly).await;
    for (contract, yen) in [(None, 1_980), (Some(B.to_owned()), PIN_FROM)] {
        let purchase = world.tap(&Tap { who: Who::Lost, contract, yen, ..Tap::default() });
        assert_eq!(refusal(&world.pay(&purchase).await), Some(RefusalCode::CertRevoked));
    }
    assert!(world.company.take_heard().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_answers_at_once_one_is_served() {
    let world = World::new();
    world.linked_jointly().await;
    let purchase = world.purchase(None, 1_980);
    let (asked, need) = need(world.pay(&purchase).await);
    let tasks: Vec<_> = (0..50)
        .map(|number: usize| {
            let (relay, answer) = (world.relay.clone(), choose(need.choose[number % 2].handle));
            tokio::spawn(async move { relay.go_on(&crate::world::caller(), asked.payment, answer).await })
        })
        .collect();
    for task in tasks {
        let told = task.await.unwrap();
        assert!(refusal(&told).is_none_or(|code| code == RefusalCode::RequestInFlight), "{told:?}");
    }
    assert_eq!(world.company.take_types(), ["0100"]);
    approval(world.pay(&purchase).await);
}

#[tokio::test]
async fn an_answer_that_is_refused_never_closes_what_another_one_sent() {
    let world = World::new();
    world.linked_jointly().await;
    let purchase = world.purchase(None, 1_980);
    let (asked, need) = need(world.pay(&purchase).await);
    // Two answers at once: the first waits at the revocation list and is then refused, the second pays meanwhile.
    let gate = std::sync::Arc::new(enishi_testkit::Gate::default());
    world.lookups.revocation_fails();
    world.lookups.wait_at(&gate);
    let (relay, slow) = (world.relay.clone(), choose(handle_of(&need, "さくら")));
    let slow = tokio::spawn(async move { relay.go_on(&crate::world::caller(), asked.payment, slow).await });
    gate.reached().await;
    world.lookups.recovers();
    let at_company = std::sync::Arc::new(enishi_testkit::Gate::default());
    world.company.does([crate::company::Act::After(at_company.clone())]);
    let (relay, fast) = (world.relay.clone(), choose(handle_of(&need, "みなと")));
    let payment = need_payment(&world, &purchase).await;
    let fast = tokio::spawn(async move { relay.go_on(&crate::world::caller(), payment, fast).await });
    at_company.reached().await;
    gate.open();
    assert_eq!(refusal(&slow.await.unwrap()), Some(RefusalCode::RequestInFlight));
    assert_eq!(world.stage(&purchase).await, "authorizing");
    at_company.open();
    approval(fast.await.unwrap());
    assert_eq!(world.pending().await, 0);
}

async fn need_payment(world: &World, purchase: &crate::purchase::Purchase) -> enishi_party::PaymentId {
    use enishi_relay::Journal;
    world.journal.find(&purchase.key).await.unwrap().unwrap().id
}
