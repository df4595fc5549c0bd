//! Values for the examples of the OpenAPI document: of the real types, of nobody.

use enishi_jpki::{SignatureAlgorithm, Token};
use enishi_party::{
    AssertionId, ChoiceHandle, ConsentId, InstrumentRef, IntentId, LinkId, Malformed, Money, PairwiseId,
    PaymentId, PaymentType, SurrogatePan, Text, VerifierModel,
};
use enishi_wire::{
    AmountBinding, Application, Approval, CancelRequest, Choice, ConsentReceipt, ConsentTerms,
    ContinueRequest, EnrolmentAnswer, EnrolmentRequest, EvidenceAnswer, Holder, IntentRequest, IntentView,
    IssuedTicket, Need, Octets, PaymentAnswer, PaymentRequest, PaymentStatus, PinNeed, RedeemAnswer,
    RedeemRequest, TicketsAnswer,
};

pub(super) const KEY: &str = "example-key-0123456789";
const RANDOM: [u8; 16] = *b"example-octets-1";
const LABEL: &str = "Card A ••1234";
const CALLBACK: &str = "https://company.example/app/link-callback";

pub(super) const fn payment_id() -> PaymentId {
    PaymentId::from_random(RANDOM)
}

pub(super) const fn intent_id() -> IntentId {
    IntentId::from_random(RANDOM)
}

pub(super) const fn link_id() -> LinkId {
    LinkId::from_random(RANDOM)
}

pub(super) const fn assertion_id() -> AssertionId {
    AssertionId::from_random(RANDOM)
}

pub(super) const fn instrument() -> InstrumentRef {
    InstrumentRef::from_random(RANDOM)
}

fn hex64() -> String {
    hex::encode([0x5a; 32])
}

fn octets(count: usize) -> Octets {
    Octets(vec![0; count])
}

/// The text that octets have in JSON.
fn base64(octets: &Octets) -> String {
    let text = serde_json::to_value(octets).unwrap_or_default();
    text.as_str().unwrap_or_default().to_owned()
}

/// Of the form of a token, and of no card.
fn token() -> serde_json::Value {
    let token = Token::new(vec![0x30; 48], SignatureAlgorithm::Rs256, vec![0; 256]);
    token.map(|token| token.to_json()).unwrap_or_default()
}

pub(super) fn tickets() -> Result<TicketsAnswer, Malformed> {
    Ok(TicketsAnswer {
        relay: "urn:enishi:sandbox:relay:example".parse()?,
        origin: "https://relay.example".to_owned(),
        life_s: 60,
        tickets: vec![IssuedTicket { ticket: octets(56), surrogate_pan: SurrogatePan::from_random(1) }],
    })
}

pub(super) fn payment() -> Result<PaymentRequest, Malformed> {
    Ok(PaymentRequest {
        token: token(),
        nonce: base64(&octets(88)),
        amount_binding: AmountBinding::Bound,
        terminal: "4980000000012".parse()?,
        merchant: "SHOP-1".parse()?,
        slip: "00000001".parse()?,
        business_date: "2026-04-01".to_owned(),
        amount: Money::yen(1_980)?,
        payment_type: PaymentType::LumpSum,
        product_code: "990".to_owned(),
        contract: None,
        pin_block: None,
    })
}

pub(super) const fn choice() -> ContinueRequest {
    ContinueRequest { choice: Some(ChoiceHandle::from_random(RANDOM)), pin_block: None }
}

pub(super) fn pin() -> ContinueRequest {
    ContinueRequest { choice: None, pin_block: Some(octets(16)) }
}

const fn answer(status: PaymentStatus) -> PaymentAnswer {
    PaymentAnswer { payment: payment_id(), status }
}

pub(super) fn approved() -> PaymentAnswer {
    answer(PaymentStatus::Approved(Approval {
        approval_number: "000123".to_owned(),
        retrieval_reference: "000000000042".to_owned(),
        label: LABEL.to_owned(),
    }))
}

pub(super) fn declined() -> PaymentAnswer {
    answer(PaymentStatus::Declined { response_code: "61".to_owned() })
}

pub(super) fn choose() -> PaymentAnswer {
    let entry = |octet, label: &str| Choice {
        handle: ChoiceHandle::from_random([octet; 16]),
        label: label.to_owned(),
    };
    answer(PaymentStatus::Need(Need {
        choose: vec![entry(1, LABEL), entry(2, "Card B ••5678")], pin: None
    }))
}

pub(super) fn ask_pin() -> PaymentAnswer {
    let pin = PinNeed { surrogate_pan: SurrogatePan::from_random(1) };
    answer(PaymentStatus::Need(Need { choose: Vec::new(), pin: Some(pin) }))
}

pub(super) fn cancel() -> Result<CancelRequest, Malformed> {
    Ok(CancelRequest { idempotency_key: KEY.parse()? })
}

pub(super) fn intent() -> Result<IntentRequest, Malformed> {
    Ok(IntentRequest {
        contract: "company-credit".parse()?,
        customer: None,
        callback: CALLBACK.to_owned(),
        state: hex64(),
        label: LABEL.to_owned(),
        offer_jointly: true,
    })
}

fn terms() -> Result<ConsentTerms, Malformed> {
    Ok(ConsentTerms {
        intent: intent_id(),
        contract: "company-credit".parse()?,
        provider: Text::new("例の会社", "Example Company"),
        model: VerifierModel::Proxy,
        label: LABEL.to_owned(),
        offer_jointly: true,
        statement: Text::new("例の文", "An example of a statement"),
    })
}

pub(super) fn view() -> Result<IntentView, Malformed> {
    let relay = "urn:enishi:sandbox:relay:example".parse()?;
    Ok(IntentView { relay, terms: terms()?, consent_sha256: hex64() })
}

fn receipt() -> Result<ConsentReceipt, Malformed> {
    Ok(ConsentReceipt {
        consent: ConsentId::from_random(RANDOM),
        terms: terms()?,
        given_at: "2026-04-01T03:00:00Z".to_owned(),
        signature: octets(64),
    })
}

pub(super) fn redeem() -> RedeemRequest {
    RedeemRequest { code: hex64(), state: hex64() }
}

pub(super) fn redeemed() -> Result<RedeemAnswer, Malformed> {
    Ok(RedeemAnswer {
        link: link_id(),
        pairwise: Some(PairwiseId::from_random(RANDOM)),
        holder: Holder { name: "見本　花子".to_owned(), birth_date: "2000-01-01".to_owned() },
        receipt: receipt()?,
        evidence: None,
    })
}

pub(super) fn enrolment() -> EnrolmentRequest {
    EnrolmentRequest {
        intent: intent_id(),
        token: token(),
        nonce: base64(&octets(88)),
        application: Application { certificate: octets(48), signature: octets(256) },
    }
}

pub(super) fn enrolled() -> Result<EnrolmentAnswer, Malformed> {
    Ok(EnrolmentAnswer { callback: CALLBACK.to_owned(), state: hex64(), code: hex64(), receipt: receipt()? })
}

pub(super) fn evidence() -> EvidenceAnswer {
    EvidenceAnswer { assertion: assertion_id(), sealed: octets(96) }
}
