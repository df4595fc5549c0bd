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
    pub(crate) fn response(self) -> Response<Body> {
        let (status, code, title) = match self {
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "Content Too Large"),
            Self::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, "body_too_slow", "Request Timeout"),
            Self::BodyBroken => (StatusCode::BAD_REQUEST, "body_incomplete", "Bad Request"),
            Self::TooManyConnections => {
                (StatusCode::SERVICE_UNAVAILABLE, "too_many_connections", "Service Unavailable")
            }
            Self::HandlerTooSlow => {
                (StatusCode::SERVICE_UNAVAILABLE, "answer_too_late", "Service Unavailable")
            }
            Self::HandlerFailed => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal Server Error")
            }
        };
        let number = status.as_u16();
        let body = format!(r#"{{"type":"about:blank","title":"{title}","status":{number},"code":"{code}"}}"#);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        // In each of these cases the connection holds something unread, unwanted or unfinished.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
