//! Every bound of the checks, with where it comes from.

use std::time::Duration;

use enishi_party::Timestamp;

/// Bounds that an operator may tighten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How far another party's clock may be ahead: 10 s.
    pub clock_skew: Duration,
    /// Largest list: 30 million entries of 37 octets are 1.1 GB (docs/jpki.md §3).
    pub crl_octets_max: usize,
    /// Most entries of a list: the upper estimate of revoked certificates within five years (docs/jpki.md §3).
    pub crl_entries_max: usize,
    /// A list counts until its nextUpdate, but never longer than this after thisUpdate: 24 h.
    pub crl_age_max: Duration,
    /// Largest OCSP answer: a few certificates of at most 4 KiB and one status.
    pub ocsp_octets_max: usize,
    /// How old an OCSP answer may be: 1 h; J-LIS renews its data every 15 minutes.
    pub ocsp_age_max: Duration,
    /// How long after its check evidence may reach whoever checks it again: 24 h, one business day.
    pub evidence_age_max: Duration,
    /// How long after its ticket was made a proof may be cleared: the longest ticket life (5 min) and time to
    /// choose, to enter a PIN and to fix a late amount.
    pub proof_age_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clock_skew: Duration::from_secs(10),
            crl_octets_max: 1_200_000_000,
            crl_entries_max: 30_000_000,
            crl_age_max: Duration::from_secs(24 * 60 * 60),
            ocsp_octets_max: 16 * 1024,
            ocsp_age_max: Duration::from_secs(60 * 60),
            evidence_age_max: Duration::from_secs(24 * 60 * 60),
            proof_age_max: Duration::from_secs(15 * 60),
        }
    }
}

/// `moment + span`, at most the end of time.
pub(crate) fn after(moment: Timestamp, span: Duration) -> Timestamp {
    moment.checked_add(span).unwrap_or(Timestamp::MAX)
}

/// `moment - span`, at least the beginning of time.
pub(crate) fn before(moment: Timestamp, span: Duration) -> Timestamp {
    moment.checked_sub(span).unwrap_or(Timestamp::MIN)
}

/// How long ago `moment` was; zero if it lies ahead.
pub(crate) fn age(moment: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(moment)).unwrap_or(Duration::ZERO)
}
