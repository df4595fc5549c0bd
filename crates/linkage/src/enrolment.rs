//! How a link comes to be: a provider's intent, the holder's consent, the provider's confirmation.

use async_trait::async_trait;
use enishi_jpki::{AuthCertificate, Context, Serial};
use enishi_party::broken::{Check, is_broken};
use enishi_party::{
    ConsentId, ContractId, CustomerId, Entropy, IntentId, LinkId, PairwiseId, RefusalCode, Timestamp,
};
use enishi_verify::{ProvenHolder, VerifiedHolder, VerifiedSigner};

use crate::{
    AnyContract, AnyLink, Label, Link, LinkState, LinkageError, Lookup, LookupMethod, Meter, NewLink, Offer,
    Purpose, Register, RevocationSource, StoreFault,
};

/// A provider's wish to link one of its customers, bound to the session in which the customer asked.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Its name.
    pub id: IntentId,
    /// The contract.
    pub contract: ContractId,
    /// 委託 only: the customer. Under 代行 the relay is not told.
    pub customer: Option<CustomerId>,
    /// Where the citizen is sent back to.
    pub callback: String,
    /// The provider's session, in its own words.
    pub state: SessionState,
    /// How the holder will know the instrument.
    pub label: Label,
    /// Whether the link may be offered jointly.
    pub offer: Offer,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What binds an intent's result to one session at the provider; as good as a password for a minute.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionState(pub String);

impl std::fmt::Debug for SessionState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionState(…)")
    }
}

/// Where an intent is.
#[derive(Debug, Clone)]
pub enum IntentStage {
    /// Waiting for the holder.
    Open,
    /// The holder consented; the code waits for its provider.
    Consented(Consented),
    /// The provider has the link and was asked to confirm it.
    Redeemed(LinkId),
    /// Confirmed, rolled back or out of time.
    Closed,
}

/// A consent whose result waits for the provider.
#[derive(Debug, Clone)]
pub struct Consented {
    /// SHA-256 of the one-time code.
    pub code_sha256: [u8; 32],
    /// The code's end.
    pub code_expires_at: Timestamp,
    /// The pending link.
    pub link: LinkId,
    /// The answer for the provider, sealed under a key that only the code gives: no person is readable at rest.
    pub sealed_answer: Vec<u8>,
}

/// A consent as it is kept: the signed receipt.
#[derive(Debug, Clone)]
pub struct ConsentRecord {
    /// Its name.
    pub id: ConsentId,
    /// The receipt, JSON, signed by the relay.
    pub receipt: Vec<u8>,
    /// When it was given.
    pub given_at: Timestamp,
}

/// Intents and consents. Each move succeeds once.
#[async_trait]
pub trait Intents: Send + Sync {
    /// Writes a new intent.
    async fn create(&self, intent: &Intent, now: Timestamp) -> Result<(), StoreFault>;

    /// Reads one with its stage.
    async fn get(&self, id: IntentId) -> Result<Option<(Intent, IntentStage)>, StoreFault>;

    /// Open becomes consented, and the consent is kept. False where it is not open any more.
    async fn consent(
        &self,
        id: IntentId,
        consented: &Consented,
        record: &ConsentRecord,
        now: Timestamp,
    ) -> Result<bool, StoreFault>;

    /// Consented becomes redeemed, and the sealed answer is erased. False where it is not consented any more.
    async fn redeem(&self, id: IntentId, now: Timestamp) -> Result<bool, StoreFault>;

    /// The intent whose pending link this is, where it was redeemed.
    async fn of_link(&self, link: LinkId) -> Result<Option<Intent>, StoreFault>;

    /// Whatever stage becomes closed.
    async fn close(&self, id: IntentId, now: Timestamp) -> Result<(), StoreFault>;
}

/// シリアル番号紐付情報: J-LIS's own pairing of a person's two certificates, asked in a verifier's name.
#[async_trait]
pub trait SerialPairing: Send + Sync {
    /// The authentication serial that belongs to a signing serial; none where the authority knows of none.
    async fn auth_serial_of(
        &self,
        signing: &Serial,
        now: Timestamp,
    ) -> Result<Option<Serial>, PairingUnavailable>;
}

/// The authority did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("serial pairing is not available: {reason}")]
pub struct PairingUnavailable {
    /// Why.
    pub reason: String,
}

/// A holder who proved, and who consented to exactly these terms with the card.
#[derive(Debug)]
pub struct Consent {
    proven: ProvenHolder,
}

impl Consent {
    /// Takes a proof whose context is the occasion `enrol` with this intent and the digest of the terms that were shown.
    ///
    /// # Errors
    /// `consent_invalid` for a proof of anything else.
    pub fn given(
        proven: ProvenHolder,
        intent: IntentId,
        terms_sha256_hex: &str,
    ) -> Result<Self, LinkageError> {
        match proven.proof().context() {
            Context::Enrol(facts) if facts.intent == intent && facts.consent_sha256 == terms_sha256_hex => {
                Ok(Self { proven })
            }
            _ => Err(LinkageError::Refused(RefusalCode::ConsentInvalid)),
        }
    }

    /// Looks revocation up, in the contract's verifier's right: only a holder in good standing is linked.
    ///
    /// # Errors
    /// `cert_revoked`, `revocation_unavailable`, or the meter's fault.
    pub async fn clear(
        self,
        contract: &AnyContract,
        source: &dyn RevocationSource,
        meter: &dyn Meter,
        now: Timestamp,
    ) -> Result<VerifiedHolder, LinkageError> {
        // A link lives for years: it begins with the freshest answer, whatever the contract asks of a payment.
        let method = LookupMethod::Ocsp;
        let lookup = Lookup { verifier: contract.verifier().clone(), purpose: Purpose::Enrolment, method };
        meter.record(&lookup, now).await?;
        let status = source
            .status(self.certificate(), self.proven.authority(), method, now)
            .await
            .map_err(|_| LinkageError::Refused(RefusalCode::RevocationUnavailable))?;
        enishi_verify::clear(self.proven, status, now).map_err(|error| LinkageError::Refused(error.refusal()))
    }

    fn certificate(&self) -> &AuthCertificate {
        self.proven.certificate()
    }
}

/// Asks the authority whether the signed application and the tapped card are one person's.
///
/// # Errors
/// `identity_mismatch`; `revocation_unavailable` where the authority does not answer.
pub async fn same_person(
    holder: &VerifiedHolder,
    signer: &VerifiedSigner,
    pairing: &dyn SerialPairing,
    now: Timestamp,
) -> Result<(), LinkageError> {
    let paired = pairing
        .auth_serial_of(signer.certificate().serial(), now)
        .await
        .map_err(|_| LinkageError::Refused(RefusalCode::RevocationUnavailable))?;
    if paired.as_ref() == Some(holder.certificate().serial()) {
        Ok(())
    } else {
        Err(LinkageError::Refused(RefusalCode::IdentityMismatch))
    }
}

/// Writes the pending link of a verified holder who consented.
///
/// # Errors
/// `link_conflict` where this card is linked in this contract already; `intent_invalid` where an intent of 委託 names no
/// customer; the store's fault.
pub async fn register(
    holder: &VerifiedHolder,
    intent: &Intent,
    contract: &AnyContract,
    consent: ConsentId,
    register: Register<'_>,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<AnyLink, LinkageError> {
    let fault = |reason: String| LinkageError::Store(StoreFault { reason });
    let certificate = holder.certificate();
    let index = register
        .keys
        .in_contract(contract.id(), certificate)
        .ok_or_else(|| fault(format!("no index key for contract {}", contract.id())))?;
    let standing = register.links.find(contract, &index).await?;
    let linked = standing.iter().any(|link| matches!(link.state(), LinkState::Active(_)));
    if linked && !is_broken(Check::Link) {
        return Err(LinkageError::Refused(RefusalCode::LinkConflict));
    }
    let link = new_link(intent, contract, consent, entropy)?;
    let route = match intent.offer {
        Offer::Alone => None,
        Offer::Jointly => {
            let at = register.keys.on_platform(certificate);
            let sealed = register.keys.seal_route(&at, contract.id(), link.id(), entropy);
            Some((at, sealed.map_err(|error| fault(error.to_string()))?))
        }
    };
    register.links.insert(contract, NewLink { link: link.clone(), index, route }, now).await?;
    Ok(link)
}

/// The link's subject follows from the contract's model: here, and nowhere else, is a pairwise ID minted.
fn new_link(
    intent: &Intent,
    contract: &AnyContract,
    consent: ConsentId,
    entropy: &dyn Entropy,
) -> Result<AnyLink, LinkageError> {
    let id = LinkId::from_random(entropy.octets());
    let (state, label, offer) = (LinkState::PendingConfirm, intent.label.clone(), intent.offer);
    match (contract, &intent.customer) {
        (AnyContract::Proxy(contract), None) => {
            let subject = PairwiseId::from_random(entropy.octets());
            Ok(AnyLink::Proxy(Link {
                id,
                contract: contract.id().clone(),
                subject,
                state,
                label,
                offer,
                consent,
            }))
        }
        (AnyContract::Entrusted(contract), Some(customer)) => {
            let subject = customer.clone();
            Ok(AnyLink::Entrusted(Link {
                id,
                contract: contract.id().clone(),
                subject,
                state,
                label,
                offer,
                consent,
            }))
        }
        (AnyContract::Proxy(_), Some(_)) | (AnyContract::Entrusted(_), None) => {
            Err(LinkageError::Refused(RefusalCode::IntentInvalid))
        }
    }
}
