//! ① to ③: from what a terminal sent to a proven holder, with the context rebuilt from what the relay itself knows.

use aws_lc_rs::digest;
use enishi_jpki::{Challenge, Context, EnrolContext, Nonce, PayContext, PayUnboundContext, Token};
use enishi_party::broken::{Check, is_broken};
use enishi_party::{IntentId, RefusalCode, SurrogatePan, Timestamp};
use enishi_verify::{ProvenHolder, prove};
use enishi_wire::{AmountBinding, PaymentRequest};

use crate::question::QUESTIONS_MAX;
use crate::relay::{Relay, TerminalEntry};
use crate::stop::Stop;
use crate::tickets::Caller;

/// Whether the ticket's age counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// A new proof.
    Required,
    /// The ticket was consumed by this very payment; its holder is proven again for the continuation.
    Consumed,
}

/// A proof that is genuine; whether its ticket is unused the journal says.
pub(crate) struct Proven {
    pub(crate) holder: ProvenHolder,
    pub(crate) ticket_sha256: [u8; 32],
    pub(crate) ticket_until: Timestamp,
    pub(crate) surrogate_pan: SurrogatePan,
}

impl Relay {
    /// The caller's entry. Terminal and merchant come from certificate and register; a body that disagrees is refused, not
    /// corrected.
    pub(crate) fn payee(&self, caller: &Caller, request: &PaymentRequest) -> Result<&TerminalEntry, Stop> {
        let entry = self.terminal(caller)?;
        let own = request.terminal == caller.terminal && request.merchant == entry.merchant;
        if !own && !is_broken(Check::CallerIdentity) {
            return Err(Stop::Refused(RefusalCode::ClientNotAllowed));
        }
        Ok(entry)
    }

    /// Proves the holder of a payment.
    pub(crate) fn prove_payment(
        &self,
        caller: &Caller,
        request: &PaymentRequest,
        freshness: Freshness,
        now: Timestamp,
    ) -> Result<Proven, Stop> {
        let entry = self.payee(caller, request)?;
        let context = |surrogate_pan| match request.amount_binding {
            AmountBinding::Bound => Context::Pay(PayContext {
                relay: self.register.relay.clone(),
                terminal: caller.terminal.clone(),
                merchant: entry.merchant.clone(),
                slip: request.slip.clone(),
                amount: request.amount,
                payment_type: request.payment_type,
                surrogate_pan,
            }),
            AmountBinding::Unbound => Context::PayUnbound(PayUnboundContext {
                relay: self.register.relay.clone(),
                terminal: caller.terminal.clone(),
                merchant: entry.merchant.clone(),
                slip: request.slip.clone(),
                surrogate_pan,
            }),
        };
        self.prove(caller, &request.token, &request.nonce, freshness, now, context)
    }

    /// Proves the holder of an enrolment.
    pub(crate) fn prove_enrolment(
        &self,
        caller: &Caller,
        token: &serde_json::Value,
        nonce: &str,
        intent: IntentId,
        consent_sha256: &str,
        now: Timestamp,
    ) -> Result<Proven, Stop> {
        let context = |_| {
            Context::Enrol(EnrolContext {
                relay: self.register.relay.clone(),
                terminal: caller.terminal.clone(),
                intent,
                consent_sha256: consent_sha256.to_owned(),
            })
        };
        self.prove(caller, token, nonce, Freshness::Required, now, context)
    }

    /// Ticket, context and proof are all checked; of several refusals the earliest in the list is told.
    fn prove(
        &self,
        caller: &Caller,
        token: &serde_json::Value,
        nonce: &str,
        freshness: Freshness,
        now: Timestamp,
        context: impl FnOnce(SurrogatePan) -> Context,
    ) -> Result<Proven, Stop> {
        let token =
            Token::from_json(token).map_err(|_| Stop::Malformed("token is not a web-eid:1.0 token"))?;
        let nonce =
            Nonce::parse(nonce).map_err(|_| Stop::Malformed("nonce is not 120 characters of base64"))?;
        let (ticket, keys, limits) = (nonce.ticket(), &self.secrets.tickets, &self.limits);
        let expired = |_| Stop::Refused(RefusalCode::ChallengeExpired);
        // A ticket of an unknown key has no surrogate PAN. It is refused below, in its turn; any number does until then.
        let surrogate_pan = keys.surrogate_pan(&ticket).unwrap_or_else(|_| SurrogatePan::from_random(0));
        let context = context(surrogate_pan);
        let life = match freshness {
            Freshness::Required => limits.ticket_life,
            Freshness::Consumed => {
                limits.ticket_life + QUESTIONS_MAX * limits.question_life + limits.answer_timeout
            }
        };
        let checked = keys.check(&ticket, &self.register.origin, &caller.holder(), now, life, limits.skew);
        let stale =
            (checked.is_err() && !is_broken(Check::TicketHolder)).then_some(RefusalCode::ChallengeExpired);
        let other = context.digest() != *nonce.context_digest() && !is_broken(Check::Context);
        let other = other.then_some(RefusalCode::ContextMismatch);
        let challenge = Challenge::new(self.register.origin.clone(), nonce);
        let proof = prove(token, &challenge, context, &self.register.anchors, &self.register.profile, now);
        let unproven = proof.as_ref().err().map(enishi_verify::ProveError::refusal);
        match ([stale, other, unproven].into_iter().flatten().min(), proof) {
            (None, Ok(holder)) => Ok(Proven {
                holder,
                ticket_sha256: sha256(ticket.as_octets()),
                ticket_until: ticket.issued_at().map_err(expired)? + limits.ticket_life + limits.skew,
                surrogate_pan,
            }),
            (Some(refusal), _) => Err(Stop::Refused(refusal)),
            (None, Err(error)) => Err(Stop::Refused(error.refusal())),
        }
    }
}

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, octets).as_ref().try_into().unwrap_or_default()
}
