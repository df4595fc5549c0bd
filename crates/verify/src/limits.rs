//! Every bound of the checks, with where it comes from.

use std::time::Duration;

use enishi_party::Timestamp;

/// Most signatures that one authentication verifies, whatever it is given: the certificate's and the challenge's,
/// then the responder's certificate's and its answer's. A refused challenge's is verified twice, and nobody is asked
/// then; a list's once, when the list is fetched.
pub const SIGNATURES_PER_AUTHENTICATION_MAX: usize = 4;
/// Most memory at a time that the checks of one authentication take, far over what the largest inputs need.
pub const OCTETS_PER_AUTHENTICATION_MAX: usize = 16 * 1024 * 1024;

/// How far another party's clock may be ahead.
const CLOCK_SKEW: Duration = Duration::from_secs(10);
/// 2 GiB, twice the 30 million entries of 37 octets that J-LIS's may come to (docs/jpki.md §3).
const CRL_OCTETS_MAX: usize = 2_147_483_648;
/// The upper estimate of revoked certificates within five years (docs/jpki.md §3).
const CRL_ENTRIES_MAX: usize = 30_000_000;
/// Lists appear once a day (docs/jpki.md §3).
const CRL_AGE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Three certificates of at most 4 KiB, and one status.
const OCSP_OCTETS_MAX: usize = 16 * 1024;
/// J-LIS renews its data every 15 minutes (docs/jpki.md §3): three times missed.
const OCSP_AGE_MAX: Duration = Duration::from_secs(60 * 60);
/// One business day.
const EVIDENCE_AGE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest ticket life (5 min) and time to choose, to enter a PIN and to fix a late amount.
const PROOF_AGE_MAX: Duration = Duration::from_secs(15 * 60);
/// Most octets before a list's entries: two algorithms' and an authority's name, which have some hundred.
pub(crate) const CRL_FRONT_OCTETS_MAX: usize = 16 * 1024;
/// Most octets behind a list's entries: a few extensions, among them one name, and an RSA signature of 512 octets at most.
pub(crate) const CRL_BEHIND_OCTETS_MAX: usize = 64 * 1024;
/// Most octets of one entry: JPKI's have 37, the largest with every extension of RFC 5280 §5.3 a few hundred.
pub(crate) const ENTRY_OCTETS_MAX: usize = 4 * 1024;
/// Most extensions of one entry that nobody here knows: RFC 5280 §5.3 has three altogether.
pub(crate) const ENTRY_EXTENSIONS_MAX: usize = 8;

/// Bounds that an operator may tighten. Those that nobody may change stand where they are enforced: docs/jpki.md §4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How far another party's clock may be ahead: 10 s.
    pub clock_skew: Duration,
    /// Largest list: 2 GiB.
    pub crl_octets_max: usize,
    /// Most entries of a list: 30 million.
    pub crl_entries_max: usize,
    /// A list counts until its nextUpdate, but never longer than this after thisUpdate: 24 h.
    pub crl_age_max: Duration,
    /// Largest OCSP answer: 16 KiB.
    pub ocsp_octets_max: usize,
    /// How old an OCSP answer's knowledge may be: 1 h.
    pub ocsp_age_max: Duration,
    /// How long after its check evidence may reach whoever checks it again: 24 h.
    pub evidence_age_max: Duration,
    /// How long after its ticket was made a proof may be cleared: 15 min.
    pub proof_age_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clock_skew: CLOCK_SKEW,
            crl_octets_max: CRL_OCTETS_MAX,
            crl_entries_max: CRL_ENTRIES_MAX,
            crl_age_max: CRL_AGE_MAX,
            ocsp_octets_max: OCSP_OCTETS_MAX,
            ocsp_age_max: OCSP_AGE_MAX,
            evidence_age_max: EVIDENCE_AGE_MAX,
            proof_age_max: PROOF_AGE_MAX,
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
