//! From the chosen link to an answer that a provider may be told: revocation is looked up here, and paid for.

use std::time::Duration;

use enishi_party::{ContractId, InstrumentRef, LinkId, ProviderId, RefusalCode, Timestamp};
use enishi_verify::{Evidence, ProvenHolder, StatusMethod, VerifiedHolder};

use crate::choosing::stands_on_list;
use crate::{
    AnyContract, AnyLink, Contract, ContractPolicy, Entrusted, Label, Link, LinkState, LinkageError, Lookup,
    Meter, Model, Proxy, Purpose, RevocationSource,
};

/// A proven holder and the one link that serves the request.
#[derive(Debug)]
pub struct Candidate<M: Model> {
    proven: Box<ProvenHolder>,
    contract: Contract<M>,
    link: Link<M>,
    instrument: InstrumentRef,
}

/// A candidate of either model: matched once, in the flow.
#[derive(Debug)]
pub enum AnyCandidate {
    /// 委託.
    Entrusted(Candidate<Entrusted>),
    /// 代行.
    Proxy(Candidate<Proxy>),
}

impl AnyCandidate {
    /// Pairs contract and link; a pair of two models, or a link that is not active, is no candidate.
    pub(crate) fn new(
        proven: Box<ProvenHolder>,
        contract: AnyContract,
        link: AnyLink,
    ) -> Result<Self, Box<ProvenHolder>> {
        let LinkState::Active(instrument) = *link.state() else { return Err(proven) };
        match (contract, link) {
            (AnyContract::Entrusted(contract), AnyLink::Entrusted(link)) => {
                Ok(Self::Entrusted(Candidate { proven, contract, link, instrument }))
            }
            (AnyContract::Proxy(contract), AnyLink::Proxy(link)) => {
                Ok(Self::Proxy(Candidate { proven, contract, link, instrument }))
            }
            (AnyContract::Entrusted(_), AnyLink::Proxy(_))
            | (AnyContract::Proxy(_), AnyLink::Entrusted(_)) => Err(proven),
        }
    }

    /// The contract's rules.
    #[must_use]
    pub const fn policy(&self) -> &ContractPolicy {
        match self {
            Self::Entrusted(candidate) => candidate.contract.policy(),
            Self::Proxy(candidate) => candidate.contract.policy(),
        }
    }

    /// The free look at the revocation list, before the holder is asked anything.
    ///
    /// # Errors
    /// `cert_revoked`, `revocation_unavailable`.
    pub async fn stands_on_list(
        &self,
        source: &dyn RevocationSource,
        now: Timestamp,
    ) -> Result<(), LinkageError> {
        let proven = match self {
            Self::Entrusted(candidate) => &candidate.proven,
            Self::Proxy(candidate) => &candidate.proven,
        };
        stands_on_list(proven, source, now).await
    }

    /// The contract.
    #[must_use]
    pub const fn contract(&self) -> &ContractId {
        match self {
            Self::Entrusted(candidate) => candidate.contract.id(),
            Self::Proxy(candidate) => candidate.contract.id(),
        }
    }

    /// The link.
    #[must_use]
    pub const fn link(&self) -> LinkId {
        match self {
            Self::Entrusted(candidate) => candidate.link.id,
            Self::Proxy(candidate) => candidate.link.id,
        }
    }
}

impl<M: Model> Candidate<M> {
    /// Looks the certificate's revocation up in the contract's verifier's right, and lets only a good one through.
    ///
    /// # Errors
    /// `cert_revoked`, `revocation_unavailable`, or the meter's fault: what cannot be counted is not asked.
    pub async fn clear(
        self,
        source: &dyn RevocationSource,
        meter: &dyn Meter,
        now: Timestamp,
    ) -> Result<Answer<M>, LinkageError> {
        let method = self.contract.policy().lookup;
        let lookup = Lookup { verifier: self.contract.verifier().clone(), purpose: Purpose::Payment, method };
        meter.record(&lookup, now).await?;
        let status = source
            .status(self.proven.certificate(), self.proven.authority(), method, now)
            .await
            .map_err(|_| LinkageError::Refused(RefusalCode::RevocationUnavailable))?;
        let verified = enishi_verify::clear(*self.proven, status, now)
            .map_err(|error| LinkageError::Refused(error.refusal()))?;
        Ok(Answer { verified, contract: self.contract, link: self.link, instrument: self.instrument })
    }
}

/// What ① to ③ found: whom the provider may be told of, and how sure that is.
///
/// Under 代行 there is no way from it to a serial number, a certificate, a signature or a key.
#[derive(Debug)]
pub struct Answer<M: Model> {
    verified: VerifiedHolder,
    contract: Contract<M>,
    link: Link<M>,
    instrument: InstrumentRef,
}

/// Which kind of revocation information stands behind an answer, and its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// A list, made so long ago.
    Crl(Duration),
    /// A responder's answer, of a knowledge so old.
    Ocsp(Duration),
}

impl<M: Model> Answer<M> {
    /// Whom the provider knows.
    #[must_use]
    pub const fn subject(&self) -> &M::Subject {
        &self.link.subject
    }

    /// Which of the provider's instruments.
    #[must_use]
    pub const fn instrument(&self) -> InstrumentRef {
        self.instrument
    }

    /// How the holder knows it.
    #[must_use]
    pub const fn label(&self) -> &Label {
        &self.link.label
    }

    /// The contract it was made for.
    #[must_use]
    pub const fn contract(&self) -> &Contract<M> {
        &self.contract
    }

    /// The verifier of the law who vouches.
    #[must_use]
    pub const fn verifier(&self) -> &ProviderId {
        self.contract.verifier()
    }

    /// How the revocation status was learned.
    #[must_use]
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        match self.verified.status_method() {
            StatusMethod::Crl { .. } => Freshness::Crl(self.verified.status_age(now)),
            StatusMethod::Ocsp { .. } => Freshness::Ocsp(self.verified.status_age(now)),
        }
    }
}

impl Answer<Entrusted> {
    /// What the provider, being the verifier, may check again itself.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.verified.evidence()
    }
}
