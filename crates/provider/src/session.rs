use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use enishi_party::{CustomerId, IntentId, Malformed, Timestamp};
use zeroize::Zeroizing;

use crate::{CardSlot, StoreFault};

/// How long a session lasts, from its beginning (ASVS 5.0 §7.3.2).
pub const SESSION_LIFE: Duration = Duration::from_secs(15 * 60);

/// Failed logins of one customer within [`LOGIN_WINDOW`] before further ones are refused unseen.
pub const LOGIN_FAILURES_MAX: u32 = 5;

/// See [`LOGIN_FAILURES_MAX`].
pub const LOGIN_WINDOW: Duration = Duration::from_secs(15 * 60);

/// Octets of randomness.
const SECRET_LENGTH: usize = 32;

/// A random value that its bearer shows, of which the store keeps the digest alone: a session, or a link's state.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerSecret(Zeroizing<[u8; SECRET_LENGTH]>);

/// SHA-256 of a [`BearerSecret`]: enough to know it again, useless to whoever reads the database.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretDigest([u8; 32]);

impl BearerSecret {
    /// Makes one from 32 octets of a cryptographic source.
    #[must_use]
    pub fn from_random(random: [u8; SECRET_LENGTH]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// 64 hexadecimal digits, for its bearer.
    #[must_use]
    pub fn expose(&self) -> String {
        hex::encode(*self.0)
    }

    /// What is stored.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        let mut octets = [0; 32];
        for (octet, computed) in octets.iter_mut().zip(digest(&SHA256, self.0.as_slice()).as_ref()) {
            *octet = *computed;
        }
        SecretDigest(octets)
    }
}

impl FromStr for BearerSecret {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut octets = Zeroizing::new([0; SECRET_LENGTH]);
        hex::decode_to_slice(text, octets.as_mut_slice())
            .map_err(|_| Malformed { noun: "session or state", rule: "64 hexadecimal digits" })?;
        Ok(Self(octets))
    }
}

impl fmt::Debug for BearerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerSecret(…)")
    }
}

impl SecretDigest {
    /// The octets that a store keeps.
    #[must_use]
    pub const fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(…)")
    }
}

/// The sessions of the company's app, and the links that were begun in them or by an invitation.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Counts an attempt to log in as failed until [`begin`](Self::begin) says otherwise, and says whether it may go on.
    ///
    /// The customer need not exist: whoever tries names must not learn which do.
    async fn attempt(&self, customer: &CustomerId, now: Timestamp) -> Result<Attempt, StoreFault>;

    /// Begins a session and forgets the customer's failures.
    async fn begin(
        &self,
        customer: &CustomerId,
        session: SecretDigest,
        until: Timestamp,
    ) -> Result<(), StoreFault>;

    /// Whose session it is, if it is one now.
    async fn customer_of(
        &self,
        session: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<CustomerId>, StoreFault>;

    /// Remembers a link that was begun.
    async fn remember(&self, link: PendingLink) -> Result<(), StoreFault>;

    /// Takes the link of that state out, once, if it was begun in that very way and is not over.
    async fn take(
        &self,
        bringer: Bringer,
        state: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<PendingLink>, StoreFault>;

    /// Forgets what is over.
    async fn forget(&self, now: Timestamp) -> Result<(), StoreFault>;
}

/// Whether an attempt to log in may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Yes.
    Allowed,
    /// Too many have failed lately.
    TooMany,
}

/// Who may bring a link's result back to the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bringer {
    /// The session in which the customer began it, and no other.
    Session(SecretDigest),
    /// Whoever knows the state: the company itself began it, with an invitation.
    Invited,
}

/// A link that was begun and not yet brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingLink {
    /// Who may bring it back.
    pub bringer: Bringer,
    /// What the result must bring back.
    pub state: SecretDigest,
    /// The relay's name for the intent.
    pub intent: IntentId,
    /// Whose.
    pub customer: CustomerId,
    /// For which card.
    pub slot: CardSlot,
    /// Until when.
    pub until: Timestamp,
}
