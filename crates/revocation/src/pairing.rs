//! シリアル番号紐付情報, asked over mutual TLS in the verifier's own name.

use async_trait::async_trait;
use enishi_jpki::Serial;
use enishi_linkage::{PairingUnavailable, SerialPairing};
use enishi_party::Timestamp;
use enishi_transport::{HttpsClient, Request, StatusCode};
use serde::{Deserialize, Serialize};

/// RFC 5280 §4.1.2.2: at most 20 octets, in hex.
const SERIAL_HEX_MAX: usize = 40;
/// An answer or a problem has some 150 octets.
const ANSWER_OCTETS_MAX: usize = 1024;

/// The authority as the relay asks it for pairings. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AuthorityPairing(HttpsClient);

impl AuthorityPairing {
    /// Asks through a client whose other end is the authority.
    #[must_use]
    pub const fn new(client: HttpsClient) -> Self {
        Self(client)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindWord {
    Authentication,
    Signing,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum PurposeWord {
    Enrolment,
}

#[derive(Serialize)]
struct Question {
    kind: KindWord,
    serial: String,
    purpose: PurposeWord,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    kind: KindWord,
    serial: String,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
}

#[async_trait]
impl SerialPairing for AuthorityPairing {
    async fn auth_serial_of(
        &self,
        signing: &Serial,
        _now: Timestamp,
    ) -> Result<Option<Serial>, PairingUnavailable> {
        let question = Question {
            kind: KindWord::Signing,
            serial: hex::encode(signing.expose_der_content()),
            purpose: PurposeWord::Enrolment,
        };
        let question = serde_json::to_vec(&question).map_err(|_| unavailable("the question has no JSON"))?;
        let request = Request::post("/v1/serial-pairings", "application/json", question);
        let answer = self.0.send(request).await.map_err(|error| unavailable(&error.to_string()))?;
        if answer.body.len() > ANSWER_OCTETS_MAX {
            return Err(unavailable("the answer is too large"));
        }
        match answer.status {
            StatusCode::OK => read(&answer.body).map(Some),
            StatusCode::NOT_FOUND if is_no_pairing(&answer.body) => Ok(None),
            status => Err(unavailable(&format!("the authority answered {status}"))),
        }
    }
}

/// Reads an answer; why it is none is not told, for it may hold a serial number.
fn read(body: &[u8]) -> Result<Serial, PairingUnavailable> {
    let malformed = || unavailable("the answer is not of the interface's form");
    let answer: Answer = serde_json::from_slice(body).map_err(|_| malformed())?;
    if answer.kind != KindWord::Authentication || answer.serial.len() > SERIAL_HEX_MAX {
        return Err(malformed());
    }
    let content = hex::decode(&answer.serial).map_err(|_| malformed())?;
    Serial::from_der_content(&content).map_err(|_| malformed())
}

/// A wrong path is answered with 404 too, and says nothing about anyone.
fn is_no_pairing(body: &[u8]) -> bool {
    serde_json::from_slice::<Problem>(body).is_ok_and(|problem| problem.code == "no_pairing")
}

fn unavailable(reason: &str) -> PairingUnavailable {
    PairingUnavailable { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
