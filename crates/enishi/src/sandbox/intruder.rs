//! Somebody who has a terminal's mutual-TLS identity and a recorded request: sends it again, or another in its place.

use enishi_party::{Environment, PartyRole};
use enishi_transport::header::{HeaderName, HeaderValue};
use enishi_transport::{HttpClientLimits, HttpsClient, Identity, Request, TrustedCa};
use enishi_wire::{PaymentAnswer, Problem};

use super::blueprint::party;
use super::outcome::of_answer;
use super::{Recording, SandboxError, Shop, Town};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl Town {
    /// Sends a request over a connection of its own, as the terminal of a shop; what the relay answers, in a word.
    ///
    /// # Errors
    /// The identity cannot be read, or the relay is not there.
    pub async fn send_as(&self, shop: Shop, request: &Recording) -> Result<String, SandboxError> {
        let making = |error: &dyn std::fmt::Display| SandboxError::Making(error.to_string());
        let folder = self.plan.root.join(shop.folder());
        let identity = Identity::load(&folder.join("tls"), Environment::Sandbox)?;
        let ca = TrustedCa::load(&folder.join("party-ca.crt.pem"), Environment::Sandbox)?;
        let client = HttpsClient::new(
            self.plan.places.relay.to_string().parse()?,
            party(PartyRole::Relay, "relay")?,
            &identity,
            &ca,
            HttpClientLimits::default(),
            None,
        )?;
        let key = HeaderValue::from_str(request.key.as_str()).map_err(|error| making(&error))?;
        let request = Request::post("/v1/payments", "application/json", request.body.clone());
        let response = client.send(request.header(IDEMPOTENCY_KEY, key)).await;
        let response = response.map_err(|error| making(&error))?;
        if response.status.is_success() {
            let answer: PaymentAnswer =
                serde_json::from_slice(&response.body).map_err(|error| making(&error))?;
            return Ok(of_answer(&answer));
        }
        let problem: Problem = serde_json::from_slice(&response.body).map_err(|error| making(&error))?;
        Ok(format!("refused {}", problem.code))
    }
}
