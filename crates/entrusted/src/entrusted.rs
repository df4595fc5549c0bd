use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::digest;
use enishi_lists::{AtHand, ListError, Lists, Renewed};
use enishi_party::{Clock, CustomerId, Entropy, InstrumentRef, Timestamp, VerifierModel};
use enishi_provider::{EnrolmentEvidence, Recheck, RecheckRefused, RelayClient};
use enishi_transport::PlainHttpClient;
use enishi_verify::{Anchors, Evidence, OpeningKey, OwnList, Rechecked, StatusBasis};
use enishi_wire::{Assertion, Subject};

use crate::serial_rows::Act;
use crate::{EntrustedConfig, EvidenceRefused, RecheckRule, SerialIndexKey, SerialRows, judgement};

/// A provider that is itself the verifier: the `Recheck` of the crate `provider`.
pub struct Entrusted {
    config: EntrustedConfig,
    opening_key: OpeningKey,
    index_key: SerialIndexKey,
    rows: SerialRows,
    anchors: Anchors,
    lists: Lists,
    relay: RelayClient,
    entropy: Arc<dyn Entropy>,
}

/// What a verifier of its own works with.
pub struct EntrustedPorts {
    /// What evidence is sealed to.
    pub opening_key: OpeningKey,
    /// The key of the rows' index.
    pub index_key: SerialIndexKey,
    /// Its serial rows.
    pub rows: SerialRows,
    /// The authorities that it trusts itself.
    pub anchors: Anchors,
    /// Where evidence comes from.
    pub relay: RelayClient,
    /// Where lists come from; its own time-out should not be below the configured ones.
    pub lists: PlainHttpClient,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Entrusted {
    /// Puts a verifier together, with the lists that were kept; fetches nothing yet.
    ///
    /// # Errors
    /// A setting of the lists out of its rule, or a folder that cannot be used.
    pub fn new(config: EntrustedConfig, ports: EntrustedPorts) -> Result<Self, ListError> {
        let EntrustedPorts { opening_key, index_key, rows, anchors, relay, lists, clock, entropy } = ports;
        let kept = config.lists.clone();
        let lists = Lists::open(kept, lists, anchors.clone(), config.limits, clock)?;
        Ok(Self { config, opening_key, index_key, rows, anchors, lists, relay, entropy })
    }

    /// Renews its own lists; to be called now and then, well before they end.
    pub async fn refresh(&self) -> Vec<Renewed> {
        self.lists.refresh().await
    }

    /// What lies at hand of each authority that is valid now: for whoever watches.
    #[must_use]
    pub fn at_hand(&self) -> Vec<AtHand> {
        self.lists.at_hand()
    }

    /// Its serial rows.
    #[must_use]
    pub const fn rows(&self) -> &SerialRows {
        &self.rows
    }

    /// Fetches the evidence of one assertion and looks at it, whatever the rule says about how often.
    ///
    /// # Errors
    /// The first thing that does not fit, by name.
    pub async fn examine(&self, assertion: &Assertion, now: Timestamp) -> Result<(), EvidenceRefused> {
        let customer = match &assertion.subject {
            Subject::Customer(customer)
                if assertion.audience == self.config.contract
                    && assertion.model == VerifierModel::Entrusted =>
            {
                customer.clone()
            }
            Subject::Customer(_) | Subject::Pairwise(_) => return Err(EvidenceRefused::NotOurs),
        };
        let answer = self.relay.evidence(assertion.id).await?;
        if answer.assertion != assertion.id {
            return Err(EvidenceRefused::OtherAssertion);
        }
        let rechecked = self.recheck_sealed(&answer.sealed.0, now).await?;
        judgement::payment(rechecked.proof().context(), assertion, &self.config.relay)?;
        let limits = &self.config.limits;
        let checked_at = rechecked.checked_at();
        judgement::time(checked_at, assertion.issued_at, limits.proof_age_max, limits.clock_skew)?;
        let act = self.act(&rechecked, assertion.id.to_string(), customer, assertion.instrument, now);
        self.rows.carry(act, now).await
    }

    /// Looks at the evidence of a new link, and records the card for its customer.
    ///
    /// # Errors
    /// The first thing that does not fit, by name.
    pub async fn record(&self, enrolment: &EnrolmentEvidence, now: Timestamp) -> Result<(), EvidenceRefused> {
        let rechecked = self.recheck_sealed(&enrolment.sealed.0, now).await?;
        judgement::enrolment(rechecked.proof().context(), enrolment, &self.config.relay)?;
        let (customer, instrument) = (enrolment.customer.clone(), enrolment.instrument);
        let act = self.act(&rechecked, enrolment.link.to_string(), customer, instrument, now);
        self.rows.record(act, enrolment.link, now).await
    }

    /// Opens evidence and checks it with own anchors and own list.
    async fn recheck_sealed(&self, sealed: &[u8], now: Timestamp) -> Result<Rechecked, EvidenceRefused> {
        let evidence = self.opening_key.open(sealed, &self.config.contract)?;
        // First without a list: which one covers the certificate is believed only once its path has been checked.
        let proven = self.recheck_with(&evidence, None, now)?;
        let certificate = proven.certificate();
        let list = self.lists.covering(certificate, now).await?;
        let mut rechecked = self.recheck_with(&evidence, Some(&list), now)?;
        if rechecked.basis() == StatusBasis::VerifiersWord {
            // The relay may have renewed its list a moment before this provider does.
            let newer = self.lists.newer(certificate, &list, now).await?;
            rechecked = self.recheck_with(&evidence, Some(&newer), now)?;
        }
        match (rechecked.basis(), rechecked.own_list()) {
            (StatusBasis::VerifiersWord, _) => Err(EvidenceRefused::ListUnknown),
            (_, OwnList::RevokedLater { reason, at }) => Err(EvidenceRefused::RevokedSince { reason, at }),
            (StatusBasis::Responder | StatusBasis::OwnList, _) => Ok(rechecked),
        }
    }

    fn recheck_with(
        &self,
        evidence: &Evidence,
        list: Option<&enishi_verify::Crl>,
        now: Timestamp,
    ) -> Result<Rechecked, EvidenceRefused> {
        let EntrustedConfig { profile, limits, .. } = &self.config;
        Ok(evidence.recheck(&self.anchors, profile, list, limits, now)?)
    }

    fn act(
        &self,
        rechecked: &Rechecked,
        name: String,
        customer: CustomerId,
        instrument: InstrumentRef,
        now: Timestamp,
    ) -> Act {
        let limits = &self.config.limits;
        let ticket = rechecked.proof().challenge().nonce().ticket();
        // The ticket's time bounds every check that may be claimed for it, and that bounds how long evidence counts.
        let life = limits.proof_age_max + limits.evidence_age_max + 2 * limits.clock_skew;
        let until = ticket.issued_at().unwrap_or(now).saturating_add(life).unwrap_or(Timestamp::MAX);
        let ticket_sha256 = digest::digest(&digest::SHA256, ticket.as_octets());
        Act {
            card: self.index_key.index(rechecked.certificate()),
            ticket_sha256: ticket_sha256.as_ref().try_into().unwrap_or_default(),
            until,
            name,
            customer,
            instrument,
        }
    }

    /// Whether this assertion is one that is looked at.
    fn looks(&self) -> bool {
        match self.config.rule {
            RecheckRule::Always => true,
            RecheckRule::Sample { one_in } => {
                u64::from_be_bytes(self.entropy.octets()) % u64::from(one_in.get()) == 0
            }
            RecheckRule::Never => false,
        }
    }
}

#[async_trait]
impl Recheck for Entrusted {
    async fn recheck(
        &self,
        assertion: &Assertion,
        _sealed: &[u8],
        now: Timestamp,
    ) -> Result<(), RecheckRefused> {
        if !self.looks() {
            return Ok(());
        }
        self.examine(assertion, now).await.map_err(|refused| {
            tracing::warn!(assertion = %assertion.id, reason = %refused, "evidence refused");
            RecheckRefused::from(&refused)
        })
    }

    async fn enrolled(&self, enrolment: &EnrolmentEvidence, now: Timestamp) -> Result<(), RecheckRefused> {
        self.record(enrolment, now).await.map_err(|refused| {
            tracing::warn!(link = %enrolment.link, reason = %refused, "evidence of a link refused");
            RecheckRefused::from(&refused)
        })
    }
}

impl fmt::Debug for Entrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entrusted({})", self.config.contract)
    }
}

impl fmt::Debug for EntrustedPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntrustedPorts(…)")
    }
}
