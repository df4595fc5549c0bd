//! Slide 9: a purchase by credit at a shop, from the proof to the receipt.

use enishi_linkage::{AmountPolicy, Answer, AnyCandidate, Ask, Candidates, PinPolicy};
use enishi_party::{ChoiceHandle, LinkId, PaymentId, RefusalCode, SurrogatePan, Timestamp};
use enishi_pinblock::PinBlock;
use enishi_wire::{
    AmountBinding, Approval, Choice, ContinueRequest, Need, Octets, PaymentAnswer, PaymentRequest,
    PaymentStatus, PinNeed,
};

use crate::assertion::Told;
use crate::journal::{
    Authorizing, Awaiting, NewPayment, Opened, Outcome, PaymentState, RequestKey, Reversal,
};
use crate::message::{self, Authorisation, Verdict};
use crate::proof::{Freshness, Proven, sha256};
use crate::relay::{Hop, Relay};
use crate::stop::{Fault, Stop};
use crate::switch::SwitchError;
use crate::tickets::Caller;

/// Issuer or switch inoperative: the shop keeps its goods.
pub(crate) const NOT_COMPLETED: &str = "91";

/// A payment in the hands of one flow.
struct Payment<'a> {
    id: PaymentId,
    caller: &'a Caller,
    request: PaymentRequest,
    /// The request without its PIN block, for the continuation.
    body: Vec<u8>,
    pin_block: Option<PinBlock>,
    surrogate_pan: SurrogatePan,
    now: Timestamp,
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
        let (request, pin_block) = take_pin_block(request)?;
        let body = canonical(&request)?;
        let body_sha256 = sha256(&body);
        if let Some(stored) = self.stored(&key, &body_sha256).await? {
            return stored;
        }
        let now = self.now();
        form(&request)?;
        let Proven { holder, ticket_sha256, ticket_until, surrogate_pan } =
            self.prove_payment(caller, &request, Freshness::Required, now)?;
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
                let stored = self.stored(&key, &body_sha256).await?;
                return stored.unwrap_or(Err(RefusalCode::RequestInFlight.into()));
            }
            Opened::Cancelled => return Err(RefusalCode::Cancelled.into()),
            Opened::TicketReused => return Err(RefusalCode::ChallengeReused.into()),
            Opened::SlipReused => return Err(RefusalCode::SlipReused.into()),
        }
        let payment = Payment { id, caller, request, body, pin_block, surrogate_pan, now };
        let served = self.serve(&payment, holder, None).await;
        self.conclude(&payment, served).await
    }

    /// The holder's answer to what was asked: the same session, never a second tap.
    ///
    /// # Errors
    /// As [`Relay::pay`].
    pub async fn go_on(
        &self,
        caller: &Caller,
        id: PaymentId,
        answer: ContinueRequest,
    ) -> Result<Outcome, Stop> {
        let now = self.now();
        let row = self.ports.journal.get(id).await?.filter(|row| row.request.terminal == caller.terminal);
        let row = row.ok_or(Stop::Refused(RefusalCode::ChoiceInvalid))?;
        let awaiting = match row.state {
            PaymentState::Awaiting(awaiting) => awaiting,
            PaymentState::Closed(closed) => return Ok(closed.outcome),
            PaymentState::Proven | PaymentState::Authorizing(_) => {
                return Err(RefusalCode::RequestInFlight.into());
            }
        };
        let request: PaymentRequest = serde_json::from_slice(&awaiting.body)
            .map_err(|_| Fault::Making { what: "a stored request", reason: "unreadable".to_owned() })?;
        let pin_block = answer.pin_block.map(pin_block).transpose()?;
        let proof = self.prove_payment(caller, &request, Freshness::Consumed, now);
        let (holder, surrogate_pan) = match proof {
            Ok(proven) => (proven.holder, proven.surrogate_pan),
            // The certificate may have ended while the holder thought.
            Err(stop) => return self.close_refused(id, stop, now).await,
        };
        if now > awaiting.until {
            return self.close_refused(id, RefusalCode::ChallengeExpired.into(), now).await;
        }
        let chosen = match (answer.choice, awaiting.chosen) {
            (Some(handle), None) => match offered(&awaiting.offered, handle) {
                Some(link) => link,
                None => return Err(RefusalCode::ChoiceInvalid.into()),
            },
            (None, Some((_, link))) => link,
            // A repeated choice, after its answer was lost: the question that followed is asked again.
            (Some(handle), Some((_, link)))
                if offered(&awaiting.offered, handle) == Some(link) && pin_block.is_none() =>
            {
                return Ok(Outcome::Answered(awaiting.answer));
            }
            (Some(_), Some(_)) | (None, None) => return Err(RefusalCode::ChoiceInvalid.into()),
        };
        let payment = Payment { id, caller, request, body: awaiting.body, pin_block, surrogate_pan, now };
        let served = self.serve(&payment, holder, Some((chosen, &awaiting.offered))).await;
        self.conclude(&payment, served).await
    }

    /// ② and on: the candidates, the choice, the provider's own rules.
    async fn serve(
        &self,
        payment: &Payment<'_>,
        holder: enishi_verify::ProvenHolder,
        chosen: Option<(LinkId, &[(ChoiceHandle, LinkId)])>,
    ) -> Result<Outcome, Stop> {
        let ask = payment.request.contract.as_ref().map_or(Ask::Joint, Ask::Contract);
        let gathered = Candidates::gather(holder, ask, self.linkage(), payment.now);
        let candidates = self.timed(Hop::Link, gathered).await?;
        let (candidate, offered) = match chosen {
            Some((link, offered)) => (candidates.choose(link)?, offered),
            None => match candidates.only() {
                Ok(candidate) => (candidate, [].as_slice()),
                Err(candidates) => return self.ask_choice(payment, &candidates).await,
            },
        };
        let policy = *candidate.policy();
        let unbound = payment.request.amount_binding == AmountBinding::Unbound;
        let unbound_allowed = matches!(policy.amount, AmountPolicy::UnboundUpTo(ceiling)
            if payment.request.amount.minor() <= ceiling.minor());
        if unbound && !unbound_allowed {
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
                let answer = self.timed(Hop::Clear, cleared).await?;
                self.forward(payment, &answer, None).await
            }
            AnyCandidate::Entrusted(candidate) => {
                let cleared = candidate.clear(&*self.ports.revocation, &*self.ports.meter, payment.now);
                let answer = self.timed(Hop::Clear, cleared).await?;
                let evidence = self.sealed_evidence(answer.contract().id(), &answer.evidence())?;
                self.forward(payment, &answer, Some(evidence)).await
            }
        }
    }

    /// Several links serve: the holder chooses, never the clerk. Each entry has a handle that is good once.
    async fn ask_choice(&self, payment: &Payment<'_>, candidates: &Candidates) -> Result<Outcome, Stop> {
        let entries = candidates.entries(&*self.ports.revocation, payment.now).await?;
        let entries: Vec<_> = entries
            .into_iter()
            .map(|entry| (ChoiceHandle::from_random(self.ports.entropy.octets()), entry))
            .collect();
        let shown = |(handle, entry): &(ChoiceHandle, enishi_linkage::Entry)| Choice {
            handle: *handle,
            label: entry.label.expose().to_owned(),
        };
        let need = Need { choose: entries.iter().map(shown).collect(), pin: None };
        let offered = entries.iter().map(|(handle, entry)| (*handle, entry.link)).collect();
        self.ask(payment, need, offered, None).await
    }

    /// The provider's rules want its own PIN. That a card is linked is told only after a look at the list.
    async fn ask_pin(
        &self,
        payment: &Payment<'_>,
        candidate: &AnyCandidate,
        offered: &[(ChoiceHandle, LinkId)],
    ) -> Result<Outcome, Stop> {
        candidate.stands_on_list(&*self.ports.revocation, payment.now).await?;
        let need = Need { choose: Vec::new(), pin: Some(PinNeed { surrogate_pan: payment.surrogate_pan }) };
        let chosen = Some((candidate.contract().clone(), candidate.link()));
        self.ask(payment, need, offered.to_vec(), chosen).await
    }

    async fn ask(
        &self,
        payment: &Payment<'_>,
        need: Need,
        offered: Vec<(ChoiceHandle, LinkId)>,
        chosen: Option<(enishi_party::ContractId, LinkId)>,
    ) -> Result<Outcome, Stop> {
        let answer = PaymentAnswer { payment: payment.id, status: PaymentStatus::Need(need) };
        let until = payment.now + self.limits.question_life;
        let awaiting =
            Awaiting { body: payment.body.clone(), offered, chosen, answer: answer.clone(), until };
        match self.ports.journal.await_input(payment.id, &awaiting, payment.now).await? {
            true => Ok(Outcome::Answered(answer)),
            false => Err(Stop::Superseded),
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
        let authorizing = Authorizing {
            provider: provider.clone(),
            contract: contract.clone(),
            message: message::encode(&plain)?,
            assertion: assertion.id,
            evidence,
        };
        if !self.ports.journal.authorize(*id, &authorizing, *now).await? {
            return Err(Stop::Superseded);
        }
        let sent = match &block {
            Some(block) => message::with_pin(&plain, &payment.surrogate_pan, block),
            None => plain.clone(),
        };
        let exchange = self.ports.switch.exchange(&provider, &sent, self.limits.answer_timeout);
        let (outcome, unknown) = match self.timed(Hop::Provider, exchange).await {
            Ok(reply) => match message::verdict(&plain, &reply) {
                Verdict::Approved(number) => {
                    (self.approved(payment, answer.label().expose(), number.as_str(), trace), false)
                }
                Verdict::Declined(code) => (declined(*id, code.as_str()), false),
                Verdict::Unusable => {
                    let octets = message::encode(&reply)?;
                    self.ports.reversals.quarantine(&provider, &octets, self.now()).await?;
                    (declined(*id, NOT_COMPLETED), true)
                }
            },
            // Nothing left: nothing to take back.
            Err(SwitchError::NotSent) => (declined(*id, NOT_COMPLETED), false),
            // flows A3: an unknown debit is reversed, and the reversal is written before anyone is answered.
            Err(SwitchError::Unanswered) => (declined(*id, NOT_COMPLETED), true),
        };
        let reversal =
            if unknown { Some(self.reversal_of(*id, &provider, &authorizing.message).await?) } else { None };
        match self.ports.journal.close(*id, &outcome, reversal.as_ref(), self.now()).await? {
            true => Ok(outcome),
            // A cancellation came first, and has queued the reversal.
            false => Err(Stop::Superseded),
        }
    }

    fn approved(
        &self,
        payment: &Payment<'_>,
        label: &str,
        number: &str,
        trace: crate::journal::Trace,
    ) -> Outcome {
        let approval = Approval {
            approval_number: number.to_owned(),
            retrieval_reference: format!("{:012}", trace.number),
            label: label.to_owned(),
        };
        Outcome::Answered(PaymentAnswer { payment: payment.id, status: PaymentStatus::Approved(approval) })
    }

    /// The PIN block under the provider's zone key, over the same surrogate PAN.
    fn zone_block(
        &self,
        payment: &Payment<'_>,
        provider: &enishi_party::ProviderId,
    ) -> Result<Option<PinBlock>, Stop> {
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

    pub(crate) async fn reversal_of(
        &self,
        payment: PaymentId,
        provider: &enishi_party::ProviderId,
        message: &[u8],
    ) -> Result<Reversal, Fault> {
        let trace = self.ports.records.next_trace(provider).await?;
        let message = message::reversal(message, trace, self.now())?;
        Ok(Reversal { payment, provider: provider.clone(), message })
    }

    /// What an earlier request under this key became; none where the key is new.
    async fn stored(
        &self,
        key: &RequestKey,
        body_sha256: &[u8; 32],
    ) -> Result<Option<Result<Outcome, Stop>>, Stop> {
        let Some(row) = self.ports.journal.find(key).await? else { return Ok(None) };
        if row.body_sha256 != *body_sha256 {
            return Err(RefusalCode::IdempotencyMismatch.into());
        }
        Ok(Some(match row.state {
            PaymentState::Closed(closed) => Ok(closed.outcome),
            PaymentState::Awaiting(awaiting) => Ok(Outcome::Answered(awaiting.answer)),
            PaymentState::Proven | PaymentState::Authorizing(_) => Err(RefusalCode::RequestInFlight.into()),
        }))
    }

    /// A refusal after the proof is the payment's end, and is remembered; a fault ends it undone.
    async fn conclude(&self, payment: &Payment<'_>, served: Result<Outcome, Stop>) -> Result<Outcome, Stop> {
        match served {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Superseded) => match self.ports.journal.get(payment.id).await?.map(|row| row.state) {
                Some(PaymentState::Closed(closed)) => Ok(closed.outcome),
                _ => Err(RefusalCode::RequestInFlight.into()),
            },
            Err(Stop::Fault(fault)) => {
                tracing::error!(payment = %payment.id, %fault, "payment not completed");
                // Where money may have moved, the row stays `authorizing`: a cancellation or the next start reverses it.
                let row = self.ports.journal.get(payment.id).await?;
                if matches!(row.map(|row| row.state), Some(PaymentState::Proven | PaymentState::Awaiting(_)))
                {
                    let outcome = declined(payment.id, "96");
                    self.ports.journal.close(payment.id, &outcome, None, self.now()).await?;
                    return Ok(outcome);
                }
                Err(fault.into())
            }
            Err(stop) => self.close_refused(payment.id, stop, payment.now).await,
        }
    }

    async fn close_refused(&self, id: PaymentId, stop: Stop, now: Timestamp) -> Result<Outcome, Stop> {
        let code = match stop {
            Stop::Refused(code) => code,
            Stop::Malformed(_) => RefusalCode::MalformedRequest,
            other => return Err(other),
        };
        let outcome = Outcome::Refused(code);
        match self.ports.journal.close(id, &outcome, None, now).await? {
            true => Ok(outcome),
            false => Err(RefusalCode::RequestInFlight.into()),
        }
    }
}

pub(crate) fn declined(payment: PaymentId, response_code: &str) -> Outcome {
    let status = PaymentStatus::Declined { response_code: response_code.to_owned() };
    Outcome::Answered(PaymentAnswer { payment, status })
}

fn offered(offered: &[(ChoiceHandle, LinkId)], handle: ChoiceHandle) -> Option<LinkId> {
    offered.iter().find(|(known, _)| *known == handle).map(|(_, link)| *link)
}

fn pin_block(octets: Octets) -> Result<PinBlock, Stop> {
    let octets: [u8; 16] = octets.0.try_into().map_err(|_| Stop::Malformed("a PIN block has 16 octets"))?;
    Ok(PinBlock::from_octets(octets))
}

/// The PIN block leaves the request at once: neither journal nor digest ever has it.
fn take_pin_block(mut request: PaymentRequest) -> Result<(PaymentRequest, Option<PinBlock>), Stop> {
    let block = request.pin_block.take().map(pin_block).transpose()?;
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
