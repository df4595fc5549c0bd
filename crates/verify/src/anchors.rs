//! The authorities that this party trusts.

use std::sync::Arc;

use enishi_jpki::{CaCertificate, CertKind, KeyId};

use crate::signature::{Form, verify};

/// Authorities pinned by configuration. All generations of an authority share a name: only keys tell them apart.
#[derive(Debug, Clone, Default)]
pub struct Anchors(Vec<Arc<CaCertificate>>);

/// Authorities that cannot be anchors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// Two authorities of one kind with one key identifier: which one signed could not be told.
    #[error("two authorities for {kind:?} have the key {key_id}")]
    Duplicate {
        /// What both are for.
        kind: CertKind,
        /// The key identifier.
        key_id: KeyId,
    },
    /// The file was damaged or tampered with: its own signature does not verify.
    #[error("the authority {key_id} did not sign its own certificate")]
    Signature {
        /// The key identifier.
        key_id: KeyId,
    },
}

impl Anchors {
    /// Puts authorities among the trusted ones; whoever calls answers for where they came from.
    ///
    /// # Errors
    /// Two with one key, or one that is damaged.
    pub fn new(authorities: Vec<CaCertificate>) -> Result<Self, AnchorError> {
        let mut anchors = Self::default();
        for authority in authorities {
            let (kind, key_id) = (authority.kind(), authority.subject_key_id().clone());
            if anchors.by_key_id(kind, &key_id).is_some() {
                return Err(AnchorError::Duplicate { kind, key_id });
            }
            verify(
                &authority,
                authority.signature_algorithm(),
                Form::X509,
                authority.tbs_der(),
                authority.signature_bytes(),
            )
            .map_err(|_| AnchorError::Signature { key_id })?;
            anchors.0.push(Arc::new(authority));
        }
        Ok(anchors)
    }

    /// The authority of this kind with this key.
    #[must_use]
    pub fn by_key_id(&self, kind: CertKind, key_id: &KeyId) -> Option<&CaCertificate> {
        self.shared(kind, key_id).map(AsRef::as_ref)
    }

    /// Every authority.
    pub fn iter(&self) -> impl Iterator<Item = &CaCertificate> {
        self.0.iter().map(AsRef::as_ref)
    }

    pub(crate) fn shared(&self, kind: CertKind, key_id: &KeyId) -> Option<&Arc<CaCertificate>> {
        self.0.iter().find(|anchor| anchor.kind() == kind && anchor.subject_key_id() == key_id)
    }
}
