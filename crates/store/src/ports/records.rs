//! Counters and evidence.

use async_trait::async_trait;
use enishi_linkage::StoreFault;
use enishi_party::{AssertionId, ContractId, ProviderId};
use enishi_relay::{Records, Trace};

use super::evidence;
use crate::store::Store;

impl Store {
    /// The evidence of an assertion in that contract's partition alone.
    pub(crate) async fn sealed_evidence(
        &self,
        contract: &ContractId,
        assertion: AssertionId,
    ) -> Result<Option<Vec<u8>>, StoreFault> {
        match self.partitions.standing(contract).await? {
            Some(partition) => partition.read(move |session| evidence::get(session, assertion)).await,
            None => Ok(None),
        }
    }
}

#[async_trait]
impl Records for Store {
    async fn next_trace(&self, provider: &ProviderId) -> Result<Trace, StoreFault> {
        self.traces.next(provider, &self.relay).await.map(|number| Trace { number })
    }

    async fn evidence(
        &self,
        contract: &ContractId,
        assertion: AssertionId,
    ) -> Result<Option<Vec<u8>>, StoreFault> {
        self.sealed_evidence(contract, assertion).await
    }
}
