//! The authority on HTTP: lists and OCSP for everyone, serial pairing for registered verifiers.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use enishi_jpki::{CertKind, KeyId, Serial};
use enishi_transport::Peer;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Authority, AuthorityError, LookupPurpose, OCSP_REQUEST_MAX_OCTETS, Relation};

/// What a handler takes for now.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A question for a pairing has some 150 octets.
const PAIRING_REQUEST_MAX_OCTETS: usize = 1_024;
/// RFC 5280 §4.1.2.2: at most 20 octets, in hex.
const SERIAL_MAX_HEX: usize = 40;
/// RFC 5280 §4.2.1.2: SHA-1, in hex.
const KEY_ID_HEX: usize = 40;

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
/// `GET /crl/{auth|sign}/{key id in hex}.crl`, `POST /ocsp`, `GET /ocsp/{request in base64}` (RFC 6960 appendix A).
pub fn public_router(authority: Arc<Authority>, clock: Clock) -> Router {
    Router::new()
        .route("/crl/{kind}/{file}", get(crl))
        .route("/ocsp", post(ocsp_post))
        .route("/ocsp/{*request}", get(ocsp_get))
        .layer(DefaultBodyLimit::max(OCSP_REQUEST_MAX_OCTETS))
        .with_state(Service { authority, clock })
}

/// シリアル番号紐付情報 for verifiers; every request must carry the [`Peer`] of its mutual-TLS connection.
///
/// `POST /v1/serial-pairings`: `{"kind": "signing", "serial": HEX}` gives `{"kind": "authentication", "serial": HEX}`,
/// or 404 where there is none. `relation` may be `counterpart` (default), `successor` or `other_carrier`; `purpose`
/// must be said by a verifier that registered more than one. HEX is the content of the DER INTEGER.
pub fn verifier_router(authority: Arc<Authority>, clock: Clock) -> Router {
    Router::new()
        .route("/v1/serial-pairings", post(serial_pairing))
        .layer(DefaultBodyLimit::max(PAIRING_REQUEST_MAX_OCTETS))
        .with_state(Service { authority, clock })
}

async fn crl(
    State(service): State<Service>,
    Path((kind, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let kind = match kind.as_str() {
        "auth" => CertKind::Authentication,
        "sign" => CertKind::Signing,
        _ => return Err(Problem::NotFound),
    };
    let key_id = file
        .strip_suffix(".crl")
        .filter(|digits| digits.len() == KEY_ID_HEX)
        .and_then(|digits| hex::decode(digits).ok())
        .and_then(|octets| KeyId::from_octets(&octets))
        .ok_or(Problem::NotFound)?;
    let (found, now) =
        service.run(move |authority, now| (authority.published_crl(kind, &key_id), now)).await?;
    let list = found?.ok_or(Problem::NotFound)?;
    let left = Duration::try_from(list.next_update.duration_since(now)).unwrap_or_default();
    let age = HeaderValue::from_str(&format!("max-age={}", left.as_secs())).map_err(|_| Problem::Internal)?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", list.number)).map_err(|_| Problem::Internal)?;
    Ok((
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/pkix-crl")),
            (header::CACHE_CONTROL, age),
            (header::ETAG, tag),
        ],
        list.der,
    )
        .into_response())
}

async fn ocsp_post(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    if headers.get(header::CONTENT_TYPE).is_none_or(|its| its != "application/ocsp-request") {
        return Err(Problem::MediaType);
    }
    ocsp(&service, body.to_vec()).await
}

async fn ocsp_get(State(service): State<Service>, Path(request): Path<String>) -> Result<Response, Problem> {
    if request.len() > OCSP_REQUEST_MAX_OCTETS {
        return Err(Problem::NotFound);
    }
    // What is no base64 is a malformed request, and is answered as one.
    ocsp(&service, STANDARD.decode(request).unwrap_or_default()).await
}

async fn ocsp(service: &Service, request: Vec<u8>) -> Result<Response, Problem> {
    let answer = service.run(move |authority, now| authority.answer_ocsp(&request, now)).await?;
    Ok((
        [
            (header::CONTENT_TYPE, "application/ocsp-response"),
            // A nonce makes each answer one person's: no cache may keep it.
            (header::CACHE_CONTROL, "no-store"),
        ],
        answer,
    )
        .into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PairingQuestion {
    kind: KindWord,
    serial: String,
    #[serde(default)]
    relation: RelationWord,
    purpose: Option<String>,
}

#[derive(Serialize)]
struct PairingAnswer {
    kind: KindWord,
    serial: String,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum KindWord {
    Authentication,
    Signing,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RelationWord {
    #[default]
    Counterpart,
    Successor,
    OtherCarrier,
}

async fn serial_pairing(
    State(service): State<Service>,
    peer: Option<Extension<Peer>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let Extension(peer) = peer.ok_or(Problem::NotAVerifier)?;
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
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
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media_type",
                "The body must be application/ocsp-request",
            ),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The authority failed"),
        };
        let document = ProblemDocument { r#type: "about:blank", title, status: status.as_u16(), code };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}
