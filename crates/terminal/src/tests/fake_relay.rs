//! A relay of the tests: checks proofs, keeps stored answers, moves pretended money, and answers badly on demand.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use enishi_jpki::{
    Challenge, Context, EnrolContext, Nonce, Origin, PayContext, PayUnboundContext, TicketHolder, TicketKeys,
    Token,
};
use enishi_party::{ChoiceHandle, Clock, PartyUri, PaymentId, RefusalCode, SurrogatePan, Timestamp};
use enishi_pinblock::{PinBlock, PinKey, open};
use enishi_transport::Peer;
use enishi_wire::{
    AmountBinding, Approval, CancelAnswer, CancelOutcome, CancelRequest, Choice, ContinueRequest,
    EnrolmentAnswer, EnrolmentRequest, IntentView, IssuedTicket, Need, Octets, PaymentAnswer, PaymentRequest,
    PaymentStatus, PinNeed, Problem, TicketsAnswer, TicketsRequest,
};

use super::person::ISSUER_PIN;
use super::plastic::{auth_certificate, auth_key, sign_certificate, sign_key};
use super::world::{HeldClock, PIN_KEY, relay_party};

pub(super) const ORIGIN: &str = "https://pos.enishi.example";

/// What the relay decides about one new request.
#[derive(Clone, Copy)]
pub(super) enum Decision {
    Approve,
    Decline,
    Choose,
    Pin,
    ChooseAndPin,
    /// A PIN over a number that is not the ticket's.
    OtherPin,
    Refuse(RefusalCode),
}

/// How its answer gets back.
#[derive(Clone, Copy)]
pub(super) enum Delivery {
    Whole,
    Garbled,
    Never,
    /// The relay fails before it looks at anything.
    Fault,
    /// Refused before stored answers are looked up.
    Refused(RefusalCode),
    InFlight,
}

/// One request as it came.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) key: String,
    pub(super) body: Vec<u8>,
}

#[derive(Default)]
pub(super) struct Book {
    pub(super) decisions: VecDeque<Decision>,
    pub(super) deliveries: VecDeque<Delivery>,
    pub(super) cancel_deliveries: VecDeque<Delivery>,
    pub(super) seen: Vec<Seen>,
    stored: HashMap<String, (u16, Vec<u8>)>,
    purchases: HashMap<PaymentId, (String, SurrogatePan)>,
    /// Keys of purchases that moved money and were not taken back.
    pub(super) approved: HashSet<String>,
    pub(super) cancelled: HashSet<String>,
    pub(super) intent: Option<IntentView>,
    pub(super) life_s: Option<u64>,
    /// Another name than its own.
    pub(super) name: Option<PartyUri>,
}

#[derive(Clone)]
pub(super) struct FakeRelay {
    book: Arc<Mutex<Book>>,
    keys: Arc<TicketKeys>,
    clock: HeldClock,
}

impl FakeRelay {
    pub(super) fn new(clock: HeldClock) -> Self {
        Self { book: Arc::default(), keys: Arc::new(TicketKeys::new(1, [9; 32])), clock }
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    pub(super) fn decide(&self, decisions: &[Decision]) {
        self.book().decisions.extend(decisions);
    }

    pub(super) fn deliver(&self, deliveries: &[Delivery]) {
        self.book().deliveries.extend(deliveries);
    }

    /// The requests to that path.
    pub(super) fn seen(&self, path: &str) -> Vec<Seen> {
        self.book().seen.iter().filter(|seen| seen.path.contains(path)).cloned().collect()
    }

    /// Returns once a request to that path has come.
    pub(super) async fn until_seen(&self, path: &str) {
        while self.seen(path).is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(super) fn router(&self) -> Router {
        Router::new()
            .route("/v1/tickets", post(tickets))
            .route("/v1/payments", post(payments))
            .route("/v1/payments/{payment}/continue", post(go_on))
            .route("/v1/payment-cancellations", post(cancel))
            .route("/v1/link-intents/{intent}", get(intent))
            .route("/v1/enrolments", post(enrol))
            .with_state(self.clone())
    }

    fn note(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> String {
        let key =
            headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned()).unwrap_or_default();
        self.book().seen.push(Seen { path: path.to_owned(), key: key.clone(), body: body.to_vec() });
        key
    }

    /// Answers a request of a purchase: stored, or decided now.
    async fn answer(&self, key: String, purchase: (PaymentId, String, SurrogatePan)) -> Response {
        let delivery = self.book().deliveries.pop_front().unwrap_or(Delivery::Whole);
        match delivery {
            Delivery::Fault => return problem(&Problem::fault()),
            Delivery::Refused(code) => return problem(&Problem::refusal(code)),
            Delivery::InFlight => return problem(&Problem::refusal(RefusalCode::RequestInFlight)),
            Delivery::Whole | Delivery::Garbled | Delivery::Never => {}
        }
        let answer = self.decide_once(key, purchase);
        deliver(delivery, answer).await
    }

    fn decide_once(
        &self,
        key: String,
        (payment, base, pan): (PaymentId, String, SurrogatePan),
    ) -> (u16, Vec<u8>) {
        let mut book = self.book();
        if let Some(stored) = book.stored.get(&key) {
            return stored.clone();
        }
        if book.cancelled.contains(&base) {
            return refusal(RefusalCode::Cancelled);
        }
        book.purchases.insert(payment, (base.clone(), pan));
        let decision = book.decisions.pop_front().unwrap_or(Decision::Approve);
        let choose = || {
            (1..=3)
                .map(|n| Choice {
                    handle: ChoiceHandle::from_random([n; 16]), label: format!("カード{n}")
                })
        };
        let status = match decision {
            Decision::Approve => {
                book.approved.insert(base);
                PaymentStatus::Approved(Approval {
                    approval_number: "A1B2C3".to_owned(),
                    retrieval_reference: "000000000001".to_owned(),
                    label: "カードA ••1234".to_owned(),
                })
            }
            Decision::Decline => PaymentStatus::Declined { response_code: "51".to_owned() },
            Decision::Choose => PaymentStatus::Need(Need { choose: choose().collect(), pin: None }),
            Decision::Pin => {
                PaymentStatus::Need(Need { choose: vec![], pin: Some(PinNeed { surrogate_pan: pan }) })
            }
            Decision::ChooseAndPin => PaymentStatus::Need(Need {
                choose: choose().collect(),
                pin: Some(PinNeed { surrogate_pan: pan }),
            }),
            Decision::OtherPin => PaymentStatus::Need(Need {
                choose: vec![],
                pin: Some(PinNeed { surrogate_pan: SurrogatePan::from_random(4) }),
            }),
            Decision::Refuse(code) => return refusal(code),
        };
        let answer = (200, serde_json::to_vec(&PaymentAnswer { payment, status }).unwrap());
        book.stored.insert(key, answer.clone());
        answer
    }
}

async fn deliver(delivery: Delivery, (status, body): (u16, Vec<u8>)) -> Response {
    match delivery {
        Delivery::Garbled => respond((200, body[..body.len() / 2].to_vec())),
        Delivery::Never => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            StatusCode::OK.into_response()
        }
        _ => respond((status, body)),
    }
}

fn refusal(code: RefusalCode) -> (u16, Vec<u8>) {
    (code.http_status(), serde_json::to_vec(&Problem::refusal(code)).unwrap())
}

fn problem(problem: &Problem) -> Response {
    respond((problem.status, serde_json::to_vec(problem).unwrap()))
}

fn respond((status, body): (u16, Vec<u8>)) -> Response {
    let content_type = if status < 400 { "application/json" } else { Problem::CONTENT_TYPE };
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, content_type)], body).into_response()
}

fn json<T: serde::Serialize>(value: &T) -> Response {
    respond((200, serde_json::to_vec(value).unwrap()))
}

async fn tickets(
    State(relay): State<FakeRelay>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    relay.note("/v1/tickets", &headers, &body);
    let request: TicketsRequest = serde_json::from_slice(&body).unwrap();
    let holder = TicketHolder::Terminal(peer.key_sha256);
    let issue = |_| {
        let mut random = [0; 32];
        aws_lc_rs::rand::fill(&mut random).unwrap();
        let ticket = relay.keys.issue(&origin(), &holder, relay.clock.now(), random).unwrap();
        let surrogate_pan = relay.keys.surrogate_pan(&ticket).unwrap();
        IssuedTicket { ticket: Octets(ticket.as_octets().to_vec()), surrogate_pan }
    };
    let (name, life_s) = {
        let book = relay.book();
        (book.name.clone().unwrap_or_else(relay_party), book.life_s.unwrap_or(60))
    };
    json(&TicketsAnswer {
        relay: name,
        origin: ORIGIN.to_owned(),
        life_s,
        tickets: (0..request.count).map(issue).collect(),
    })
}

async fn payments(
    State(relay): State<FakeRelay>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = relay.note("/v1/payments", &headers, &body);
    let request: PaymentRequest = serde_json::from_slice(&body).unwrap();
    let nonce = Nonce::parse(&request.nonce).unwrap();
    let (life, skew) = (Duration::from_secs(60), Duration::from_secs(10));
    let holder = TicketHolder::Terminal(peer.key_sha256);
    let ticket = nonce.ticket();
    let known = relay.book().stored.contains_key(&key);
    if !known && relay.keys.check(&ticket, &origin(), &holder, relay.clock.now(), life, skew).is_err() {
        return problem(&Problem::refusal(RefusalCode::ChallengeExpired));
    }
    let pan = relay.keys.surrogate_pan(&ticket).unwrap();
    if *nonce.context_digest() != context_of(&request, pan).digest() {
        return problem(&Problem::refusal(RefusalCode::ContextMismatch));
    }
    check_token(&request.token, nonce);
    let payment = PaymentId::from_random(ticket.as_octets()[8..24].try_into().unwrap());
    relay.answer(key.clone(), (payment, key, pan)).await
}

fn context_of(request: &PaymentRequest, surrogate_pan: SurrogatePan) -> Context {
    let PaymentRequest { terminal, merchant, slip, amount, payment_type, .. } = request.clone();
    let relay = relay_party();
    match request.amount_binding {
        AmountBinding::Bound => {
            Context::Pay(PayContext { relay, terminal, merchant, slip, amount, payment_type, surrogate_pan })
        }
        AmountBinding::Unbound => {
            Context::PayUnbound(PayUnboundContext { relay, terminal, merchant, slip, surrogate_pan })
        }
    }
}

/// The token is the card's, and verifies over the challenge.
fn check_token(token: &serde_json::Value, nonce: Nonce) {
    let token = Token::from_json(token).unwrap();
    assert_eq!(token.certificate(), auth_certificate());
    let message = Challenge::new(origin(), nonce).message(token.algorithm());
    let key = auth_key().public_key_der().unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(&message, token.signature()).unwrap();
}

async fn go_on(
    State(relay): State<FakeRelay>,
    Path(payment): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = relay.note("/continue", &headers, &body);
    let payment: PaymentId = payment.parse().unwrap();
    let (base, pan) = relay.book().purchases.get(&payment).unwrap().clone();
    assert!(key.starts_with(&format!("{base}-c")));
    let request: ContinueRequest = serde_json::from_slice(&body).unwrap();
    if let Some(block) = request.pin_block {
        let block = PinBlock::from_octets(block.0.try_into().unwrap());
        let pin = open(&block, &pan, &PinKey::from_bytes(&PIN_KEY).unwrap()).unwrap();
        assert_eq!(pin.expose_digits(), ISSUER_PIN.as_bytes());
    }
    relay.answer(key, (payment, base, pan)).await
}

async fn cancel(State(relay): State<FakeRelay>, headers: HeaderMap, body: Bytes) -> Response {
    relay.note("/v1/payment-cancellations", &headers, &body);
    let request: CancelRequest = serde_json::from_slice(&body).unwrap();
    let key = request.idempotency_key.to_string();
    let delivery = relay.book().cancel_deliveries.pop_front().unwrap_or(Delivery::Whole);
    if matches!(delivery, Delivery::Fault) {
        return problem(&Problem::fault());
    }
    let outcome = {
        let mut book = relay.book();
        book.cancelled.insert(key.clone());
        match (book.approved.remove(&key), book.stored.contains_key(&key)) {
            (true, _) => CancelOutcome::Reversing,
            (false, true) => CancelOutcome::Closed,
            (false, false) => CancelOutcome::NeverSeen,
        }
    };
    deliver(delivery, (200, serde_json::to_vec(&CancelAnswer { outcome }).unwrap())).await
}

async fn intent(State(relay): State<FakeRelay>, Path(_): Path<String>) -> Response {
    match relay.book().intent.clone() {
        Some(view) => json(&view),
        None => problem(&Problem::refusal(RefusalCode::IntentInvalid)),
    }
}

async fn enrol(
    State(relay): State<FakeRelay>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    relay.note("/v1/enrolments", &headers, &body);
    let request: EnrolmentRequest = serde_json::from_slice(&body).unwrap();
    let view = relay.book().intent.clone().unwrap();
    let nonce = Nonce::parse(&request.nonce).unwrap();
    let context = Context::Enrol(EnrolContext {
        relay: relay_party(),
        terminal: peer.party.name().parse().unwrap(),
        intent: request.intent,
        consent_sha256: view.consent_sha256.clone(),
    });
    assert_eq!(*nonce.context_digest(), context.digest());
    check_token(&request.token, nonce);
    assert_eq!(request.application.certificate.0, sign_certificate());
    let terms = serde_json_canonicalizer::to_vec(&view.terms).unwrap();
    let key = sign_key().public_key_der().unwrap();
    let signature = &request.application.signature.0;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(&terms, signature).unwrap();
    let answer = EnrolmentAnswer {
        callback: "https://provider.example/back".to_owned(),
        state: "0123456789abcdef".to_owned(),
        code: "code".to_owned(),
        receipt: super::enrol::receipt(view.terms),
    };
    let delivery = relay.book().deliveries.pop_front().unwrap_or(Delivery::Whole);
    deliver(delivery, (200, serde_json::to_vec(&answer).unwrap())).await
}

fn origin() -> Origin {
    Origin::parse(ORIGIN).unwrap()
}

pub(super) fn epoch() -> Timestamp {
    "2026-04-01T03:00:00Z".parse().unwrap()
}
