//! Linking at a terminal: the terms read, both keys of the card used once.

use aws_lc_rs::digest;
use enishi_card::{CardError, PinKind, Proven, SignedBytes, TokenKind};
use enishi_jpki::{AuthPin, Challenge, Context, EnrolContext, Nonce, SigningPassword};
use enishi_party::IntentId;
use enishi_wire::{
    Application, ConsentTerms, EnrolmentAnswer, EnrolmentRequest, IntentView, Octets, Problem,
};
use myna_card::Transmit;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::hearing::{Heard, Question};
use crate::relay::Endpoint;
use crate::tap::Tap;
use crate::tickets::HeldTicket;
use crate::visit::{Kept, Visit};
use crate::{
    CardRefused, Consent, Exposure, Holder, HopTiming, Progress, Purpose, Reply, SecretFate, Shown, TapAgain,
    Terminal, TerminalError, answer,
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

/// A registration whose card has not given everything yet.
struct Enrolling<'a> {
    view: &'a IntentView,
    /// The canonical terms, which the signing key signs.
    terms: &'a [u8],
    ticket: HeldTicket,
    pin: Option<Kept<AuthPin>>,
    proven: Option<(Proven, Nonce)>,
    password: Option<Kept<SigningPassword>>,
    /// Which secret the holder entered last.
    entered: Option<PinKind>,
}

impl Enrolling<'_> {
    const fn secret(&self) -> SecretFate {
        match (&self.pin, &self.password, &self.proven, self.entered) {
            (Some(_), ..) | (_, Some(_), ..) => SecretFate::Kept,
            // The proof is made; the password was not asked yet.
            (.., Some(_), Some(PinKind::Authentication)) | (.., None) => SecretFate::NotEntered,
            (.., Some(_)) => SecretFate::AskedAgain,
        }
    }

    fn prove<T: Transmit>(
        &mut self,
        tap: &mut Tap<T>,
        holder: &mut dyn Holder,
        context: Context,
    ) -> Result<(Proven, Nonce), NotGiven> {
        let nonce = Nonce::new(&self.ticket.ticket, &context);
        let challenge = Challenge::new(self.ticket.origin.clone(), nonce.clone());
        let tries_left = tap.tries(PinKind::Authentication)?;
        let kept = self.pin.take().and_then(|kept| kept.for_card_with(tries_left));
        let purpose = Purpose::Enrol { provider: &self.view.terms.provider };
        let pin = kept.or_else(|| holder.auth_pin(&Shown { purpose, tries_left }));
        let pin = pin.ok_or(NotGiven::Withdrawn)?;
        self.entered = Some(PinKind::Authentication);
        match tap.prove(&pin, &challenge, tries_left) {
            Ok(proven) => Ok((proven, nonce)),
            Err(error) => {
                let (which, token) = (PinKind::Authentication, tap.token());
                self.pin = Kept::unless_seen(pin, tries_left, &error, which, token);
                Err(error.into())
            }
        }
    }

    fn sign<T: Transmit>(
        &mut self,
        tap: &mut Tap<T>,
        holder: &mut dyn Holder,
    ) -> Result<SignedBytes, NotGiven> {
        let tries_left = tap.tries(PinKind::Signing)?;
        let kept = self.password.take().and_then(|kept| kept.for_card_with(tries_left));
        let password = kept.or_else(|| holder.signing_password(tries_left)).ok_or(NotGiven::Withdrawn)?;
        self.entered = Some(PinKind::Signing);
        match tap.sign(&password, self.terms, tries_left) {
            Ok(signed) => Ok(signed),
            Err(error) => {
                let (which, token) = (PinKind::Signing, tap.token());
                self.password = Kept::unless_seen(password, tries_left, &error, which, token);
                Err(error.into())
            }
        }
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
        mut connect: impl FnMut() -> Result<T, CardError>,
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
        let mut enrolling = Enrolling {
            view: &view,
            terms: &terms,
            ticket,
            pin: None,
            proven: None,
            password: None,
            entered: None,
        };
        let mut visit = Visit::new();
        let given = self.taps_to_enrol(&mut connect, &mut enrolling, holder, &mut visit).await;
        timing.card = visit.card;
        let given = match given {
            Ok(given) => given,
            Err(NotGiven::Withdrawn) => return Ok(report(EnrolOutcome::Withdrawn, timing)),
            Err(NotGiven::Card(error)) => return Ok(report(EnrolOutcome::CardRefused(error.into()), timing)),
        };
        self.tell(Progress::CardDone { took: timing.card });
        let outcome = self.send_enrolment(intent, &view.terms, given, &mut timing).await?;
        Ok(report(outcome, timing))
    }

    /// Tap after tap until the card has given both, or nobody taps any more.
    async fn taps_to_enrol<T: Transmit>(
        &mut self,
        connect: &mut impl FnMut() -> Result<T, CardError>,
        enrolling: &mut Enrolling<'_>,
        holder: &mut dyn Holder,
        visit: &mut Visit,
    ) -> Result<Given, NotGiven> {
        loop {
            let error = match self.tap_to_enrol(connect, enrolling, holder, visit) {
                Err(NotGiven::Card(error)) => error,
                done => return done,
            };
            if visit.goes_on(&error, enrolling.secret(), holder) == TapAgain::No {
                return Err(error.into());
            }
            let serves = enrolling.ticket.serves(Instant::now());
            if !self.renew_ticket(&mut enrolling.ticket).await {
                return Err(error.into());
            }
            if !serves {
                // The proof stands over the ticket that grew too old.
                enrolling.proven = None;
            }
        }
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
        connect: &mut impl FnMut() -> Result<T, CardError>,
        enrolling: &mut Enrolling<'_>,
        holder: &mut dyn Holder,
        visit: &mut Visit,
    ) -> Result<Given, NotGiven> {
        let mut tap = Tap::begin(connect, visit)?;
        let given = self.prove_and_sign(&mut tap, enrolling, holder);
        tap.end(visit);
        given
    }

    fn prove_and_sign<T: Transmit>(
        &self,
        tap: &mut Tap<T>,
        enrolling: &mut Enrolling<'_>,
        holder: &mut dyn Holder,
    ) -> Result<Given, NotGiven> {
        let (proven, nonce) = match enrolling.proven.take() {
            // A card shows its certificate to anyone, so another card is found out without a PIN.
            Some((proven, nonce)) if tap.token() == TokenKind::Card => {
                if let Err(error) = tap.is_card_of(&proven) {
                    enrolling.proven = Some((proven, nonce));
                    return Err(error.into());
                }
                (proven, nonce)
            }
            _ => {
                let context = Context::Enrol(EnrolContext {
                    relay: enrolling.ticket.relay.clone(),
                    terminal: self.config.terminal.clone(),
                    intent: enrolling.view.terms.intent,
                    consent_sha256: enrolling.view.consent_sha256.clone(),
                });
                enrolling.prove(tap, holder, context)?
            }
        };
        match enrolling.sign(tap, holder) {
            Ok(signed) => Ok(Given { proven, nonce, signed }),
            Err(not_given) => {
                enrolling.proven = Some((proven, nonce));
                Err(not_given)
            }
        }
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

const fn report(outcome: EnrolOutcome, timing: HopTiming) -> EnrolReport {
    EnrolReport { outcome, timing }
}
