//! The one place where signatures are verified.

#[cfg(test)]
pub(crate) mod counted;

use std::fmt;

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::signature::{self, ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm};
use enishi_jpki::{Certificate, SignatureAlgorithm};

/// How an ECDSA signature is written down.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// DER, as in certificates, lists and OCSP answers (RFC 3279 §2.2.3).
    X509,
    /// r ‖ s, as in Web eID tokens and as cards give it (RFC 7518 §3.4).
    Fixed,
}

/// The signature is not this key's over this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forged;

/// Verifies with the certificate's key; the algorithm must be the one of that key.
pub(crate) fn verify(
    signer: &Certificate,
    claimed: SignatureAlgorithm,
    form: Form,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Forged> {
    #[cfg(test)]
    counted::one();
    let own = signer.key_algorithm().signs_with();
    if claimed != own {
        return Err(Forged);
    }
    UnparsedPublicKey::new(verification(own, form), signer.public_key_octets())
        .verify(message, signature)
        .map_err(|_| Forged)
}

/// A certificate's key, read once for many signatures: a seventh of an RSA verification is getting its key ready.
pub(crate) struct VerifyingKey {
    own: SignatureAlgorithm,
    parsed: ParsedPublicKey,
}

impl VerifyingKey {
    /// The key of a certificate, for signatures in this form.
    ///
    /// # Errors
    /// No key: a point beside its curve. It signed nothing.
    pub(crate) fn of(certificate: &Certificate, form: Form) -> Result<Self, Forged> {
        let own = certificate.key_algorithm().signs_with();
        let parsed = ParsedPublicKey::new(verification(own, form), certificate.public_key_octets());
        Ok(Self { own, parsed: parsed.map_err(|_| Forged)? })
    }

    /// As [`verify`], with the key at hand.
    pub(crate) fn verify(
        &self,
        claimed: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Forged> {
        self.verify_digest(claimed, &digest_of(claimed, message), signature)
    }

    /// As [`Self::verify`], of a message whose digest is at hand; one of another algorithm is refused.
    pub(crate) fn verify_digest(
        &self,
        claimed: SignatureAlgorithm,
        digest: &Digest,
        signature: &[u8],
    ) -> Result<(), Forged> {
        #[cfg(test)]
        counted::one();
        if claimed != self.own {
            return Err(Forged);
        }
        self.parsed.verify_digest_sig(digest, signature).map_err(|_| Forged)
    }
}

impl fmt::Debug for VerifyingKey {
    /// A person's key tells the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey(…)")
    }
}

/// As [`verify`], of a message too long to be in memory: by its digest, see [`hash_of`].
pub(crate) fn verify_digest(
    signer: &Certificate,
    claimed: SignatureAlgorithm,
    digest: &Digest,
    signature: &[u8],
) -> Result<(), Forged> {
    VerifyingKey::of(signer, Form::X509)?.verify_digest(claimed, digest, signature)
}

/// What is signed of a message: its digest by the algorithm's own hash.
pub(crate) fn digest_of(algorithm: SignatureAlgorithm, message: &[u8]) -> Digest {
    digest::digest(hash_of(algorithm), message)
}

/// The hash of an algorithm.
pub(crate) const fn hash_of(algorithm: SignatureAlgorithm) -> &'static digest::Algorithm {
    match algorithm {
        SignatureAlgorithm::Rs256 | SignatureAlgorithm::Es256 => &digest::SHA256,
        SignatureAlgorithm::Es384 => &digest::SHA384,
    }
}

fn verification(algorithm: SignatureAlgorithm, form: Form) -> &'static dyn VerificationAlgorithm {
    match (algorithm, form) {
        (SignatureAlgorithm::Rs256, _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (SignatureAlgorithm::Es256, Form::X509) => &signature::ECDSA_P256_SHA256_ASN1,
        (SignatureAlgorithm::Es256, Form::Fixed) => &signature::ECDSA_P256_SHA256_FIXED,
        (SignatureAlgorithm::Es384, Form::X509) => &signature::ECDSA_P384_SHA384_ASN1,
        (SignatureAlgorithm::Es384, Form::Fixed) => &signature::ECDSA_P384_SHA384_FIXED,
    }
}
