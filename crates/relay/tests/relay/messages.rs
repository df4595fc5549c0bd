//! What a company is told, under either model.

use enishi_iso8583::{De, Message, Mti};
use enishi_party::PaymentType;
use enishi_testkit::{Town, Who, now};
use enishi_wire::{AmountBinding, Assertion, Assurance, RevocationMethod, Subject};
use proptest::prelude::*;

use crate::company::APPROVAL;
use crate::purchase::{Tap, approval};
use crate::world::{A, B, CUSTOMER, MERCHANT, TERMINAL, World, assertion_key, holds, opening_key, provider};

fn assertion(message: &Message) -> Assertion {
    assertion_key().verifying_key().open(message.assertion().unwrap()).unwrap()
}

#[tokio::test]
async fn an_approval_tells_the_shop_number_reference_and_label() {
    let world = World::new();
    world.linked(A).await;
    let approval = approval(world.pay(&world.purchase(Some(A), 1_980)).await);
    let (to, message) = world.company.take_heard().remove(0);
    assert_eq!((approval.approval_number.as_str(), approval.label.as_str()), (APPROVAL, "架空 ••1234"));
    assert_eq!(approval.retrieval_reference, message.rrn().unwrap().to_string());
    assert_eq!((to, message.mti()), (provider(A), Mti::AUTHORISATION_REQUEST));
}

#[tokio::test]
async fn the_message_says_what_the_card_signed() {
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    world.pay(&purchase).await.unwrap();
    let (_, message) = world.company.take_heard().remove(0);
    assert_eq!(message.amount().unwrap().minor_units(), 1_980);
    assert_eq!(message.terminal().unwrap().as_str(), TERMINAL);
    assert_eq!(message.merchant().unwrap().as_str(), MERCHANT);
    // 2026-11-20T03:00:00Z is noon in Japan.
    assert_eq!(message.expose_text(De::TRANSMITTED_AT), Some("1120030000"));
    assert_eq!(
        (message.expose_text(De::LOCAL_DATE), message.expose_text(De::LOCAL_TIME)),
        (Some("1120"), Some("120000"))
    );
    let said = assertion(&message);
    assert_eq!((said.amount, &said.slip), (purchase.request.amount, &purchase.request.slip));
    assert_eq!((said.surrogate_pan, said.amount_binding), (purchase.ticket.1, AmountBinding::Bound));
    assert_eq!((said.issued_at, said.payment_type), (now().as_second(), PaymentType::LumpSum));
}

#[tokio::test]
async fn under_proxy_the_company_hears_a_pairwise_id_and_nothing_of_the_card() {
    let world = World::new();
    world.linked(A).await;
    let purchase = world.purchase(Some(A), 1_980);
    world.pay(&purchase).await.unwrap();
    let (_, message) = world.company.take_heard().remove(0);
    let said = assertion(&message);
    assert!(matches!(said.subject, Subject::Pairwise(_)));
    assert_eq!((said.assurance, said.verifier.as_str()), (Assurance::PinByProxy, "platform"));
    assert_eq!(said.revocation, RevocationMethod::Crl { age_h: 1 }, "ten minutes, rounded up");
    let octets = message.encode(enishi_iso8583::japan_credit()).unwrap();
    let card = Town::get().card(Who::First).certificate();
    let token = enishi_jpki::Token::from_json(&purchase.request.token).unwrap();
    for secret in [card.serial().expose_der_content(), &card.der()[..64], &token.signature()[..32]] {
        assert!(!holds(&octets, secret));
    }
    let refused = world.relay.evidence(&provider(A), said.id).await;
    assert!(refused.is_err(), "no evidence is kept under 代行");
}

#[tokio::test]
async fn under_entrusted_the_company_hears_its_customer_and_may_fetch_evidence_that_it_alone_opens() {
    let world = World::new();
    world.linked(B).await;
    world.pay(&world.purchase(Some(B), 1_980)).await.unwrap();
    let (_, message) = world.company.take_heard().remove(0);
    let said = assertion(&message);
    assert_eq!(said.subject, Subject::Customer(CUSTOMER.parse().unwrap()));
    assert_eq!((said.assurance, said.verifier.as_str()), (Assurance::Pin, "minato"));
    assert!(matches!(said.revocation, RevocationMethod::Ocsp { .. }));
    let octets = message.encode(enishi_iso8583::japan_credit()).unwrap();
    assert!(!holds(&octets, Town::get().card(Who::First).certificate().serial().expose_der_content()));
    let sealed = world.relay.evidence(&provider(B), said.id).await.unwrap();
    assert_eq!(opening_key().open(&sealed, &B.parse().unwrap()).unwrap().checked_at(), now());
    for other in [provider(A), "nobody".parse().unwrap()] {
        assert!(world.relay.evidence(&other, said.id).await.is_err(), "{other}");
    }
}

#[tokio::test]
async fn numbers_of_messages_never_repeat_towards_one_company() {
    let mut world = World::new();
    world.linked(A).await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..3 {
        for _ in 0..3 {
            world.pay(&world.purchase(Some(A), 1_980)).await.unwrap();
        }
        for (_, message) in world.company.take_heard() {
            assert!(seen.insert(message.rrn().unwrap().to_string()));
        }
        world = world.restart();
    }
    assert_eq!(seen.len(), 9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What the interface takes fits the message: a purchase never fails because of its own form.
    #[test]
    fn whatever_the_interface_takes_becomes_a_message(
        slip in "[0-9]{1,8}",
        product in "[0-9]{3,7}",
        yen in 1_u64..=999_999_999_999,
        parts in 2_u8..=60,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            world.linked(A).await;
            let tap = Tap { contract: Some(A.to_owned()), yen, slip: Some(slip.clone()), ..Tap::default() };
            let mut purchase = world.tap(&tap);
            purchase.request.product_code = product;
            approval(world.pay(&purchase).await);
            let (_, message) = world.company.take_heard().remove(0);
            let data = message.additional_data().unwrap();
            assert_eq!(data.slip.unwrap().as_str(), slip);
            // Another way to pay than the card signed is another context.
            let tap = Tap { contract: Some(A.to_owned()), yen, ..Tap::default() };
            let mut changed = world.tap(&tap);
            changed.request.payment_type =
                PaymentType::Instalments(enishi_party::Instalments::try_from(parts).unwrap());
            let refused = crate::purchase::refusal(&world.pay(&changed).await);
            assert_eq!(refused, Some(enishi_party::RefusalCode::ContextMismatch));
        });
    }
}
