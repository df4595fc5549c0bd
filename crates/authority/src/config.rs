//! How an authority is set up; kept in its register from creation on.

use std::time::Duration;

use enishi_jpki::Profile;
use serde::{Deserialize, Serialize};

use crate::AuthorityError;

/// What every certificate keeps to: its organisation tells the sandbox from `JPKI` and from J-LIS's own `JPKI-TEST`.
pub(crate) const PROFILE: Profile = Profile::SANDBOX;
/// The longest list life; RFC 5280 sets none, a relay refuses lists older than a day.
const CRL_LIFE_MAX: Duration = Duration::from_secs(31 * 86_400);
/// The three certificates of an authority take numbers below the first that it gives out.
const SEQUENTIAL_FROM_MIN: u32 = 100;
/// An address in a certificate; ours.
const URI_MAX_OCTETS: usize = 200;

/// The settings of one authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityConfig {
    /// The responder's address, which authentication certificates carry.
    pub ocsp_uri: String,
    /// The policy qualifier of every certificate.
    pub cps_uri: String,
    /// How serial numbers are chosen.
    pub serials: SerialPlan,
    /// When lists are published.
    pub publish: PublishPolicy,
    /// From one regular list to the next.
    pub publish_every: Duration,
    /// From a list's `thisUpdate` to its `nextUpdate`; longer than `publish_every`.
    pub crl_life: Duration,
    /// From an OCSP answer's `thisUpdate` to its `nextUpdate` (J-LIS refreshes each 15 minutes).
    pub ocsp_life: Duration,
    /// How long a delegated responder certificate lasts; half way through, the next is issued.
    pub responder_life: Duration,
}

impl AuthorityConfig {
    /// The sandbox's defaults, with the responder at this address.
    #[must_use]
    pub fn new(ocsp_uri: &str) -> Self {
        Self {
            ocsp_uri: ocsp_uri.to_owned(),
            cps_uri: "http://www.jpki.go.jp/cps.html".to_owned(),
            serials: SerialPlan::default(),
            publish: PublishPolicy::OnSchedule,
            publish_every: Duration::from_secs(24 * 3_600),
            crl_life: Duration::from_secs(30 * 3_600),
            ocsp_life: Duration::from_secs(15 * 60),
            responder_life: Duration::from_secs(7 * 86_400),
        }
    }

    pub(crate) fn check(&self) -> Result<(), AuthorityError> {
        let uri = |text: &str| {
            text.len() <= URI_MAX_OCTETS && text.bytes().all(|b| b.is_ascii_graphic()) && text.contains("://")
        };
        let counted = match self.serials {
            SerialPlan::Random => true,
            SerialPlan::Sequential { authentication_from, signing_from } => {
                authentication_from.min(signing_from) >= SEQUENTIAL_FROM_MIN
            }
        };
        let rules: [(&'static str, bool, &'static str); 8] = [
            ("serials", counted, "from 100 or higher: the authority's own certificates come before"),
            ("ocsp_uri", uri(&self.ocsp_uri), "a URI of at most 200 ASCII characters"),
            ("cps_uri", uri(&self.cps_uri), "a URI of at most 200 ASCII characters"),
            ("publish_every", !self.publish_every.is_zero(), "more than nothing"),
            ("crl_life", self.crl_life > self.publish_every, "longer than publish_every"),
            ("crl_life", self.crl_life <= CRL_LIFE_MAX, "at most 31 days"),
            (
                "ocsp_life",
                !self.ocsp_life.is_zero() && self.ocsp_life <= Duration::from_secs(3_600),
                "1 s to 1 h",
            ),
            (
                "responder_life",
                self.responder_life >= self.ocsp_life.saturating_mul(4),
                "4 × ocsp_life or more",
            ),
        ];
        match rules.into_iter().find(|(_, kept, _)| !kept) {
            None => Ok(()),
            Some((setting, _, rule)) => Err(AuthorityError::Setting { setting, rule }),
        }
    }
}

/// How serial numbers (発行の番号) are chosen; each authority counts for itself, across its generations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum SerialPlan {
    /// One after the other, as J-LIS's look; they can be guessed and are no secret.
    Sequential {
        /// Where authentication certificates begin.
        authentication_from: u32,
        /// Where signing certificates begin.
        signing_from: u32,
    },
    /// 16 random octets, which no scan for leaks finds by chance.
    Random,
}

impl Default for SerialPlan {
    /// Four octets, as in production, at different places of the two lines.
    fn default() -> Self {
        Self::Sequential { authentication_from: 120_000_001, signing_from: 114_000_001 }
    }
}

/// When lists are published, apart from every `publish_every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublishPolicy {
    /// Not at all: a revocation waits for the next regular list, as at J-LIS.
    OnSchedule,
    /// At once when anything is revoked.
    OnRevocation,
}
