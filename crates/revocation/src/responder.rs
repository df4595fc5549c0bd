//! Asking the responder (RFC 6960 appendix A, by POST).

use std::sync::{Mutex, PoisonError};

use enishi_jpki::{CaCertificate, EndEntity};
use enishi_party::{Entropy, Timestamp};
use enishi_transport::{Fetch, PlainHttpClient};
use enishi_verify::{Crl, Limits, OcspFinding, OcspRequest, examine_ocsp};
use tokio::time::timeout;

use crate::known_answers::KnownAnswers;
use crate::{RevocationConfig, RevocationError};

const REQUEST_TYPE: &str = "application/ocsp-request";
const ANSWER_TYPE: &str = "application/ocsp-response";

/// The responders' client.
pub(crate) struct Responder {
    client: PlainHttpClient,
    known: Mutex<KnownAnswers>,
}

impl Responder {
    pub(crate) const fn new(client: PlainHttpClient, known: KnownAnswers) -> Self {
        Self { client, known: Mutex::new(known) }
    }

    /// One question, one call.
    pub(crate) async fn ask(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        config: &RevocationConfig,
        limits: &Limits,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<OcspFinding, RevocationError> {
        let request = OcspRequest::new(certificate, authority, entropy.octets());
        let fetch = Fetch {
            url: config.ocsp_url.of(certificate.kind()),
            expected_type: ANSWER_TYPE,
            body_bytes: limits.ocsp_octets_max,
        };
        let answer = timeout(config.ocsp_timeout, self.client.post(fetch, REQUEST_TYPE, request.to_der()))
            .await
            .map_err(|_| RevocationError::TimedOut(config.ocsp_timeout))??;
        let finding = examine_ocsp(&answer, &request, authority, limits, now)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.admit(certificate.fingerprint(), &finding, limits, now)?;
        Ok(finding)
    }

    /// Whether a list may say *good* about a certificate, for all that a responder said before.
    pub(crate) fn lets(&self, list: &Crl, certificate: &EndEntity) -> Result<(), RevocationError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.list_is_newer(certificate.fingerprint(), list)
    }
}
