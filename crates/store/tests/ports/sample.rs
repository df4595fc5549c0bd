//! Values for the cases, told apart by a number.

use std::time::Duration;

use enishi_linkage::{
    Accreditation, AccreditationGround, AmountPolicy, AnyContract, AnyLink, BlindIndex, ConsentRecord,
    Consented, Contract, ContractPolicy, ContractTerms, Intent, Label, Link, LinkState, LookupMethod,
    NewLink, Offer, PinPolicy, Platform, SealedRoute, SessionState,
};
use enishi_party::{
    AssertionId, ChoiceHandle, ConsentId, ContractId, IntentId, LinkId, PairwiseId, PaymentId, ProviderId,
    Text, Timestamp,
};
use enishi_relay::{
    Authorizing, Awaiting, Closing, Journal, NewPayment, Outcome, PaymentRow, PaymentState, RequestKey,
    Reversal,
};
use enishi_wire::{Approval, Choice, Need, PaymentAnswer, PaymentStatus};

/// The first moment of every case.
pub(crate) fn start() -> Timestamp {
    Timestamp::from_second(1_750_000_000).unwrap()
}

pub(crate) fn after(seconds: u64) -> Timestamp {
    start() + Duration::from_secs(seconds)
}

pub(crate) const DAY: u64 = 24 * 60 * 60;

pub(crate) fn octets(number: u64) -> [u8; 16] {
    let mut octets = [0xA5; 16];
    octets[8..].copy_from_slice(&number.to_be_bytes());
    octets
}

fn digest(kind: u8, number: u64) -> [u8; 32] {
    let mut digest = [kind; 32];
    digest[24..].copy_from_slice(&number.to_be_bytes());
    digest
}

pub(crate) fn payment_id(number: u64) -> PaymentId {
    PaymentId::from_random(octets(number))
}

pub(crate) fn request(number: u64) -> RequestKey {
    RequestKey {
        terminal: "4980000000012".parse().unwrap(),
        key: format!("key-of-request-{number:08}").parse().unwrap(),
    }
}

/// Differs from every other number's in name, key, slip and ticket.
pub(crate) fn new_payment(number: u64) -> NewPayment {
    NewPayment {
        id: payment_id(number),
        request: request(number),
        body_sha256: digest(1, number),
        business_date: "2025-06-15".to_owned(),
        slip: format!("{number}").parse().unwrap(),
        ticket_sha256: digest(2, number),
        ticket_until: after(65),
        body: format!(r#"{{"token":"planted-token-{number}"}}"#).into_bytes(),
    }
}

/// The first payment again under another name and key, with another slip and ticket.
pub(crate) fn other_payment(number: u64, change: impl FnOnce(&mut NewPayment)) -> NewPayment {
    let mut new = new_payment(number);
    change(&mut new);
    new
}

pub(crate) fn awaiting(number: u64) -> Awaiting {
    let choose = vec![Choice {
        handle: ChoiceHandle::from_random(octets(number)),
        label: "カードA ••1234".to_owned(),
    }];
    let status = PaymentStatus::Need(Need { choose, pin: None });
    Awaiting {
        body: format!("planted-body-{number}").into_bytes(),
        offered: vec![
            (ChoiceHandle::from_random(octets(number)), LinkId::from_random(octets(number))),
            (ChoiceHandle::from_random(octets(number + 1)), LinkId::from_random(octets(number + 1))),
        ],
        chosen: None,
        answer: PaymentAnswer { payment: payment_id(number), status },
        until: after(30),
    }
}

pub(crate) fn provider(name: &str) -> ProviderId {
    name.parse().unwrap()
}

pub(crate) fn assertion(number: u64) -> AssertionId {
    AssertionId::from_random(octets(number))
}

pub(crate) fn authorizing(number: u64) -> Authorizing {
    Authorizing {
        provider: provider("card-a"),
        contract: "card-a-credit".parse().unwrap(),
        message: format!("0100 of {number}").into_bytes(),
        assertion: assertion(number),
        evidence: None,
    }
}

pub(crate) fn approved(number: u64) -> Outcome {
    let approval = Approval {
        approval_number: "123456".to_owned(),
        retrieval_reference: format!("{number:012}"),
        label: "カードA ••1234".to_owned(),
    };
    Outcome::Answered(PaymentAnswer {
        payment: payment_id(number),
        status: PaymentStatus::Approved(approval),
    })
}

pub(crate) fn declined(number: u64) -> Outcome {
    let status = PaymentStatus::Declined { response_code: "91".to_owned() };
    Outcome::Answered(PaymentAnswer { payment: payment_id(number), status })
}

pub(crate) fn reversal(number: u64) -> Reversal {
    Reversal {
        payment: payment_id(number),
        provider: provider("card-a"),
        message: format!("0420 of {number}").into_bytes(),
    }
}

/// A payment that was sent and approved.
pub(crate) async fn approve(journal: &dyn Journal, number: u64, now: Timestamp) {
    journal.open(&new_payment(number), now).await.unwrap();
    assert!(journal.authorize(payment_id(number), &authorizing(number), now).await.unwrap());
    assert!(journal.close(payment_id(number), &approved(number), Closing::Answered, now).await.unwrap());
}

pub(crate) fn stage(row: &PaymentRow) -> &'static str {
    match row.state {
        PaymentState::Proven => "proven",
        PaymentState::Awaiting(_) => "awaiting",
        PaymentState::Authorizing(_) => "authorizing",
        PaymentState::Closed(_) => "closed",
    }
}

fn terms(contract: &str) -> ContractTerms {
    ContractTerms {
        id: contract.parse().unwrap(),
        provider: provider("bank-y"),
        name: Text::new("Y銀行", "Bank Y"),
        policy: ContractPolicy {
            lookup: LookupMethod::Crl,
            amount: AmountPolicy::Bound,
            pin: PinPolicy::Never,
        },
    }
}

fn accreditation() -> Accreditation {
    Accreditation {
        ground: AccreditationGround::Certified,
        number: "SANDBOX-1".to_owned(),
        valid_from: start(),
        valid_until: after(3_650 * DAY),
    }
}

pub(crate) fn entrusted(contract: &str) -> AnyContract {
    AnyContract::Entrusted(Contract::entrusted(terms(contract), accreditation()).unwrap())
}

pub(crate) fn proxy(contract: &str) -> AnyContract {
    let platform = Platform { id: provider("platform"), accreditation: accreditation() };
    AnyContract::Proxy(Contract::proxy(terms(contract), &platform).unwrap())
}

pub(crate) fn index(number: u64) -> BlindIndex {
    BlindIndex::from_octets(digest(3, number))
}

pub(crate) fn link_id(number: u64) -> LinkId {
    LinkId::from_random(octets(number))
}

/// A pending link of a contract's own model, offered alone; its index and names follow from the number.
pub(crate) fn new_link(contract: &AnyContract, number: u64) -> NewLink {
    let (id, state, offer) = (link_id(number), LinkState::PendingConfirm, Offer::Alone);
    let (label, consent) = (Label::new("Y銀行 ••99").unwrap(), ConsentId::from_random(octets(number)));
    let contract_id = contract.id().clone();
    let link = match contract {
        AnyContract::Proxy(_) => {
            let subject = PairwiseId::from_random(octets(number));
            AnyLink::Proxy(Link { id, contract: contract_id, subject, state, label, offer, consent })
        }
        AnyContract::Entrusted(_) => {
            let subject = customer(number).parse().unwrap();
            AnyLink::Entrusted(Link { id, contract: contract_id, subject, state, label, offer, consent })
        }
    };
    NewLink { link, index: index(number), route: None }
}

pub(crate) fn customer(number: u64) -> String {
    format!("planted-customer-{number}")
}

/// The same, offered jointly through a route at the platform's index of that number.
pub(crate) fn joint_link(contract: &AnyContract, number: u64, platform: u64) -> NewLink {
    let mut new = new_link(contract, number);
    match &mut new.link {
        AnyLink::Proxy(link) => link.offer = Offer::Jointly,
        AnyLink::Entrusted(link) => link.offer = Offer::Jointly,
    }
    new.route = Some((index(platform), route(number)));
    new
}

pub(crate) fn route(number: u64) -> SealedRoute {
    SealedRoute::from_octets(format!("sealed route {number}").into_bytes())
}

/// All of a link that can be compared.
pub(crate) fn shape(link: &AnyLink) -> String {
    let subject = match link {
        AnyLink::Proxy(link) => link.subject.to_string(),
        AnyLink::Entrusted(link) => link.subject.to_string(),
    };
    let (id, contract, consent) = (link.id(), link.contract(), link.consent());
    format!(
        "{id} {contract} {subject} {:?} {} {:?} {consent}",
        link.state(),
        link.label().expose(),
        link.offer()
    )
}

pub(crate) fn intent_id(number: u64) -> IntentId {
    IntentId::from_random(octets(number))
}

pub(crate) fn intent(contract: &AnyContract, number: u64) -> Intent {
    let customer = match contract {
        AnyContract::Proxy(_) => None,
        AnyContract::Entrusted(_) => Some(customer(number).parse().unwrap()),
    };
    Intent {
        id: intent_id(number),
        contract: contract.id().clone(),
        customer,
        callback: "https://bank-y.example/linked".to_owned(),
        state: SessionState(format!("session-state-of-{number}")),
        label: Label::new("Y銀行 ••99").unwrap(),
        offer: Offer::Jointly,
        expires_at: after(900),
    }
}

pub(crate) fn consented(number: u64) -> Consented {
    Consented {
        code_sha256: digest(4, number),
        code_expires_at: after(60),
        link: link_id(number),
        sealed_answer: format!("planted-answer-{number}").into_bytes(),
    }
}

pub(crate) fn consent_record(number: u64) -> ConsentRecord {
    ConsentRecord {
        id: ConsentId::from_random(octets(number)),
        receipt: format!(r#"{{"receipt":{number}}}"#).into_bytes(),
        given_at: start(),
    }
}

pub(crate) fn contract_id(contract: &str) -> ContractId {
    contract.parse().unwrap()
}
