use std::num::NonZeroU32;

use enishi_jpki::Profile;
use enishi_lists::{ListUrl, ListsConfig};
use enishi_party::{ContractId, PartyUri};
use enishi_verify::Limits;

/// What a verifier of its own is told once.
#[derive(Debug, Clone)]
pub struct EntrustedConfig {
    /// Its contract: evidence is sealed for this one.
    pub contract: ContractId,
    /// The relay that works for it, as contexts name it.
    pub relay: PartyUri,
    /// How often it looks.
    pub rule: RecheckRule,
    /// Its own lists. A look may wait for one well below the 10 s for which the relay waits for the answer.
    pub lists: ListsConfig,
    /// Which certificates are taken.
    pub profile: Profile,
    /// The bounds of the checks.
    pub limits: Limits,
}

impl EntrustedConfig {
    /// The usual bounds; looks at every assertion.
    #[must_use]
    pub fn new(contract: ContractId, relay: PartyUri, crl_url: ListUrl, profile: Profile) -> Self {
        Self {
            contract,
            relay,
            rule: RecheckRule::Always,
            lists: ListsConfig::new(crl_url),
            profile,
            limits: Limits::default(),
        }
    }
}

/// How often evidence is looked at (`recheck = always | sample | never`). New links are always looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecheckRule {
    /// Every assertion.
    Always,
    /// One in so many, by chance that the relay cannot foresee.
    Sample {
        /// One in this many.
        one_in: NonZeroU32,
    },
    /// None: the relay's signature is taken for it.
    Never,
}
