use enishi_party::{AssertionId, IdempotencyKey, IntentId, LinkId, RefusalCode};
use enishi_transport::{HttpError, HttpsClient, Method, Request, Response, header};
use enishi_wire::{
    ConfirmOutcome, ConfirmationAnswer, EvidenceAnswer, IntentAnswer, IntentRequest, Problem, RedeemAnswer,
    RedeemRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How often a confirmation is sent: the word may be said again, and a link must not hang on one lost answer.
const CONFIRM_TRIES: u32 = 3;

const JSON: &str = "application/json";

/// The relay as its provider calls it: enrolment and evidence, over mutual TLS. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RelayClient(HttpsClient);

/// Why a call to the relay brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// The relay refused; `None` where it named a reason that this version does not know, or failed itself.
    #[error("the relay answered {status}: {code:?}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The reason.
        code: Option<RefusalCode>,
    },
    /// No answer.
    #[error("the relay did not answer: {0}")]
    Http(#[from] HttpError),
    /// The answer is none of the interface's.
    #[error("the relay's answer is not of the interface's form")]
    Malformed,
}

impl RelayClient {
    /// Speaks through a client whose other end is the relay.
    #[must_use]
    pub const fn new(client: HttpsClient) -> Self {
        Self(client)
    }

    /// `POST /v1/link-intents`
    ///
    /// # Errors
    /// [`RelayError`]
    pub async fn create_intent(
        &self,
        intent: &IntentRequest,
        key: &IdempotencyKey,
    ) -> Result<IntentAnswer, RelayError> {
        let key = header::HeaderValue::from_str(key.as_str()).map_err(|_| RelayError::Malformed)?;
        let request = Request::post("/v1/link-intents", JSON, to_json(intent)?)
            .header(header::HeaderName::from_static("idempotency-key"), key);
        self.call(request).await
    }

    /// `POST /v1/link-intents/{id}/redeem`; the code is good once.
    ///
    /// # Errors
    /// [`RelayError`]
    pub async fn redeem(&self, intent: IntentId, redeem: &RedeemRequest) -> Result<RedeemAnswer, RelayError> {
        self.call(Request::post(format!("/v1/link-intents/{intent}/redeem"), JSON, to_json(redeem)?)).await
    }

    /// `PUT /v1/links/{id}/confirm`; said again where the answer is lost.
    ///
    /// # Errors
    /// [`RelayError`]; unless it is `Refused` with a code, the relay may have heard.
    pub async fn confirm(
        &self,
        link: LinkId,
        outcome: &ConfirmOutcome,
    ) -> Result<ConfirmationAnswer, RelayError> {
        let body = to_json(outcome)?;
        let mut lost = None;
        for _ in 0..CONFIRM_TRIES {
            let mut request = Request::post(format!("/v1/links/{link}/confirm"), JSON, body.clone());
            request.method = Method::PUT;
            match (self.call(request).await, &lost) {
                (Err(error), _) if error.may_be_mended() => lost = Some(error),
                // An earlier try may have been heard, and then there is nothing left to confirm: still unknown.
                (Err(RelayError::Refused { .. }), Some(_)) => break,
                (told, _) => return told,
            }
        }
        Err(lost.unwrap_or(RelayError::Malformed))
    }

    /// `GET /v1/assertions/{id}/evidence`: sealed, for a provider under 委託.
    ///
    /// # Errors
    /// [`RelayError`]
    pub async fn evidence(&self, assertion: AssertionId) -> Result<EvidenceAnswer, RelayError> {
        self.call(Request::get(format!("/v1/assertions/{assertion}/evidence"))).await
    }

    async fn call<T: DeserializeOwned>(&self, request: Request) -> Result<T, RelayError> {
        let Response { status, body, .. } = self.0.send(request).await?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|_| RelayError::Malformed);
        }
        let problem = serde_json::from_slice::<Problem>(&body).ok();
        let code = problem.and_then(|problem| problem.refusal_code());
        Err(RelayError::Refused { status: status.as_u16(), code })
    }
}

impl RelayError {
    fn may_be_mended(&self) -> bool {
        match self {
            Self::Http(_) => true,
            Self::Refused { status, .. } => *status >= 500,
            Self::Malformed => false,
        }
    }
}

fn to_json(body: &impl Serialize) -> Result<Vec<u8>, RelayError> {
    serde_json::to_vec(body).map_err(|_| RelayError::Malformed)
}
