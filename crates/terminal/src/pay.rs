//! Slide 9 at the shop: prepare, journal, send, answer what the relay asks, record, and only then tell.

use std::time::Duration;

use enishi_card::CardError;
use enishi_party::{PaymentId, SlipNumber};
use enishi_pinblock::seal;
use enishi_wire::{ContinueRequest, Need, Octets, PaymentAnswer, PaymentStatus};
use myna_card::Transmit;
use zeroize::Zeroizing;

use crate::conclude::Verdict;
use crate::hearing::{Heard, Question, continue_key};
use crate::journal::{Cause, Pending, Stage};
use crate::pay_request::Facts;
use crate::receipt::japan_date;
use crate::relay::Endpoint;
use crate::{
    Cancellation, Exposure, Holder, HopTiming, Outcome, PayReport, Preparation, Prepared, Recorded, Sale,
    SaleRecord, Terminal, TerminalError, answer,
};

/// How often the relay may ask in one purchase: for the choice, and for the chosen company's PIN.
const QUESTIONS_MAX: u8 = 2;

/// What the holder answered, as it is sent.
struct HolderReply {
    body: Zeroizing<Vec<u8>>,
    holds: Holds,
}

/// What is in the holder's answer.
#[derive(Clone, Copy)]
enum Holds {
    /// A choice alone.
    Choice,
    /// A PIN block, which is never written to a disk.
    PinBlock,
}

impl HolderReply {
    fn stage(&self, payment: PaymentId, round: u8) -> Stage {
        match self.holds {
            Holds::Choice => Stage::Answered { payment, round, body: Octets(self.body.to_vec()) },
            Holds::PinBlock => Stage::AnsweredWithPin {},
        }
    }
}

impl Terminal {
    /// Sells: one tap, one request, its outcome. See [`Holder`] for what the person is asked, and
    /// [`Terminal::prepare_payment`] for `connect`.
    ///
    /// # Errors
    /// [`TerminalError::ResumeFirst`] while an earlier request has no outcome. After [`TerminalError::Folder`] the
    /// request may have been sent: it stays journalled, and a new process resumes it.
    pub async fn pay<T: Transmit>(
        &mut self,
        connect: impl FnMut() -> Result<T, CardError>,
        sale: Sale,
        holder: &mut dyn Holder,
    ) -> Result<PayReport, TerminalError> {
        self.check_resumed()?;
        match self.prepare_payment(connect, &sale, holder).await? {
            Preparation::Ready(prepared) => self.carry_through(*prepared, holder).await,
            Preparation::Withdrawn { slip, card } => {
                let cancellation = Cancellation::NothingSent;
                self.unproven(&sale, Outcome::Withdrawn { cancellation }, slip, card)
            }
            Preparation::CardRefused { why, slip, card } => {
                self.unproven(&sale, Outcome::CardRefused(why), slip, card)
            }
        }
    }

    async fn carry_through(
        &mut self,
        prepared: Prepared,
        holder: &mut dyn Holder,
    ) -> Result<PayReport, TerminalError> {
        let mut timing = HopTiming { card: prepared.card, relay: Vec::new() };
        let asked = Stage::Asked { body: Octets(prepared.body.to_vec()) };
        self.journal.keep(&prepared.key, Pending::new(&prepared.facts, asked))?;
        let verdict = self.ask(&prepared, holder, &mut timing).await?;
        let outcome = self.conclude(&prepared.key, &prepared.facts, verdict, &mut timing).await?;
        Ok(PayReport { outcome, slip: Some(prepared.facts.slip), timing })
    }

    /// Sends the request, and answers what the relay asks.
    async fn ask(
        &mut self,
        prepared: &Prepared,
        holder: &mut dyn Holder,
        timing: &mut HopTiming,
    ) -> Result<Verdict, TerminalError> {
        let question = Question {
            endpoint: Endpoint::Payments,
            key: &prepared.key,
            body: &prepared.body,
            exposure: Exposure::NotSent,
        };
        let mut answer = match self.hear(question, answer::payment, timing).await {
            Heard::Answer(answer) => answer,
            Heard::Refusal(problem) => return Ok(Verdict::Refused(problem)),
            Heard::Nothing(Exposure::NotSent) => return Ok(Verdict::NothingSent),
            Heard::Nothing(Exposure::MaybeReceived) => return Ok(Verdict::GiveUp(Cause::Unheard)),
        };
        for round in 1..=QUESTIONS_MAX {
            let PaymentAnswer { payment, status: PaymentStatus::Need(need) } = &answer else {
                break;
            };
            let payment = *payment;
            let reply = match self.ask_holder(need, prepared, holder)? {
                Ok(reply) => reply,
                Err(cause) => return Ok(Verdict::GiveUp(cause)),
            };
            self.journal.keep(&prepared.key, Pending::new(&prepared.facts, reply.stage(payment, round)))?;
            let key = continue_key(&prepared.key, round)?;
            let question = Question {
                endpoint: Endpoint::Continue(payment),
                key: &key,
                body: &reply.body,
                exposure: Exposure::NotSent,
            };
            answer = match self.hear(question, answer::payment, timing).await {
                Heard::Answer(answer) if answer.payment == payment => answer,
                Heard::Refusal(problem) => return Ok(Verdict::Refused(problem)),
                // The relay holds the first request, so there is something to take back in any case.
                Heard::Answer(_) | Heard::Nothing(_) => return Ok(Verdict::GiveUp(Cause::Unheard)),
            };
        }
        Ok(Verdict::of(answer))
    }

    /// Puts the relay's question to the holder; `Err` is why there is no answer.
    fn ask_holder(
        &self,
        need: &Need,
        prepared: &Prepared,
        holder: &mut dyn Holder,
    ) -> Result<Result<HolderReply, Cause>, TerminalError> {
        let mut request = ContinueRequest { choice: None, pin_block: None };
        if !need.choose.is_empty() {
            match holder.choose(&need.choose) {
                Some(choice) => request.choice = Some(choice),
                None => return Ok(Err(Cause::Withdrawn)),
            }
        }
        if let Some(pin) = &need.pin {
            // The number stands under the card's signature; a block over another one would be for somebody else.
            if pin.surrogate_pan != prepared.surrogate_pan {
                return Ok(Err(Cause::Unheard));
            }
            let Some(pin) = holder.issuer_pin() else { return Ok(Err(Cause::Withdrawn)) };
            let block = seal(&pin, &prepared.surrogate_pan, &self.pin_key, self.entropy.octets());
            request.pin_block = Some(Octets(block.expose_octets().to_vec()));
        }
        let holds = if need.pin.is_some() { Holds::PinBlock } else { Holds::Choice };
        let body = serde_json::to_vec(&request).map_err(|_| TerminalError::Encoding)?;
        Ok(Ok(HolderReply { body: Zeroizing::new(body), holds }))
    }

    /// The end of a purchase without a proof: a slip that was taken is accounted for.
    fn unproven(
        &mut self,
        sale: &Sale,
        outcome: Outcome,
        slip: Option<SlipNumber>,
        card: Duration,
    ) -> Result<PayReport, TerminalError> {
        if let Some(slip) = &slip {
            let at = self.clock.now();
            let facts = Facts {
                slip: slip.clone(),
                business_date: japan_date(at),
                at,
                amount: sale.amount,
                payment_type: sale.payment_type,
            };
            self.journal.record(&SaleRecord::new(&facts, None, Recorded::CardRefused))?;
        }
        Ok(PayReport { outcome, slip, timing: HopTiming { card, relay: Vec::new() } })
    }
}
