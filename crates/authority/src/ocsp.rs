//! The OCSP responder (RFC 6960, nonces by RFC 9654): it answers from the register, ahead of the lists.

mod request;
mod response;

use std::sync::{PoisonError, atomic::Ordering};

use aws_lc_rs::digest;
use enishi_jpki::{CertKind, Serial};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Authority, AuthorityError, CertificateState, OcspAnswered, certificate,
    generation::Generation,
    key::{RsaKey, sha1},
    name,
    register::{
        certificates,
        generations::{self, ResponderCertificate},
    },
    validity,
};
use request::{CertId, HashKind, OcspRequest};
use response::{SingleAnswer, Trouble};

pub use request::OCSP_REQUEST_MAX_OCTETS;

/// A responder's certificate begins a little early, for clients whose clocks are slow.
const RESPONDER_BACKDATE: SignedDuration = SignedDuration::from_mins(5);

impl Authority {
    /// Answers one OCSP request in DER, whatever came: trouble is an answer too.
    ///
    /// `good` needs an issued certificate that is not revoked; a serial never issued is `unknown`. All certificates of
    /// one request must have one issuer's key, for one delegate signs the answer.
    #[must_use]
    pub fn answer_ocsp(&self, request: &[u8], now: Timestamp) -> Vec<u8> {
        if self.ocsp_paused.load(Ordering::Relaxed) {
            return self.trouble(Trouble::TryLater);
        }
        let Some(request) = OcspRequest::parse(request) else {
            return self.trouble(Trouble::MalformedRequest);
        };
        self.answer_parsed(&request, now).unwrap_or_else(|trouble| self.trouble(trouble))
    }

    fn trouble(&self, trouble: Trouble) -> Vec<u8> {
        self.answered(match trouble {
            Trouble::MalformedRequest => OcspAnswered::Malformed,
            Trouble::InternalError => OcspAnswered::Failed,
            Trouble::TryLater => OcspAnswered::TryLater,
            Trouble::Unauthorized => OcspAnswered::Unauthorised,
        });
        response::trouble(trouble)
    }

    fn answered(&self, answered: OcspAnswered) {
        if let Some(observer) = self.observer() {
            observer.ocsp(answered);
        }
    }

    fn answer_parsed(&self, request: &OcspRequest, now: Timestamp) -> Result<Vec<u8>, Trouble> {
        let issuer = self.one_issuer(request, now).ok_or(Trouble::Unauthorized)?;
        let mut answers = Vec::with_capacity(request.cert_ids.len());
        for cert_id in &request.cert_ids {
            let state = self.state_under(issuer, cert_id).map_err(|_| Trouble::InternalError)?;
            answers.push(SingleAnswer { cert_id_der: &cert_id.der, state });
        }
        let (key, certificate) = self.responder(issuer, now).map_err(|_| Trouble::InternalError)?;
        let times = response::Times {
            produced_at: validity::whole_second(now),
            next_update: validity::whole_second(now)
                .saturating_add(self.config.ocsp_life)
                .unwrap_or(Timestamp::MAX),
        };
        let signed = response::successful(key, &certificate.der, &answers, &times, request.nonce.as_deref())
            .map_err(|_| Trouble::InternalError)?;
        for answer in &answers {
            self.answered(match answer.state {
                Some(CertificateState::Good) => OcspAnswered::Good,
                Some(CertificateState::Revoked { .. }) => OcspAnswered::Revoked,
                None => OcspAnswered::Unknown,
            });
        }
        Ok(signed)
    }

    /// The one key that all certificates in question were issued under.
    fn one_issuer(&self, request: &OcspRequest, now: Timestamp) -> Option<&Generation> {
        let first = request.cert_ids.first()?;
        let issuer =
            self.generations.iter().find(|generation| generation.lives(now) && names(first, generation))?;
        request.cert_ids.iter().all(|cert_id| names(cert_id, issuer)).then_some(issuer)
    }

    fn state_under(
        &self,
        issuer: &Generation,
        cert_id: &CertId,
    ) -> Result<Option<CertificateState>, AuthorityError> {
        // What is no serial number was never issued.
        let Ok(serial) = Serial::from_der_content(&cert_id.serial) else { return Ok(None) };
        self.register.read(|connection| {
            Ok(certificates::find(connection, issuer.kind, &serial)?
                .filter(|found| found.generation == issuer.number)
                .map(|found| found.state))
        })
    }

    /// The delegate of one authority key, with a certificate in the first half of its life.
    fn responder(
        &self,
        issuer: &Generation,
        now: Timestamp,
    ) -> Result<(&RsaKey, ResponderCertificate), AuthorityError> {
        let key = self
            .responder_keys
            .iter()
            .find(|(kind, _)| *kind == issuer.kind)
            .map(|(_, key)| key)
            .ok_or(AuthorityError::Inconsistent("a responder key is missing"))?;
        let mut cache = self.responders.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (issuer.kind, issuer.number);
        if let Some(certificate) = cache.get(&at).filter(|its| is_fresh(its, now)) {
            return Ok((key, certificate.clone()));
        }
        let certificate = self.register.write(|transaction| {
            let kept = generations::responder(transaction, issuer.kind, issuer.number)?;
            if let Some(certificate) = kept.filter(|its| is_fresh(its, now)) {
                return Ok(certificate);
            }
            let serial = self.new_serial(transaction, issuer.kind)?;
            let begin = validity::whole_second(now);
            let not_before =
                begin.saturating_sub(RESPONDER_BACKDATE).unwrap_or(Timestamp::MIN).max(issuer.not_before);
            let not_after = begin
                .saturating_add(self.config.responder_life)
                .unwrap_or(Timestamp::MAX)
                .min(issuer.not_after);
            let der =
                certificate::responder(issuer, key, serial.expose_der_content(), not_before, not_after)?;
            let certificate = ResponderCertificate { not_before, not_after, der };
            generations::put_responder(transaction, issuer.kind, issuer.number, &certificate)?;
            Ok(certificate)
        })?;
        cache.insert(at, certificate.clone());
        Ok((key, certificate))
    }
}

fn is_fresh(certificate: &ResponderCertificate, now: Timestamp) -> bool {
    let life = certificate.not_after.duration_since(certificate.not_before);
    certificate.not_before <= now && now.duration_since(certificate.not_before) <= life / 2
}

/// Whether a CertID is about certificates of this key: hashes of the issuer's name and key (RFC 6960 §4.1.1).
fn names(cert_id: &CertId, generation: &Generation) -> bool {
    let hash = |octets: &[u8]| match cert_id.hash {
        HashKind::Sha1 => sha1(octets),
        HashKind::Sha256 => digest::digest(&digest::SHA256, octets).as_ref().to_vec(),
    };
    cert_id.issuer_key_hash == hash(generation.key.public_key_bits())
        && cert_id.issuer_name_hash == hash(&issuer_name(generation.kind))
}

fn issuer_name(kind: CertKind) -> Vec<u8> {
    name::authority(kind)
}

#[cfg(test)]
mod tests;
