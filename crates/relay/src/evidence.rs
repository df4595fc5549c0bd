//! What a provider under 委託 may fetch: the sealed evidence of an assertion.

use enishi_party::{AssertionId, ContractId, ProviderId, RefusalCode};
use enishi_verify::Evidence;

use crate::relay::Relay;
use crate::stop::{Fault, Stop};

impl Relay {
    /// Sealed evidence of an assertion, for the contract's own provider.
    ///
    /// # Errors
    /// `not_linked` where there is none for this provider.
    pub async fn evidence(&self, caller: &ProviderId, assertion: AssertionId) -> Result<Vec<u8>, Stop> {
        for contract in self.contracts_of(caller) {
            if let Some(sealed) = self.ports.records.evidence(contract.id(), assertion).await? {
                return Ok(sealed);
            }
        }
        Err(RefusalCode::NotLinked.into())
    }

    /// Seals evidence to the provider of a contract.
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
}
