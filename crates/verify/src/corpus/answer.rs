//! OCSP answers of any authority, read by the product's own check.

use std::time::Duration;

use enishi_jpki::Validity;

use super::certificate::Described;
use super::step::{check_authority, check_issued};
use super::{Fault, Judgement, OcspCase, Verdict};
use crate::ocsp::{CertHash, examine};
use crate::{AnswerTime, Limits, NonceMatch, OcspError, OcspFinding, OcspRequest, OcspStanding};

/// Judges a case of kind `ocsp`: an authentic *revoked* stands whatever its age and nonce; the other two words count
/// only in an answer to the question, at its time.
pub(super) fn judge(case: &OcspCase) -> Result<Judgement, Fault> {
    let issuer = Described::read(&case.issuer).map_err(|fault| fault.of("issuer"))?;
    check_authority(&issuer, case.now).map_err(|fault| fault.of("issuer"))?;
    let certificate = Described::read(&case.certificate).map_err(|fault| fault.of("certificate"))?;
    check_issued(&certificate, &issuer).map_err(|fault| fault.of("certificate"))?;
    let finding = examine_any(case, &certificate, &issuer)?;
    if let OcspStanding::Revoked { reason, .. } = finding.standing() {
        return Ok(Judgement::new(Verdict::Revoked, format_args!("the responder says so: {reason:?}")));
    }
    if case.nonce.is_some() && finding.nonce() != NonceMatch::Right {
        return Err(Fault::refused(format_args!("the answer's nonce: {:?}", finding.nonce())));
    }
    match time(case, &finding) {
        AnswerTime::Fresh => {}
        other => return Err(Fault::refused(format_args!("the answer's time: {other:?}"))),
    }
    match finding.standing() {
        OcspStanding::Unknown => Ok(Judgement::new(Verdict::Unknown, "the responder does not know it")),
        // RFC 6960 §4.4.4: a responder need not keep who is past their validity.
        _ if certificate.certificate.validity_at(case.now) == Validity::Expired => {
            Err(Fault::refused("the certificate has expired: a responder need not know it any more"))
        }
        _ => Ok(Judgement::new(Verdict::Good, "the responder says so")),
    }
}

/// The question is not part of the case: the answer may be under either hash.
fn examine_any(
    case: &OcspCase,
    certificate: &Described<'_>,
    issuer: &Described<'_>,
) -> Result<OcspFinding, Fault> {
    let signer = issuer.to_issuer()?;
    let nonce = case.nonce.as_deref().unwrap_or_default();
    let mut refused = OcspError::OtherCertificate;
    for hash in CertHash::ALL {
        let request = OcspRequest::of_others(hash, &signer, certificate.certificate.serial());
        match examine(&case.response, &request, nonce, &signer, &Limits::default(), case.now) {
            Ok(finding) => return Ok(finding),
            Err(error) => refused = error,
        }
        if refused != OcspError::OtherCertificate {
            break;
        }
    }
    Err(fault(&refused))
}

fn time(case: &OcspCase, finding: &OcspFinding) -> AnswerTime {
    let age_max = match (case.age_max, finding.next_update()) {
        (Some(age_max), _) => age_max,
        (None, Some(_)) => Duration::MAX,
        (None, None) => Limits::default().ocsp_age_max,
    };
    finding.time_at(&Limits { ocsp_age_max: age_max, ..Limits::default() }, case.now)
}

fn fault(error: &OcspError) -> Fault {
    let what = format!("answer: {error}");
    match error {
        OcspError::TooLarge { .. } => Fault::Unsupported(what),
        _ => Fault::Refused(what),
    }
}
