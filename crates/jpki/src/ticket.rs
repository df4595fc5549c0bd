//! Tickets: what makes a challenge fresh, handed out in batches before the customer comes.
//!
//! The relay stores nothing of them: a tag proves that one of its nodes made the ticket, for this channel and holder.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::{constant_time, hmac};
use enishi_party::{SurrogatePan, Timestamp};
use zeroize::Zeroizing;

use crate::Origin;

/// Version of the ticket's layout.
const VERSION: u8 = 1;
/// Version and key id, time, random: what the tag covers.
const BODY_OCTETS: usize = 2 + 6 + 32;
/// The HMAC-SHA-256 tag, cut to 16 octets.
const TAG_OCTETS: usize = 16;
/// A whole ticket.
pub(crate) const TICKET_OCTETS: usize = BODY_OCTETS + TAG_OCTETS;

/// Version and key id (2) ‖ issued_at in ms (6) ‖ random (32) ‖ tag (16).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket([u8; TICKET_OCTETS]);

impl Ticket {
    /// Takes 56 octets for a ticket; whether it is one of ours only [`TicketKeys::check`] says.
    #[must_use]
    pub const fn from_octets(octets: [u8; TICKET_OCTETS]) -> Self {
        Self(octets)
    }

    /// The 56 octets.
    #[must_use]
    pub const fn as_octets(&self) -> &[u8; TICKET_OCTETS] {
        &self.0
    }

    fn key_id(&self) -> (u8, u8) {
        let [version, key_id, ..] = self.0;
        (version, key_id)
    }

    fn issued_at_ms(&self) -> i64 {
        let [_, _, a, b, c, d, e, f, ..] = self.0;
        i64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// When the relay made it; to be believed only after [`TicketKeys::check`].
    ///
    /// # Errors
    /// A time that no calendar holds.
    pub fn issued_at(&self) -> Result<Timestamp, TicketError> {
        Timestamp::from_millisecond(self.issued_at_ms()).map_err(|_| TicketError::NotOurs)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}

/// For whom a ticket is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketHolder {
    /// A terminal: SHA-256 of its mutual-TLS public key.
    Terminal([u8; 32]),
    /// A browser: SHA-256 of its session secret.
    Browser([u8; 32]),
}

/// Why a ticket is refused; the person hears the same for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Another layout, an unknown key, another channel or holder, or a forged tag.
    #[error("the ticket is not one that this relay made for this channel and holder")]
    NotOurs,
    /// Older than its life.
    #[error("the ticket is too old; ask for new ones")]
    Expired,
    /// From a clock ahead of ours by more than the allowed skew.
    #[error("the ticket is from the future; check the clocks of the relay's nodes")]
    FromTheFuture,
}

/// The key that the relay's nodes share, and the older ones that still check tickets during a change of keys.
pub struct TicketKeys {
    current: (u8, Zeroizing<[u8; 32]>),
    older: Vec<(u8, Zeroizing<[u8; 32]>)>,
}

impl fmt::Debug for TicketKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKeys(…)")
    }
}

impl TicketKeys {
    /// One current key under its id.
    #[must_use]
    pub fn new(id: u8, key: [u8; 32]) -> Self {
        Self { current: (id, Zeroizing::new(key)), older: Vec::new() }
    }

    /// Adds a key that checks tickets and makes none.
    #[must_use]
    pub fn with_older(mut self, id: u8, key: [u8; 32]) -> Self {
        self.older.push((id, Zeroizing::new(key)));
        self
    }

    /// Makes a ticket.
    ///
    /// # Errors
    /// A time before 1970 or after the year 10895, which six octets of milliseconds cannot hold.
    pub fn issue(
        &self,
        origin: &Origin,
        holder: &TicketHolder,
        issued_at: Timestamp,
        random: [u8; 32],
    ) -> Result<Ticket, TicketError> {
        let [high, low, time @ ..] = issued_at.as_millisecond().to_be_bytes();
        if (high, low) != (0, 0) {
            return Err(TicketError::FromTheFuture);
        }
        let (id, key) = &self.current;
        let body = [[VERSION, *id].as_slice(), &time, &random].concat();
        let tag = tag(key, &body, origin, holder);
        let ticket = [body.as_slice(), &tag].concat();
        ticket.try_into().map(Ticket).map_err(|_| TicketError::NotOurs)
    }

    /// Checks that a node of this relay made the ticket for this channel and holder, and that it is young enough.
    ///
    /// # Errors
    /// [`TicketError`]; the tag is compared in constant time.
    pub fn check(
        &self,
        ticket: &Ticket,
        origin: &Origin,
        holder: &TicketHolder,
        now: Timestamp,
        life: Duration,
        skew: Duration,
    ) -> Result<(), TicketError> {
        let key = self.key_of(ticket)?;
        let (body, found) = ticket.0.split_at(BODY_OCTETS);
        constant_time::verify_slices_are_equal(&tag(key, body, origin, holder), found)
            .map_err(|_| TicketError::NotOurs)?;
        let age_ms = now.as_millisecond().saturating_sub(ticket.issued_at_ms());
        let skew_ms = i64::try_from(skew.as_millis()).unwrap_or(i64::MAX);
        let life_ms = i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
        match age_ms {
            age if age < -skew_ms => Err(TicketError::FromTheFuture),
            age if age > life_ms => Err(TicketError::Expired),
            _ => Ok(()),
        }
    }

    /// The surrogate PAN that the ticket brings; every node computes the same.
    ///
    /// # Errors
    /// A ticket of an unknown key.
    pub fn surrogate_pan(&self, ticket: &Ticket) -> Result<SurrogatePan, TicketError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key_of(ticket)?);
        let mut context = hmac::Context::with_key(&key);
        context.update(b"surrogate PAN");
        context.update(&ticket.0);
        let tag = context.sign();
        let random = tag.as_ref().iter().take(8).fold(0_u64, |sum, octet| (sum << 8) | u64::from(*octet));
        Ok(SurrogatePan::from_random(random))
    }

    fn key_of(&self, ticket: &Ticket) -> Result<&[u8; 32], TicketError> {
        let (version, id) = ticket.key_id();
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|(known, _)| version == VERSION && *known == id)
            .map(|(_, key)| &**key)
            .ok_or(TicketError::NotOurs)
    }
}

/// The tag covers body, origin and holder, each at a length that the one before it fixes.
fn tag(key: &[u8; 32], body: &[u8], origin: &Origin, holder: &TicketHolder) -> [u8; TAG_OCTETS] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    context.update(body);
    let (kind, digest) = match holder {
        TicketHolder::Terminal(digest) => (b"T", digest),
        TicketHolder::Browser(digest) => (b"B", digest),
    };
    context.update(kind);
    context.update(digest);
    context.update(origin.as_str().as_bytes());
    let whole = context.sign();
    let mut cut = [0; TAG_OCTETS];
    for (octet, from) in cut.iter_mut().zip(whole.as_ref()) {
        *octet = *from;
    }
    cut
}

#[cfg(test)]
mod tests;
