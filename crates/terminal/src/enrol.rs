//! Linking at a terminal: the terms read, both keys of the card used once.

use std::time::Duration;

use aws_lc_rs::digest;
use enishi_card::{CardError, PinKind, Proven, SignedBytes};
use enishi_jpki::{Challenge, Context, EnrolContext, Nonce};
use enishi_party::IntentId;
use enishi_wire::{
    Application, ConsentTerms, EnrolmentAnswer, EnrolmentRequest, IntentView, Octets, Problem,
};
use myna_card::Transmit;
use zeroize::Zeroizing;

use crate::hearing::{Heard, Question};
use crate::relay::Endpoint;
use crate::tap::Tap;
use crate::tickets::HeldTicket;
use crate::{
    CardRefused, Consent, Exposure, Holder, HopTiming, Purpose, Reply, Shown, Terminal, TerminalError, answer,
};

/// What became of a registration.
#[derive(Debug, Clone)]
pub enum EnrolOutcome {
    /// The relay keeps a pending link; callback, state and code take the holder back to the provider's session.
    Enrolled(Box<EnrolmentAnswer>),
    /// The relay refused.
    Refused {
        /// Why, and what to do.
        problem: Box<Problem>,
    },
    /// The card gave no proof or no signature; nothing was sent.
    CardRefused(CardRefused),
    /// The holder did not agree, or entered no PIN or password; nothing was sent.
    Withdrawn,
    /// No answer was heard. No link serves a payment before the provider has confirmed it, so nothing is taken back:
    /// the holder starts again from the provider's screen.
    NotCompleted,
}

/// A registration that has come to its end at this terminal.
#[derive(Debug, Clone)]
pub struct EnrolReport {
    /// What became of it.
    pub outcome: EnrolOutcome,
    /// How long each hop took.
    pub timing: HopTiming,
}

/// What the card gave.
struct Given {
    proven: Proven,
    nonce: Nonce,
    signed: SignedBytes,
}

/// Why the card gave nothing.
enum NotGiven {
    Card(CardError),
    Withdrawn,
}

impl From<CardError> for NotGiven {
    fn from(error: CardError) -> Self {
        Self::Card(error)
    }
}

impl Terminal {
    /// Registers a card with a provider: shows the terms, and on the holder's yes proves and signs.
    ///
    /// Nothing of it is written to the disk. `connect` as in [`Terminal::prepare_payment`].
    ///
    /// # Errors
    /// [`TerminalError::TermsAltered`] when the digest to be signed is not that of the terms, or the terms are another
    /// intent's or relay's; nobody was asked anything then.
    pub async fn enrol<T: Transmit>(
        &mut self,
        connect: impl FnOnce() -> Result<T, CardError>,
        intent: IntentId,
        holder: &mut dyn Holder,
    ) -> Result<EnrolReport, TerminalError> {
        let mut timing = HopTiming::default();
        let view = match self.relay.intent(intent, self.config.answer_wait).await {
            Reply::Answer(view) => view,
            Reply::Refusal(problem) => return Ok(report(EnrolOutcome::Refused { problem }, timing)),
            Reply::Lost(_) => return Ok(report(EnrolOutcome::NotCompleted, timing)),
        };
        let terms = self.check_terms(&view, intent)?;
        if holder.consent(&view.terms) == Consent::No {
            return Ok(report(EnrolOutcome::Withdrawn, timing));
        }
        let ticket = self.take_ticket().await?;
        let tapped = self.tap_to_enrol(connect, &view, &terms, holder, &ticket, &mut timing.card);
        let given = match tapped {
            Ok(given) => given,
            Err(NotGiven::Withdrawn) => return Ok(report(EnrolOutcome::Withdrawn, timing)),
            Err(NotGiven::Card(error)) => return Ok(report(EnrolOutcome::CardRefused(error.into()), timing)),
        };
        let outcome = self.send_enrolment(intent, &view.terms, given, &mut timing).await?;
        Ok(report(outcome, timing))
    }

    /// The canonical terms (RFC 8785), if they are what is shown and what the card is to sign.
    fn check_terms(&self, view: &IntentView, intent: IntentId) -> Result<Vec<u8>, TerminalError> {
        let terms = serde_json_canonicalizer::to_vec(&view.terms).map_err(|_| TerminalError::TermsAltered)?;
        let digest = hex::encode(digest::digest(&digest::SHA256, &terms));
        let sound =
            digest == view.consent_sha256 && view.terms.intent == intent && view.relay == *self.relay.party();
        if sound { Ok(terms) } else { Err(TerminalError::TermsAltered) }
    }

    fn tap_to_enrol<T: Transmit>(
        &self,
        connect: impl FnOnce() -> Result<T, CardError>,
        view: &IntentView,
        terms: &[u8],
        holder: &mut dyn Holder,
        ticket: &HeldTicket,
        spent: &mut Duration,
    ) -> Result<Given, NotGiven> {
        let context = Context::Enrol(EnrolContext {
            relay: ticket.relay.clone(),
            terminal: self.config.terminal.clone(),
            intent: view.terms.intent,
            consent_sha256: view.consent_sha256.clone(),
        });
        let nonce = Nonce::new(&ticket.ticket, &context);
        let challenge = Challenge::new(ticket.origin.clone(), nonce.clone());
        let mut tap = Tap::begin(connect)?;
        let given = prove_and_sign(&mut tap, view, terms, holder, &challenge);
        *spent = tap.end();
        let (proven, signed) = given?;
        Ok(Given { proven, nonce, signed })
    }

    async fn send_enrolment(
        &self,
        intent: IntentId,
        terms: &ConsentTerms,
        given: Given,
        timing: &mut HopTiming,
    ) -> Result<EnrolOutcome, TerminalError> {
        let request = EnrolmentRequest {
            intent,
            token: given.proven.into_token().to_json(),
            nonce: given.nonce.as_str().to_owned(),
            application: Application {
                certificate: Octets(given.signed.certificate_der().to_vec()),
                signature: Octets(given.signed.signature().to_vec()),
            },
        };
        let body = Zeroizing::new(serde_json::to_vec(&request).map_err(|_| TerminalError::Encoding)?);
        let key = self.new_key()?;
        let question =
            Question { endpoint: Endpoint::Enrolments, key: &key, body: &body, exposure: Exposure::NotSent };
        Ok(match self.hear(question, answer::enrolment, timing).await {
            // A receipt for other terms than those agreed to is no answer to this.
            Heard::Answer(answer) if answer.receipt.terms == *terms => {
                EnrolOutcome::Enrolled(Box::new(answer))
            }
            Heard::Refusal(problem) => EnrolOutcome::Refused { problem },
            Heard::Answer(_) | Heard::Nothing(_) => EnrolOutcome::NotCompleted,
        })
    }
}

fn prove_and_sign<T: Transmit>(
    tap: &mut Tap<T>,
    view: &IntentView,
    terms: &[u8],
    holder: &mut dyn Holder,
    challenge: &Challenge,
) -> Result<(Proven, SignedBytes), NotGiven> {
    let tries_left = tap.tries(PinKind::Authentication)?;
    let purpose = Purpose::Enrol { provider: &view.terms.provider };
    let pin = holder.auth_pin(&Shown { purpose, tries_left }).ok_or(NotGiven::Withdrawn)?;
    let proven = tap.prove(&pin, challenge, tries_left)?;
    let tries_left = tap.tries(PinKind::Signing)?;
    let password = holder.signing_password(tries_left).ok_or(NotGiven::Withdrawn)?;
    let signed = tap.sign(&password, terms, tries_left)?;
    Ok((proven, signed))
}

const fn report(outcome: EnrolOutcome, timing: HopTiming) -> EnrolReport {
    EnrolReport { outcome, timing }
}
