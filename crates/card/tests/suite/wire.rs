//! Links between a session and cards of all sorts.

use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use enishi_card::{CardKey, Session, SoftwareCard, SoftwareConnection, SoftwareReader};
use enishi_jpki::{AuthPin, Challenge, Context, LoginContext, Nonce, Origin, SigningPassword, Ticket};
use enishi_party::{Environment, PartyRole, PartyUri};
use myna_card::Transmit;

use crate::support::*;

/// Everything that went over the wire.
pub(crate) type Log = Arc<Mutex<Vec<Vec<u8>>>>;

/// A link that writes down what it carries.
pub(crate) struct Wire<T> {
    pub(crate) link: T,
    pub(crate) log: Log,
}

impl<T: Transmit> Transmit for Wire<T> {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        self.log.lock().unwrap().push(command.to_vec());
        self.link.transmit(command)
    }
}

/// A reader that puts another card in the place of the first when a condition is met, and keeps it powered.
pub(crate) struct Swapping<F> {
    pub(crate) cards: [SoftwareCard; 2],
    pub(crate) at: usize,
    pub(crate) when: F,
}

impl<F: FnMut(&[u8]) -> bool> Transmit for Swapping<F> {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        if self.at == 0 && (self.when)(command) {
            self.at = 1;
        }
        Ok(self.cards[self.at].transmit(command))
    }
}

/// A card that says what it likes.
pub(crate) struct Scripted<F>(pub(crate) F);

impl<F: FnMut(&[u8]) -> Vec<u8>> Transmit for Scripted<F> {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        Ok((self.0)(command))
    }
}

pub(crate) fn session() -> (Session<Wire<SoftwareConnection>>, Log, SoftwareReader) {
    session_of(card())
}

pub(crate) fn session_of(card: SoftwareCard) -> (Session<Wire<SoftwareConnection>>, Log, SoftwareReader) {
    let reader = SoftwareReader::with_card(card);
    let log = Log::default();
    let link = reader.connect().unwrap();
    (Session::open(Wire { link, log: Arc::clone(&log) }).unwrap(), log, reader)
}

pub(crate) fn challenge() -> Challenge {
    let context = Context::Login(LoginContext {
        relay: PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay").unwrap(),
        client: "c".into(),
        request_sha256: "00".repeat(32),
    });
    let nonce = Nonce::new(&Ticket::from_octets([7; 56]), &context);
    Challenge::new(Origin::parse("https://pos.enishi.example").unwrap(), nonce)
}

pub(crate) fn pin() -> AuthPin {
    AuthPin::parse(AUTH_PIN).unwrap()
}

pub(crate) fn wrong_pin() -> AuthPin {
    AuthPin::parse("0000").unwrap()
}

pub(crate) fn password() -> SigningPassword {
    SigningPassword::parse(SIGN_PASSWORD).unwrap()
}

pub(crate) fn verifies(key: &CardKey, message: &[u8], signature: &[u8]) -> bool {
    let spki = key.public_key_der().unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki).verify(message, signature).is_ok()
}

/// How many VERIFY commands with a PIN went over the wire.
pub(crate) fn verifies_sent(log: &Log) -> usize {
    log.lock().unwrap().iter().filter(|command| command[1] == 0x20 && command.len() > 4).count()
}
