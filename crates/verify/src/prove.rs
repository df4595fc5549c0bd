//! Path and possession: what costs nothing and is done first.

use std::fmt;
use std::sync::Arc;

use enishi_jpki::{
    AuthCertificate, CaCertificate, CertificateError, Challenge, Context, Profile, SignatureAlgorithm, Token,
};
use enishi_party::broken::{Check, is_broken};
use enishi_party::{RefusalCode, Timestamp};

use crate::anchors::Anchor;
use crate::seen::{Claim, Kept};
use crate::signature::{Forged, Form, VerifyingKey};
use crate::{Anchors, PathError, path};

/// 電子証明: the holder of a genuine certificate signed this challenge. Whether it was revoked is not known yet.
///
/// Only [`prove`] makes one, and it cannot be copied.
pub struct ProvenHolder {
    certificate: AuthCertificate,
    authority: Arc<Anchor>,
    token: Token,
    proof: Proof,
}

/// What was signed, and when that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    challenge: Challenge,
    context: Context,
    proven_at: Timestamp,
}

/// Why a token proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// The certificate is none that proves a holder.
    #[error("certificate outside the profile: {0}")]
    Profile(#[from] CertificateError),
    /// The certificate is not a trusted authority's, or not valid now.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The challenge was made for another context.
    #[error("the challenge is about another context")]
    Context,
    /// The token names another algorithm than that of the certificate's key.
    #[error("the token says {claimed:?}, the certificate's key signs with {key:?}")]
    Algorithm {
        /// What the token says.
        claimed: SignatureAlgorithm,
        /// What the key does.
        key: SignatureAlgorithm,
    },
    /// The certificate's key did not sign this challenge.
    #[error("the certificate's key did not sign this challenge")]
    Possession,
}

impl ProveError {
    /// What the person is told.
    #[must_use]
    pub const fn refusal(&self) -> RefusalCode {
        match self {
            Self::Profile(_) => RefusalCode::ProfileInvalid,
            Self::Path(error) => error.refusal(),
            Self::Context => RefusalCode::ContextMismatch,
            Self::Algorithm { .. } | Self::Possession => RefusalCode::SignatureInvalid,
        }
    }
}

/// Proves that the holder of the token's certificate is here, for this challenge and context.
///
/// That the authority signed the certificate is computed once and then remembered with the anchors, within bounds;
/// everything else is checked each time. That the challenge is fresh and unused is for whoever keeps tickets to say.
///
/// # Errors
/// [`ProveError`]
pub fn prove(
    token: Token,
    challenge: &Challenge,
    context: Context,
    anchors: &Anchors,
    profile: &Profile,
    now: Timestamp,
) -> Result<ProvenHolder, ProveError> {
    let certificate = AuthCertificate::of_token(&token, profile)?;
    let authority = Arc::clone(path::authority_of(&certificate, anchors)?);
    let seen = anchors.seen();
    // Computed before the authority's signature, told after it: who lacks the card must not learn, from the time that
    // a refusal takes, whether its holder was here.
    let possession = possession(&certificate, &token, challenge, seen.recall(&authority, &certificate));
    let lacking = possession.is_err();
    match possession {
        Ok(Possession::Again(kept)) => seen.renew(&certificate, &kept),
        Ok(Possession::New(key)) => {
            Claim::new(&authority, &certificate).verify_once(seen, key).map_err(|_| PathError::Forged)?
        }
        Err(Forged) => Claim::new(&authority, &certificate).verify().map_err(|_| PathError::Forged)?,
    }
    path::check_validity(&certificate, &authority, now)?;
    if *challenge.nonce().context_digest() != context.digest() && !is_broken(Check::Context) {
        return Err(ProveError::Context);
    }
    let key = certificate.key_algorithm().signs_with();
    if token.algorithm() != key {
        return Err(ProveError::Algorithm { claimed: token.algorithm(), key });
    }
    if lacking && !is_broken(Check::Possession) {
        return Err(ProveError::Possession);
    }
    let proof = Proof { challenge: challenge.clone(), context, proven_at: now };
    Ok(ProvenHolder { certificate, authority, token, proof })
}

/// The certificate's key signed the challenge.
enum Possession {
    /// The certificate was kept, with this key.
    Again(Arc<Kept>),
    /// The key was read for it.
    New(VerifyingKey),
}

fn possession(
    certificate: &AuthCertificate,
    token: &Token,
    challenge: &Challenge,
    kept: Option<Arc<Kept>>,
) -> Result<Possession, Forged> {
    let algorithm = certificate.key_algorithm().signs_with();
    if token.algorithm() != algorithm {
        return Err(Forged);
    }
    // Web eID: hash(origin) ‖ hash(nonce) is the message, which the algorithm hashes once more.
    let message = challenge.message(algorithm);
    let signed = |key: &VerifyingKey| key.verify(algorithm, &message, token.signature());
    let Some(kept) = kept else {
        let key = VerifyingKey::of(certificate, Form::Fixed)?;
        // A refusal is the same work either way: a key just read, and a key that was used before.
        return signed(&key).or_else(|Forged| signed(&key)).map(|()| Possession::New(key));
    };
    match signed(kept.key()) {
        Ok(()) => Ok(Possession::Again(kept)),
        Err(Forged) => {
            let key = VerifyingKey::of(certificate, Form::Fixed)?;
            signed(&key).map(|()| Possession::New(key))
        }
    }
}

impl ProvenHolder {
    /// The certificate.
    #[must_use]
    pub const fn certificate(&self) -> &AuthCertificate {
        &self.certificate
    }

    /// The authority that issued it: whom to ask about revocation.
    #[must_use]
    pub fn authority(&self) -> &CaCertificate {
        &self.authority
    }

    /// What was signed.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        &self.proof
    }

    pub(crate) const fn token(&self) -> &Token {
        &self.token
    }
}

impl Proof {
    /// Origin and nonce.
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// What the tap was for.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// When possession was proven.
    #[must_use]
    pub const fn proven_at(&self) -> Timestamp {
        self.proven_at
    }
}

impl fmt::Debug for ProvenHolder {
    /// A person prints nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProvenHolder(…)")
    }
}
