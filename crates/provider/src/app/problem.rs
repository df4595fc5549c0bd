use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use enishi_party::RefusalCode;
use enishi_wire::Problem;

use crate::{RelayError, StoreFault};

/// Why the app is refused; each is a problem document (RFC 9457) that repeats nothing of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppProblem {
    /// 400
    Malformed,
    /// 401: name or password wrong, and nobody learns which; or no session.
    NotLoggedIn,
    /// 404: the customer has no such card.
    NoSuchCard,
    /// 404: no such path.
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 429: too many failed logins of this customer.
    TooManyLogins,
    /// As the relay, or the comparison with the customer's record, refuses.
    Refused(RefusalCode),
    /// 503: ours or the relay's; nothing is known to have happened.
    Fault,
}

impl From<StoreFault> for AppProblem {
    fn from(fault: StoreFault) -> Self {
        tracing::error!(%fault, "the app was not served");
        Self::Fault
    }
}

impl From<RelayError> for AppProblem {
    fn from(error: RelayError) -> Self {
        tracing::warn!(%error, "the relay did not do as asked");
        match error {
            RelayError::Refused { code: Some(code), .. } => Self::Refused(code),
            RelayError::Refused { code: None, .. } | RelayError::Http(_) | RelayError::Malformed => {
                Self::Fault
            }
        }
    }
}

impl AppProblem {
    pub(super) fn document(self) -> Problem {
        let (status, code, ja, en) = match self {
            Self::Refused(code) => return Problem::refusal(code),
            Self::Fault => return Problem::fault(),
            Self::Malformed => return Problem::refusal(RefusalCode::MalformedRequest),
            Self::NotLoggedIn => (401, "not_logged_in", "ログインしてください。", "Please log in."),
            Self::NotFound => (404, "not_found", "ページがありません。", "Nothing is here."),
            Self::MethodNotAllowed => {
                (405, "method_not_allowed", "この操作はできません。", "That cannot be done here.")
            }
            Self::NoSuchCard => (404, "no_such_card", "カードがありません。", "There is no such card."),
            Self::TooManyLogins => (
                429,
                "too_many_logins",
                "しばらくしてからもう一度お試しください。",
                "Please try again later.",
            ),
        };
        let mut problem = Problem::fault();
        problem.kind = problem.kind.replace("fault", code);
        problem.title = code.replace('_', " ");
        problem.status = status;
        code.clone_into(&mut problem.code);
        ja.clone_into(&mut problem.user_message.ja);
        en.clone_into(&mut problem.user_message.en);
        problem.clerk_action = problem.user_message.clone();
        problem
    }
}

impl IntoResponse for AppProblem {
    fn into_response(self) -> Response {
        let document = self.document();
        let status = StatusCode::from_u16(document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let headers = [(header::CONTENT_TYPE, Problem::CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")];
        let mut response = (status, headers, body).into_response();
        if self == Self::NotLoggedIn {
            // RFC 9110 §11.6.1: a 401 names what would do.
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
