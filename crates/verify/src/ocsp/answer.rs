//! The answer (RFC 6960 §4.2).

use std::ops::RangeInclusive;

use enishi_jpki::asn1::{Element, Reader, tag};
use enishi_jpki::{Criticality, Extensions, Issuer, SignatureAlgorithm, oid};
use enishi_party::Timestamp;

use super::cert_id::CertId;
use super::finding::{NonceMatch, OcspFinding, OcspStanding};
use super::responder::{ResponderId, Signed};
use super::{OcspAnswer, OcspError, OcspFailure, OcspRequest};
use crate::Limits;
use crate::revocation::RevocationReason;

/// Shortest and longest nonce of an answer (RFC 9654 §2.1: `SIZE(1..128)`); ours has 32 octets.
const NONCE_OCTETS: RangeInclusive<usize> = 1..=128;

/// Checks an answer strictly: as [`examine_ocsp`], and it answers this very question, is fresh, and says good or
/// revoked.
///
/// # Errors
/// [`OcspError`]; nothing but a signed, fresh status of the very certificate gets through.
pub fn check_ocsp(
    response: &[u8],
    request: &OcspRequest,
    issuer: &Issuer,
    limits: &Limits,
    now: Timestamp,
) -> Result<OcspAnswer, OcspError> {
    examine_ocsp(response, request, issuer, limits, now)?.strictly(limits, now)
}

/// Makes sure that an answer is authentic and about the certificate that was asked for, and tells apart what it says:
/// its standing, its nonce and its time.
///
/// Authentic is what the authority signed, or a delegate of its own whose certificate is valid at `now`.
///
/// # Errors
/// [`OcspError`]; of those that speak of nonce, time and standing only the ones about their form.
pub fn examine_ocsp(
    response: &[u8],
    request: &OcspRequest,
    issuer: &Issuer,
    limits: &Limits,
    now: Timestamp,
) -> Result<OcspFinding, OcspError> {
    examine(response, request, &request.nonce, issuer, limits, now)
}

/// As [`examine_ocsp`], with a nonce of any length: others choose theirs (RFC 9654 §2.1).
pub(crate) fn examine(
    response: &[u8],
    request: &OcspRequest,
    asked: &[u8],
    issuer: &Issuer,
    limits: &Limits,
    now: Timestamp,
) -> Result<OcspFinding, OcspError> {
    if response.len() > limits.ocsp_octets_max {
        return Err(OcspError::TooLarge { octets: response.len() });
    }
    let asked_id = &request.cert_id;
    if *asked_id != CertId::new(asked_id.hash(), issuer, asked_id.serial().clone()) {
        return Err(OcspError::OtherIssuer);
    }
    let mut basic = successful(response)?.inside();
    let data = basic.expect(tag::SEQUENCE)?;
    let algorithm = SignatureAlgorithm::read(&basic.expect(tag::SEQUENCE)?)?;
    let signature = basic.expect(tag::BIT_STRING)?.whole_octets()?;
    let certificates = basic.optional(tag::context_constructed(0))?;
    basic.finish()?;

    let data_fields = Data::read(&data)?;
    let signed = Signed { data: data.raw(), algorithm, signature, certificates };
    signed.check(&data_fields.responder, issuer, now)?;
    let single = Single::read(&data_fields.responses)?;
    if single.cert_id != request.cert_id {
        return Err(OcspError::OtherCertificate);
    }
    let (standing, foreign_reason) = single.standing()?;
    Ok(OcspFinding {
        about: request.about.clone(),
        standing,
        foreign_reason,
        nonce: data_fields.nonce_match(asked),
        asked_nonce: request.nonce,
        produced_at: data_fields.produced_at,
        this_update: single.this_update,
        next_update: single.next_update,
        response: response.to_vec(),
    })
}

/// OCSPResponse: the BasicOCSPResponse of a successful one.
fn successful(response: &[u8]) -> Result<Element<'_>, OcspError> {
    let mut outer = Reader::only(response, tag::SEQUENCE)?.inside();
    let status = outer.expect(tag::ENUMERATED)?;
    let failure = match status.content() {
        [0] => {
            let bytes = outer.expect(tag::context_constructed(0))?;
            outer.finish()?;
            let mut parts = bytes.only_inside(tag::SEQUENCE)?.inside();
            let kind = parts.expect(tag::OID)?.object_identifier()?;
            let content = parts.expect(tag::OCTET_STRING)?;
            parts.finish()?;
            if kind != oid::OCSP_BASIC {
                return Err(OcspError::ResponseType);
            }
            return Ok(content.only_inside(tag::SEQUENCE)?);
        }
        [1] => OcspFailure::MalformedRequest,
        [2] => OcspFailure::InternalError,
        [3] => OcspFailure::TryLater,
        [5] => OcspFailure::SignatureRequired,
        [6] => OcspFailure::Unauthorized,
        _ => return Err(status.error("no response status").into()),
    };
    // RFC 6960 §4.2.1: "If the value of responseStatus is one of the error conditions, responseBytes are not set."
    outer.finish()?;
    Err(OcspError::Responder(failure))
}

/// ResponseData, its statuses not read yet.
struct Data<'a> {
    responder: ResponderId<'a>,
    produced_at: Timestamp,
    responses: Element<'a>,
    nonce: Option<&'a [u8]>,
}

impl<'a> Data<'a> {
    fn read(data: &Element<'a>) -> Result<Self, OcspError> {
        // version is DEFAULT v1, which DER leaves out: a [0] here falls to the responder's tag.
        let mut fields = data.inside();
        let responder = ResponderId::read(&fields.any()?)?;
        let produced_at = fields.any()?.generalized_time()?;
        let responses = fields.expect(tag::SEQUENCE)?;
        let mut extensions = match fields.optional(tag::context_constructed(1))? {
            Some(extensions) => Extensions::read(&extensions.only_inside(tag::SEQUENCE)?)?,
            None => Extensions::none(),
        };
        fields.finish()?;
        let nonce = extensions
            .optional(oid::OCSP_NONCE, Criticality::NotCritical)?
            .map(|nonce| nonce.value(tag::OCTET_STRING))
            .transpose()?
            .map(|nonce| nonce.content());
        extensions.finish()?;
        if let Some(nonce) = nonce
            && !NONCE_OCTETS.contains(&nonce.len())
        {
            return Err(OcspError::NonceLength { octets: nonce.len() });
        }
        Ok(Self { responder, produced_at, responses, nonce })
    }

    fn nonce_match(&self, asked: &[u8]) -> NonceMatch {
        match self.nonce {
            Some(nonce) if nonce == asked => NonceMatch::Right,
            Some(_) => NonceMatch::Wrong,
            None => NonceMatch::Missing,
        }
    }
}

/// SingleResponse, the only one.
struct Single<'a> {
    cert_id: CertId,
    status: Element<'a>,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
}

impl<'a> Single<'a> {
    fn read(responses: &Element<'a>) -> Result<Self, OcspError> {
        let mut list = responses.inside();
        if list.is_empty() {
            return Err(OcspError::StatusCount);
        }
        let mut fields = list.expect(tag::SEQUENCE)?.inside();
        if !list.is_empty() {
            return Err(OcspError::StatusCount);
        }
        let cert_id = CertId::read(&fields.expect(tag::SEQUENCE)?)?;
        let status = fields.any()?;
        let this_update = fields.any()?.generalized_time()?;
        let next_update = match fields.optional(tag::context_constructed(0))? {
            Some(time) => Some(time.only_inside(tag::GENERALIZED_TIME)?.generalized_time()?),
            None => None,
        };
        if let Some(extensions) = fields.optional(tag::context_constructed(1))? {
            Extensions::read(&extensions.only_inside(tag::SEQUENCE)?)?.finish()?;
        }
        fields.finish()?;
        Ok(Self { cert_id, status, this_update, next_update })
    }

    /// The status, and its reason's number where that is none of JPKI's.
    fn standing(&self) -> Result<(OcspStanding, Option<u8>), OcspError> {
        const GOOD: u8 = tag::context_primitive(0);
        const REVOKED: u8 = tag::context_constructed(1);
        const UNKNOWN: u8 = tag::context_primitive(2);
        match self.status.tag() {
            GOOD if self.status.content().is_empty() => Ok((OcspStanding::Good, None)),
            REVOKED => {
                let mut parts = self.status.inside();
                let at = parts.expect(tag::GENERALIZED_TIME)?.generalized_time()?;
                let code = match parts.optional(tag::context_constructed(0))? {
                    Some(reason) => match reason.only_inside(tag::ENUMERATED)?.content() {
                        &[code] => Some(code),
                        _ => return Err(reason.error("reason of one octet expected").into()),
                    },
                    None => None,
                };
                parts.finish()?;
                let known = code.map_or(Some(RevocationReason::Unspecified), RevocationReason::from_code);
                let reason = known.unwrap_or(RevocationReason::Unspecified);
                Ok((OcspStanding::Revoked { reason, at }, if known.is_none() { code } else { None }))
            }
            UNKNOWN if self.status.content().is_empty() => Ok((OcspStanding::Unknown, None)),
            _ => Err(self.status.error("good, revoked or unknown expected").into()),
        }
    }
}
