use std::path::Path;

use enishi_party::Timestamp;
use enishi_verify::{AnswerTime, Crl, Limits, NonceMatch, OcspFinding, OcspStanding};

use crate::RevocationError;
use crate::newest_answers::{Fingerprint, NewestAnswers};
use crate::revoked_answers::RevokedAnswers;

/// Certificates remembered at a time: an hour at 70 look-ups a second, in about 30 MB.
const REMEMBERED_MAX: usize = 250_000;

/// What responders said before, so that nothing older undoes it.
///
/// Of answers that said *good* the last hour's are remembered, and a restart forgets them: what is left then is the nonce,
/// without which none counts, and the answer's own age. Of those that said *revoked* a day's are, for as long as a list may
/// count; of these a restart has the newest moment.
pub(crate) struct KnownAnswers {
    newest: NewestAnswers,
    revoked: RevokedAnswers,
}

impl KnownAnswers {
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, RevocationError> {
        let revoked = RevokedAnswers::open(folder).map_err(RevocationError::Kept)?;
        Ok(Self { newest: NewestAnswers::new(REMEMBERED_MAX), revoked })
    }

    /// Remembers an answer, or refuses it where a newer one is known. One that says *revoked* is never refused.
    pub(crate) fn admit(
        &mut self,
        certificate: Fingerprint,
        finding: &OcspFinding,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<(), RevocationError> {
        let produced_at = finding.produced_at();
        let counts =
            finding.nonce() == NonceMatch::Right && finding.time_at(limits, now) == AnswerTime::Fresh;
        match finding.standing() {
            OcspStanding::Revoked { .. } => {
                if let Err(error) = self.revoked.note(certificate, produced_at, lists_from(limits, now)) {
                    // It is refused all the same; only a restart would not know.
                    tracing::error!(%error, "an answer that said revoked was not kept");
                }
                Ok(())
            }
            // What does not count anyway must not keep out what does.
            OcspStanding::Unknown => Ok(()),
            OcspStanding::Good if !counts => Ok(()),
            OcspStanding::Good => {
                newer(produced_at, self.revoked.about(&certificate))?;
                // What was signed before this is refused for its age.
                let horizon = now.checked_sub(limits.ocsp_age_max).unwrap_or(Timestamp::MIN);
                self.newest.admit(certificate, produced_at, horizon)
            }
        }
    }

    /// Whether a list was made after every answer that said *revoked*.
    pub(crate) fn list_is_newer(&self, certificate: Fingerprint, list: &Crl) -> Result<(), RevocationError> {
        newer(list.this_update(), self.revoked.before_lists(&certificate))
    }
}

fn newer(said_at: Timestamp, revoked: Option<Timestamp>) -> Result<(), RevocationError> {
    match revoked {
        Some(known) if said_at <= known => Err(RevocationError::RevokedSince { known }),
        Some(_) | None => Ok(()),
    }
}

/// The first moment of which a list may be that counts at `now`.
fn lists_from(limits: &Limits, now: Timestamp) -> Timestamp {
    now.checked_sub(limits.crl_age_max + limits.clock_skew).unwrap_or(Timestamp::MIN)
}
