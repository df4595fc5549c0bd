//! Contracts: who may rely on whom, under which accreditation, by which policy.

use std::marker::PhantomData;

use enishi_party::{ContractId, Money, ProviderId, Text, Timestamp, VerifierModel};

use crate::{Entrusted, Model, Proxy};

/// 検証者の認定: why someone may be a verifier (slide 13; 公的個人認証法 arts. 17 and 36).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accreditation {
    /// On which ground.
    pub ground: AccreditationGround,
    /// The certificate's number; the sandbox's begin with `SANDBOX-`.
    pub number: String,
    /// First moment of validity.
    pub valid_from: Timestamp,
    /// First moment after it.
    pub valid_until: Timestamp,
}

/// The ground of an accreditation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccreditationGround {
    /// Named by statute.
    Statutory,
    /// Certified by the competent ministers.
    Certified,
    /// Deemed certified because everything is delegated to a certified platform; may not run ③ itself.
    DeemedByFullDelegation {
        /// The platform.
        platform: ProviderId,
    },
}

impl Accreditation {
    fn covers(&self, now: Timestamp) -> bool {
        self.valid_from <= now && now < self.valid_until
    }
}

/// How a contract's revocation look-ups are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupMethod {
    /// The list that is at hand: private and free, as old as the list.
    Crl,
    /// The responder: fresh, one call for each.
    Ocsp,
}

/// Whether the amount must stand under the card's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountPolicy {
    /// Always.
    Bound,
    /// The deck's order is accepted up to this amount.
    UnboundUpTo(Money),
}

/// When the provider's own PIN is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinPolicy {
    /// The card's PIN is enough.
    Never,
    /// From this amount on.
    From(Money),
}

/// The provider's own rules, evaluated by the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContractPolicy {
    /// How revocation is looked up.
    pub lookup: LookupMethod,
    /// Whether the amount must be signed.
    pub amount: AmountPolicy,
    /// When its PIN is asked.
    pub pin: PinPolicy,
}

/// One contract under one model.
#[derive(Debug, Clone)]
pub struct Contract<M: Model> {
    id: ContractId,
    provider: ProviderId,
    name: Text,
    verifier: ProviderId,
    accreditation: Accreditation,
    policy: ContractPolicy,
    model: PhantomData<M>,
}

/// What every contract states.
#[derive(Debug, Clone)]
pub struct ContractTerms {
    /// Its name.
    pub id: ContractId,
    /// The provider.
    pub provider: ProviderId,
    /// The provider's name for people.
    pub name: Text,
    /// Its rules.
    pub policy: ContractPolicy,
}

/// The platform as a verifier of its own (代行).
#[derive(Debug, Clone)]
pub struct Platform {
    /// Its name as a verifier.
    pub id: ProviderId,
    /// Why it may verify.
    pub accreditation: Accreditation,
}

/// Why a contract cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    /// A platform that is itself deemed certified by delegation delegates to nobody.
    #[error("a platform that verifies for others must be a verifier by statute or certification")]
    PlatformOnlyDeemed,
    /// An accreditation that ends before it begins.
    #[error("the accreditation's validity is empty")]
    EmptyValidity,
}

impl Contract<Entrusted> {
    /// 委託: the provider verifies under its own accreditation.
    ///
    /// # Errors
    /// [`ContractError::EmptyValidity`]
    pub fn entrusted(terms: ContractTerms, accreditation: Accreditation) -> Result<Self, ContractError> {
        let verifier = terms.provider.clone();
        Self::new(terms, verifier, accreditation)
    }
}

impl Contract<Proxy> {
    /// 代行: the platform verifies under its accreditation and vouches to the provider.
    ///
    /// # Errors
    /// [`ContractError`]
    pub fn proxy(terms: ContractTerms, platform: &Platform) -> Result<Self, ContractError> {
        if matches!(platform.accreditation.ground, AccreditationGround::DeemedByFullDelegation { .. }) {
            return Err(ContractError::PlatformOnlyDeemed);
        }
        Self::new(terms, platform.id.clone(), platform.accreditation.clone())
    }
}

impl<M: Model> Contract<M> {
    fn new(
        terms: ContractTerms,
        verifier: ProviderId,
        accreditation: Accreditation,
    ) -> Result<Self, ContractError> {
        if accreditation.valid_from >= accreditation.valid_until {
            return Err(ContractError::EmptyValidity);
        }
        let ContractTerms { id, provider, name, policy } = terms;
        Ok(Self { id, provider, name, verifier, accreditation, policy, model: PhantomData })
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> &ContractId {
        &self.id
    }

    /// The verifier of the law: the provider (委託) or the platform (代行).
    #[must_use]
    pub const fn verifier(&self) -> &ProviderId {
        &self.verifier
    }

    /// Its rules.
    #[must_use]
    pub const fn policy(&self) -> &ContractPolicy {
        &self.policy
    }
}

/// A contract of either model, as the register holds it.
#[derive(Debug, Clone)]
pub enum AnyContract {
    /// 委託.
    Entrusted(Contract<Entrusted>),
    /// 代行.
    Proxy(Contract<Proxy>),
}

macro_rules! either {
    ($contract:expr, $inner:ident => $body:expr) => {
        match $contract {
            AnyContract::Entrusted($inner) => $body,
            AnyContract::Proxy($inner) => $body,
        }
    };
}

impl AnyContract {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &ContractId {
        either!(self, contract => &contract.id)
    }

    /// The provider.
    #[must_use]
    pub fn provider(&self) -> &ProviderId {
        either!(self, contract => &contract.provider)
    }

    /// The provider's name for people.
    #[must_use]
    pub fn name(&self) -> &Text {
        either!(self, contract => &contract.name)
    }

    /// Its rules.
    #[must_use]
    pub fn policy(&self) -> &ContractPolicy {
        either!(self, contract => &contract.policy)
    }

    /// The verifier of the law.
    #[must_use]
    pub fn verifier(&self) -> &ProviderId {
        either!(self, contract => &contract.verifier)
    }

    /// Its model as a word.
    #[must_use]
    pub const fn model(&self) -> VerifierModel {
        match self {
            Self::Entrusted(_) => Entrusted::WORD,
            Self::Proxy(_) => Proxy::WORD,
        }
    }

    /// Whether the accreditation that it stands on is valid now.
    #[must_use]
    pub fn in_force(&self, now: Timestamp) -> bool {
        either!(self, contract => contract.accreditation.covers(now))
    }
}
