//! `enishi card authenticate`

use std::path::PathBuf;

use clap::Args;
use enishi_jpki::{Challenge, Context, LoginContext, Nonce, Origin, Ticket};
use enishi_party::{Entropy, Environment, PartyRole, PartyUri};
use enishi_transport::SystemEntropy;
use serde_json::json;

use super::advice::failure;
use super::file::{must_be_new, write_new};
use super::secret::{SpendLastTry, auth_pin};
use super::source::CardSource;
use super::{Desk, print, tell};
use crate::command::exit::{Exit, Failure};

/// RFC 2606 §2 and RFC 6761: nobody's service is at such a name.
const RESERVED_ENDINGS: [&str; 4] = [".example", ".test", ".invalid", ".localhost"];
const RESERVED_HOSTS: [&str; 8] =
    ["localhost", "127.0.0.1", "example.com", "example.net", "example.org", "example", "test", "invalid"];
/// Octets of a ticket.
const TICKET_OCTETS: usize = 56;

pub(super) const HELP: &str = "\
For developers who verify tokens. The card signs hash(origin) || hash(nonce), as Web eID has it, and nothing else: no digest
and no text of your own. A token is a proof that you are there, so origins at which a real service could be (anything but
localhost, .example, .test and .invalid) are refused: what is made here opens nothing in the world.

Without --nonce a fresh one is made that no relay has issued. A nonce of your own is base64 of a ticket (56 octets) and a
context's SHA-256: 120 characters.

The output is one JSON object: origin, nonce and token. The token holds the authentication certificate, a lasting
identifier of the card: keep it to yourself.

Example:
  enishi card authenticate --origin https://login.example --card town/cards/taro.card --out token.json

Exit codes:
  0  made
  1  the card or its holder refused: wrong PIN, blocked
  2  wrong arguments, a real service's origin, or a file that exists already
  3  the reader, the card or a file failed";

#[derive(Args)]
pub(super) struct Authenticate {
    /// The origin: https://HOST[:PORT] at a name reserved for tests.
    #[arg(long)]
    origin: String,
    /// The nonce: 120 characters of base64.
    #[arg(long)]
    nonce: Option<String>,
    /// Where the token goes: a new file; otherwise stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    source: CardSource,
    #[command(flatten)]
    spend: SpendLastTry,
}

impl Authenticate {
    pub(super) fn run(self, at: &Desk) -> Result<Exit, Failure> {
        let origin = test_origin(&self.origin)?;
        let nonce = match &self.nonce {
            Some(text) => {
                Nonce::parse(text).map_err(|error| Failure::wrong_use(format!("--nonce: {error}")))?
            }
            None => fresh_nonce()?,
        };
        if let Some(path) = &self.out {
            must_be_new(path)?;
        }
        let mut session = at.session(&self.source)?;
        tell(&format!("to be proven: that this card's holder is at {origin}"));
        let entered = auth_pin(&mut session, &at.keypad, self.spend)?;
        let challenge = Challenge::new(origin, nonce);
        let proven = session.prove(&entered.secret, &challenge, entered.last_try).map_err(failure)?;
        drop(entered);
        session.close().map_err(failure)?;
        let (origin, nonce) = (challenge.origin().as_str(), challenge.nonce().as_str());
        let token = json!({ "origin": origin, "nonce": nonce, "token": proven.into_token().to_json() });
        match &self.out {
            Some(path) => {
                write_new(path, format!("{token}\n").as_bytes())?;
                tell(&format!("made: {}", path.display()));
            }
            None => print(&token.to_string())?,
        }
        Ok(Exit::Done)
    }
}

/// An origin at which no real service can be.
fn test_origin(text: &str) -> Result<Origin, Failure> {
    let origin = Origin::parse(text).map_err(|error| Failure::wrong_use(format!("--origin: {error}")))?;
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(':').next().unwrap_or_default();
    let reserved = RESERVED_HOSTS.contains(&host) || RESERVED_ENDINGS.iter().any(|end| host.ends_with(end));
    if reserved {
        Ok(origin)
    } else {
        Err(Failure::wrong_use(format!(
            "--origin {origin}: a real service could be there, and a token for it would be a proof in the world; take \
             localhost or a name under .example, .test or .invalid"
        )))
    }
}

/// A nonce over a ticket that nobody issued and a login that nobody asked for.
fn fresh_nonce() -> Result<Nonce, Failure> {
    let entropy: &dyn Entropy = &SystemEntropy;
    let relay = PartyUri::new(Environment::Sandbox, PartyRole::Relay, "none")
        .map_err(|error| Failure::surroundings(error.to_string()))?;
    let context = Context::Login(LoginContext {
        relay,
        client: "card-authenticate".to_owned(),
        request_sha256: hex::encode(entropy.octets::<32>()),
    });
    Ok(Nonce::new(&Ticket::from_octets(entropy.octets::<TICKET_OCTETS>()), &context))
}

#[cfg(test)]
mod tests {
    use super::{fresh_nonce, test_origin};

    #[test]
    fn only_origins_at_which_no_real_service_can_be_are_signed_for() {
        for text in
            ["https://login.example", "https://localhost:8443", "https://127.0.0.1:1", "https://a.b.test"]
        {
            assert!(test_origin(text).is_ok(), "{text}");
        }
        for text in [
            "https://pay.go.jp",
            "https://example.co.jp",
            "https://notexample",
            "https://localhost.evil.jp",
            "http://localhost",
            "https://login.example/",
            "https://10.0.0.1",
        ] {
            assert!(test_origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_fresh_nonce_is_never_the_same() {
        assert_ne!(fresh_nonce().ok(), fresh_nonce().ok());
    }
}
