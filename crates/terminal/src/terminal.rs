//! The terminal: what it is made of, and its tickets.

use std::sync::Arc;

use enishi_party::{Clock, Entropy, IdempotencyKey};
use enishi_pinblock::PinKey;
use enishi_transport::HttpsClient;
use enishi_wire::{PaymentAnswer, TicketsRequest};
use tokio::time::Instant;

use crate::answer;
use crate::journal::Journal;
use crate::progress::Unwatched;
use crate::relay::{Endpoint, Relay};
use crate::sleeper::TimerSleeper;
use crate::tickets::{HeldTicket, TicketPool};
use crate::{
    Prepared, Progress, Reply, SaleRecord, Sleeper, TerminalConfig, TerminalError, TicketFault, Watcher,
};

/// A shop's terminal, one customer at a time.
///
/// Card commands and file writes block the calling task: a terminal has a runtime of its own, or a thread.
pub struct Terminal {
    pub(crate) config: TerminalConfig,
    pub(crate) relay: Relay,
    pub(crate) pin_key: PinKey,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) sleeper: Arc<dyn Sleeper>,
    pub(crate) watcher: Arc<dyn Watcher>,
    pub(crate) journal: Journal,
    pub(crate) tickets: TicketPool,
}

impl Terminal {
    /// Opens the terminal's folder. Requests left there by an earlier run wait for [`Terminal::resume`].
    ///
    /// # Errors
    /// A folder in use, of another terminal, or with a file in it that this terminal did not write there.
    pub fn open(
        config: TerminalConfig,
        client: HttpsClient,
        pin_key: PinKey,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, TerminalError> {
        let journal = Journal::open(&config.folder, &config.terminal, Arc::clone(&entropy))?;
        Ok(Self {
            config,
            relay: Relay::new(client),
            pin_key,
            clock,
            entropy,
            sleeper: Arc::new(TimerSleeper),
            watcher: Arc::new(Unwatched),
            journal,
            tickets: TicketPool::default(),
        })
    }

    /// Waits between attempts in another way than the runtime's timer does.
    #[must_use]
    pub fn with_sleeper(mut self, sleeper: Arc<dyn Sleeper>) -> Self {
        self.sleeper = sleeper;
        self
    }

    /// Tells somebody what goes on while it does: a screen.
    #[must_use]
    pub fn with_watcher(mut self, watcher: Arc<dyn Watcher>) -> Self {
        self.watcher = watcher;
        self
    }

    pub(crate) fn tell(&self, progress: Progress) {
        self.watcher.progress(progress);
    }

    /// Fetches tickets if none is left, so that the next customer does not wait for it: for when the till is idle.
    ///
    /// # Errors
    /// [`TicketFault`]: nothing is lost, the next purchase asks again.
    pub async fn refill(&mut self) -> Result<(), TicketFault> {
        if self.tickets.left(Instant::now()) > 0 {
            return Ok(());
        }
        let count = self.config.tickets_per_batch.clamp(1, 32);
        let body = serde_json::to_vec(&TicketsRequest { count }).unwrap_or_default();
        let asked = Instant::now();
        let reply =
            self.relay.post(Endpoint::Tickets, None, &body, self.config.answer_wait, answer::tickets).await;
        let issued = match reply {
            Reply::Answer(issued) => issued,
            Reply::Refusal(problem) => return Err(TicketFault::Refused(problem)),
            Reply::Lost(exposure) => return Err(TicketFault::NoAnswer(exposure)),
        };
        // The name goes into the context and so under the card's signature: it must be the one that TLS proved.
        if issued.relay != *self.relay.party() {
            return Err(TicketFault::OtherRelay(issued.relay));
        }
        let taken = self.tickets.add(issued, count, asked);
        taken.ok_or(TicketFault::NoAnswer(crate::Exposure::MaybeReceived))
    }

    /// How many requests have no outcome yet, or a cancellation that nobody acknowledged.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.journal.pending().len()
    }

    /// The outcome recorded last, for a clerk who asks what became of the last slip after a crash.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn last_sale(&self) -> Result<Option<SaleRecord>, TerminalError> {
        self.journal.last_sale()
    }

    /// Sends a request once, and journals nothing: for [`Terminal::pay`], which does, and for tests that replay what
    /// they recorded. Any terminal can be asked to send any request; whether the relay takes it is the relay's affair.
    pub async fn submit(&self, prepared: &Prepared) -> Reply<PaymentAnswer> {
        let (key, wait) = (Some(&prepared.key), self.config.answer_wait);
        self.relay.post(Endpoint::Payments, key, &prepared.body, wait, answer::payment).await
    }

    pub(crate) async fn take_ticket(&mut self) -> Result<HeldTicket, TerminalError> {
        if let Some(ticket) = self.tickets.take(Instant::now()) {
            return Ok(ticket);
        }
        self.refill().await?;
        let none = || TicketFault::NoAnswer(crate::Exposure::MaybeReceived).into();
        self.tickets.take(Instant::now()).ok_or_else(none)
    }

    /// 128 random bits: nobody can guess, and so block, another terminal's key.
    pub(crate) fn new_key(&self) -> Result<IdempotencyKey, TerminalError> {
        Ok(hex::encode(self.entropy.octets::<16>()).parse()?)
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Terminal({})", self.config.terminal)
    }
}
