//! Checking evidence again, as a party that trusts nothing but its own anchors and lists.

use enishi_jpki::{AuthCertificate, CaCertificate, Profile};
use enishi_party::Timestamp;

use super::Evidence;
use crate::crl::{Crl, CrlEntry};
use crate::limits::{after, before};
use crate::ocsp::{OcspError, OcspRequest, check_ocsp};
use crate::prove::{Proof, ProveError, ProvenHolder, prove};
use crate::revocation::{CoverageError, RevocationReason, Standing, StatusMethod};
use crate::{Anchors, Limits};

/// Evidence that held when it was checked again.
#[derive(Debug)]
pub struct Rechecked {
    proven: ProvenHolder,
    basis: StatusBasis,
    own_list: OwnList,
    checked_at: Timestamp,
}

/// On whose word "not revoked" rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusBasis {
    /// The authority's responder signed it, for a nonce of this check.
    Responder,
    /// This party's own list, at least as new as the one that the verifier used.
    OwnList,
    /// The verifier names a list that this party has not, or has not given.
    VerifiersWord,
}

/// What this party's own list added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnList {
    /// None was given.
    None,
    /// It is older than what the verifier used and says nothing against it.
    Older,
    /// It says the same.
    Agrees,
    /// Revoked, but after the check.
    RevokedLater {
        /// Why.
        reason: RevocationReason,
        /// Since when.
        at: Timestamp,
    },
}

/// Why evidence does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecheckError {
    /// Checked after it was received.
    #[error("the check is said to have been after this evidence was received")]
    CheckedInFuture,
    /// Received too long after the check.
    #[error("the evidence came too long after its check")]
    TooLate,
    /// The ticket was made after the check, or too long before it: an old tap under a new date.
    #[error("the ticket's time does not fit the time of the check")]
    TicketTime,
    /// Certificate, path, context or signature do not hold at the time of the check.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The authority in the evidence is not the anchor that issued the certificate.
    #[error("the authority in the evidence is not the one that issued the certificate")]
    OtherAuthority,
    /// The list that was used was not current at the time of the check.
    #[error("the list was not current at the time of the check")]
    Window,
    /// The responder's answer does not hold.
    #[error(transparent)]
    Ocsp(#[from] OcspError),
    /// The responder's answer does not have the times that the evidence states beside it.
    #[error("the evidence states other times than the responder's answer has")]
    OtherTimes,
    /// The responder said revoked, the verifier good.
    #[error("the responder's answer says revoked")]
    RevokedByResponder {
        /// Why.
        reason: RevocationReason,
        /// Since when.
        at: Timestamp,
    },
    /// This party's own list says that the certificate was revoked when the verifier called it good.
    #[error("the own list says that the certificate was revoked at the time of the check")]
    RevokedByOwnList {
        /// Why.
        reason: RevocationReason,
        /// Since when.
        at: Timestamp,
    },
    /// The own list with the number that the verifier names has another window.
    #[error("the list with this number has another window")]
    OtherList,
    /// The own list that was given says nothing about this certificate.
    #[error("the own list does not cover the certificate: {0}")]
    OwnList(CoverageError),
}

impl Evidence {
    /// Checks everything again as of the time of the check: path to one's own anchors, context, possession, status.
    ///
    /// `received_at` is when this party first got the evidence, to be kept beside it: the verifier's clock is not
    /// believed further than that. `own_list`, if given, must cover the certificate.
    ///
    /// # Errors
    /// [`RecheckError`]
    pub fn recheck(
        &self,
        anchors: &Anchors,
        profile: &Profile,
        own_list: Option<&Crl>,
        limits: &Limits,
        received_at: Timestamp,
    ) -> Result<Rechecked, RecheckError> {
        self.check_times(limits, received_at)?;
        let at = self.checked_at;
        let proven = prove(self.token.clone(), &self.challenge, self.context.clone(), anchors, profile, at)?;
        if proven.authority().der() != self.authority {
            return Err(RecheckError::OtherAuthority);
        }
        self.check_status(proven.certificate(), proven.authority(), limits)?;
        let own_list = match own_list {
            Some(list) => self.compare(list, proven.certificate())?,
            None => OwnList::None,
        };
        let basis = match (&self.method, own_list) {
            (StatusMethod::Ocsp { .. }, _) => StatusBasis::Responder,
            (StatusMethod::Crl { .. }, OwnList::Agrees | OwnList::RevokedLater { .. }) => {
                StatusBasis::OwnList
            }
            (StatusMethod::Crl { .. }, OwnList::None | OwnList::Older) => StatusBasis::VerifiersWord,
        };
        Ok(Rechecked { proven, basis, own_list, checked_at: at })
    }

    fn check_times(&self, limits: &Limits, received_at: Timestamp) -> Result<(), RecheckError> {
        if self.checked_at > after(received_at, limits.clock_skew) {
            return Err(RecheckError::CheckedInFuture);
        }
        if received_at > after(self.checked_at, limits.evidence_age_max) {
            return Err(RecheckError::TooLate);
        }
        // The ticket's time is under the card's signature, so it bounds a verifier that lies about its own.
        let issued_at = self.challenge.nonce().ticket().issued_at().map_err(|_| RecheckError::TicketTime)?;
        let fits = self.checked_at >= before(issued_at, limits.clock_skew)
            && self.checked_at <= after(issued_at, limits.proof_age_max);
        if fits { Ok(()) } else { Err(RecheckError::TicketTime) }
    }

    fn check_status(
        &self,
        certificate: &AuthCertificate,
        authority: &CaCertificate,
        limits: &Limits,
    ) -> Result<(), RecheckError> {
        match &self.method {
            StatusMethod::Crl { this_update, next_update, .. } => {
                let from = before(*this_update, limits.clock_skew);
                let until = after(*this_update, limits.crl_age_max).min(*next_update);
                let current = from <= self.checked_at && self.checked_at <= until;
                if current { Ok(()) } else { Err(RecheckError::Window) }
            }
            StatusMethod::Ocsp { nonce, response, .. } => {
                let request = OcspRequest::new(certificate, authority, *nonce);
                let answer = check_ocsp(response, &request, authority, limits, self.checked_at)?;
                if answer.method != self.method {
                    return Err(RecheckError::OtherTimes);
                }
                match answer.standing {
                    Standing::Good => Ok(()),
                    Standing::Revoked { reason, at } => Err(RecheckError::RevokedByResponder { reason, at }),
                }
            }
        }
    }

    /// Holds the verifier's word against one's own list.
    fn compare(&self, list: &Crl, certificate: &AuthCertificate) -> Result<OwnList, RecheckError> {
        list.covers(certificate).map_err(RecheckError::OwnList)?;
        let (same, newer) = match self.method {
            StatusMethod::Crl { number, this_update, next_update } => {
                let same = number == list.number();
                if same && (this_update, next_update) != (list.this_update(), list.next_update()) {
                    return Err(RecheckError::OtherList);
                }
                (same, list.number() > number)
            }
            StatusMethod::Ocsp { this_update, .. } => (false, list.this_update() >= this_update),
        };
        match list.status(certificate.serial()).map_err(RecheckError::OwnList)? {
            // The very list that is said to call it good.
            CrlEntry::Revoked { reason, at } if same => Err(RecheckError::RevokedByOwnList { reason, at }),
            // A hold in an older list may have been lifted since; every other revocation is for good.
            CrlEntry::Revoked { reason: RevocationReason::CertificateHold, .. } if !newer => {
                Ok(OwnList::Older)
            }
            CrlEntry::Revoked { reason, at } if at <= self.checked_at => {
                Err(RecheckError::RevokedByOwnList { reason, at })
            }
            CrlEntry::Revoked { reason, at } => Ok(OwnList::RevokedLater { reason, at }),
            CrlEntry::Good if same || newer => Ok(OwnList::Agrees),
            CrlEntry::Good => Ok(OwnList::Older),
        }
    }
}

impl Rechecked {
    /// The certificate.
    #[must_use]
    pub const fn certificate(&self) -> &AuthCertificate {
        self.proven.certificate()
    }

    /// What was signed: to be compared with the payment message by whoever relies on it.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        self.proven.proof()
    }

    /// On whose word "not revoked" rests.
    #[must_use]
    pub const fn basis(&self) -> StatusBasis {
        self.basis
    }

    /// What this party's own list added.
    #[must_use]
    pub const fn own_list(&self) -> OwnList {
        self.own_list
    }

    /// When the verifier checked.
    #[must_use]
    pub const fn checked_at(&self) -> Timestamp {
        self.checked_at
    }
}
