//! What a holder is asked within a payment, and the answer: the same session, never a second tap (slides 9 and 12).

use enishi_linkage::{AnyCandidate, Candidates};
use enishi_party::{ChoiceHandle, ContractId, LinkId, PaymentId, RefusalCode};
use enishi_wire::{Choice, ContinueRequest, Need, PaymentAnswer, PaymentRequest, PaymentStatus, PinNeed};

use crate::course::Course;
use crate::credit::{Payment, pin_block};
use crate::journal::{Awaiting, Outcome, PaymentState};
use crate::observer::Hop;
use crate::proof::Freshness;
use crate::relay::Relay;
use crate::stop::{Fault, Stop};
use crate::tickets::Caller;

/// Most questions in one payment: which instrument, and its company's PIN.
pub(crate) const QUESTIONS_MAX: u32 = 2;

/// What a continuation amounts to.
enum Next {
    /// The link is settled.
    Serve(LinkId),
    /// The question stands as it was asked.
    AskAgain,
}

impl Relay {
    /// The holder's answer to what was asked.
    ///
    /// An answer that is malformed, or names an entry that was not offered, changes nothing: the question stands, and can
    /// be answered until it ends.
    ///
    /// # Errors
    /// As [`Relay::pay`]; `choice_invalid` where this terminal has no such payment.
    pub async fn go_on(
        &self,
        caller: &Caller,
        id: PaymentId,
        answer: ContinueRequest,
    ) -> Result<Outcome, Stop> {
        let course = self.course();
        let told = self.go_further(&course, caller, id, answer).await;
        course.end(&told);
        told
    }

    async fn go_further(
        &self,
        course: &Course<'_>,
        caller: &Caller,
        id: PaymentId,
        answer: ContinueRequest,
    ) -> Result<Outcome, Stop> {
        let now = self.now();
        let row = self.ports.journal.get(id).await?.filter(|row| row.request.terminal == caller.terminal);
        let row = row.ok_or(Stop::Refused(RefusalCode::ChoiceInvalid))?;
        course.payment(id);
        let awaiting = match row.state {
            PaymentState::Awaiting(awaiting) => awaiting,
            PaymentState::Closed(closed) => {
                course.repeats();
                return Ok(closed.outcome);
            }
            PaymentState::Proven | PaymentState::Authorizing(_) => {
                return Err(RefusalCode::RequestInFlight.into());
            }
        };
        let pin_block = answer.pin_block.as_ref().map(pin_block).transpose()?;
        let request: PaymentRequest = serde_json::from_slice(&awaiting.body)
            .map_err(|_| Fault::Making { what: "a stored request", reason: "unreadable".to_owned() })?;
        let prove = || self.prove_payment(caller, &request, Freshness::Consumed, now);
        let proven = match course.measured(Hop::Prove, prove) {
            Ok(proven) if now <= awaiting.until => proven,
            Ok(_) => return self.close_refused(id, RefusalCode::ChallengeExpired).await,
            // The certificate may have ended while the holder thought.
            Err(stop) => return self.conclude(id, Err(stop)).await,
        };
        let link = match next(&answer, &awaiting)? {
            Next::Serve(link) => link,
            Next::AskAgain => {
                course.repeats();
                return Ok(Outcome::Answered(awaiting.answer));
            }
        };
        let surrogate_pan = proven.surrogate_pan;
        let payment =
            Payment { id, course, caller, request, body: awaiting.body, pin_block, surrogate_pan, now };
        let served = self.serve(&payment, proven.holder, Some((link, &awaiting.offered))).await;
        self.conclude(id, served).await
    }

    /// Several links serve: the holder chooses, never the clerk. Each entry has a handle that is good once.
    pub(crate) async fn ask_choice(
        &self,
        payment: &Payment<'_>,
        candidates: &Candidates,
    ) -> Result<Outcome, Stop> {
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
    pub(crate) async fn ask_pin(
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
        chosen: Option<(ContractId, LinkId)>,
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
}

/// Reads an answer against its question.
fn next(answer: &ContinueRequest, awaiting: &Awaiting) -> Result<Next, Stop> {
    let named = answer
        .choice
        .map(|handle| awaiting.offered.iter().find(|(offered, _)| *offered == handle).map(|(_, link)| *link));
    match (named, awaiting.chosen.as_ref().map(|(_, link)| *link)) {
        (Some(Some(link)), None) => Ok(Next::Serve(link)),
        // Said again, after its answer was lost: the question that followed is asked again.
        (Some(Some(link)), Some(chosen)) if link == chosen && answer.pin_block.is_none() => {
            Ok(Next::AskAgain)
        }
        (None, Some(link)) if answer.pin_block.is_some() => Ok(Next::Serve(link)),
        (None, Some(_)) => Ok(Next::AskAgain),
        (Some(None), _) | (Some(Some(_)), Some(_)) | (None, None) => Err(RefusalCode::ChoiceInvalid.into()),
    }
}
