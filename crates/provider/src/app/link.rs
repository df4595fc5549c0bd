//! Enrolment as the company sees it: begin, and finish in the same session or on an invitation.

use std::fmt;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use enishi_party::broken::{Check, is_broken};
use enishi_party::{InstrumentRef, IntentId, RefusalCode, Timestamp, VerifierModel};
use enishi_wire::{
    ConfirmOutcome, ConfirmationAnswer, ConsentReceipt, ConsentTerms, RedeemAnswer, RedeemRequest,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::AppProblem;
use super::{LoggedIn, answer, read_json};
use crate::invitation::JointOffer;
use crate::session::{BearerSecret, Bringer, PendingLink, SESSION_LIFE};
use crate::{
    Card, CardSlot, Customer, EnrolmentEvidence, NewTie, Provider, RecheckRefused, RelayError, TieOutcome,
    Trust,
};

/// Longest one-time code, in characters, that is passed on to the relay.
const CODE_LENGTH_MAX: usize = 256;

/// `POST /app/links`
#[derive(JsonSchema, Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// Which card.
    #[schemars(range(min = 0, max = 31))]
    pub card: u8,
    /// Whether it may be offered beside cards of other companies.
    pub offer_jointly: bool,
}

/// What the customer takes to a terminal or phone.
#[derive(JsonSchema, Debug, Clone, Serialize, Deserialize)]
pub struct LinkStarted {
    /// The relay's name for the intent.
    pub intent: IntentId,
    /// Seconds until it ends.
    pub life_s: u64,
}

/// `POST /app/link-callback` and `/app/invitation-callback`: what is brought back.
#[derive(JsonSchema, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkCallback {
    /// The state that the relay returned.
    #[schemars(regex(pattern = "^[0-9A-Fa-f]{64}$"), length(equal = 64))]
    pub state: String,
    /// The relay's one-time code.
    #[schemars(length(min = 1, max = CODE_LENGTH_MAX))]
    pub code: String,
}

impl fmt::Debug for LinkCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCallback(…)")
    }
}

/// The card is linked.
#[derive(JsonSchema, Clone, Serialize, Deserialize)]
pub struct LinkAnswer {
    /// The card, as its holder knows it.
    pub label: String,
}

impl fmt::Debug for LinkAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkAnswer(…)")
    }
}

pub(super) async fn begin(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, AppProblem> {
    let now = provider.ports.clock.now();
    let LoggedIn { session, customer } = provider.logged_in(&headers, now).await?;
    let request: LinkRequest = read_json(&body)?;
    let slot = CardSlot::try_from(request.card).map_err(|_| AppProblem::NoSuchCard)?;
    let card = provider.card(&customer.id, slot).await?;
    let ports = &provider.ports;
    let offer = if request.offer_jointly { JointOffer::Yes } else { JointOffer::No };
    let (intent, state) = provider.link_intent(&customer.id, &card, &provider.config.callback, offer);
    let key = hex::encode(ports.entropy.octets::<16>()).parse().map_err(|_| AppProblem::Fault)?;
    let created = ports.relay.create_intent(&intent, &key).await?;
    let pending = PendingLink {
        bringer: Bringer::Session(session),
        state: state.digest(),
        intent: created.intent,
        customer: customer.id,
        slot,
        until: now.saturating_add(SESSION_LIFE).map_err(|_| AppProblem::Fault)?,
    };
    ports.sessions.remember(pending).await?;
    answer(StatusCode::CREATED, &LinkStarted { intent: created.intent, life_s: created.life_s })
}

/// `POST /app/link-callback`, in the session that began the link.
pub(super) async fn finish(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, AppProblem> {
    let now = provider.ports.clock.now();
    let LoggedIn { session, customer } = provider.logged_in(&headers, now).await?;
    let brought = Brought::read(&body)?;
    // Another session's state is as unknown as one that never was: nobody finishes what another began.
    let pending =
        provider.ports.sessions.take(Bringer::Session(session), brought.state.digest(), now).await?;
    let pending = pending.filter(|pending| pending.customer == customer.id).ok_or(UNKNOWN)?;
    provider.finish_link(&customer, &pending, brought, now).await
}

/// `POST /app/invitation-callback`, without a session: the state is the invitation's one-time secret, which the relay
/// gives to whoever tapped; that this is the invited customer, name and birth date say.
pub(super) async fn finish_invited(
    State(provider): State<Arc<Provider>>,
    body: Bytes,
) -> Result<Response, AppProblem> {
    let now = provider.ports.clock.now();
    let brought = Brought::read(&body)?;
    let pending = provider.ports.sessions.take(Bringer::Invited, brought.state.digest(), now).await?;
    let pending = pending.ok_or(UNKNOWN)?;
    let customer = provider.active_customer(&pending.customer).await?.ok_or(UNKNOWN)?;
    provider.finish_link(&customer, &pending, brought, now).await
}

/// A state that never was, was used, is over, or is another's.
const UNKNOWN: AppProblem = AppProblem::Refused(RefusalCode::IntentInvalid);

/// A callback whose form is right.
struct Brought {
    state: BearerSecret,
    code: String,
}

impl Brought {
    fn read(body: &[u8]) -> Result<Self, AppProblem> {
        let LinkCallback { state, code } = read_json(body)?;
        if !(1..=CODE_LENGTH_MAX).contains(&code.chars().count()) {
            return Err(AppProblem::Malformed);
        }
        Ok(Self { state: state.parse().map_err(|_| UNKNOWN)?, code })
    }
}

/// The company's word on a pending link.
struct Verdict {
    link: enishi_party::LinkId,
    outcome: ConfirmOutcome,
}

impl Provider {
    /// Redeems the code, compares who proved with the customer, and tells the relay.
    async fn finish_link(
        &self,
        customer: &Customer,
        pending: &PendingLink,
        brought: Brought,
        now: Timestamp,
    ) -> Result<Response, AppProblem> {
        let card = self.card(&customer.id, pending.slot).await?;
        let redeem = RedeemRequest { code: brought.code, state: brought.state.expose() };
        let redeemed = self.ports.relay.redeem(pending.intent, &redeem).await?;
        let verdict = self.judge(customer, pending, &card, redeemed, now).await?;
        self.conclude(verdict).await?;
        answer(StatusCode::OK, &LinkAnswer { label: card.label.expose().to_owned() })
    }

    async fn card(&self, customer: &enishi_party::CustomerId, slot: CardSlot) -> Result<Card, AppProblem> {
        let cards = self.ports.register.cards(customer).await?;
        cards.into_iter().find(|card| card.slot == slot).ok_or(AppProblem::NoSuchCard)
    }

    /// Compares who proved with whose link it is, and stores the tie; durable before the relay hears of it.
    async fn judge(
        &self,
        customer: &Customer,
        pending: &PendingLink,
        card: &Card,
        redeemed: RedeemAnswer,
        now: Timestamp,
    ) -> Result<Verdict, AppProblem> {
        let link = redeemed.link;
        let trust = &self.config.trust;
        if !trust.receipt_holds(&redeemed.receipt, pending, card) || !trust.answer_fits(&redeemed) {
            tracing::error!(%link, "the relay redeemed something else than was begun");
            return Err(AppProblem::Fault);
        }
        let same = customer.is_holder(&redeemed.holder.name, &redeemed.holder.birth_date);
        if !same && !is_broken(Check::IdentityMatch) {
            return Ok(Verdict { link, outcome: ConfirmOutcome::IdentityMismatch });
        }
        let instrument = InstrumentRef::from_random(self.ports.entropy.octets());
        let customer = customer.id.clone();
        let consent_sha256 = terms_sha256(&redeemed.receipt.terms)?;
        let tie = NewTie {
            instrument,
            customer: customer.clone(),
            slot: pending.slot,
            link,
            pairwise: redeemed.pairwise,
            receipt: redeemed.receipt,
        };
        if self.ports.conversions.tie(tie, now).await? == TieOutcome::Conflict {
            return Ok(Verdict { link, outcome: ConfirmOutcome::Conflict });
        }
        let Some(sealed) = redeemed.evidence else {
            return Ok(Verdict { link, outcome: ConfirmOutcome::Confirmed { instrument } });
        };
        let intent = pending.intent;
        let evidence = EnrolmentEvidence { customer, instrument, link, intent, consent_sha256, sealed };
        match self.ports.recheck.enrolled(&evidence, now).await {
            Ok(()) => Ok(Verdict { link, outcome: ConfirmOutcome::Confirmed { instrument } }),
            Err(refused) => {
                self.ports.conversions.untie(instrument).await?;
                match refused {
                    RecheckRefused::Disproved => {
                        Ok(Verdict { link, outcome: ConfirmOutcome::IdentityMismatch })
                    }
                    // The link runs out at the relay by itself; the customer may try again.
                    RecheckRefused::Unavailable => Err(AppProblem::Fault),
                }
            }
        }
    }

    /// Tells the relay, and takes the tie back where the relay did not take it.
    ///
    /// Where no answer comes the tie stays: the relay may have heard, and then payments will name the instrument.
    async fn conclude(&self, verdict: Verdict) -> Result<(), AppProblem> {
        let Verdict { link, outcome } = verdict;
        let told = self.ports.relay.confirm(link, &outcome).await;
        let refusal = match outcome {
            ConfirmOutcome::Confirmed { instrument } => {
                let refused = match told {
                    Ok(ConfirmationAnswer::Active) => return Ok(()),
                    Ok(ConfirmationAnswer::RolledBack) => RefusalCode::IntentInvalid,
                    Err(RelayError::Refused { code: Some(code), .. }) => code,
                    Err(error) => return Err(error.into()),
                };
                self.ports.conversions.untie(instrument).await?;
                refused
            }
            ConfirmOutcome::IdentityMismatch => RefusalCode::IdentityMismatch,
            ConfirmOutcome::Conflict => RefusalCode::LinkConflict,
        };
        tracing::info!(%link, refusal = refusal.code(), "a link was not confirmed");
        Err(AppProblem::Refused(refusal))
    }
}

/// What the card signed of the terms.
fn terms_sha256(terms: &ConsentTerms) -> Result<String, AppProblem> {
    let octets = serde_json_canonicalizer::to_vec(terms).map_err(|_| AppProblem::Fault)?;
    Ok(hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &octets)))
}

impl Trust {
    /// Whether the relay gives what the model allows: a pairwise ID under 代行, evidence under 委託, never the other.
    fn answer_fits(&self, redeemed: &RedeemAnswer) -> bool {
        match self.model {
            VerifierModel::Proxy => redeemed.pairwise.is_some() && redeemed.evidence.is_none(),
            VerifierModel::Entrusted => redeemed.pairwise.is_none() && redeemed.evidence.is_some(),
        }
    }

    /// Whether the receipt is the relay's, and of the consent to this very link.
    fn receipt_holds(&self, receipt: &ConsentReceipt, pending: &PendingLink, card: &Card) -> bool {
        let terms = &receipt.terms;
        let same = terms.intent == pending.intent
            && terms.contract == self.contract
            && terms.model == self.model
            && terms.label == card.label.expose();
        let signed = serde_json::json!({
            "consent": receipt.consent,
            "terms": receipt.terms,
            "given_at": receipt.given_at,
        });
        let octets = serde_json_canonicalizer::to_vec(&signed);
        same && octets.is_ok_and(|octets| self.relay_key.check(&octets, &receipt.signature.0).is_ok())
    }
}
