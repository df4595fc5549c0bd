//! The provider's side of an enrolment: it redeems the code, looks at its customer, and has the last word.

use std::time::Duration;

use enishi_linkage::{AnyContract, AnyLink, IntentStage, LinkState};
use enishi_party::{ContractId, InstrumentRef, IntentId, LinkId, ProviderId, RefusalCode, Timestamp};
use enishi_wire::{ConfirmOutcome, ConfirmationAnswer, RedeemAnswer, RedeemRequest};

use crate::observer::{Event, Stopped};
use crate::proof::sha256;
use crate::relay::Relay;
use crate::sealed_answer::open_answer;
use crate::stop::{Fault, Stop};

/// What a redeemed code gives its provider.
pub type Redeemed = RedeemAnswer;

/// How long a link waits for its provider.
const PENDING_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

impl Relay {
    /// The provider redeems the code that its customer's session brought.
    ///
    /// # Errors
    /// `intent_invalid` for any code, state, session or time but the right ones, and for any caller but its provider.
    pub async fn redeem(
        &self,
        caller: &ProviderId,
        id: IntentId,
        request: RedeemRequest,
    ) -> Result<Redeemed, Stop> {
        let invalid = Stop::Refused(RefusalCode::IntentInvalid);
        let now = self.now();
        let Some((intent, IntentStage::Consented(consented))) = self.ports.intents.get(id).await? else {
            return Err(invalid);
        };
        self.contract_of_intent(caller, &intent.contract)?;
        let same = |a: &[u8], b: &[u8]| aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok();
        let right = same(&sha256(request.code.as_bytes()), &consented.code_sha256)
            && same(&sha256(request.state.as_bytes()), &sha256(intent.state.0.as_bytes()));
        if !right || now > consented.code_expires_at {
            return Err(invalid);
        }
        let answer = open_answer(&request.code, &consented.sealed_answer)?;
        match self.ports.intents.redeem(id, now).await? {
            true => Ok(answer),
            false => Err(invalid),
        }
    }

    /// The provider's word: the link serves from now on, or never was. A confirmation may be said again.
    ///
    /// # Errors
    /// `intent_invalid` where no link of that name waits for this provider; `link_conflict` where the card was linked in
    /// this contract meanwhile: the link is taken back.
    pub async fn confirm(
        &self,
        caller: &ProviderId,
        link: LinkId,
        outcome: ConfirmOutcome,
    ) -> Result<ConfirmationAnswer, Stop> {
        let told = self.last_word(caller, link, outcome).await;
        let event = told.as_ref().map(Clone::clone).map_err(Stopped::from);
        self.event(&Event::Confirmation(event));
        told
    }

    async fn last_word(
        &self,
        caller: &ProviderId,
        link: LinkId,
        outcome: ConfirmOutcome,
    ) -> Result<ConfirmationAnswer, Stop> {
        let invalid = || Stop::Refused(RefusalCode::IntentInvalid);
        let now = self.now();
        let Some(intent) = self.ports.intents.of_link(link).await? else {
            return self.confirmed_before(caller, link, &outcome).await;
        };
        let contract = self.contract_of_intent(caller, &intent.contract)?;
        let answer = match outcome {
            ConfirmOutcome::Confirmed { instrument } => {
                self.activate(contract, link, instrument, now).await?
            }
            ConfirmOutcome::IdentityMismatch | ConfirmOutcome::Conflict => {
                match self.ports.links.roll_back(contract, link, now).await? {
                    true => Ok(ConfirmationAnswer::RolledBack),
                    false => return Err(invalid()),
                }
            }
        };
        self.ports.intents.close(intent.id, now).await?;
        answer.map_err(Stop::Refused)
    }

    /// Takes away links that no provider confirmed for a day.
    ///
    /// # Errors
    /// The store's fault.
    pub async fn expire_links(&self) -> Result<u64, Fault> {
        let before = self.now() - PENDING_LIFE;
        let mut expired = 0;
        for contract in self.register.contracts.iter() {
            expired += self.ports.links.expire_pending(contract, before).await?;
        }
        Ok(expired)
    }

    /// The link serves from now on; or the card was linked meanwhile, and this link never was.
    async fn activate(
        &self,
        contract: &AnyContract,
        link: LinkId,
        instrument: InstrumentRef,
        now: Timestamp,
    ) -> Result<Result<ConfirmationAnswer, RefusalCode>, Stop> {
        let links = &self.ports.links;
        if links.activate(contract, link, instrument, now).await? {
            return Ok(Ok(ConfirmationAnswer::Active));
        }
        match links.get(contract, link).await?.as_ref().map(AnyLink::state) {
            // A process stopped between the two writes of this confirmation.
            Some(LinkState::Active(standing)) if *standing == instrument => {
                Ok(Ok(ConfirmationAnswer::Active))
            }
            Some(LinkState::PendingConfirm) => {
                links.roll_back(contract, link, now).await?;
                Ok(Err(RefusalCode::LinkConflict))
            }
            Some(LinkState::Active(_)) | None => Err(RefusalCode::IntentInvalid.into()),
        }
    }

    /// The same confirmation again, after its answer was lost: a provider that took it for a refusal would forget its side
    /// of a link that stands.
    async fn confirmed_before(
        &self,
        caller: &ProviderId,
        link: LinkId,
        outcome: &ConfirmOutcome,
    ) -> Result<ConfirmationAnswer, Stop> {
        if let ConfirmOutcome::Confirmed { instrument } = outcome {
            for contract in self.contracts_of(caller) {
                let standing = self.ports.links.get(contract, link).await?;
                if standing.is_some_and(|link| *link.state() == LinkState::Active(*instrument)) {
                    return Ok(ConfirmationAnswer::Active);
                }
            }
        }
        Err(RefusalCode::IntentInvalid.into())
    }

    /// The contract of an intent, for its own provider; to everyone else the intent does not exist.
    fn contract_of_intent(&self, caller: &ProviderId, id: &ContractId) -> Result<&AnyContract, Stop> {
        self.own_contract(caller, id).map_err(|stop| match stop {
            Stop::Refused(RefusalCode::ClientNotAllowed) => RefusalCode::IntentInvalid.into(),
            other => other,
        })
    }
}
