//! The authority on HTTP: lists and OCSP for everyone, serial pairing for registered verifiers.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use enishi_jpki::{CertKind, Serial};
use enishi_transport::{
    Peer,
    openapi::{Endpoint, document, router_of},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod description;
mod lists;
mod ocsp;

use crate::{Authority, AuthorityError, LookupPurpose, OCSP_REQUEST_MAX_OCTETS, Relation};

/// What a handler takes for now.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A question for a pairing has some 150 octets.
const PAIRING_REQUEST_MAX_OCTETS: usize = 1_024;
/// RFC 5280 §4.1.2.2: at most 20 octets, in hex.
const SERIAL_MAX_HEX: usize = 40;
/// RFC 5280 §4.2.1.2: SHA-1, in hex.
const KEY_ID_HEX: usize = 40;
/// SHA-256 of a distribution point's name, in hex.
const POINT_HEX: usize = 64;

#[derive(Clone)]
struct Service {
    authority: Arc<Authority>,
    clock: Clock,
}

impl Service {
    /// Runs on a blocking thread: every question reaches the disk, and some sign.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Authority, Timestamp) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let authority = Arc::clone(&self.authority);
        let now = (self.clock)();
        tokio::task::spawn_blocking(move || work(&authority, now)).await.map_err(|_| Problem::Internal)
    }
}

/// Lists and OCSP, open to everyone and made for plain HTTP: what is served is signed.
///
/// `GET /crl/{auth|sign}/{key id in hex}.crl`, `GET /crl/{auth|sign}/{key id in hex}/{partition}.crl` with the SHA-256 of the
/// distribution point's name in hex, `POST /ocsp`, `GET /ocsp/{request in base64}` (RFC 6960 appendix A).
pub fn public_router(authority: Arc<Authority>, clock: Clock) -> Router {
    finish(router_of(public_endpoints()), OCSP_REQUEST_MAX_OCTETS).with_state(Service { authority, clock })
}

/// シリアル番号紐付情報 for verifiers; every request must carry the [`Peer`] of its mutual-TLS connection.
///
/// `POST /v1/serial-pairings`: `{"kind": "signing", "serial": HEX}` gives `{"kind": "authentication", "serial": HEX}`,
/// or 404 where there is none. `relation` may be `counterpart` (default), `successor` or `other_carrier`; `purpose`
/// must be said by a verifier that registered more than one. HEX is the content of the DER INTEGER.
pub fn verifier_router(authority: Arc<Authority>, clock: Clock) -> Router {
    finish(router_of(verifier_endpoints()), PAIRING_REQUEST_MAX_OCTETS)
        .with_state(Service { authority, clock })
}

/// The OpenAPI 3.1 document of both routers.
#[must_use]
pub fn openapi() -> serde_json::Value {
    let endpoints: Vec<_> = public_endpoints().into_iter().chain(verifier_endpoints()).collect();
    document(description::ABOUT, &endpoints)
}

fn public_endpoints() -> Vec<Endpoint<Service>> {
    vec![
        Endpoint::get("/crl/{kind}/{file}", lists::whole, description::crl),
        Endpoint::get("/crl/{kind}/{key_id}/{file}", lists::partition, description::partition),
        Endpoint::post("/ocsp", ocsp::post, description::ocsp_post),
        Endpoint::get("/ocsp/{*request}", ocsp::get, description::ocsp_get),
    ]
}

fn verifier_endpoints() -> Vec<Endpoint<Service>> {
    vec![Endpoint::post("/v1/serial-pairings", serial_pairing, description::serial_pairing)]
}

fn finish(router: Router<Service>, body_octets: usize) -> Router<Service> {
    router
        .fallback(|| async { Problem::NotFound })
        .method_not_allowed_fallback(|| async { Problem::Method })
        .layer(DefaultBodyLimit::max(body_octets))
}

/// A body within its bound; axum's own refusal would be no problem document.
fn within_bound(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    body.map_err(|refused| match refused.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
        _ => Problem::Malformed,
    })
}

/// A certificate, and which other one of the same person is asked for.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
struct PairingQuestion {
    /// Of which kind the certificate is.
    kind: KindWord,
    /// Its serial number: the content of the DER INTEGER in hex.
    #[schemars(regex(pattern = "^([0-9A-Fa-f]{2})+$"), length(min = 2, max = SERIAL_MAX_HEX))]
    serial: String,
    /// Which other certificate is asked for.
    #[serde(default)]
    relation: RelationWord,
    /// Why it is asked for; must be said by a verifier that registered more than one purpose.
    #[schemars(with = "Option<description::PurposeWord>")]
    purpose: Option<String>,
}

/// The other certificate.
#[derive(JsonSchema, Serialize)]
struct PairingAnswer {
    /// Its kind.
    kind: KindWord,
    /// Its serial number, as in the question.
    #[schemars(regex(pattern = "^([0-9a-f]{2})+$"), length(min = 2, max = SERIAL_MAX_HEX))]
    serial: String,
}

/// A kind of certificate.
#[derive(Clone, Copy, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum KindWord {
    /// 利用者証明用
    Authentication,
    /// 署名用
    Signing,
}

/// Which certificate of the same person.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum RelationWord {
    /// The other kind, on the same carrier.
    #[default]
    Counterpart,
    /// The same kind, issued after it.
    Successor,
    /// The same kind, on the other carrier (card or phone).
    OtherCarrier,
}

async fn serial_pairing(
    State(service): State<Service>,
    peer: Option<Extension<Peer>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Extension(peer) = peer.ok_or(Problem::NotAVerifier)?;
    let body = within_bound(body)?;
    let question: PairingQuestion = serde_json::from_slice(&body).map_err(|_| Problem::Malformed)?;
    let kind = match question.kind {
        KindWord::Authentication => CertKind::Authentication,
        KindWord::Signing => CertKind::Signing,
    };
    let relation = match question.relation {
        RelationWord::Counterpart => Relation::Counterpart,
        RelationWord::Successor => Relation::Successor,
        RelationWord::OtherCarrier => Relation::OtherCarrier,
    };
    let serial = parse_serial(&question.serial)?;
    let asked_for = match question.purpose.as_deref() {
        None => None,
        Some(word) => Some(LookupPurpose::from_word(word).ok_or(Problem::Malformed)?),
    };
    let found = service
        .run(move |authority, now| {
            let purpose = registered_purpose(&authority.purposes(&peer.party)?, asked_for)?;
            Ok::<_, Problem>(authority.look_up(&peer.party, purpose, (kind, &serial), relation, now)?)
        })
        .await??
        .ok_or(Problem::NoPairing)?;
    let kind = match relation.other_kind(kind) {
        CertKind::Authentication => KindWord::Authentication,
        CertKind::Signing => KindWord::Signing,
    };
    let answer = PairingAnswer { kind, serial: hex::encode(found.expose_der_content()) };
    let json = serde_json::to_vec(&answer).map_err(|_| Problem::Internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], json)
        .into_response())
}

/// The purpose that is asked for, if it is registered; the only one that is, if none is said.
fn registered_purpose(
    registered: &[LookupPurpose],
    asked_for: Option<LookupPurpose>,
) -> Result<LookupPurpose, Problem> {
    match (registered, asked_for) {
        ([], _) => Err(Problem::NotAVerifier),
        (_, Some(purpose)) if registered.contains(&purpose) => Ok(purpose),
        ([only], None) => Ok(*only),
        (_, Some(_) | None) => Err(Problem::PurposeNotRegistered),
    }
}

fn parse_serial(text: &str) -> Result<Serial, Problem> {
    if text.len() > SERIAL_MAX_HEX {
        return Err(Problem::Malformed);
    }
    let content = hex::decode(text).map_err(|_| Problem::Malformed)?;
    Serial::from_der_content(&content).map_err(|_| Problem::Malformed)
}

/// What is answered instead, as an RFC 9457 problem that repeats nothing of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    Malformed,
    NotAVerifier,
    PurposeNotRegistered,
    NotFound,
    NoPairing,
    Method,
    TooLarge,
    MediaType,
    Internal,
}

impl From<AuthorityError> for Problem {
    fn from(_: AuthorityError) -> Self {
        Self::Internal
    }
}

#[derive(Serialize)]
struct ProblemDocument {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
}

impl Problem {
    fn document(self) -> ProblemDocument {
        let (status, code, title) = match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "request_malformed", "The request cannot be read"),
            Self::NotAVerifier => {
                (StatusCode::FORBIDDEN, "not_a_verifier", "The caller is no registered verifier")
            }
            Self::PurposeNotRegistered => (
                StatusCode::FORBIDDEN,
                "purpose_not_registered",
                "The caller has not registered this purpose",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "Nothing is here"),
            Self::NoPairing => (StatusCode::NOT_FOUND, "no_pairing", "No certificate is paired in this way"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Not with this method"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large"),
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media_type",
                "The body must be application/ocsp-request",
            ),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The authority failed"),
        };
        ProblemDocument { r#type: "about:blank", title, status: status.as_u16(), code }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = self.document();
        let status = StatusCode::from_u16(document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&document).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}
