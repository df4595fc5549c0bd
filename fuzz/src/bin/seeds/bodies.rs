//! JSON bodies, contexts, assertions and PIN blocks.

use enishi_fuzz::world;
use enishi_jpki::{Context, LoginContext, PayContext};
use enishi_party::{
    AssertionId, ChoiceHandle, ConsentId, ContractId, InstrumentRef, IntentId, LinkId, Money, PairwiseId,
    PartyUri, PaymentId, PaymentType, RefusalCode, SurrogatePan, Text, VerifierModel,
};
use enishi_pinblock::{IssuerPin, PinKey, seal};
use enishi_wire as wire;
use serde::Serialize;
use wire::Octets;

use crate::{Done, seed};

pub(crate) fn write() -> Done<()> {
    shop()?;
    links()?;
    assertion()?;
    let login = Context::Login(LoginContext {
        relay: relay()?,
        client: "clinic".into(),
        request_sha256: "5a".repeat(32),
    });
    seed("context", "login", login.canonical())?;
    let (pin, key) = (IssuerPin::parse("482915")?, PinKey::from_bytes(&[1; 16])?);
    let block = seal(&pin, &SurrogatePan::from_random(42), &key, [9; 8]);
    seed("pin-block", "block", block.expose_octets())?;
    seed("pin-block", "pin", pin.expose_digits())
}

pub(crate) fn pay_context() -> Done<Context> {
    Ok(Context::Pay(PayContext {
        relay: relay()?,
        terminal: "1234567890123".parse()?,
        merchant: "KITTE-12".parse()?,
        slip: "00123".parse()?,
        amount: Money::yen(1_980)?,
        payment_type: PaymentType::LumpSum,
        surrogate_pan: SurrogatePan::from_random(42),
    }))
}

fn relay() -> Done<PartyUri> {
    Ok("urn:enishi:sandbox:relay:relay".parse()?)
}

fn body(name: &str, body: &impl Serialize) -> Done<()> {
    seed("bodies", name, serde_json::to_vec(body)?)
}

/// Slide 9: tickets, a payment, its questions and answers.
fn shop() -> Done<()> {
    body("tickets-request", &wire::TicketsRequest { count: 2 })?;
    let ticket =
        wire::IssuedTicket { ticket: Octets(vec![1; 56]), surrogate_pan: SurrogatePan::from_random(42) };
    let origin = "https://relay.enishi.example".to_owned();
    body(
        "tickets-answer",
        &wire::TicketsAnswer { relay: relay()?, origin, life_s: 300, tickets: vec![ticket] },
    )?;
    body(
        "payment-request",
        &wire::PaymentRequest {
            token: serde_json::json!({ "format": "web-eid:1.0" }),
            nonce: "AQ".repeat(60),
            amount_binding: wire::AmountBinding::Bound,
            terminal: "1234567890123".parse()?,
            merchant: "KITTE-12".parse()?,
            slip: "00123".parse()?,
            business_date: "2026-11-20".to_owned(),
            amount: Money::yen(1_980)?,
            payment_type: PaymentType::Bonus,
            product_code: "9900".to_owned(),
            contract: Some("aoba-card".parse()?),
            pin_block: Some(Octets(vec![2; 16])),
        },
    )?;
    let choice = ChoiceHandle::from_random([3; 16]);
    body("continue-request", &wire::ContinueRequest { choice: Some(choice), pin_block: None })?;
    let payment = PaymentId::from_random([4; 16]);
    let need = wire::Need {
        choose: vec![wire::Choice { handle: choice, label: "青葉カード".to_owned() }],
        pin: Some(wire::PinNeed { surrogate_pan: SurrogatePan::from_random(42) }),
    };
    let status = wire::PaymentStatus::Need(need);
    body("payment-answer-need", &wire::PaymentAnswer { payment, status })?;
    let approval = wire::Approval {
        approval_number: "123456".to_owned(),
        retrieval_reference: "000000000042".to_owned(),
        label: "青葉カード".to_owned(),
    };
    body(
        "payment-answer",
        &wire::PaymentAnswer { payment, status: wire::PaymentStatus::Approved(approval) },
    )?;
    body("cancel-request", &wire::CancelRequest { idempotency_key: "k".repeat(24).parse()? })?;
    body("problem", &wire::Problem::refusal(RefusalCode::CertRevoked))
}

/// Slides 12 and 14 to 17: how a link comes to be.
fn links() -> Done<()> {
    let intent = IntentId::from_random([5; 16]);
    body(
        "intent-request",
        &wire::IntentRequest {
            contract: "aoba-card".parse()?,
            customer: Some("cust-1".parse()?),
            callback: "https://aoba.example/callback".to_owned(),
            state: "s".repeat(32),
            label: "青葉カード".to_owned(),
            offer_jointly: true,
        },
    )?;
    let terms = wire::ConsentTerms {
        intent,
        contract: "aoba-card".parse::<ContractId>()?,
        provider: Text::new("青葉", "Aoba"),
        model: VerifierModel::Proxy,
        label: "青葉カード".to_owned(),
        offer_jointly: false,
        statement: Text::new("同意します。", "I agree."),
    };
    let receipt = wire::ConsentReceipt {
        consent: ConsentId::from_random([6; 16]),
        terms,
        given_at: "2026-11-20T03:00:00Z".to_owned(),
        signature: Octets(vec![7; 64]),
    };
    body(
        "enrolment-request",
        &wire::EnrolmentRequest {
            intent,
            token: serde_json::json!({ "format": "web-eid:1.0" }),
            nonce: "AQ".repeat(60),
            application: wire::Application {
                certificate: Octets(vec![8; 40]),
                signature: Octets(vec![9; 40]),
            },
        },
    )?;
    body("redeem-request", &wire::RedeemRequest { code: "c".repeat(32), state: "s".repeat(32) })?;
    body(
        "redeem-answer",
        &wire::RedeemAnswer {
            link: LinkId::from_random([1; 16]),
            pairwise: Some(PairwiseId::from_random([2; 16])),
            holder: wire::Holder { name: "縁 結子".to_owned(), birth_date: "1990-04-01".to_owned() },
            receipt,
            evidence: None,
        },
    )?;
    let sealed = Octets(vec![3; 60]);
    body("evidence-answer", &wire::EvidenceAnswer { assertion: AssertionId::from_random([4; 16]), sealed })
}

/// The payload of an assertion, and one that is signed.
fn assertion() -> Done<()> {
    let assertion = wire::Assertion {
        id: AssertionId::from_random([1; 16]),
        issuer: relay()?,
        audience: "aoba-card".parse()?,
        issued_at: world::now().as_second(),
        subject: wire::Subject::Pairwise(PairwiseId::from_random([2; 16])),
        instrument: InstrumentRef::from_random([3; 16]),
        terminal: "1234567890123".parse()?,
        merchant: "KITTE-12".parse()?,
        slip: "00123".parse()?,
        amount: Money::yen(1_980)?,
        payment_type: PaymentType::LumpSum,
        surrogate_pan: SurrogatePan::from_random(42),
        amount_binding: wire::AmountBinding::Bound,
        assurance: wire::Assurance::PinByProxy,
        revocation: wire::RevocationMethod::Crl { age_h: 1 },
        verifier: "enishi-relay".parse()?,
        model: VerifierModel::Proxy,
    };
    let sealed = world::get().assertion_key.seal(&assertion)?;
    seed("assertion", "signed", &sealed)?;
    use coset::TaggedCborSerializable;
    let object = coset::CoseSign1::from_tagged_slice(&sealed).map_err(|error| error.to_string())?;
    seed("assertion", "payload", object.payload.ok_or("no payload")?)
}
