//! OCSP over HTTP (RFC 6960 appendix A); what was signed beforehand may be kept by caches (RFC 5019 §6).

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use super::{Problem, Service, within_bound};
use crate::{
    OCSP_REQUEST_MAX_OCTETS,
    ocsp::{OcspReply, presigned::Presigned},
};

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/ocsp-response");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

pub(super) async fn post(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = within_bound(body)?;
    if headers.get(header::CONTENT_TYPE).is_none_or(|its| its != "application/ocsp-request") {
        return Err(Problem::MediaType);
    }
    let (reply, _) = answer(&service, body).await?;
    Ok(for_this_caller(match reply {
        OcspReply::Own(der) => der,
        OcspReply::Shared(answer) => answer.der.clone(),
    }))
}

pub(super) async fn get(
    State(service): State<Service>,
    headers: HeaderMap,
    request: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(request) = request.map_err(|_| Problem::NotFound)?;
    if request.len() > OCSP_REQUEST_MAX_OCTETS {
        return Err(Problem::NotFound);
    }
    // What is no base64 is a malformed request, and is answered as one.
    let request = Bytes::from(STANDARD.decode(request).unwrap_or_default());
    match answer(&service, request).await? {
        (OcspReply::Own(der), _) => Ok(for_this_caller(der)),
        (OcspReply::Shared(answer), now) => for_everyone(&answer, now, &headers),
    }
}

/// On this thread where it takes microseconds, for a hand-over costs as much; else on one that may wait.
async fn answer(service: &Service, request: Bytes) -> Result<(OcspReply, Timestamp), Problem> {
    let now = (service.clock)();
    if let Some(reply) = service.authority.ocsp_reply_at_once(&request, now) {
        return Ok((reply, now));
    }
    service.run(move |authority, now| (authority.ocsp_reply(&request, now), now)).await
}

/// A nonce makes an answer one person's, and a live one may be untrue a second later: no cache may keep it.
fn for_this_caller(der: Bytes) -> Response {
    ([(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, NO_STORE)], der).into_response()
}

/// RFC 5019 §6.2. A cache may keep it until the next one is signed, which is before its end.
fn for_everyone(answer: &Presigned, now: Timestamp, asked: &HeaderMap) -> Result<Response, Problem> {
    let left = Duration::try_from(answer.renewal.duration_since(now)).unwrap_or_default();
    let control = format!("max-age={}, public, no-transform, must-revalidate", left.as_secs());
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Problem::Internal);
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|its| its == answer.tag.as_str());
    let (status, body) = if known {
        (StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        (StatusCode::OK, Body::from(answer.der.clone()))
    };
    let headers = [
        (header::CONTENT_TYPE, MEDIA_TYPE),
        (header::CACHE_CONTROL, value(&control)?),
        (header::ETAG, value(&answer.tag)?),
        (header::EXPIRES, value(&answer.ends)?),
        (header::LAST_MODIFIED, value(&answer.made)?),
    ];
    Ok((status, headers, body).into_response())
}
