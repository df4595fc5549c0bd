//! Revocation lists, whole and by municipality.

use std::time::Duration;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use enishi_jpki::{CertKind, KeyId};
use jiff::Timestamp;

use super::{KEY_ID_HEX, POINT_HEX, Problem, Service};
use crate::{AuthorityError, PublishedCrl};

type Found = Result<Option<PublishedCrl>, AuthorityError>;

pub(super) async fn whole(
    State(service): State<Service>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let Path((kind, file)) = path.map_err(|_| Problem::NotFound)?;
    let kind = kind_of(&kind)?;
    let key_id = key_id_of(file.strip_suffix(".crl").ok_or(Problem::NotFound)?)?;
    answer(service.run(move |authority, now| (authority.published_crl(kind, &key_id), now)).await?)
}

pub(super) async fn partition(
    State(service): State<Service>,
    path: Result<Path<(String, String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let Path((kind, key_id, file)) = path.map_err(|_| Problem::NotFound)?;
    let (kind, key_id) = (kind_of(&kind)?, key_id_of(&key_id)?);
    let point: [u8; POINT_HEX / 2] = file
        .strip_suffix(".crl")
        .and_then(|digits| hex::decode(digits).ok()?.try_into().ok())
        .ok_or(Problem::NotFound)?;
    let found =
        service.run(move |authority, now| (authority.published_partition(kind, &key_id, &point), now));
    answer(found.await?)
}

fn kind_of(word: &str) -> Result<CertKind, Problem> {
    match word {
        "auth" => Ok(CertKind::Authentication),
        "sign" => Ok(CertKind::Signing),
        _ => Err(Problem::NotFound),
    }
}

fn key_id_of(digits: &str) -> Result<KeyId, Problem> {
    let octets = (digits.len() == KEY_ID_HEX).then(|| hex::decode(digits).ok()).flatten();
    octets.and_then(|octets| KeyId::from_octets(&octets)).ok_or(Problem::NotFound)
}

/// The list, to be kept until its end.
fn answer((found, now): (Found, Timestamp)) -> Result<Response, Problem> {
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
