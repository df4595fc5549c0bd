//! Delegated responders (RFC 6960 §4.2.2.2): one certificate under each authority key, issued anew in time.

use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::{
    Authority, AuthorityError, asn1, certificate,
    generation::Generation,
    key::ResponderKey,
    register::generations::{self, ResponderCertificate},
    validity,
};

/// A responder's certificate begins a little early, for clients whose clocks are slow.
const BACKDATE: SignedDuration = SignedDuration::from_mins(5);

/// Who signs answers about one authority key's certificates, with the parts of an answer that tell who it is.
pub(crate) struct Delegate {
    pub(crate) key: Arc<ResponderKey>,
    /// responderID byKey.
    pub(crate) responder_id: Vec<u8>,
    /// AlgorithmIdentifier.
    pub(crate) signature_algorithm: Vec<u8>,
    /// certs [0]: its own alone.
    pub(crate) certificates: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Delegate {
    fn new(key: &Arc<ResponderKey>, certificate: &ResponderCertificate) -> Self {
        Self {
            key: Arc::clone(key),
            responder_id: asn1::context(2, &[&asn1::octet_string(&key.key_id())]),
            signature_algorithm: key.signature_algorithm(),
            certificates: asn1::context(0, &[&asn1::sequence(&[&certificate.der])]),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
        }
    }
}

impl Authority {
    /// The delegate of an authority key, where its certificate is at hand and in the first half of its life.
    pub(super) fn known_delegate(&self, issuer: &Generation, now: Timestamp) -> Option<Arc<Delegate>> {
        let known = self.delegates.read().unwrap_or_else(PoisonError::into_inner);
        let delegate = known.get(&(issuer.kind, issuer.number))?;
        is_fresh(delegate.not_before, delegate.not_after, now).then(|| Arc::clone(delegate))
    }

    /// The same from the register, where another process may have put one, or issued now.
    pub(super) fn delegate(
        &self,
        issuer: &Generation,
        now: Timestamp,
    ) -> Result<Arc<Delegate>, AuthorityError> {
        if let Some(delegate) = self.known_delegate(issuer, now) {
            return Ok(delegate);
        }
        let (_, key) = self
            .responder_keys
            .iter()
            .find(|(kind, _)| *kind == issuer.kind)
            .ok_or(AuthorityError::Inconsistent("a responder key is missing"))?;
        let at = (issuer.kind, issuer.number);
        let certificate = self.register.write(|transaction| {
            let kept = generations::responder(transaction, at, self.service.ocsp_key)?;
            let fits = |its: &ResponderCertificate| {
                // A key that was lost and made anew needs another certificate.
                is_fresh(its.not_before, its.not_after, now) && holds(&its.der, key.spki_der())
            };
            if let Some(certificate) = kept.filter(fits) {
                return Ok(certificate);
            }
            let serial = self.new_serial(transaction, issuer.kind)?;
            let begin = validity::whole_second(now);
            let not_before = begin.saturating_sub(BACKDATE).unwrap_or(Timestamp::MIN).max(issuer.not_before);
            let not_after = begin
                .saturating_add(self.config.responder_life)
                .unwrap_or(Timestamp::MAX)
                .min(issuer.not_after);
            let der =
                certificate::responder(issuer, key, serial.expose_der_content(), not_before, not_after)?;
            let certificate = ResponderCertificate { not_before, not_after, der };
            generations::put_responder(transaction, at, self.service.ocsp_key, &certificate)?;
            Ok(certificate)
        })?;
        let delegate = Arc::new(Delegate::new(key, &certificate));
        let mut known = self.delegates.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(at, Arc::clone(&delegate));
        Ok(delegate)
    }
}

/// Whether a certificate is of that SubjectPublicKeyInfo.
fn holds(der: &[u8], spki_der: &[u8]) -> bool {
    der.windows(spki_der.len().max(1)).any(|octets| octets == spki_der)
}

fn is_fresh(not_before: Timestamp, not_after: Timestamp, now: Timestamp) -> bool {
    let life = not_after.duration_since(not_before);
    not_before <= now && now.duration_since(not_before) <= life / 2
}
