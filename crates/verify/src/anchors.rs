//! The authorities that this party trusts.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use aws_lc_rs::digest;
use enishi_jpki::{CaCertificate, CertKind, KeyId};

use crate::seen::Seen;
use crate::signature::{Form, VerifyingKey};

/// Authorities pinned by configuration. All generations of an authority share a name: only keys tell them apart.
///
/// With them goes the memory of certificates that were proven with them, at most 65,536 of them; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    authorities: Vec<Arc<Anchor>>,
    seen: Arc<Seen>,
}

/// A trusted authority, its key ready for use.
pub(crate) struct Anchor {
    certificate: CaCertificate,
    key: VerifyingKey,
    key_sha256: [u8; 32],
}

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
            let damaged = |_| AnchorError::Signature { key_id: key_id.clone() };
            let key = VerifyingKey::of(&authority, Form::X509).map_err(damaged)?;
            let (algorithm, signature) = (authority.signature_algorithm(), authority.signature_bytes());
            key.verify(algorithm, authority.tbs_der(), signature).map_err(damaged)?;
            let key_sha256 = digest::digest(&digest::SHA256, authority.spki_der());
            let key_sha256 = key_sha256.as_ref().try_into().unwrap_or_default();
            anchors.authorities.push(Arc::new(Anchor { certificate: authority, key, key_sha256 }));
        }
        Ok(anchors)
    }

    /// The same authorities with a new memory, of at most so many certificates; 0: every proof verifies the
    /// authority's signature.
    #[must_use]
    pub fn remembering(self, certificates: usize) -> Self {
        Self { seen: Arc::new(Seen::with_room_for(certificates)), ..self }
    }

    /// The authority of this kind with this key.
    #[must_use]
    pub fn by_key_id(&self, kind: CertKind, key_id: &KeyId) -> Option<&CaCertificate> {
        self.shared(kind, key_id).map(|anchor| &***anchor)
    }

    /// Every authority.
    pub fn iter(&self) -> impl Iterator<Item = &CaCertificate> {
        self.authorities.iter().map(|anchor| &***anchor)
    }

    pub(crate) fn shared(&self, kind: CertKind, key_id: &KeyId) -> Option<&Arc<Anchor>> {
        self.authorities.iter().find(|anchor| anchor.kind() == kind && anchor.subject_key_id() == key_id)
    }

    /// The certificates that were proven with these authorities.
    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }
}

impl Anchor {
    pub(crate) const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// SHA-256 of the public key with its algorithm.
    pub(crate) const fn key_sha256(&self) -> &[u8; 32] {
        &self.key_sha256
    }
}

impl Deref for Anchor {
    type Target = CaCertificate;

    fn deref(&self) -> &CaCertificate {
        &self.certificate
    }
}

impl fmt::Debug for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Anchor({})", self.subject_key_id())
    }
}
