//! A purchase from the tap to the bytes, with no message to anyone while the card is there.

use enishi_card::{CardError, PinKind, Proven, Tries};
use enishi_jpki::{AuthPin, Challenge, Context, Nonce, PayContext, PayUnboundContext};
use enishi_wire::{AmountBinding, PaymentRequest};
use myna_card::Transmit;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::pay_request::Facts;
use crate::receipt::japan_date;
use crate::tap::Tap;
use crate::tickets::HeldTicket;
use crate::visit::{Kept, Visit};
use crate::{
    Holder, Preparation, Prepared, Progress, Purpose, Sale, SecretFate, Shown, TapAgain, Terminal,
    TerminalError,
};

/// A purchase whose card has not proven yet.
struct Paying<'a> {
    sale: &'a Sale,
    ticket: HeldTicket,
    /// Slip and time, once the holder has entered a PIN.
    facts: Option<Facts>,
    pin: Option<Kept<AuthPin>>,
}

/// What one tap gave.
enum Tapped {
    Proven { proven: Box<Proven>, nonce: Nonce, facts: Facts },
    Withdrawn,
    Failed(CardError),
}

impl Paying<'_> {
    const fn secret(&self) -> SecretFate {
        match (&self.pin, &self.facts) {
            (Some(_), _) => SecretFate::Kept,
            (None, Some(_)) => SecretFate::AskedAgain,
            (None, None) => SecretFate::NotEntered,
        }
    }
}

impl Terminal {
    /// Shows amount and payee, asks the PIN, has the card sign, and builds the request. Sends and journals nothing but
    /// the slip counter; [`Terminal::pay`] goes on from here.
    ///
    /// `connect` powers the card in the reader, and waits for one if it likes. It is called after a ticket is in hand,
    /// and again for each tap that [`Holder::card_lost`] promises: sale, slip and ticket stay the same then, but for a
    /// ticket that grew too old.
    ///
    /// # Errors
    /// What keeps the terminal from asking at all; what the card or the holder refuses is a [`Preparation`].
    pub async fn prepare_payment<T: Transmit>(
        &mut self,
        mut connect: impl FnMut() -> Result<T, CardError>,
        sale: &Sale,
        holder: &mut dyn Holder,
    ) -> Result<Preparation, TerminalError> {
        sale.check()?;
        let ticket = self.take_ticket().await?;
        let mut paying = Paying { sale, ticket, facts: None, pin: None };
        let mut visit = Visit::new();
        loop {
            let error = match self.tap_to_pay(&mut connect, &mut paying, holder, &mut visit)? {
                Tapped::Proven { proven, nonce, facts } => {
                    self.tell(Progress::CardDone { took: visit.card });
                    let prepared = self.build(sale, facts, &paying.ticket, &nonce, *proven, &visit)?;
                    return Ok(Preparation::Ready(Box::new(prepared)));
                }
                Tapped::Withdrawn => {
                    let slip = self.give_back(paying).map(|facts| facts.slip);
                    return Ok(Preparation::Withdrawn { slip, card: visit.card });
                }
                Tapped::Failed(error) => error,
            };
            let again = visit.goes_on(&error, paying.secret(), holder);
            if again == TapAgain::No || !self.renew_ticket(&mut paying.ticket).await {
                let slip = self.give_back(paying).map(|facts| facts.slip);
                return Ok(Preparation::CardRefused { why: error.into(), slip, card: visit.card });
            }
        }
    }

    /// Makes sure that the ticket serves one tap more. `false`: there is none to be had.
    pub(crate) async fn renew_ticket(&mut self, ticket: &mut HeldTicket) -> bool {
        if ticket.serves(Instant::now()) {
            return true;
        }
        match self.take_ticket().await {
            Ok(newer) => {
                *ticket = newer;
                true
            }
            Err(_) => false,
        }
    }

    /// Ends a purchase that was not proven. A ticket under which no slip stands has been signed over by nobody.
    fn give_back(&mut self, paying: Paying<'_>) -> Option<Facts> {
        if paying.facts.is_none() {
            self.tickets.put_back(paying.ticket);
        }
        paying.facts
    }

    /// One tap, without a message to anyone.
    fn tap_to_pay<T: Transmit>(
        &mut self,
        connect: &mut impl FnMut() -> Result<T, CardError>,
        paying: &mut Paying<'_>,
        holder: &mut dyn Holder,
        visit: &mut Visit,
    ) -> Result<Tapped, TerminalError> {
        let mut tap = match Tap::begin(connect, visit) {
            Ok(tap) => tap,
            Err(error) => return Ok(Tapped::Failed(error)),
        };
        let tapped = self.prove_payment(&mut tap, paying, holder);
        tap.end(visit);
        tapped
    }

    fn prove_payment<T: Transmit>(
        &mut self,
        tap: &mut Tap<T>,
        paying: &mut Paying<'_>,
        holder: &mut dyn Holder,
    ) -> Result<Tapped, TerminalError> {
        let tries = match tap.tries(PinKind::Authentication) {
            Ok(tries) => tries,
            Err(error) => return Ok(Tapped::Failed(error)),
        };
        let kept = paying.pin.take().and_then(|kept| kept.for_card_with(tries));
        let Some(pin) = kept.or_else(|| self.ask_pin(paying.sale, holder, tries)) else {
            return Ok(Tapped::Withdrawn);
        };
        let facts = match &paying.facts {
            Some(facts) => facts.clone(),
            None => paying.facts.insert(self.next_facts(paying.sale)?).clone(),
        };
        let nonce = Nonce::new(&paying.ticket.ticket, &self.context(paying.sale, &facts, &paying.ticket));
        let challenge = Challenge::new(paying.ticket.origin.clone(), nonce.clone());
        Ok(match tap.prove(&pin, &challenge, tries) {
            Ok(proven) => Tapped::Proven { proven: Box::new(proven), nonce, facts },
            Err(error) => {
                let (which, token) = (PinKind::Authentication, tap.token());
                paying.pin = Kept::unless_seen(pin, tries, &error, which, token);
                Tapped::Failed(error)
            }
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
        visit: &Visit,
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
        Ok(Prepared { key, body: Zeroizing::new(body), facts, surrogate_pan, card: visit.card })
    }
}
