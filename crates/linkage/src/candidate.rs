//! From the chosen link to an answer that a provider may be told: revocation is looked up here, and paid for.

use std::time::Duration;

use enishi_party::{ContractId, InstrumentRef, LinkId, ProviderId, RefusalCode, Timestamp};
use enishi_verify::{Evidence, ProvenHolder, StatusMethod, VerifiedHolder};

use crate::choosing::stands_on_list;
use crate::{
    AnyContract, AnyLink, Contract, ContractPolicy, Entrusted, Label, Link, LinkState, LinkageError, Lookup,
    Meter, Model, Offer, Proxy, Purpose, RevocationSource,
};

/// A proven holder and the one link that serves the request.
#[derive(Debug)]
pub struct Candidate<M: Model> {
    proven: Box<ProvenHolder>,
    serving: Serving<M>,
}

/// A candidate of either model: matched once, in the flow.
#[derive(Debug)]
pub enum AnyCandidate {
    /// 委託.
    Entrusted(Candidate<Entrusted>),
    /// 代行.
    Proxy(Candidate<Proxy>),
}

/// A link that serves, under its contract, before the holder is joined to it.
#[derive(Debug)]
pub(crate) struct Serving<M: Model> {
    contract: Contract<M>,
    link: Link<M>,
    instrument: InstrumentRef,
}

/// One of either model: a contract and a link of two models are no pair.
#[derive(Debug)]
pub(crate) enum AnyServing {
    Entrusted(Serving<Entrusted>),
    Proxy(Serving<Proxy>),
}

impl AnyServing {
    /// Pairs contract and link. None for a link that is not active, or is of another contract or model.
    pub(crate) fn pair(contract: &AnyContract, link: AnyLink) -> Option<Self> {
        let LinkState::Active(instrument) = *link.state() else { return None };
        if link.contract() != contract.id() {
            return None;
        }
        match (contract.clone(), link) {
            (AnyContract::Entrusted(contract), AnyLink::Entrusted(link)) => {
                Some(Self::Entrusted(Serving { contract, link, instrument }))
            }
            (AnyContract::Proxy(contract), AnyLink::Proxy(link)) => {
                Some(Self::Proxy(Serving { contract, link, instrument }))
            }
            (AnyContract::Entrusted(_), AnyLink::Proxy(_))
            | (AnyContract::Proxy(_), AnyLink::Entrusted(_)) => None,
        }
    }

    pub(crate) const fn link(&self) -> LinkId {
        match self {
            Self::Entrusted(serving) => serving.link.id,
            Self::Proxy(serving) => serving.link.id,
        }
    }

    pub(crate) const fn label(&self) -> &Label {
        match self {
            Self::Entrusted(serving) => &serving.link.label,
            Self::Proxy(serving) => &serving.link.label,
        }
    }

    pub(crate) const fn offer(&self) -> Offer {
        match self {
            Self::Entrusted(serving) => serving.link.offer,
            Self::Proxy(serving) => serving.link.offer,
        }
    }

    /// Joins the holder to it.
    pub(crate) fn of(self, proven: Box<ProvenHolder>) -> AnyCandidate {
        match self {
            Self::Entrusted(serving) => AnyCandidate::Entrusted(Candidate { proven, serving }),
            Self::Proxy(serving) => AnyCandidate::Proxy(Candidate { proven, serving }),
        }
    }
}

impl AnyCandidate {
    /// The contract's rules.
    #[must_use]
    pub const fn policy(&self) -> &ContractPolicy {
        match self {
            Self::Entrusted(candidate) => candidate.serving.contract.policy(),
            Self::Proxy(candidate) => candidate.serving.contract.policy(),
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
            Self::Entrusted(candidate) => candidate.serving.contract.id(),
            Self::Proxy(candidate) => candidate.serving.contract.id(),
        }
    }

    /// The link.
    #[must_use]
    pub const fn link(&self) -> LinkId {
        match self {
            Self::Entrusted(candidate) => candidate.serving.link.id,
            Self::Proxy(candidate) => candidate.serving.link.id,
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
        let Self { proven, serving } = self;
        let method = serving.contract.policy().lookup;
        let verifier = serving.contract.verifier().clone();
        let lookup = Lookup { verifier, purpose: Purpose::Payment, method };
        meter.record(&lookup, now).await?;
        let status = source
            .status(proven.certificate(), proven.authority(), method, now)
            .await
            .map_err(|_| LinkageError::Refused(RefusalCode::RevocationUnavailable))?;
        let verified = enishi_verify::clear(*proven, status, now)
            .map_err(|error| LinkageError::Refused(error.refusal()))?;
        Ok(Answer { verified, serving })
    }
}

/// What ① to ③ found: whom the provider may be told of, and how sure that is.
///
/// Under 代行 there is no way from it to a serial number, a certificate, a signature or a key.
#[derive(Debug)]
pub struct Answer<M: Model> {
    verified: VerifiedHolder,
    serving: Serving<M>,
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
        &self.serving.link.subject
    }

    /// Which of the provider's instruments.
    #[must_use]
    pub const fn instrument(&self) -> InstrumentRef {
        self.serving.instrument
    }

    /// How the holder knows it.
    #[must_use]
    pub const fn label(&self) -> &Label {
        &self.serving.link.label
    }

    /// The contract it was made for.
    #[must_use]
    pub const fn contract(&self) -> &Contract<M> {
        &self.serving.contract
    }

    /// The verifier of the law who vouches.
    #[must_use]
    pub const fn verifier(&self) -> &ProviderId {
        self.serving.contract.verifier()
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
