//! Asking the responder (RFC 6960 appendix A, by POST).

use std::sync::{Mutex, PoisonError};

use enishi_jpki::{CaCertificate, EndEntity};
use enishi_party::{Entropy, Timestamp};
use enishi_transport::{Fetch, PlainHttpClient};
use enishi_verify::{Limits, OcspRequest, RevocationStatus, StatusMethod, check_ocsp};
use tokio::time::timeout;

use crate::newest_answers::NewestAnswers;
use crate::{RevocationConfig, RevocationError};

/// Certificates remembered at a time: an hour at 70 look-ups a second, in about 30 MB.
const REMEMBERED_MAX: usize = 250_000;

const REQUEST_TYPE: &str = "application/ocsp-request";
const ANSWER_TYPE: &str = "application/ocsp-response";

/// The responders' client.
pub(crate) struct Responder {
    client: PlainHttpClient,
    newest: Mutex<NewestAnswers>,
}

impl Responder {
    pub(crate) fn new(client: PlainHttpClient) -> Self {
        Self { client, newest: Mutex::new(NewestAnswers::new(REMEMBERED_MAX)) }
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
    ) -> Result<RevocationStatus, RevocationError> {
        let request = OcspRequest::new(certificate, authority, entropy.octets());
        let fetch = Fetch {
            url: config.ocsp_url.of(certificate.kind()),
            expected_type: ANSWER_TYPE,
            body_bytes: limits.ocsp_octets_max,
        };
        let answer = timeout(config.lookup_timeout, self.client.post(fetch, REQUEST_TYPE, request.to_der()))
            .await
            .map_err(|_| RevocationError::TimedOut(config.lookup_timeout))??;
        let answer = check_ocsp(&answer, &request, authority, limits, now)?;
        let status = RevocationStatus::from_ocsp(answer);
        if let StatusMethod::Ocsp { produced_at, .. } = status.method() {
            // What was signed before this is refused for its age.
            let horizon = now.checked_sub(limits.ocsp_age_max).unwrap_or(Timestamp::MIN);
            let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
            newest.admit(certificate.fingerprint(), *produced_at, horizon)?;
        }
        Ok(status)
    }
}
