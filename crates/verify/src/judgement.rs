//! 失効確認の判断: what two sources together say about one certificate.
//!
//! The rule, whose every pair stands in the table `judgement/lattice.rs`: an authentic *revoked* from any source
//! wins, whatever its age, its nonce or the policy; else *good* needs a fresh source that the policy names, its
//! nonce right; else there is no status.

use std::fmt;

use enishi_jpki::EndEntity;
use enishi_party::{RefusalCode, Timestamp};

use crate::ocsp::{AnswerTime, NonceMatch, OcspFinding, OcspStanding};
use crate::revocation::{About, CoverageError, RevocationStatus, Standing, StatusSource};
use crate::{Crl, Limits};

/// Which sources may clear a certificate. None can keep a *revoked* of either from counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusPolicy {
    /// The responder.
    pub ocsp: SourceRole,
    /// The list.
    pub list: SourceRole,
    /// Whether the responder's *good* must answer this very question.
    pub nonce: NonceRule,
}

/// What a source's *good* is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceRole {
    /// A fresh *good* of it clears.
    Vouches,
    /// Only its *revoked* counts.
    Warns,
}

/// What an answer without a nonce is worth. One with another nonce never clears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NonceRule {
    /// Nothing: it may be of yesterday.
    Required,
    /// As much as one with it, within its window, for responders that sign ahead (RFC 5019 §4). Evidence of such an
    /// answer does not hold when it is checked again.
    Optional,
}

impl StatusPolicy {
    /// The responder clears, with the nonce; a list may only warn.
    pub const OCSP: Self =
        Self { ocsp: SourceRole::Vouches, list: SourceRole::Warns, nonce: NonceRule::Required };
    /// A list clears; the responder may only warn.
    pub const LIST: Self =
        Self { ocsp: SourceRole::Warns, list: SourceRole::Vouches, nonce: NonceRule::Required };
    /// Either clears; where both do, the status rests on the responder.
    pub const EITHER: Self =
        Self { ocsp: SourceRole::Vouches, list: SourceRole::Vouches, nonce: NonceRule::Required };
}

/// Neither source clears the certificate, and neither calls it revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no revocation status: by the responder, {ocsp}; by the list, {list}")]
pub struct Unjudged {
    /// What the responder's answer lacks.
    pub ocsp: OcspShortfall,
    /// What the list lacks.
    pub list: ListShortfall,
}

impl Unjudged {
    /// What the person is told.
    #[must_use]
    pub const fn refusal(&self) -> RefusalCode {
        RefusalCode::RevocationUnavailable
    }
}

/// Why a responder's answer does not clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspShortfall {
    /// There is none that is authentic.
    Absent,
    /// About another certificate: a mistake of the caller.
    OtherCertificate,
    /// The responder does not know the certificate.
    Unknown,
    /// Another question's nonce.
    WrongNonce,
    /// No nonce, where the policy requires it.
    NoNonce,
    /// Past its window.
    Stale,
    /// Before its window.
    Future,
    /// Its times contradict each other.
    Contradictory,
    /// It says good, but the policy does not let the responder clear.
    NotNamed,
}

/// Why a list does not clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListShortfall {
    /// There is none.
    Absent,
    /// It does not cover the certificate, is not current, or could not be read.
    Coverage(CoverageError),
    /// It says good, but the policy does not let lists clear.
    NotNamed,
}

/// Judges what an authentic answer and an accepted list say about `certificate`; `None` where there is none.
///
/// The list need not be current: an ended one still tells who was revoked.
///
/// # Errors
/// [`Unjudged`]: nothing may be passed on it.
pub fn judge(
    certificate: &EndEntity,
    ocsp: Option<OcspFinding>,
    list: Option<&Crl>,
    policy: &StatusPolicy,
    limits: &Limits,
    now: Timestamp,
) -> Result<RevocationStatus, Unjudged> {
    use StatusSource::{List, ListAgainstOcsp, Ocsp, OcspAgainstList};

    let by_ocsp = Answered::read(ocsp, certificate, policy, limits, now);
    let by_list = Listed::read(list, certificate, now);
    let revoked = (
        by_ocsp.as_ref().ok().filter(|said| said.standing != Standing::Good).map(|said| said.age),
        by_list.as_ref().ok().filter(|said| said.standing != Standing::Good).map(|said| said.age),
    );
    let from_list =
        |said: Listed<'_>, source| RevocationStatus::listed(said.crl, certificate, said.standing, source);
    let from_ocsp =
        |said: Answered, source| RevocationStatus::answered(said.finding, said.standing, source, limits);
    // What Ok holds here is a revoked of any age, or a good that counts.
    match (by_ocsp, by_list, revoked) {
        // Of two that say revoked, the fresh one; of two that are fresh, the answer about this very certificate.
        (Ok(_), Ok(said), (Some(Age::NotFresh), Some(Age::Fresh))) => Ok(from_list(said, List)),
        (Ok(said), Ok(_), (Some(_), None)) => Ok(from_ocsp(said, OcspAgainstList)),
        (Ok(said), _, (Some(_), _)) => Ok(from_ocsp(said, Ocsp)),
        (Ok(_), Ok(said), (None, Some(_))) => Ok(from_list(said, ListAgainstOcsp)),
        (Err(_), Ok(said), (None, Some(_))) => Ok(from_list(said, List)),
        // It is listed, only nobody can say since when and why.
        (ocsp, Err(list @ ListShortfall::Coverage(CoverageError::Details)), _) => {
            Err(Unjudged { ocsp: shortfall(ocsp.err(), OcspShortfall::NotNamed), list })
        }
        (Ok(said), _, _) if policy.ocsp == SourceRole::Vouches => Ok(from_ocsp(said, Ocsp)),
        (_, Ok(said), _) if policy.list == SourceRole::Vouches => Ok(from_list(said, List)),
        (ocsp, list, _) => Err(Unjudged {
            ocsp: shortfall(ocsp.err(), OcspShortfall::NotNamed),
            list: shortfall(list.err(), ListShortfall::NotNamed),
        }),
    }
}

fn shortfall<S>(found: Option<S>, not_named: S) -> S {
    found.unwrap_or(not_named)
}

/// Whether what a source says is of now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Fresh,
    NotFresh,
}

/// A responder's revoked, or a good of it that counts.
struct Answered {
    finding: OcspFinding,
    standing: Standing,
    age: Age,
}

impl Answered {
    fn read(
        finding: Option<OcspFinding>,
        certificate: &EndEntity,
        policy: &StatusPolicy,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Self, OcspShortfall> {
        let finding = finding.ok_or(OcspShortfall::Absent)?;
        if *finding.about() != About::of(certificate) {
            return Err(OcspShortfall::OtherCertificate);
        }
        let shortfall = match (finding.nonce(), policy.nonce, finding.time_at(limits, now)) {
            (NonceMatch::Wrong, _, _) => Some(OcspShortfall::WrongNonce),
            (NonceMatch::Missing, NonceRule::Required, _) => Some(OcspShortfall::NoNonce),
            (_, _, AnswerTime::Stale) => Some(OcspShortfall::Stale),
            (_, _, AnswerTime::Future) => Some(OcspShortfall::Future),
            (_, _, AnswerTime::Contradictory) => Some(OcspShortfall::Contradictory),
            (_, _, AnswerTime::Fresh) => None,
        };
        let age = if shortfall.is_none() { Age::Fresh } else { Age::NotFresh };
        match (finding.standing(), shortfall) {
            (OcspStanding::Revoked { reason, at }, _) => {
                Ok(Self { finding, standing: Standing::Revoked { reason, at }, age })
            }
            (OcspStanding::Unknown, _) => Err(OcspShortfall::Unknown),
            (OcspStanding::Good, Some(shortfall)) => Err(shortfall),
            (OcspStanding::Good, None) => Ok(Self { finding, standing: Standing::Good, age }),
        }
    }
}

/// A list's revoked, or a good of it that counts.
struct Listed<'a> {
    crl: &'a Crl,
    standing: Standing,
    age: Age,
}

impl<'a> Listed<'a> {
    fn read(crl: Option<&'a Crl>, certificate: &EndEntity, now: Timestamp) -> Result<Self, ListShortfall> {
        let crl = crl.ok_or(ListShortfall::Absent)?;
        let standing = crl.standing_of(certificate).map_err(ListShortfall::Coverage)?;
        let age = if crl.is_current(now) { Age::Fresh } else { Age::NotFresh };
        if standing == Standing::Good && age == Age::NotFresh {
            let fresh_until = crl.fresh_until();
            return Err(ListShortfall::Coverage(CoverageError::OutOfWindow { fresh_until }));
        }
        Ok(Self { crl, standing, age })
    }
}

impl fmt::Display for OcspShortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "there is no authentic answer",
            Self::OtherCertificate => "the answer is about another certificate",
            Self::Unknown => "the responder does not know the certificate",
            Self::WrongNonce => "the answer's nonce is another question's",
            Self::NoNonce => "the answer has no nonce",
            Self::Stale => "the answer is past its window",
            Self::Future => "the answer lies ahead of now",
            Self::Contradictory => "the answer's times contradict each other",
            Self::NotNamed => "the policy does not name the responder",
        })
    }
}

impl fmt::Display for ListShortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there is none"),
            Self::Coverage(error) => error.fmt(f),
            Self::NotNamed => f.write_str("the policy does not name lists"),
        }
    }
}
