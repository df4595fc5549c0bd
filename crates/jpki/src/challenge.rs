//! The challenge: what the card signs to prove its holder, in the form of a Web eID token.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::ticket::TICKET_OCTETS;
use crate::{Context, Origin, SignatureAlgorithm, Ticket};

/// Ticket and context digest.
const NONCE_OCTETS: usize = TICKET_OCTETS + 32;
/// Their base64 text. Web eID's application refuses more than 128 characters.
const NONCE_CHARACTERS: usize = 120;

/// Not a nonce of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a nonce is 120 characters of base64: ticket and context digest")]
pub struct NonceError;

/// base64(ticket ‖ SHA-256(context)): 88 octets, 120 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce {
    ticket: Ticket,
    context_digest: [u8; 32],
    text: String,
}

impl Nonce {
    /// Binds a ticket to what it is used for.
    #[must_use]
    pub fn new(ticket: &Ticket, context: &Context) -> Self {
        Self::from_parts(*ticket, context.digest())
    }

    /// Reads the text back.
    ///
    /// # Errors
    /// Another length, alphabet or padding.
    pub fn parse(text: &str) -> Result<Self, NonceError> {
        if text.len() != NONCE_CHARACTERS {
            return Err(NonceError);
        }
        let octets: [u8; NONCE_OCTETS] =
            STANDARD.decode(text).ok().and_then(|octets| octets.try_into().ok()).ok_or(NonceError)?;
        let (ticket, digest) = octets.split_at(TICKET_OCTETS);
        let ticket = ticket.try_into().map_err(|_| NonceError)?;
        let digest = digest.try_into().map_err(|_| NonceError)?;
        Ok(Self::from_parts(Ticket::from_octets(ticket), digest))
    }

    fn from_parts(ticket: Ticket, context_digest: [u8; 32]) -> Self {
        let text = STANDARD.encode([ticket.as_octets().as_slice(), &context_digest].concat());
        Self { ticket, context_digest, text }
    }

    /// The text, as it is hashed and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The ticket in it.
    #[must_use]
    pub const fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// The context digest in it.
    #[must_use]
    pub const fn context_digest(&self) -> &[u8; 32] {
        &self.context_digest
    }
}

/// Origin and nonce: what one tap of the card answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    origin: Origin,
    nonce: Nonce,
}

impl Challenge {
    /// Puts the two together.
    #[must_use]
    pub const fn new(origin: Origin, nonce: Nonce) -> Self {
        Self { origin, nonce }
    }

    /// The channel's origin.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The nonce.
    #[must_use]
    pub const fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// hash(origin) ‖ hash(nonce), the message that the card signs, hash being the signature algorithm's own
    /// (Web eID, format `web-eid:1.0`; origin and nonce as ASCII text).
    #[must_use]
    pub fn message(&self, algorithm: SignatureAlgorithm) -> Vec<u8> {
        let hash = match algorithm {
            SignatureAlgorithm::Rs256 | SignatureAlgorithm::Es256 => &digest::SHA256,
            SignatureAlgorithm::Es384 => &digest::SHA384,
        };
        let origin = digest::digest(hash, self.origin.as_str().as_bytes());
        let nonce = digest::digest(hash, self.nonce.as_str().as_bytes());
        [origin.as_ref(), nonce.as_ref()].concat()
    }
}

#[cfg(test)]
mod tests {
    use enishi_party::{Environment, PartyRole, PartyUri};

    use super::{Challenge, Nonce};
    use crate::{Context, LoginContext, Origin, SignatureAlgorithm, Ticket};

    fn nonce() -> Nonce {
        let context = Context::Login(LoginContext {
            relay: PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay").unwrap(),
            client: "c".into(),
            request_sha256: "00".repeat(32),
        });
        Nonce::new(&Ticket::from_octets(std::array::from_fn(|i| u8::try_from(i).unwrap())), &context)
    }

    #[test]
    fn a_nonce_is_120_characters_and_reads_back() {
        let nonce = nonce();
        assert_eq!(nonce.as_str().len(), 120);
        assert_eq!(Nonce::parse(nonce.as_str()), Ok(nonce.clone()));
        let text = nonce.as_str();
        for other in [&text[1..], &format!("{text}="), &text.replacen('A', "*", 1), ""] {
            assert!(Nonce::parse(other).is_err(), "{other}");
        }
    }

    /// The two digests were computed with Python's hashlib: a second implementation of the same form.
    #[test]
    fn the_message_is_the_two_hashes_one_after_the_other() {
        let challenge = Challenge::new(Origin::parse("https://pos.enishi.example").unwrap(), nonce());
        let message = challenge.message(SignatureAlgorithm::Rs256);
        assert_eq!(message.len(), 64);
        assert_eq!(hex::encode(&message), include_str!("../tests/challenge-rs256.hex").trim());
        let message = challenge.message(SignatureAlgorithm::Es384);
        assert_eq!(hex::encode(&message), include_str!("../tests/challenge-es384.hex").trim());
    }
}
