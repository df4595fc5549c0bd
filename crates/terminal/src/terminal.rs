//! The terminal: what it is made of, its tickets, and a request from the tap to the bytes.

use std::sync::Arc;
use std::time::Duration;

use enishi_card::{CardError, PinKind, Proven, Tries};
use enishi_jpki::{AuthPin, Challenge, Context, Nonce, PayContext, PayUnboundContext};
use enishi_party::{Clock, Entropy, IdempotencyKey};
use enishi_pinblock::PinKey;
use enishi_transport::HttpsClient;
use enishi_wire::{AmountBinding, PaymentAnswer, PaymentRequest, TicketsRequest};
use myna_card::Transmit;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::answer;
use crate::journal::Journal;
use crate::pay_request::Facts;
use crate::receipt::japan_date;
use crate::relay::{Endpoint, Relay};
use crate::sleeper::TimerSleeper;
use crate::tap::Tap;
use crate::tickets::{HeldTicket, TicketPool};
use crate::{
    Holder, Preparation, Prepared, Purpose, Reply, Sale, SaleRecord, Shown, Sleeper, TerminalConfig,
    TerminalError, TicketFault,
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

    /// Shows amount and payee, asks the PIN, has the card sign, and builds the request. Sends and journals nothing but
    /// the slip counter; [`Terminal::pay`] goes on from here.
    ///
    /// `connect` powers the card in the reader. It is called once, after a ticket is in hand.
    ///
    /// # Errors
    /// What keeps the terminal from asking at all; what the card or the holder refuses is a [`Preparation`].
    pub async fn prepare_payment<T: Transmit>(
        &mut self,
        connect: impl FnOnce() -> Result<T, CardError>,
        sale: &Sale,
        holder: &mut dyn Holder,
    ) -> Result<Preparation, TerminalError> {
        sale.check()?;
        let ticket = self.take_ticket().await?;
        self.tap_to_pay(connect, sale, holder, ticket)
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

    /// From the tap to the bytes, without a message to anyone.
    fn tap_to_pay<T: Transmit>(
        &mut self,
        connect: impl FnOnce() -> Result<T, CardError>,
        sale: &Sale,
        holder: &mut dyn Holder,
        ticket: HeldTicket,
    ) -> Result<Preparation, TerminalError> {
        let refused =
            |error: CardError, card| Preparation::CardRefused { why: error.into(), slip: None, card };
        let mut tap = match Tap::begin(connect) {
            Ok(tap) => tap,
            Err(error) => {
                self.tickets.put_back(ticket);
                return Ok(refused(error, Duration::ZERO));
            }
        };
        let tries = match tap.tries(PinKind::Authentication) {
            Ok(tries) => tries,
            Err(error) => {
                self.tickets.put_back(ticket);
                return Ok(refused(error, tap.end()));
            }
        };
        let Some(pin) = self.ask_pin(sale, holder, tries) else {
            self.tickets.put_back(ticket);
            return Ok(Preparation::Withdrawn { card: tap.end() });
        };
        let facts = self.next_facts(sale)?;
        let nonce = Nonce::new(&ticket.ticket, &self.context(sale, &facts, &ticket));
        let challenge = Challenge::new(ticket.origin.clone(), nonce.clone());
        let proven = tap.prove(&pin, &challenge, tries);
        drop(pin);
        let card = tap.end();
        Ok(match proven {
            Ok(proven) => {
                Preparation::Ready(Box::new(self.build(sale, facts, &ticket, &nonce, proven, card)?))
            }
            Err(error) => Preparation::CardRefused { why: error.into(), slip: Some(facts.slip), card },
        })
    }

    fn ask_pin(&self, sale: &Sale, holder: &mut dyn Holder, tries_left: Tries) -> Option<AuthPin> {
        let (amount, payee) = (sale.amount, &self.config.merchant_name);
        let purpose = match sale.amount_binding {
            AmountBinding::Bound => Purpose::Pay { amount, payee },
            AmountBinding::Unbound => Purpose::PayUnbound { amount, payee },
        };
        holder.auth_pin(&Shown { purpose, tries_left })
    }

    /// Slip, time and business date: fixed here, and repeated with every sending.
    fn next_facts(&mut self, sale: &Sale) -> Result<Facts, TerminalError> {
        let at = self.clock.now();
        Ok(Facts {
            slip: self.journal.next_slip()?,
            business_date: japan_date(at),
            at,
            amount: sale.amount,
            payment_type: sale.payment_type,
        })
    }

    fn context(&self, sale: &Sale, facts: &Facts, ticket: &HeldTicket) -> Context {
        let relay = ticket.relay.clone();
        let terminal = self.config.terminal.clone();
        let merchant = self.config.merchant.clone();
        let (slip, surrogate_pan) = (facts.slip.clone(), ticket.surrogate_pan);
        let (amount, payment_type) = (facts.amount, facts.payment_type);
        match sale.amount_binding {
            AmountBinding::Bound => Context::Pay(PayContext {
                relay,
                terminal,
                merchant,
                slip,
                amount,
                payment_type,
                surrogate_pan,
            }),
            AmountBinding::Unbound => {
                Context::PayUnbound(PayUnboundContext { relay, terminal, merchant, slip, surrogate_pan })
            }
        }
    }

    fn build(
        &self,
        sale: &Sale,
        facts: Facts,
        ticket: &HeldTicket,
        nonce: &Nonce,
        proven: Proven,
        card: Duration,
    ) -> Result<Prepared, TerminalError> {
        let request = PaymentRequest {
            token: proven.into_token().to_json(),
            nonce: nonce.as_str().to_owned(),
            amount_binding: sale.amount_binding,
            terminal: self.config.terminal.clone(),
            merchant: self.config.merchant.clone(),
            slip: facts.slip.clone(),
            business_date: facts.business_date.clone(),
            amount: facts.amount,
            payment_type: facts.payment_type,
            product_code: sale.product_code.clone(),
            contract: sale.contract.clone(),
            // The company's PIN is asked only when the relay says so; then it goes with the answer.
            pin_block: None,
        };
        let body = serde_json::to_vec(&request).map_err(|_| TerminalError::Encoding)?;
        let key = self.new_key()?;
        let surrogate_pan = ticket.surrogate_pan;
        Ok(Prepared { key, body: Zeroizing::new(body), facts, surrogate_pan, card })
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
