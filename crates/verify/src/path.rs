//! The path of one step: from a card's certificate to the authority that signed it.

use std::sync::Arc;

use enishi_jpki::{CaCertificate, EndEntity, KeyId, Validity};
use enishi_party::{RefusalCode, Timestamp};

use crate::Anchors;
use crate::anchors::Anchor;
use crate::seen::Claim;

/// Why a certificate is not one of a trusted authority's, valid now. Holds no date: a certificate ends on a birthday.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// No trusted authority of this kind has that key.
    #[error("no trusted authority has the key {key_id}")]
    UnknownIssuer {
        /// The key that the certificate names.
        key_id: KeyId,
    },
    /// The key is a trusted authority's, the name or the serial number beside it is not.
    #[error("the issuer's name or serial number is not that of the authority with this key")]
    IssuerName,
    /// The authority did not sign it.
    #[error("the authority did not sign this certificate")]
    Forged,
    /// The authority's own certificate is not valid at this time.
    #[error("the authority's certificate is not valid at this time")]
    AuthorityNotValid,
    /// Before its validity.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// After its validity.
    #[error("the certificate has expired")]
    Expired,
}

impl PathError {
    /// What the person is told.
    #[must_use]
    pub const fn refusal(&self) -> RefusalCode {
        match self {
            Self::UnknownIssuer { .. } | Self::IssuerName | Self::Forged | Self::AuthorityNotValid => {
                RefusalCode::CertUnknownIssuer
            }
            Self::NotYetValid => RefusalCode::CertNotYetValid,
            Self::Expired => RefusalCode::CertExpired,
        }
    }
}

/// The whole path: [`authority_of`], its signature, then both validities (RFC 5280 §6.1.3).
pub(crate) fn check<'a>(
    certificate: &EndEntity,
    anchors: &'a Anchors,
    now: Timestamp,
) -> Result<&'a Arc<Anchor>, PathError> {
    let authority = authority_of(certificate, anchors)?;
    Claim::new(authority, certificate).verify().map_err(|_| PathError::Forged)?;
    check_validity(certificate, authority, now)?;
    Ok(authority)
}

/// The trusted authority that the certificate names, by key, kind and name.
pub(crate) fn authority_of<'a>(
    certificate: &EndEntity,
    anchors: &'a Anchors,
) -> Result<&'a Arc<Anchor>, PathError> {
    let key_id = certificate.issuer_key_id();
    let authority = anchors
        .shared(certificate.kind(), key_id)
        .ok_or_else(|| PathError::UnknownIssuer { key_id: key_id.clone() })?;
    // RFC 5280 §6.1.3 (a)(4): the issuer's name, here to the octet.
    if certificate.issuer_der() != authority.subject_der() {
        return Err(PathError::IssuerName);
    }
    let named = certificate.authority_key_id().certificate.as_ref();
    if named.is_some_and(|(_, serial)| serial != authority.serial()) {
        return Err(PathError::IssuerName);
    }
    Ok(authority)
}

/// Both validities at `now`, ends included.
pub(crate) fn check_validity(
    certificate: &EndEntity,
    authority: &CaCertificate,
    now: Timestamp,
) -> Result<(), PathError> {
    match certificate.validity_at(now) {
        Validity::NotYet => return Err(PathError::NotYetValid),
        Validity::Expired => return Err(PathError::Expired),
        Validity::Current => {}
    }
    match authority.validity_at(now) {
        Validity::Current => Ok(()),
        Validity::NotYet | Validity::Expired => Err(PathError::AuthorityNotValid),
    }
}
