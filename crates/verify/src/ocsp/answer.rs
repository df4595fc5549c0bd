//! The answer (RFC 6960 §4.2).

use enishi_jpki::asn1::{Element, Reader, tag};
use enishi_jpki::{CaCertificate, Criticality, Extensions, SignatureAlgorithm, oid};
use enishi_party::Timestamp;

use super::cert_id::CertId;
use super::responder::{ResponderId, Signed};
use super::{OcspAnswer, OcspError, OcspFailure, OcspRequest};
use crate::Limits;
use crate::limits::{after, before};
use crate::revocation::{RevocationReason, Standing, StatusMethod};

/// Checks an answer against its request: who signed, for which question, about which certificate, how fresh.
///
/// # Errors
/// [`OcspError`]; nothing but a signed, fresh status of the very certificate gets through.
pub fn check_ocsp(
    response: &[u8],
    request: &OcspRequest,
    issuer: &CaCertificate,
    limits: &Limits,
    now: Timestamp,
) -> Result<OcspAnswer, OcspError> {
    if response.len() > limits.ocsp_octets_max {
        return Err(OcspError::TooLarge { octets: response.len() });
    }
    if request.cert_id != CertId::new(issuer, request.cert_id.serial().clone()) {
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
    data_fields.check_nonce(&request.nonce)?;
    let single = Single::read(&data_fields.responses)?;
    if single.cert_id != request.cert_id {
        return Err(OcspError::OtherCertificate);
    }
    let (usable_from, fresh_until) = single.window(data_fields.produced_at, limits, now)?;
    Ok(OcspAnswer {
        about: request.about.clone(),
        standing: single.standing()?,
        method: StatusMethod::Ocsp {
            produced_at: data_fields.produced_at,
            this_update: single.this_update,
            next_update: single.next_update,
            nonce: request.nonce,
            response: response.to_vec(),
        },
        usable_from,
        fresh_until,
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
        Ok(Self { responder, produced_at, responses, nonce })
    }

    /// An answer without our nonce may be yesterday's: it is refused, also where the standard would let it pass.
    fn check_nonce(&self, asked: &[u8; 32]) -> Result<(), OcspError> {
        if self.nonce == Some(asked.as_slice()) { Ok(()) } else { Err(OcspError::Nonce) }
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

    fn standing(&self) -> Result<Standing, OcspError> {
        const GOOD: u8 = tag::context_primitive(0);
        const REVOKED: u8 = tag::context_constructed(1);
        const UNKNOWN: u8 = tag::context_primitive(2);
        match self.status.tag() {
            GOOD if self.status.content().is_empty() => Ok(Standing::Good),
            REVOKED => {
                let mut parts = self.status.inside();
                let at = parts.expect(tag::GENERALIZED_TIME)?.generalized_time()?;
                let reason = match parts.optional(tag::context_constructed(0))? {
                    Some(reason) => match reason.only_inside(tag::ENUMERATED)?.content() {
                        &[code] => RevocationReason::from_code(code).ok_or(OcspError::Reason(code))?,
                        _ => return Err(reason.error("reason of one octet expected").into()),
                    },
                    None => RevocationReason::Unspecified,
                };
                parts.finish()?;
                Ok(Standing::Revoked { reason, at })
            }
            UNKNOWN if self.status.content().is_empty() => Err(OcspError::UnknownCertificate),
            _ => Err(self.status.error("good, revoked or unknown expected").into()),
        }
    }

    /// When the answer counts (RFC 6960 §4.2.2.1, RFC 5019 §4): from thisUpdate to nextUpdate, within the limit of age.
    fn window(
        &self,
        produced_at: Timestamp,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<(Timestamp, Timestamp), OcspError> {
        let reversed = self.next_update.is_some_and(|next| next < self.this_update);
        if reversed || produced_at < self.this_update {
            return Err(OcspError::TimesReversed);
        }
        // producedAt is not before thisUpdate, so it is the later of the two that may lie ahead.
        let usable_from = before(produced_at, limits.clock_skew);
        if now < usable_from {
            return Err(OcspError::NotYetValid);
        }
        let oldest = after(self.this_update, limits.ocsp_age_max);
        let fresh_until = self.next_update.map_or(oldest, |next| next.min(oldest));
        if now > fresh_until {
            return Err(OcspError::Expired { fresh_until });
        }
        Ok((usable_from, fresh_until))
    }
}
