//! The one place where signatures are verified.

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
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
    let own = signer.key_algorithm().signs_with();
    if claimed != own {
        return Err(Forged);
    }
    let algorithm: &'static dyn VerificationAlgorithm = match (own, form) {
        (SignatureAlgorithm::Rs256, _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (SignatureAlgorithm::Es256, Form::X509) => &signature::ECDSA_P256_SHA256_ASN1,
        (SignatureAlgorithm::Es256, Form::Fixed) => &signature::ECDSA_P256_SHA256_FIXED,
        (SignatureAlgorithm::Es384, Form::X509) => &signature::ECDSA_P384_SHA384_ASN1,
        (SignatureAlgorithm::Es384, Form::Fixed) => &signature::ECDSA_P384_SHA384_FIXED,
    };
    UnparsedPublicKey::new(algorithm, signer.public_key_octets())
        .verify(message, signature)
        .map_err(|_| Forged)
}
