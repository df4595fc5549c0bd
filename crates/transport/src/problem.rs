//! The few answers that the transport gives itself, as RFC 9457 problems without any of the caller's input.

use axum::body::Body;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

/// Why a request was answered before, or instead of, its handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    BodyTooLarge,
    BodyTooSlow,
    BodyBroken,
    TooManyConnections,
    HandlerTooSlow,
    HandlerFailed,
}

impl Problem {
    #[cfg(feature = "openapi")]
    pub(crate) const ALL: [Self; 6] = [
        Self::BodyTooLarge,
        Self::BodyTooSlow,
        Self::BodyBroken,
        Self::TooManyConnections,
        Self::HandlerTooSlow,
        Self::HandlerFailed,
    ];

    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::TooManyConnections | Self::HandlerTooSlow => StatusCode::SERVICE_UNAVAILABLE,
            Self::HandlerFailed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::BodyTooLarge => "body_too_large",
            Self::BodyTooSlow => "body_too_slow",
            Self::BodyBroken => "body_incomplete",
            Self::TooManyConnections => "too_many_connections",
            Self::HandlerTooSlow => "answer_too_late",
            Self::HandlerFailed => "internal_error",
        }
    }

    fn text(self) -> String {
        let (status, code) = (self.status(), self.code());
        let title = status.canonical_reason().unwrap_or_default();
        let number = status.as_u16();
        format!(r#"{{"type":"about:blank","title":"{title}","status":{number},"code":"{code}"}}"#)
    }

    /// The document, for descriptions.
    #[cfg(feature = "openapi")]
    pub(crate) fn document(self) -> serde_json::Value {
        serde_json::from_str(&self.text()).unwrap_or_default()
    }

    pub(crate) fn response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.text()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        // In each of these cases the connection holds something unread, unwanted or unfinished.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
