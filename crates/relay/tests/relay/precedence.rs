//! Of two refusals that hold, the earlier in the list is told.

use enishi_jpki::Token;
use enishi_linkage::Offer;
use enishi_party::{Money, RefusalCode};
use enishi_testkit::Who;
use enishi_wire::{AmountBinding, PaymentRequest};

use crate::purchase::{Tap, refusal};
use crate::world::{A, LAPSED, World};

/// What can be wrong with a purchase, each with the reason that is told where nothing else is wrong.
const FLAWS: [RefusalCode; 16] = [
    RefusalCode::MalformedRequest,
    RefusalCode::ClientNotAllowed,
    RefusalCode::IdempotencyMismatch,
    RefusalCode::CertUnknownIssuer,
    RefusalCode::CertExpired,
    RefusalCode::ChallengeExpired,
    RefusalCode::ContextMismatch,
    RefusalCode::SignatureInvalid,
    RefusalCode::Cancelled,
    RefusalCode::ChallengeReused,
    RefusalCode::SlipReused,
    RefusalCode::ContractNotInForce,
    RefusalCode::NotLinked,
    RefusalCode::CertRevoked,
    RefusalCode::RevocationUnavailable,
    RefusalCode::UnboundNotAllowed,
];

/// So long on, every certificate of today has ended.
const EXPIRED_S: u64 = 6 * 366 * 24 * 3_600;

fn changed(token: &serde_json::Value, flaws: &[RefusalCode]) -> serde_json::Value {
    let token = Token::from_json(token).unwrap();
    let (mut certificate, mut signature) = (token.certificate().to_vec(), token.signature().to_vec());
    if flaws.contains(&RefusalCode::CertUnknownIssuer) {
        *certificate.last_mut().unwrap() ^= 1;
    }
    if flaws.contains(&RefusalCode::SignatureInvalid) {
        signature[9] ^= 1;
    }
    Token::new(certificate, token.algorithm(), signature).unwrap().to_json()
}

/// The flaws of the request's own fields.
fn spoil(request: &mut PaymentRequest, flaws: &[RefusalCode]) {
    request.token = changed(&request.token, flaws);
    if flaws.contains(&RefusalCode::MalformedRequest) {
        request.product_code = "fish".to_owned();
    }
    if flaws.contains(&RefusalCode::ClientNotAllowed) {
        request.merchant = "SHOP-2".parse().unwrap();
    }
    if flaws.contains(&RefusalCode::ContextMismatch) {
        // Of an unsigned amount nothing can be changed but what it was signed for.
        match request.amount_binding {
            AmountBinding::Bound => request.amount = Money::yen(1_981).unwrap(),
            AmountBinding::Unbound => request.slip = "5".parse().unwrap(),
        }
    }
}

async fn told(flaws: &[RefusalCode]) -> Option<RefusalCode> {
    let has = |code| flaws.contains(&code);
    let world = World::new();
    // For the earlier purchases that some flaws need.
    world.link(Who::Second, A, "架空 ••1234", Offer::Alone).await;
    let who = if has(RefusalCode::CertRevoked) { Who::Lost } else { Who::First };
    if !has(RefusalCode::NotLinked) {
        world.link(who, A, "架空 ••1234", Offer::Alone).await;
    }
    let expired = has(RefusalCode::CertExpired);
    let earlier = |slip: &str, ticket| {
        let slip = Some(slip.to_owned());
        world.tap(&Tap { who: Who::Second, contract: Some(A.to_owned()), slip, ticket, ..Tap::default() })
    };
    let (key, reused_slip) = (earlier("1", None), earlier("2", None));
    if has(RefusalCode::IdempotencyMismatch) {
        world.pay(&key).await.unwrap();
    }
    if has(RefusalCode::Cancelled) {
        world.cancel(&key).await;
    }
    if has(RefusalCode::SlipReused) {
        world.pay(&reused_slip).await.unwrap();
    }
    let ticket = world.ticket(&crate::world::caller());
    if has(RefusalCode::ChallengeReused) {
        world.pay(&earlier("3", Some(ticket))).await.unwrap();
    }
    let ticket = if expired && !has(RefusalCode::ChallengeReused) {
        world.pass(EXPIRED_S);
        world.ticket(&crate::world::caller())
    } else {
        ticket
    };
    let contract = if has(RefusalCode::ContractNotInForce) { LAPSED } else { A };
    let binding =
        if has(RefusalCode::UnboundNotAllowed) { AmountBinding::Unbound } else { AmountBinding::Bound };
    let slip = if has(RefusalCode::SlipReused) { "2" } else { "4" };
    let mut purchase = world.tap(&Tap {
        who,
        contract: Some(contract.to_owned()),
        binding,
        slip: Some(slip.to_owned()),
        ticket: Some(ticket),
        ..Tap::default()
    });
    spoil(&mut purchase.request, flaws);
    if has(RefusalCode::IdempotencyMismatch) || has(RefusalCode::Cancelled) {
        purchase.key = key.key;
    }
    if has(RefusalCode::RevocationUnavailable) {
        world.lookups.revocation_fails();
    }
    if has(RefusalCode::ChallengeExpired) {
        world.pass(61);
    }
    refusal(&world.pay(&purchase).await)
}

/// Two that cannot hold at once, or of which the relay cannot see both.
fn apart(one: RefusalCode, other: RefusalCode) -> bool {
    use RefusalCode::{CertExpired, CertRevoked, ChallengeReused, RevocationUnavailable};
    matches!(
        (one, other),
        // Whether a certificate is revoked is not known while nobody answers.
        (CertRevoked, RevocationUnavailable)
            // A ticket of a minute outlives no certificate.
            | (CertExpired, ChallengeReused)
    )
}

#[tokio::test]
async fn each_reason_is_told_where_it_stands_alone() {
    for flaw in FLAWS {
        assert_eq!(told(&[flaw]).await, Some(flaw));
    }
    assert_eq!(told(&[]).await, None);
}

#[tokio::test]
async fn of_two_reasons_the_earlier_in_the_list_is_told() {
    let mut pairs = 0;
    for (place, one) in FLAWS.into_iter().enumerate() {
        for other in FLAWS.into_iter().skip(place + 1).filter(|other| !apart(one, *other)) {
            assert_eq!(told(&[one, other]).await, Some(one.min(other)), "{one:?} and {other:?}");
            pairs += 1;
        }
    }
    assert_eq!(pairs, 118);
}

#[test]
fn the_table_stands_in_the_order_of_the_list() {
    assert!(FLAWS.is_sorted());
}

#[tokio::test]
async fn a_ticket_of_an_unknown_key_hides_no_earlier_reason() {
    let world = World::new();
    let mut octets = *world.ticket(&crate::world::caller()).0.as_octets();
    octets[1] = 99;
    let ticket = enishi_jpki::Ticket::from_octets(octets);
    let pan = enishi_party::SurrogatePan::from_random(5);
    let tap = Tap { ticket: Some((ticket, pan)), ..Tap::default() };
    let purchase = world.tap(&tap);
    assert_eq!(refusal(&world.pay(&purchase).await), Some(RefusalCode::ChallengeExpired));
    let mut forged = world.tap(&tap);
    forged.request.token = changed(&forged.request.token, &[RefusalCode::CertUnknownIssuer]);
    assert_eq!(refusal(&world.pay(&forged).await), Some(RefusalCode::CertUnknownIssuer));
}

#[tokio::test]
async fn before_possession_is_proven_linked_and_unlinked_cards_are_told_the_same() {
    for flaw in FLAWS.into_iter().take_while(|flaw| *flaw <= RefusalCode::SignatureInvalid) {
        assert_eq!(told(&[flaw, RefusalCode::NotLinked]).await, told(&[flaw]).await);
    }
}
