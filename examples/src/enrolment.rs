//! How a customer's card is tied: three calls to the relay, and what is compared between them.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use enishi_party::{CustomerId, InstrumentRef, InvitationCode, RefusalCode, Timestamp, VerifierModel};
use enishi_provider::{EnrolmentEvidence, LinkCallback, PersonName, RelayError};
use enishi_wire::{
    ConfirmOutcome, ConfirmationAnswer, ConsentReceipt, Holder, IntentRequest, RedeemAnswer, RedeemRequest,
};

use crate::books::{Customer, Pending, Tie};
use crate::{Company, Fault, Verification};

/// What the operator hands to the customer, or the company's app shows after the login.
pub(crate) struct Invitation {
    pub(crate) code: InvitationCode,
    pub(crate) life_s: u64,
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotLinked {
    /// What the customer is told.
    #[error("{}", .0.code())]
    Refused(RefusalCode),
    /// Nothing is known for certain; the customer may begin again.
    #[error(transparent)]
    Failed(#[from] Fault),
}

impl From<RelayError> for NotLinked {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::Refused { code: Some(code), .. } => Self::Refused(code),
            error => Self::Failed(error.into()),
        }
    }
}

const UNKNOWN: NotLinked = NotLinked::Refused(RefusalCode::IntentInvalid);

impl Company {
    /// First call, `POST /v1/link-intents`: for a customer whom the company knows, by a secret that only the tap brings back.
    pub(crate) async fn invite(&self, id: &CustomerId, now: Timestamp) -> Result<Invitation, Fault> {
        let customer = self.books.customer(id)?.ok_or("no such customer")?;
        let state = hex::encode(self.entropy.octets::<32>());
        let request = IntentRequest {
            contract: self.contract.clone(),
            // Under 代行 the relay never hears the customer's name at the company.
            customer: match self.verification.model() {
                VerifierModel::Proxy => None,
                VerifierModel::Entrusted => Some(id.clone()),
            },
            callback: self.callback.to_string(),
            state: state.clone(),
            label: customer.label,
            offer_jointly: false,
        };
        let key = hex::encode(self.entropy.octets::<16>()).parse()?;
        let created = self.relay.create_intent(&request, &key).await?;
        let pending = Pending { intent: created.intent, customer: id.clone() };
        // A minute more than the intent: the code of its last moment may be on its way.
        let until = now.saturating_add(Duration::from_secs(created.life_s.saturating_add(60)))?;
        self.books.begin(digest(&SHA256, state.as_bytes()).as_ref(), &pending, until)?;
        Ok(Invitation { code: InvitationCode::of(created.intent), life_s: created.life_s })
    }

    /// Second and third call: redeem the code, compare who proved with the customer, confirm. Gives the card's label.
    pub(crate) async fn finish(&self, brought: LinkCallback, now: Timestamp) -> Result<String, NotLinked> {
        let LinkCallback { state, code } = brought;
        let state_sha256 = digest(&SHA256, state.as_bytes());
        let pending = self.books.take(state_sha256.as_ref(), now).map_err(Fault::from)?.ok_or(UNKNOWN)?;
        let customer = self.books.customer(&pending.customer).map_err(Fault::from)?.ok_or(UNKNOWN)?;
        let redeem = RedeemRequest { code, state };
        let redeemed = self.relay.redeem(pending.intent, &redeem).await?;
        let link = redeemed.link;
        let outcome = self.judge(&customer, &pending, redeemed, now).await?;
        let told = self.relay.confirm(link, &outcome).await.map_err(NotLinked::from);
        match (outcome, told) {
            (ConfirmOutcome::IdentityMismatch, _) => Err(NotLinked::Refused(RefusalCode::IdentityMismatch)),
            (ConfirmOutcome::Conflict, _) => Err(NotLinked::Refused(RefusalCode::LinkConflict)),
            (ConfirmOutcome::Confirmed { .. }, Ok(ConfirmationAnswer::Active)) => Ok(customer.label),
            // No answer: the relay may have heard, and then purchases will name the instrument. The tie stays.
            (ConfirmOutcome::Confirmed { .. }, Err(NotLinked::Failed(error))) => {
                Err(NotLinked::Failed(error))
            }
            (ConfirmOutcome::Confirmed { instrument }, told) => {
                self.books.untie(instrument).map_err(Fault::from)?;
                Err(told.err().unwrap_or(UNKNOWN))
            }
        }
    }

    /// The company's word on a link; where it is yes, the tie is on the disk.
    async fn judge(
        &self,
        customer: &Customer,
        pending: &Pending,
        redeemed: RedeemAnswer,
        now: Timestamp,
    ) -> Result<ConfirmOutcome, Fault> {
        let RedeemAnswer { link, pairwise, holder, receipt, evidence } = redeemed;
        // The receipt is the company's proof of consent: the relay's signature, and of this very link.
        if !self.is_of(&receipt, pending, customer) {
            return Err("the relay redeemed something else than was begun".into());
        }
        if !is_holder(customer, &holder) {
            return Ok(ConfirmOutcome::IdentityMismatch);
        }
        // Each model gives what it allows, and never the other's.
        let (subject, sealed) = match (&self.verification, pairwise, evidence) {
            (Verification::ByRelay, Some(pairwise), None) => (pairwise.to_string(), None),
            (Verification::Own(_), None, Some(sealed)) => (customer.id.to_string(), Some(sealed)),
            _ => return Err("the relay gave what this contract's model does not allow".into()),
        };
        let instrument = InstrumentRef::from_random(self.entropy.octets());
        let tie =
            Tie { instrument, subject, customer: &customer.id, receipt: &receipt, link: link.to_string() };
        if !self.books.tie(&tie)? {
            return Ok(ConfirmOutcome::Conflict);
        }
        if let (Verification::Own(verifier), Some(sealed)) = (&self.verification, sealed) {
            let evidence = EnrolmentEvidence {
                customer: customer.id.clone(),
                instrument,
                link,
                intent: pending.intent,
                consent_sha256: hex::encode(digest(
                    &SHA256,
                    &serde_json_canonicalizer::to_vec(&receipt.terms)?,
                )),
                sealed,
            };
            if let Err(refused) = verifier.record(&evidence, now).await {
                self.books.untie(instrument)?;
                return Err(refused.into());
            }
        }
        Ok(ConfirmOutcome::Confirmed { instrument })
    }

    fn is_of(&self, receipt: &ConsentReceipt, pending: &Pending, customer: &Customer) -> bool {
        let ConsentReceipt { consent, terms, given_at, signature } = receipt;
        let signed = serde_json::json!({ "consent": consent, "terms": terms, "given_at": given_at });
        let octets = serde_json_canonicalizer::to_vec(&signed);
        terms.intent == pending.intent
            && terms.contract == self.contract
            && terms.model == self.verification.model()
            && terms.label == customer.label
            && octets.is_ok_and(|octets| self.relay_key.check(&octets, &signature.0).is_ok())
    }
}

/// Name and birth date of the signed application against the company's own. A name is equal but for writing habits:
/// width, composition and spaces. What cannot be read is nobody's.
fn is_holder(customer: &Customer, holder: &Holder) -> bool {
    let name = |text: &str| text.parse::<PersonName>().ok();
    name(&customer.name).is_some_and(|own| Some(own) == name(&holder.name))
        && customer.birth_date == holder.birth_date
}
