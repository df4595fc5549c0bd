//! ② From a proven holder to the one link that serves the request (slides 7, 9 and 12).

use enishi_party::broken::{Check, is_broken};
use enishi_party::{ContractId, LinkId, RefusalCode, Timestamp};
use enishi_verify::{ProvenHolder, Standing};

use crate::candidate::{AnyCandidate, AnyServing};
use crate::{Contracts, IndexKeys, LinkStore, LookupMethod, Offer, RevocationSource, StoreFault};

/// Most entries that a terminal shows.
const MAX_SHOWN: usize = 8;

/// Which links a request may be served by.
#[derive(Debug, Clone, Copy)]
pub enum Ask<'a> {
    /// One contract: the brand was chosen before the tap.
    Contract(&'a ContractId),
    /// All that the holder lets be offered together.
    Joint,
}

/// Why no candidate came out.
#[derive(Debug, thiserror::Error)]
pub enum LinkageError {
    /// The holder or the request is refused.
    #[error("refused: {}", .0.code())]
    Refused(RefusalCode),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// An entry for the holder's eyes.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Which link; the caller replaces it by a handle that is good once.
    pub link: LinkId,
    /// What the holder reads.
    pub label: crate::Label,
}

/// The links of one proven holder that serve one request. It owns the proof, so that nothing else can use it.
#[derive(Debug)]
pub struct Candidates {
    proven: Box<ProvenHolder>,
    found: Vec<AnyServing>,
}

/// What ② looks things up in.
#[derive(Clone, Copy)]
pub struct Register<'a> {
    /// The contracts.
    pub contracts: &'a Contracts,
    /// The links.
    pub links: &'a dyn LinkStore,
    /// The keys of the indexes.
    pub keys: &'a IndexKeys,
}

impl Candidates {
    /// Gathers the links that serve a request. Only a proven holder reaches this: a finder of a lost card learns nothing.
    ///
    /// # Errors
    /// `not_linked`, `contract_not_in_force`, or the store's fault.
    pub async fn gather(
        proven: ProvenHolder,
        ask: Ask<'_>,
        register: Register<'_>,
        now: Timestamp,
    ) -> Result<Self, LinkageError> {
        let found = match ask {
            Ask::Contract(id) => register.of_contract(&proven, id, now).await?,
            Ask::Joint => register.joint(&proven, now).await?,
        };
        if found.is_empty() {
            return Err(LinkageError::Refused(RefusalCode::NotLinked));
        }
        Ok(Self { proven: Box::new(proven), found })
    }

    /// How many links serve the request: one or more.
    #[must_use]
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// What to show the holder, after a revocation check on the list at hand: nothing about a person leaves before it.
    ///
    /// # Errors
    /// `cert_revoked`, `revocation_unavailable`.
    pub async fn entries(
        &self,
        source: &dyn RevocationSource,
        now: Timestamp,
    ) -> Result<Vec<Entry>, LinkageError> {
        stands_on_list(&self.proven, source, now).await?;
        let entry = |found: &AnyServing| Entry { link: found.link(), label: found.label().clone() };
        Ok(self.found.iter().take(MAX_SHOWN).map(entry).collect())
    }

    /// The only link, where there is one.
    ///
    /// # Errors
    /// The candidates themselves, where the holder has to choose.
    pub fn only(mut self) -> Result<AnyCandidate, Self> {
        match (self.found.pop(), self.found.is_empty()) {
            (Some(found), true) => Ok(found.of(self.proven)),
            (Some(found), false) => {
                self.found.push(found);
                Err(self)
            }
            (None, _) => Err(self),
        }
    }

    /// The link that the holder chose.
    ///
    /// # Errors
    /// `choice_invalid` where it is not among them.
    pub fn choose(self, link: LinkId) -> Result<AnyCandidate, LinkageError> {
        let chosen = self.found.into_iter().find(|found| found.link() == link);
        let chosen = chosen.ok_or(LinkageError::Refused(RefusalCode::ChoiceInvalid))?;
        Ok(chosen.of(self.proven))
    }
}

/// The free look at the list at hand, before anything about a person leaves.
pub(crate) async fn stands_on_list(
    proven: &ProvenHolder,
    source: &dyn RevocationSource,
    now: Timestamp,
) -> Result<(), LinkageError> {
    let status = source
        .status(proven.certificate(), proven.authority(), LookupMethod::Crl, now)
        .await
        .map_err(|_| LinkageError::Refused(RefusalCode::RevocationUnavailable))?;
    match status.standing() {
        Standing::Good => Ok(()),
        Standing::Revoked { .. } if is_broken(Check::Revocation) => Ok(()),
        Standing::Revoked { .. } => Err(LinkageError::Refused(RefusalCode::CertRevoked)),
    }
}

impl Register<'_> {
    async fn of_contract(
        self,
        proven: &ProvenHolder,
        id: &ContractId,
        now: Timestamp,
    ) -> Result<Vec<AnyServing>, LinkageError> {
        let not_in_force = LinkageError::Refused(RefusalCode::ContractNotInForce);
        let contract =
            self.contracts.get(id).filter(|contract| contract.in_force(now)).ok_or(not_in_force)?;
        let index = self
            .keys
            .in_contract(id, proven.certificate())
            .ok_or_else(|| StoreFault { reason: format!("no index key for contract {id}") })?;
        let links = self.links.find(contract, &index).await?;
        Ok(links.into_iter().filter_map(|link| AnyServing::pair(contract, link)).collect())
    }

    /// Joins across partitions in memory, at the holder's own tap, through rows that only this platform's key opens.
    async fn joint(self, proven: &ProvenHolder, now: Timestamp) -> Result<Vec<AnyServing>, LinkageError> {
        let index = self.keys.on_platform(proven.certificate());
        let mut found = Vec::new();
        for route in self.links.routes(&index).await? {
            let (contract, link) = self
                .keys
                .open_route(&index, &route)
                .map_err(|error| StoreFault { reason: error.to_string() })?;
            let Some(contract) = self.contracts.get(&contract).filter(|contract| contract.in_force(now))
            else {
                continue;
            };
            let link = self.links.get(contract, link).await?;
            let serving = link.and_then(|link| AnyServing::pair(contract, link));
            found.extend(serving.filter(|serving| serving.offer() == Offer::Jointly));
        }
        found.sort_by_key(AnyServing::link);
        Ok(found)
    }
}
