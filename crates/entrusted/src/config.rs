use std::num::NonZeroU32;
use std::time::Duration;

use enishi_jpki::Profile;
use enishi_party::{ContractId, PartyUri};
use enishi_verify::{Limits, ListUrl};

/// What a verifier of its own is told once.
#[derive(Debug, Clone)]
pub struct EntrustedConfig {
    /// Its contract: evidence is sealed for this one.
    pub contract: ContractId,
    /// The relay that works for it, as contexts name it.
    pub relay: PartyUri,
    /// How often it looks.
    pub rule: RecheckRule,
    /// Where the authorities' lists are.
    pub crl_url: ListUrl,
    /// How long a look may wait for a list: well below the 10 s for which the relay waits for the answer.
    pub lookup_timeout: Duration,
    /// How long the regular fetch of one list may take.
    pub refresh_timeout: Duration,
    /// Largest list fetched in bytes.
    pub list_bytes: usize,
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
            crl_url,
            lookup_timeout: Duration::from_secs(2),
            refresh_timeout: Duration::from_secs(60),
            list_bytes: 64 * 1024 * 1024,
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
