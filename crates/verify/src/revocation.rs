//! 電子証明書失効情報: what is known about one certificate, and from where.

use std::fmt;
use std::time::Duration;

use enishi_jpki::{CertKind, EndEntity, Issuer, KeyId, Serial};
use enishi_party::Timestamp;
use enishi_party::broken::{Check, is_broken};

use crate::Limits;
use crate::crl::{Crl, CrlEntry, CrlNumber, CrlScope};
use crate::limits::age;
use crate::ocsp::{OcspAnswer, OcspFinding};

/// Why a certificate was revoked (RFC 5280 §5.3.1, those that JPKI uses: docs/jpki.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevocationReason {
    /// No reason given; the card was destroyed before delivery.
    Unspecified,
    /// The holder's key leaked.
    KeyCompromise,
    /// The authority's key leaked.
    CaCompromise,
    /// 記載事項の変更: name, address or another item changed; signing certificates only.
    AffiliationChanged,
    /// Renewed.
    Superseded,
    /// No longer needed: death, emigration, own wish.
    CessationOfOperation,
    /// 一時停止: a card reported lost. It counts as revoked.
    CertificateHold,
}

impl RevocationReason {
    /// Reads a CRLReason. 8 belongs to delta lists, 7 to nobody, 9 and 10 to attribute certificates.
    pub(crate) const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Unspecified),
            1 => Some(Self::KeyCompromise),
            2 => Some(Self::CaCompromise),
            3 => Some(Self::AffiliationChanged),
            4 => Some(Self::Superseded),
            5 => Some(Self::CessationOfOperation),
            6 => Some(Self::CertificateHold),
            _ => None,
        }
    }
}

/// Whether a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not revoked.
    Good,
    /// Revoked, or on hold.
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// Since when.
        at: Timestamp,
    },
}

/// Where a status comes from, and its window.
#[derive(Clone, PartialEq, Eq)]
pub enum StatusMethod {
    /// 失効情報ファイル: a list.
    Crl {
        /// Its number.
        number: CrlNumber,
        /// When it was made.
        this_update: Timestamp,
        /// When the next is due.
        next_update: Timestamp,
    },
    /// A responder's answer about this one certificate.
    Ocsp {
        /// When the answer was signed.
        produced_at: Timestamp,
        /// How old the responder's knowledge is.
        this_update: Timestamp,
        /// When newer knowledge is due, if the responder says.
        next_update: Option<Timestamp>,
        /// The nonce that was asked with.
        nonce: [u8; 32],
        /// The whole answer, for evidence.
        response: Vec<u8>,
    },
}

impl StatusMethod {
    /// As of when the status is.
    #[must_use]
    pub const fn this_update(&self) -> Timestamp {
        match self {
            Self::Crl { this_update, .. } | Self::Ocsp { this_update, .. } => *this_update,
        }
    }
}

impl fmt::Debug for StatusMethod {
    /// An answer names a serial number, so only its kind is printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crl { .. } => "Crl(…)",
            Self::Ocsp { .. } => "Ocsp(…)",
        })
    }
}

/// The status of one certificate, bought in one verifier's right for one use: no copy, no serialisation.
pub struct RevocationStatus {
    about: About,
    standing: Standing,
    method: StatusMethod,
    rests_on: StatusSource,
    usable_from: Timestamp,
    fresh_until: Timestamp,
}

/// On which source a status rests, and whether the other one says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusSource {
    /// A responder's answer; no list that counts says otherwise.
    Ocsp,
    /// A list; no answer that counts says otherwise.
    List,
    /// Revoked by a responder's answer, although a current list calls it good: revoked since that list, most often.
    OcspAgainstList,
    /// Revoked by a list, although a fresh answer to this very question calls it good: somebody should ask why.
    ListAgainstOcsp,
}

/// Which certificate a status is about: serial numbers are unique within one authority only.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct About {
    kind: CertKind,
    issuer: KeyId,
    serial: Serial,
}

impl About {
    /// A certificate of an issuer outside the profile.
    pub(crate) fn outside(issuer: &Issuer, serial: &Serial) -> Self {
        Self { kind: issuer.kind(), issuer: issuer.subject_key_id().clone(), serial: serial.clone() }
    }

    pub(crate) fn of(certificate: &EndEntity) -> Self {
        Self {
            kind: certificate.kind(),
            issuer: certificate.issuer_key_id().clone(),
            serial: certificate.serial().clone(),
        }
    }
}

/// Why a list says nothing about a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CoverageError {
    /// Another authority's list, or another generation's.
    #[error("the list is another authority's")]
    OtherIssuer,
    /// Another municipality's list.
    #[error("the list is of another partition than the certificate names")]
    OtherPartition,
    /// Out of its window at this time.
    #[error("the list ended at {fresh_until} or has not begun")]
    OutOfWindow {
        /// The end of its window.
        fresh_until: Timestamp,
    },
    /// It lists the certificate, but why and since when could not be read: no status, for it is not good.
    #[error("the list names the certificate, but its reason and date could not be read")]
    Details,
}

impl RevocationStatus {
    /// Looks a certificate up in a list.
    ///
    /// # Errors
    /// The list does not cover the certificate, or is not current.
    pub fn from_crl(crl: &Crl, certificate: &EndEntity, now: Timestamp) -> Result<Self, CoverageError> {
        let standing = crl.standing_of(certificate)?;
        if !crl.is_current(now) {
            return Err(CoverageError::OutOfWindow { fresh_until: crl.fresh_until() });
        }
        Ok(Self::listed(crl, certificate, standing, StatusSource::List))
    }

    /// What a list says, whether it is current or not.
    pub(crate) fn listed(
        crl: &Crl,
        certificate: &EndEntity,
        standing: Standing,
        rests_on: StatusSource,
    ) -> Self {
        Self {
            about: About::of(certificate),
            standing,
            method: StatusMethod::Crl {
                number: crl.number(),
                this_update: crl.this_update(),
                next_update: crl.next_update(),
            },
            rests_on,
            usable_from: crl.usable_from(),
            fresh_until: crl.fresh_until(),
        }
    }

    /// What an answer says, whether it is fresh or not.
    pub(crate) fn answered(
        finding: OcspFinding,
        standing: Standing,
        rests_on: StatusSource,
        limits: &Limits,
    ) -> Self {
        let (usable_from, fresh_until) = finding.window(limits);
        let about = finding.about().clone();
        Self { about, standing, method: finding.into_method(), rests_on, usable_from, fresh_until }
    }

    /// Takes a responder's checked answer.
    #[must_use]
    pub fn from_ocsp(answer: OcspAnswer) -> Self {
        let OcspAnswer { about, standing, method, usable_from, fresh_until } = answer;
        Self { about, standing, method, rests_on: StatusSource::Ocsp, usable_from, fresh_until }
    }

    /// Whether the certificate stands.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Where the status comes from.
    #[must_use]
    pub const fn method(&self) -> &StatusMethod {
        &self.method
    }

    /// On which source it rests, and whether the other one says otherwise.
    #[must_use]
    pub const fn rests_on(&self) -> StatusSource {
        self.rests_on
    }

    /// The last moment at which it may be relied on.
    #[must_use]
    pub const fn fresh_until(&self) -> Timestamp {
        self.fresh_until
    }

    /// How old it is at `now`.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Duration {
        age(self.method.this_update(), now)
    }

    /// Gives the method if the status is about this certificate, good, and fresh at `now`.
    pub(crate) fn spend(self, certificate: &EndEntity, now: Timestamp) -> Result<StatusMethod, Unclear> {
        if self.about != About::of(certificate) {
            return Err(Unclear::OtherCertificate);
        }
        // Revoked stays revoked, however old the news.
        if let Standing::Revoked { reason, at } = self.standing
            && !is_broken(Check::Revocation)
        {
            return Err(Unclear::Revoked { reason, at });
        }
        if now < self.usable_from || now > self.fresh_until {
            return Err(Unclear::Stale { fresh_until: self.fresh_until });
        }
        Ok(self.method)
    }
}

/// Why a status does not clear a certificate.
pub(crate) enum Unclear {
    OtherCertificate,
    Revoked { reason: RevocationReason, at: Timestamp },
    Stale { fresh_until: Timestamp },
}

impl Crl {
    /// What this list says about a certificate that it covers, without regard to its window.
    pub(crate) fn standing_of(&self, certificate: &EndEntity) -> Result<Standing, CoverageError> {
        self.covers(certificate)?;
        Ok(match self.status(certificate.serial())? {
            CrlEntry::Good => Standing::Good,
            CrlEntry::Revoked { reason, at } => Standing::Revoked { reason, at },
        })
    }

    /// Whether this list answers for a certificate: same authority and generation, whole list or its partition.
    pub(crate) fn covers(&self, certificate: &EndEntity) -> Result<(), CoverageError> {
        // RFC 5280 §6.3.3 (b)(1): the list's issuer is the certificate's, by name, and here by key as well.
        let same = self.kind() == certificate.kind()
            && self.issuer_key_id() == certificate.issuer_key_id()
            && self.issuer_der() == certificate.issuer_der();
        if !same {
            return Err(CoverageError::OtherIssuer);
        }
        match self.scope() {
            CrlScope::Full => Ok(()),
            // RFC 5280 §6.3.3 (b)(2)(i): a name of the list's point is one of the certificate's.
            CrlScope::Partition(name) if certificate.crl_distribution_point() == Some(name) => Ok(()),
            CrlScope::Partition(_) => Err(CoverageError::OtherPartition),
        }
    }
}

impl fmt::Debug for RevocationStatus {
    /// Bought data about one person: prints nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevocationStatus(…)")
    }
}
