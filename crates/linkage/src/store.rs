//! What linkage asks of a store.

use async_trait::async_trait;
use enishi_party::{ContractId, InstrumentRef, LinkId, Timestamp};

use crate::{AnyContract, AnyLink, BlindIndex, SealedRoute};

/// The store could not answer; nothing is known to have changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("store: {reason}")]
pub struct StoreFault {
    /// Why, without contents.
    pub reason: String,
}

/// A link to be written, with the indexes by which it will be found.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// The link.
    pub link: AnyLink,
    /// Its index within its contract.
    pub index: BlindIndex,
    /// Its routing row, where the holder lets it be offered jointly.
    pub route: Option<(BlindIndex, SealedRoute)>,
}

/// Links; under 委託 each contract's rows live in a partition of their own.
#[async_trait]
pub trait LinkStore: Send + Sync {
    /// The links of one card in one contract.
    async fn find(&self, contract: &AnyContract, index: &BlindIndex) -> Result<Vec<AnyLink>, StoreFault>;

    /// One link of one contract.
    async fn get(&self, contract: &AnyContract, link: LinkId) -> Result<Option<AnyLink>, StoreFault>;

    /// The routing rows of one card.
    async fn routes(&self, index: &BlindIndex) -> Result<Vec<SealedRoute>, StoreFault>;

    /// Writes a pending link.
    async fn insert(&self, contract: &AnyContract, new: NewLink, now: Timestamp) -> Result<(), StoreFault>;

    /// The provider confirmed: pending becomes active. False where there is no pending link of that name, or where the card
    /// has an active link in this contract already: a person has one pairwise ID in it.
    async fn activate(
        &self,
        contract: &AnyContract,
        link: LinkId,
        instrument: InstrumentRef,
        now: Timestamp,
    ) -> Result<bool, StoreFault>;

    /// Takes away what stayed pending since before that moment (24 hours). Gives how many.
    async fn expire_pending(&self, contract: &AnyContract, before: Timestamp) -> Result<u64, StoreFault>;

    /// Takes a pending link and its routing row away. False where there is no pending link of that name.
    async fn roll_back(
        &self,
        contract: &AnyContract,
        link: LinkId,
        now: Timestamp,
    ) -> Result<bool, StoreFault>;
}

/// The register of contracts: a relay's configuration.
#[derive(Debug, Clone, Default)]
pub struct Contracts(Vec<AnyContract>);

impl Contracts {
    /// Takes contracts; of two with one name the first counts.
    #[must_use]
    pub fn new(contracts: Vec<AnyContract>) -> Self {
        Self(contracts)
    }

    /// One by name.
    #[must_use]
    pub fn get(&self, id: &ContractId) -> Option<&AnyContract> {
        self.0.iter().find(|contract| contract.id() == id)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &AnyContract> {
        self.0.iter()
    }
}
