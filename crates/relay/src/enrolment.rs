//! How a card and a customer are tied (flows A2): the provider's intent, the citizen's tap, the provider's word.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use enishi_jpki::{BirthDay, SigningCertificate};
use enishi_linkage::{
    AnyContract, AnyLink, Consent, ConsentRecord, Consented, Intent, IntentStage, LookupMethod, Offer,
    Purpose, SessionState,
};
use enishi_party::{ConsentId, ContractId, IntentId, LinkId, ProviderId, RefusalCode, Timestamp};
use enishi_verify::{Evidence, VerifiedSigner, verify_document};
use enishi_wire::{
    ConfirmOutcome, ConfirmationAnswer, EnrolmentAnswer, EnrolmentRequest, Holder, IntentAnswer,
    IntentRequest, IntentView, Octets, RedeemAnswer, RedeemRequest,
};

use crate::consent;
use crate::proof::sha256;
use crate::relay::Relay;
use crate::stop::{Fault, Stop};
use crate::tickets::Caller;

/// What a redeemed code gives its provider.
pub type Redeemed = RedeemAnswer;

/// Shortest and longest callback and state: room for a URL and a session digest.
const TEXT_MAX: usize = 512;
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
        if request.callback.len() > TEXT_MAX || !(STATE_MIN..=TEXT_MAX).contains(&request.state.len()) {
            return Err(Stop::Malformed("callback up to 512, state 16 to 512 characters"));
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
    /// # Errors
    /// Every refusal of the proof; `consent_invalid`, `identity_mismatch`, `cert_revoked`, `link_conflict`.
    pub async fn enrol(&self, caller: &Caller, request: EnrolmentRequest) -> Result<EnrolmentAnswer, Stop> {
        let now = self.now();
        let (intent, contract, terms) = self.open_intent(request.intent, now).await?;
        let (document, digest) = consent::canonical(&terms)?;
        let proven = self.prove_enrolment(caller, &request.token, &request.nonce, intent.id, &digest, now)?;
        let consent = Consent::given(proven.holder, intent.id, &digest)?;
        let signer = self.verified_signer(contract, &request, &document, now).await?;
        consent.matches(&signer, &*self.ports.pairing, now).await?;
        let holder = consent.clear(contract, &*self.ports.revocation, &*self.ports.meter, now).await?;

        let id = ConsentId::from_random(self.ports.entropy.octets());
        let receipt = consent::receipt(id, terms, now, &self.secrets.assertions)?;
        let link = enishi_linkage::register(
            &holder,
            &intent,
            contract,
            id,
            self.linkage(),
            &*self.ports.entropy,
            now,
        )
        .await?;
        let (pairwise, evidence) = match &link {
            AnyLink::Proxy(link) => (Some(link.subject), None),
            AnyLink::Entrusted(_) => {
                (None, Some(Octets(self.sealed_evidence(contract.id(), &holder.evidence())?)))
            }
        };
        let answer = Redeemed {
            link: link.id(),
            pairwise,
            holder: attributes(&signer)?,
            receipt: receipt.clone(),
            evidence,
        };
        let code = hex(&self.ports.entropy.octets::<32>());
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

    /// The provider redeems the code that its customer's session brought.
    ///
    /// # Errors
    /// `intent_invalid` for any code, state, session or time but the right ones.
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
        self.own_contract(caller, &intent.contract)?;
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

    /// The provider's word: the link serves from now on, or never was.
    ///
    /// # Errors
    /// `intent_invalid` where no link of that name waits for this provider.
    pub async fn confirm(
        &self,
        caller: &ProviderId,
        link: LinkId,
        outcome: ConfirmOutcome,
    ) -> Result<ConfirmationAnswer, Stop> {
        let invalid = || Stop::Refused(RefusalCode::IntentInvalid);
        let now = self.now();
        let intent = self.ports.intents.of_link(link).await?.ok_or_else(invalid)?;
        let contract = self.own_contract(caller, &intent.contract)?;
        let (moved, answer) = match outcome {
            ConfirmOutcome::Confirmed { instrument } => (
                self.ports.links.activate(contract, link, instrument, now).await?,
                ConfirmationAnswer::Active,
            ),
            ConfirmOutcome::IdentityMismatch | ConfirmOutcome::Conflict => {
                (self.ports.links.roll_back(contract, link, now).await?, ConfirmationAnswer::RolledBack)
            }
        };
        if !moved {
            return Err(invalid());
        }
        self.ports.intents.close(intent.id, now).await?;
        Ok(answer)
    }

    /// Sealed evidence of an assertion, for the contract's own provider (委託).
    ///
    /// # Errors
    /// `not_linked` where there is none for this provider.
    pub async fn evidence(
        &self,
        caller: &ProviderId,
        assertion: enishi_party::AssertionId,
    ) -> Result<Vec<u8>, Stop> {
        for contract in self.register.contracts.iter().filter(|contract| contract.provider() == caller) {
            if let Some(sealed) = self.ports.records.evidence(contract.id(), assertion).await? {
                return Ok(sealed);
            }
        }
        Err(RefusalCode::NotLinked.into())
    }

    /// Takes away links that no provider confirmed for a day (flows A2).
    ///
    /// # Errors
    /// The store's fault.
    pub async fn expire_links(&self) -> Result<u64, Fault> {
        let now = self.now();
        let mut expired = 0;
        for contract in self.register.contracts.iter() {
            let before = now - std::time::Duration::from_secs(24 * 60 * 60);
            expired += self.ports.links.expire_pending(contract, before).await?;
        }
        Ok(expired)
    }

    pub(crate) fn sealed_evidence(
        &self,
        contract: &ContractId,
        evidence: &Evidence,
    ) -> Result<Vec<u8>, Fault> {
        let provider = self.contract(contract)?.provider();
        let key = self.provider(provider)?.sealing_key.as_ref();
        let key =
            key.ok_or_else(|| Fault::Configuration(format!("provider {provider} has no sealing key")))?;
        key.seal(evidence, contract)
            .map_err(|error| Fault::Making { what: "sealed evidence", reason: error.to_string() })
    }

    fn own_contract(&self, caller: &ProviderId, id: &ContractId) -> Result<&AnyContract, Stop> {
        let own = self.register.contracts.get(id).filter(|contract| contract.provider() == caller);
        let contract = own.ok_or(Stop::Refused(RefusalCode::ClientNotAllowed))?;
        match contract.in_force(self.now()) {
            true => Ok(contract),
            false => Err(RefusalCode::ContractNotInForce.into()),
        }
    }

    async fn open_intent(
        &self,
        id: IntentId,
        now: Timestamp,
    ) -> Result<(Intent, &AnyContract, enishi_wire::ConsentTerms), Stop> {
        match self.ports.intents.get(id).await? {
            Some((intent, IntentStage::Open)) if now <= intent.expires_at => {
                let contract = self.contract(&intent.contract)?;
                let terms = consent::terms(&intent, contract);
                Ok((intent, contract, terms))
            }
            _ => Err(RefusalCode::IntentInvalid.into()),
        }
    }

    /// The application's signature, with its own path and revocation, in the verifier's right.
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
        let anchors = &self.register.anchors;
        let authority = anchors
            .by_key_id(enishi_jpki::CertKind::Signing, certificate.issuer_key_id())
            .ok_or(Stop::Refused(RefusalCode::CertUnknownIssuer))?;
        let method = LookupMethod::Ocsp;
        let lookup = enishi_linkage::Lookup {
            verifier: contract.verifier().clone(),
            purpose: Purpose::Enrolment,
            method,
        };
        self.ports.meter.record(&lookup, now).await?;
        let status = self.ports.revocation.status(&certificate, authority, method, now).await;
        let status = status.map_err(|_| Stop::Refused(RefusalCode::RevocationUnavailable))?;
        verify_document(document, &application.signature.0, certificate, anchors, status, now)
            .map_err(|error| Stop::Refused(error.refusal()))
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

/// The answer waits sealed under a key that only the one-time code gives: no person is readable at rest.
fn seal_answer(code: &str, answer: &Redeemed) -> Result<Vec<u8>, Fault> {
    let mut sealed = json(answer)?;
    answer_key(code)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut sealed)
        .map_err(|_| Fault::Making { what: "a sealed answer", reason: "the cipher refused".to_owned() })?;
    Ok(sealed)
}

fn open_answer(code: &str, sealed: &[u8]) -> Result<Redeemed, Fault> {
    let unreadable = || Fault::Making { what: "a redeemed answer", reason: "it does not open".to_owned() };
    let mut sealed = sealed.to_vec();
    let opened = answer_key(code)?
        .open_in_place(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut sealed)
        .map_err(|_| unreadable())?;
    serde_json::from_slice(opened).map_err(|_| unreadable())
}

/// A code of 32 random octets makes a key that seals one answer, once: the nonce may be constant.
fn answer_key(code: &str) -> Result<LessSafeKey, Fault> {
    let key = sha256(&[b"redeemed answer ", code.as_bytes()].concat());
    UnboundKey::new(&AES_256_GCM, &key)
        .map(LessSafeKey::new)
        .map_err(|_| Fault::Making { what: "an answer key", reason: "length".to_owned() })
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|error| Fault::Making { what: "JSON", reason: error.to_string() })
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
