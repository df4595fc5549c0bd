//! How a card and a customer are tied: the provider's intent and the citizen's tap.

use enishi_jpki::{BirthDay, SigningCertificate};
use enishi_linkage::{
    AnyContract, AnyLink, Consent, ConsentRecord, Consented, Intent, IntentStage, Lookup, LookupMethod,
    Offer, Purpose, SessionState, same_person,
};
use enishi_party::{CallbackUrl, ConsentId, IntentId, ProviderId, RefusalCode, Timestamp};
use enishi_verify::{DocumentError, VerifiedSigner, check_document};
use enishi_wire::{
    ConsentTerms, EnrolmentAnswer, EnrolmentRequest, Holder, IntentAnswer, IntentRequest, IntentView, Octets,
};

use crate::confirmation::Redeemed;
use crate::consent;
use crate::observer::{Event, Hop, Stopped};
use crate::proof::sha256;
use crate::relay::Relay;
use crate::sealed_answer::{json, seal_answer};
use crate::stop::Stop;
use crate::tickets::Caller;

/// Longest state: room for a session digest.
const TEXT_MAX: usize = 512;
/// Shortest state: it must not be guessed.
const STATE_MIN: usize = 16;

impl Relay {
    /// A provider wants to link a customer who is logged in there.
    ///
    /// # Errors
    /// A contract that is not the caller's; under 代行 a customer's name, under 委託 its absence.
    pub async fn create_intent(
        &self,
        caller: &ProviderId,
        request: IntentRequest,
    ) -> Result<IntentAnswer, Stop> {
        let contract = self.own_contract(caller, &request.contract)?;
        match (contract, &request.customer) {
            (AnyContract::Proxy(_), Some(_)) => {
                return Err(Stop::Malformed("under 代行 the customer is not named"));
            }
            (AnyContract::Entrusted(_), None) => {
                return Err(Stop::Malformed("under 委託 the customer is named"));
            }
            (AnyContract::Proxy(_), None) | (AnyContract::Entrusted(_), Some(_)) => {}
        }
        let length = |text: &str| text.chars().count();
        if !(STATE_MIN..=TEXT_MAX).contains(&length(&request.state)) {
            return Err(Stop::Malformed("state is 16 to 512 characters"));
        }
        let callback = request.callback.parse::<CallbackUrl>().ok();
        if !callback.is_some_and(|callback| callback.is_for(self.register.relay.environment())) {
            return Err(Stop::Malformed(
                "callback is an https URL of at most 512 characters without user and fragment; http is for loopback \
                 addresses in the sandbox",
            ));
        }
        let label = enishi_linkage::Label::new(&request.label)
            .map_err(|_| Stop::Malformed("label is 1 to 40 printable characters"))?;
        let now = self.now();
        let intent = Intent {
            id: IntentId::from_random(self.ports.entropy.octets()),
            contract: request.contract,
            customer: request.customer,
            callback: request.callback,
            state: SessionState(request.state),
            label,
            offer: if request.offer_jointly { Offer::Jointly } else { Offer::Alone },
            expires_at: now + self.limits.intent_life,
        };
        self.ports.intents.create(&intent, now).await?;
        Ok(IntentAnswer { intent: intent.id, life_s: self.limits.intent_life.as_secs() })
    }

    /// What a terminal shows before the tap.
    ///
    /// # Errors
    /// `intent_invalid`.
    pub async fn view_intent(&self, caller: &Caller, id: IntentId) -> Result<IntentView, Stop> {
        self.terminal(caller)?;
        let (_, contract, terms) = self.open_intent(id, self.now()).await?;
        let (_, consent_sha256) = consent::canonical(&terms)?;
        tracing::debug!(contract = %contract.id(), "intent viewed");
        Ok(IntentView { relay: self.register.relay.clone(), terms, consent_sha256 })
    }

    /// The citizen's yes, proven with the authentication key and signed with the signing key.
    ///
    /// The proof names its intent, and an intent is consented to once: that is what makes its ticket single-use here.
    ///
    /// # Errors
    /// `intent_invalid`; every refusal of the proof; `contract_not_in_force`; those of the application's certificate and
    /// signature; `cert_revoked`, `identity_mismatch`, `link_conflict`.
    pub async fn enrol(&self, caller: &Caller, request: EnrolmentRequest) -> Result<EnrolmentAnswer, Stop> {
        let mut known = None;
        let told = self.enrol_in(&mut known, caller, request).await;
        let stopped = told.as_ref().err().map(Stopped::from);
        let code = stopped.map_or("consented", Stopped::code);
        let contract = known.map(AnyContract::id);
        tracing::info!(contract = contract.map(tracing::field::display), code, "enrolment concluded");
        self.event(&Event::Enrolment { contract, stopped });
        told
    }

    /// `known` is the contract, as soon as there is one.
    async fn enrol_in<'a>(
        &'a self,
        known: &mut Option<&'a AnyContract>,
        caller: &Caller,
        request: EnrolmentRequest,
    ) -> Result<EnrolmentAnswer, Stop> {
        let now = self.now();
        self.terminal(caller)?;
        let (intent, contract, terms) = self.open_intent(request.intent, now).await?;
        *known = Some(contract);
        let (document, digest) = consent::canonical(&terms)?;
        let prove = || self.prove_enrolment(caller, &request.token, &request.nonce, intent.id, &digest, now);
        let proven = self.course().measured(Hop::Prove, prove)?;
        let consent = Consent::given(proven.holder, intent.id, &digest)?;
        if !contract.in_force(now) {
            return Err(RefusalCode::ContractNotInForce.into());
        }
        let signer = self.verified_signer(contract, &request, &document, now).await?;
        let holder = consent.clear(contract, &*self.ports.revocation, &*self.ports.meter, now).await?;
        same_person(&holder, &signer, &*self.ports.pairing, now).await?;
        let attributes = attributes(&signer)?;

        let id = ConsentId::from_random(self.ports.entropy.octets());
        let receipt = consent::receipt(id, terms, now, &self.secrets.assertions)?;
        let entropy = &*self.ports.entropy;
        let link =
            enishi_linkage::register(&holder, &intent, contract, id, self.linkage(), entropy, now).await?;
        let (pairwise, evidence) = match &link {
            AnyLink::Proxy(link) => (Some(link.subject), None),
            AnyLink::Entrusted(_) => {
                (None, Some(Octets(self.sealed_evidence(contract.id(), &holder.evidence())?)))
            }
        };
        let receipt_copy = receipt.clone();
        let answer =
            Redeemed { link: link.id(), pairwise, holder: attributes, receipt: receipt_copy, evidence };
        let code = hex(&entropy.octets::<32>());
        let consented = Consented {
            code_sha256: sha256(code.as_bytes()),
            code_expires_at: now + self.limits.code_life,
            link: link.id(),
            sealed_answer: seal_answer(&code, &answer)?,
        };
        let record = ConsentRecord { id, receipt: json(&receipt)?, given_at: now };
        if !self.ports.intents.consent(intent.id, &consented, &record, now).await? {
            // Another tap on the same intent came first; this one's link never was.
            self.ports.links.roll_back(contract, link.id(), now).await?;
            return Err(RefusalCode::IntentInvalid.into());
        }
        Ok(EnrolmentAnswer { callback: intent.callback, state: intent.state.0, code, receipt })
    }

    async fn open_intent(
        &self,
        id: IntentId,
        now: Timestamp,
    ) -> Result<(Intent, &AnyContract, ConsentTerms), Stop> {
        match self.ports.intents.get(id).await? {
            Some((intent, IntentStage::Open)) if now <= intent.expires_at => {
                let contract = self.contract(&intent.contract)?;
                let terms = consent::terms(&intent, contract);
                Ok((intent, contract, terms))
            }
            _ => Err(RefusalCode::IntentInvalid.into()),
        }
    }

    /// The application's signature, with its own path, then its revocation, in the verifier's right: what is not known
    /// to be genuine is never looked up.
    async fn verified_signer(
        &self,
        contract: &AnyContract,
        request: &EnrolmentRequest,
        document: &[u8],
        now: Timestamp,
    ) -> Result<VerifiedSigner, Stop> {
        let application = &request.application;
        let certificate = SigningCertificate::parse(&application.certificate.0, &self.register.profile)
            .map_err(|_| Stop::Refused(RefusalCode::ProfileInvalid))?;
        let refused = |error: DocumentError| Stop::Refused(error.refusal());
        let anchors = &self.register.anchors;
        let signed =
            check_document(document, &application.signature.0, certificate, anchors, now).map_err(refused)?;
        let method = LookupMethod::Ocsp;
        let lookup = Lookup { verifier: contract.verifier().clone(), purpose: Purpose::Enrolment, method };
        self.ports.meter.record(&lookup, now).await?;
        let status =
            self.ports.revocation.status(signed.certificate(), signed.authority(), method, now).await;
        let status = status.map_err(|_| Stop::Refused(RefusalCode::RevocationUnavailable))?;
        signed.clear(status, now).map_err(refused)
    }
}

/// Name and birth date of the application: what the consent names, and no more.
fn attributes(signer: &VerifiedSigner) -> Result<Holder, Stop> {
    let attributes = signer.basic_attributes().map_err(|_| Stop::Refused(RefusalCode::ProfileInvalid))?;
    let birth_date = match attributes.expose_birth_date().expose_day() {
        BirthDay::Known(date) => date.to_string(),
        // What the register does not know stays zero, and matches no customer's record.
        BirthDay::Partial { year, month, day } => format!(
            "{:04}-{:02}-{:02}",
            year.unwrap_or_default(),
            month.unwrap_or_default(),
            day.unwrap_or_default()
        ),
    };
    Ok(Holder { name: attributes.expose_name().to_owned(), birth_date })
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
