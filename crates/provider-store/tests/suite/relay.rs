//! A relay that does as it is told, over real mutual TLS.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use enishi_party::{ConsentId, IntentId, LinkId, PairwiseId, RefusalCode, Text, VerifierModel};
use enishi_transport::{Address, CancellationToken, HttpLimits, serve_https};
use enishi_wire::{
    AssertionKey, ConfirmOutcome, ConsentReceipt, ConsentTerms, Holder, IntentAnswer, IntentRequest, Octets,
    Problem, RedeemAnswer, RedeemRequest,
};
use tokio::net::TcpListener;

use crate::world::certified;

pub(crate) const CODE: &str = "one-time-code-5309";

/// What the relay is to say, and what it heard.
pub(crate) struct Script {
    pub(crate) model: VerifierModel,
    pub(crate) holder: Holder,
    pub(crate) pairwise: Option<PairwiseId>,
    pub(crate) evidence: Option<Octets>,
    pub(crate) link: LinkId,
    /// How confirmations are answered, one after the other; the last stays.
    pub(crate) confirm: Vec<Confirm>,
    /// Spoils a receipt before or after it is signed.
    pub(crate) receipt: Receipt,
    pub(crate) intents: Vec<IntentRequest>,
    pub(crate) redeemed: u32,
    pub(crate) confirmed: Vec<ConfirmOutcome>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirm {
    Active,
    RolledBack,
    Fail,
    Refuse,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receipt {
    True,
    Forged,
    OfAnotherContract,
    OfAnotherLabel,
}

#[derive(Clone)]
pub(crate) struct FakeRelay {
    pub(crate) script: Arc<Mutex<Script>>,
    key: Arc<AssertionKey>,
}

impl FakeRelay {
    pub(crate) async fn start(model: VerifierModel, key: AssertionKey) -> (Self, Address) {
        let holder = Holder { name: "縁 花子".to_owned(), birth_date: "1990-02-28".to_owned() };
        let script = Script {
            model,
            holder,
            pairwise: (model == VerifierModel::Proxy).then(|| PairwiseId::from_random([0x71; 16])),
            evidence: (model == VerifierModel::Entrusted).then(|| Octets(vec![0xEE; 40])),
            link: LinkId::from_random([0x10; 16]),
            confirm: vec![Confirm::Active],
            receipt: Receipt::True,
            intents: Vec::new(),
            redeemed: 0,
            confirmed: Vec::new(),
        };
        let relay = Self { script: Arc::new(Mutex::new(script)), key: Arc::new(key) };
        let router = Router::new()
            .route("/v1/link-intents", post(create))
            .route("/v1/link-intents/{id}/redeem", post(redeem))
            .route("/v1/links/{id}/confirm", put(confirm))
            .with_state(relay.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().into();
        tokio::spawn(async move {
            let certified = certified();
            let ca = certified.ca.trusted().unwrap();
            let (limits, shutdown) = (HttpLimits::default(), CancellationToken::new());
            serve_https(listener, &certified.relay, &ca, router, limits, None, shutdown).await.unwrap();
        });
        (relay, address)
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    pub(crate) fn get<T>(&self, read: impl FnOnce(&Script) -> T) -> T {
        read(&self.script.lock().unwrap())
    }

    fn receipt(&self, script: &Script, intent: IntentId) -> ConsentReceipt {
        let asked = script.intents.last().unwrap();
        let mut receipt = ConsentReceipt {
            consent: ConsentId::from_random([0x20; 16]),
            terms: ConsentTerms {
                intent,
                contract: asked.contract.clone(),
                provider: Text::new("甲カード", "Card A"),
                model: script.model,
                label: asked.label.clone(),
                offer_jointly: asked.offer_jointly,
                statement: Text::new("同意文", "statement"),
            },
            given_at: "2026-11-30T03:00:00Z".to_owned(),
            signature: Octets(Vec::new()),
        };
        match script.receipt {
            Receipt::OfAnotherContract => receipt.terms.contract = "card-b".parse().unwrap(),
            Receipt::OfAnotherLabel => receipt.terms.label = "Card B".to_owned(),
            Receipt::True | Receipt::Forged => {}
        }
        let signed = serde_json::json!({
            "consent": receipt.consent, "terms": receipt.terms, "given_at": receipt.given_at,
        });
        let octets = serde_json_canonicalizer::to_vec(&signed).unwrap();
        receipt.signature = Octets(self.key.sign(&octets).unwrap());
        if script.receipt == Receipt::Forged {
            receipt.given_at.push(' ');
        }
        receipt
    }
}

type Relay = State<FakeRelay>;

fn json(body: &impl serde::Serialize) -> Response {
    (StatusCode::OK, serde_json::to_vec(body).unwrap()).into_response()
}

fn refuse(code: RefusalCode) -> Response {
    let status = StatusCode::from_u16(code.http_status()).unwrap();
    (status, serde_json::to_vec(&Problem::refusal(code)).unwrap()).into_response()
}

async fn create(State(relay): Relay, headers: HeaderMap, body: Bytes) -> Response {
    assert!(headers.contains_key("idempotency-key"));
    let mut script = relay.script.lock().unwrap();
    script.intents.push(serde_json::from_slice(&body).unwrap());
    let number = u8::try_from(script.intents.len()).unwrap();
    json(&IntentAnswer { intent: IntentId::from_random([number; 16]), life_s: 600 })
}

async fn redeem(State(relay): Relay, Path(id): Path<String>, body: Bytes) -> Response {
    let request: RedeemRequest = serde_json::from_slice(&body).unwrap();
    let mut script = relay.script.lock().unwrap();
    script.redeemed += 1;
    if request.code != CODE || script.intents.last().unwrap().state != request.state {
        return refuse(RefusalCode::IntentInvalid);
    }
    json(&RedeemAnswer {
        link: script.link,
        pairwise: script.pairwise,
        holder: script.holder.clone(),
        receipt: relay.receipt(&script, id.parse().unwrap()),
        evidence: script.evidence.clone(),
    })
}

async fn confirm(State(relay): Relay, Path(id): Path<String>, body: Bytes) -> Response {
    let mut script = relay.script.lock().unwrap();
    assert_eq!(id, script.link.to_string());
    script.confirmed.push(serde_json::from_slice(&body).unwrap());
    let next = if script.confirm.len() > 1 { script.confirm.remove(0) } else { script.confirm[0] };
    match next {
        Confirm::Active => json(&enishi_wire::ConfirmationAnswer::Active),
        Confirm::RolledBack => json(&enishi_wire::ConfirmationAnswer::RolledBack),
        Confirm::Fail => (StatusCode::SERVICE_UNAVAILABLE, Vec::new()).into_response(),
        Confirm::Refuse => refuse(RefusalCode::IntentInvalid),
    }
}
