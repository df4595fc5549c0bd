//! Slide 9: a purchase by credit at a shop, from the proof to the receipt.

use enishi_iso8583::Message;
use enishi_linkage::{AmountPolicy, Answer, AnyCandidate, Ask, Candidates, PinPolicy};
use enishi_party::broken::{Check, is_broken};
use enishi_party::{ChoiceHandle, LinkId, PaymentId, ProviderId, RefusalCode, SurrogatePan, Timestamp};
use enishi_pinblock::PinBlock;
use enishi_wire::{AmountBinding, Approval, Octets, PaymentAnswer, PaymentRequest, PaymentStatus};

use crate::assertion::Told;
use crate::conclusion::{Earlier, NOT_COMPLETED, declined};
use crate::course::Course;
use crate::journal::{Authorizing, Closing, NewPayment, Opened, Outcome, RequestKey, Trace};
use crate::message::{self, Authorisation, Verdict};
use crate::observer::Hop;
use crate::proof::{Freshness, Proven, sha256};
use crate::relay::Relay;
use crate::stop::{Fault, Stop};
use crate::switch::SwitchError;
use crate::tickets::Caller;

/// A payment in the hands of one flow.
pub(crate) struct Payment<'a> {
    pub(crate) id: PaymentId,
    pub(crate) course: &'a Course<'a>,
    pub(crate) caller: &'a Caller,
    pub(crate) request: PaymentRequest,
    /// The request without its PIN block, for the continuation.
    pub(crate) body: Vec<u8>,
    pub(crate) pin_block: Option<PinBlock>,
    pub(crate) surrogate_pan: SurrogatePan,
    pub(crate) now: Timestamp,
}

/// A message on its way to a provider, as the journal has it.
struct Sending<'a> {
    journalled: Authorizing,
    plain: Message,
    trace: Trace,
    label: &'a str,
}

impl Relay {
    /// A purchase. The same key and body get the first answer, before anything else is looked at.
    ///
    /// # Errors
    /// [`Fault`]: ours, and nothing was decided; the same request may be sent again. [`Stop::Malformed`] and refusals
    /// before the proof are not remembered: they would be the same again.
    pub async fn pay(
        &self,
        caller: &Caller,
        key: RequestKey,
        request: PaymentRequest,
    ) -> Result<Outcome, Stop> {
        let course = self.course();
        let told = self.pay_on(&course, caller, key, request).await;
        course.end(&told);
        told
    }

    async fn pay_on(
        &self,
        course: &Course<'_>,
        caller: &Caller,
        key: RequestKey,
        request: PaymentRequest,
    ) -> Result<Outcome, Stop> {
        let (request, pin_block) = take_pin_block(request)?;
        let body = canonical(&request)?;
        let body_sha256 = sha256(&body);
        let earlier = self.earlier(&key, &body_sha256).await?;
        if let Earlier::Same(answer) = earlier {
            course.repeats();
            return Ok(answer?);
        }
        let now = self.now();
        form(&request)?;
        self.payee(caller, &request)?;
        if let Earlier::OtherBody = earlier {
            return Err(RefusalCode::IdempotencyMismatch.into());
        }
        if let Some(contract) = request.contract.as_ref().and_then(|named| self.register.contracts.get(named))
        {
            course.contract(contract.id());
        }
        let prove = || self.prove_payment(caller, &request, Freshness::Required, now);
        let Proven { holder, ticket_sha256, ticket_until, surrogate_pan } =
            course.measured(Hop::Prove, prove)?;
        let id = PaymentId::from_random(self.ports.entropy.octets());
        let new = NewPayment {
            id,
            request: key.clone(),
            body_sha256,
            business_date: request.business_date.clone(),
            slip: request.slip.clone(),
            ticket_sha256,
            ticket_until,
            body: body.clone(),
        };
        match self.ports.journal.open(&new, now).await? {
            Opened::Fresh => {}
            Opened::KeyTaken => {
                return match self.earlier(&key, &body_sha256).await? {
                    Earlier::Same(answer) => {
                        course.repeats();
                        Ok(answer?)
                    }
                    Earlier::OtherBody => Err(RefusalCode::IdempotencyMismatch.into()),
                    Earlier::None => Err(RefusalCode::RequestInFlight.into()),
                };
            }
            Opened::Cancelled => return Err(RefusalCode::Cancelled.into()),
            Opened::TicketReused => return Err(RefusalCode::ChallengeReused.into()),
            Opened::SlipReused => return Err(RefusalCode::SlipReused.into()),
        }
        course.payment(id);
        let payment = Payment { id, course, caller, request, body, pin_block, surrogate_pan, now };
        let served = self.serve(&payment, holder, None).await;
        self.conclude(id, served).await
    }

    /// ② and on: the candidates, the choice, the provider's own rules.
    pub(crate) async fn serve(
        &self,
        payment: &Payment<'_>,
        holder: enishi_verify::ProvenHolder,
        chosen: Option<(LinkId, &[(ChoiceHandle, LinkId)])>,
    ) -> Result<Outcome, Stop> {
        let ask = payment.request.contract.as_ref().map_or(Ask::Joint, Ask::Contract);
        let gathered = Candidates::gather(holder, ask, self.linkage(), payment.now);
        let candidates = payment.course.timed(Hop::Link, gathered).await?;
        let (candidate, offered) = match chosen {
            Some((link, offered)) => (candidates.choose(link)?, offered),
            None => match candidates.only() {
                Ok(candidate) => (candidate, [].as_slice()),
                Err(candidates) => return self.ask_choice(payment, &candidates).await,
            },
        };
        payment.course.contract(candidate.contract());
        let policy = *candidate.policy();
        let unbound = payment.request.amount_binding == AmountBinding::Unbound;
        let unbound_allowed = matches!(policy.amount, AmountPolicy::UnboundUpTo(ceiling)
            if payment.request.amount.minor() <= ceiling.minor());
        if unbound && !unbound_allowed && !is_broken(Check::AmountPolicy) {
            // That there is a link is told of a holder in good standing alone.
            candidate.stands_on_list(&*self.ports.revocation, payment.now).await?;
            return Err(RefusalCode::UnboundNotAllowed.into());
        }
        let pin_asked =
            matches!(policy.pin, PinPolicy::From(floor) if payment.request.amount.minor() >= floor.minor());
        if pin_asked && payment.pin_block.is_none() {
            return self.ask_pin(payment, &candidate, offered).await;
        }
        match candidate {
            AnyCandidate::Proxy(candidate) => {
                let cleared = candidate.clear(&*self.ports.revocation, &*self.ports.meter, payment.now);
                let answer = payment.course.timed(Hop::Clear, cleared).await?;
                self.forward(payment, &answer, None).await
            }
            AnyCandidate::Entrusted(candidate) => {
                let cleared = candidate.clear(&*self.ports.revocation, &*self.ports.meter, payment.now);
                let answer = payment.course.timed(Hop::Clear, cleared).await?;
                let evidence = self.sealed_evidence(answer.contract().id(), &answer.evidence())?;
                self.forward(payment, &answer, Some(evidence)).await
            }
        }
    }

    /// Journal, send, and read the answer. From `authorize` on, money may move.
    async fn forward<M: Told>(
        &self,
        payment: &Payment<'_>,
        answer: &Answer<M>,
        evidence: Option<Vec<u8>>,
    ) -> Result<Outcome, Stop> {
        let Payment { id, request, now, .. } = payment;
        let assertion = self.assertion(answer, request, payment.surrogate_pan, *now);
        let sealed = self
            .secrets
            .assertions
            .seal(&assertion)
            .map_err(|error| Fault::Making { what: "an assertion", reason: error.to_string() })?;
        let contract = answer.contract().id();
        let provider = self.contract(contract)?.provider().clone();
        let block = self.zone_block(payment, &provider)?;
        let trace = self.ports.records.next_trace(&provider).await?;
        let kid = &self.terminal(payment.caller)?.kid;
        let plain = Authorisation { request, kid, trace, assertion: &sealed, now: *now }.message()?;
        let journalled = Authorizing {
            provider,
            contract: contract.clone(),
            message: message::encode(&plain)?,
            assertion: assertion.id,
            evidence,
        };
        if !self.ports.journal.authorize(*id, &journalled, *now).await? {
            return Err(Stop::Superseded);
        }
        let sent = match &block {
            Some(block) => message::with_pin(&plain, &payment.surrogate_pan, block),
            None => plain.clone(),
        };
        let exchange = self.ports.switch.exchange(&journalled.provider, &sent, self.limits.answer_timeout);
        let heard = payment.course.timed(Hop::Provider, exchange).await;
        self.settle(*id, Sending { journalled, plain, trace, label: answer.label().expose() }, heard).await
    }

    /// What was heard becomes the payment's end. An unknown debit is reversed, and the reversal is written before anyone
    /// is answered.
    async fn settle(
        &self,
        id: PaymentId,
        sending: Sending<'_>,
        heard: Result<Message, SwitchError>,
    ) -> Result<Outcome, Stop> {
        let Sending { journalled, plain, trace, label } = sending;
        let verdict = match &heard {
            Ok(reply) => message::verdict(&plain, reply),
            // Nothing left: nothing to take back.
            Err(SwitchError::NotSent) => Verdict::Declined(enishi_iso8583::ResponseCode::IssuerUnavailable),
            Err(SwitchError::Unanswered) => Verdict::Unusable,
        };
        let outcome = match &verdict {
            Verdict::Approved(number) => approved(id, label, number.as_str(), trace),
            Verdict::Declined(code) => declined(id, code.as_str()),
            Verdict::Unusable => declined(id, NOT_COMPLETED),
        };
        let unknown = verdict == Verdict::Unusable;
        let reversal = if unknown && !is_broken(Check::Reversal) {
            Some(self.reversal_of(id, &journalled.provider, &journalled.message).await?)
        } else {
            None
        };
        let closing = reversal.as_ref().map_or(Closing::Answered, Closing::Reversed);
        let closed = self.ports.journal.close(id, &outcome, closing, self.now()).await?;
        if let Ok(reply) = &heard
            && (unknown || !closed)
        {
            self.quarantine(&journalled.provider, reply).await;
        }
        // Where it is closed already, a cancellation came first, and has queued the reversal.
        if closed { Ok(outcome) } else { Err(Stop::Superseded) }
    }

    /// The PIN block under the provider's zone key, over the same surrogate PAN.
    fn zone_block(&self, payment: &Payment<'_>, provider: &ProviderId) -> Result<Option<PinBlock>, Stop> {
        let Some(block) = &payment.pin_block else { return Ok(None) };
        let Some(zone_key) = &self.provider(provider)?.zone_key else {
            return Err(Stop::Malformed("this company asks no PIN"));
        };
        let terminal_key = &self.terminal(payment.caller)?.pin_key;
        let random = self.ports.entropy.octets();
        enishi_pinblock::translate(block, &payment.surrogate_pan, terminal_key, zone_key, random)
            .map(Some)
            .map_err(|_| Stop::Malformed("the PIN block does not open under the terminal's key"))
    }
}

fn approved(payment: PaymentId, label: &str, number: &str, trace: Trace) -> Outcome {
    let approval = Approval {
        approval_number: number.to_owned(),
        retrieval_reference: format!("{:012}", trace.number),
        label: label.to_owned(),
    };
    Outcome::Answered(PaymentAnswer { payment, status: PaymentStatus::Approved(approval) })
}

pub(crate) fn pin_block(octets: &Octets) -> Result<PinBlock, Stop> {
    let octets = octets.0.as_slice().try_into().map_err(|_| Stop::Malformed("a PIN block has 16 octets"))?;
    Ok(PinBlock::from_octets(octets))
}

/// The PIN block leaves the request at once: neither journal nor digest ever has it.
fn take_pin_block(mut request: PaymentRequest) -> Result<(PaymentRequest, Option<PinBlock>), Stop> {
    let block = request.pin_block.take().as_ref().map(pin_block).transpose()?;
    Ok((request, block))
}

fn canonical(request: &PaymentRequest) -> Result<Vec<u8>, Fault> {
    serde_json_canonicalizer::to_vec(request)
        .map_err(|error| Fault::Making { what: "a canonical request", reason: error.to_string() })
}

/// What the types of the body do not say yet.
fn form(request: &PaymentRequest) -> Result<(), Stop> {
    if request.business_date.parse::<jiff::civil::Date>().is_err() || request.business_date.len() != 10 {
        return Err(Stop::Malformed("business_date is YYYY-MM-DD"));
    }
    let product = request.product_code.as_bytes();
    if !(3..=7).contains(&product.len()) || !product.iter().all(u8::is_ascii_digit) {
        return Err(Stop::Malformed("product_code is 3 to 7 digits"));
    }
    Ok(())
}
