//! Tickets in memory: fetched before the customer comes, gone with the process.

use std::collections::VecDeque;
use std::time::Duration;

use enishi_jpki::{Origin, Ticket};
use enishi_party::{PartyUri, SurrogatePan};
use enishi_wire::TicketsAnswer;
use tokio::time::Instant;

/// No challenge lives longer, whatever the relay says.
const LIFE_MAX: Duration = Duration::from_secs(120);

/// What a ticket must have left when it is taken: the holder enters a PIN and the card signs.
const LEFT_MIN: Duration = Duration::from_secs(30);

/// One ticket, and what belongs into the context and challenge with it.
#[derive(Debug, Clone)]
pub(crate) struct HeldTicket {
    pub(crate) ticket: Ticket,
    pub(crate) surrogate_pan: SurrogatePan,
    pub(crate) relay: PartyUri,
    pub(crate) origin: Origin,
    /// By this machine's monotonic clock, counted from before the relay was asked: never later than the relay's end.
    ends: Instant,
}

impl HeldTicket {
    /// Whether enough of its life is left for a tap.
    pub(crate) fn serves(&self, now: Instant) -> bool {
        self.ends.saturating_duration_since(now) >= LEFT_MIN
    }
}

/// The tickets in hand, oldest first.
#[derive(Debug, Default)]
pub(crate) struct TicketPool(VecDeque<HeldTicket>);

impl TicketPool {
    /// The oldest ticket that has enough of its life left.
    pub(crate) fn take(&mut self, now: Instant) -> Option<HeldTicket> {
        self.drop_old(now);
        self.0.pop_front()
    }

    /// Puts back a ticket over which nothing was signed.
    pub(crate) fn put_back(&mut self, ticket: HeldTicket) {
        self.0.push_front(ticket);
    }

    /// How many can still be taken.
    pub(crate) fn left(&mut self, now: Instant) -> usize {
        self.drop_old(now);
        self.0.len()
    }

    /// Takes in a batch that was asked for at `asked`, of at most `count`. `None`: one part is not of the form, so the
    /// batch is refused whole.
    pub(crate) fn add(&mut self, answer: TicketsAnswer, count: u8, asked: Instant) -> Option<()> {
        let origin = Origin::parse(&answer.origin).ok()?;
        let life = Duration::from_secs(answer.life_s).min(LIFE_MAX);
        // One that can never be taken would only be asked for again.
        if life < LEFT_MIN || answer.tickets.is_empty() || answer.tickets.len() > usize::from(count) {
            return None;
        }
        let mut batch = VecDeque::new();
        for issued in answer.tickets {
            batch.push_back(HeldTicket {
                ticket: Ticket::from_octets(issued.ticket.0.try_into().ok()?),
                surrogate_pan: issued.surrogate_pan,
                relay: answer.relay.clone(),
                origin: origin.clone(),
                ends: asked + life,
            });
        }
        self.0.append(&mut batch);
        Some(())
    }

    fn drop_old(&mut self, now: Instant) {
        self.0.retain(|ticket| ticket.serves(now));
    }
}

#[cfg(test)]
mod tests;
