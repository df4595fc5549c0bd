//! The authority's own RSA keys.

use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use enishi_jpki::oid;
use zeroize::Zeroizing;

use crate::{AuthorityError, asn1};

const GENERATION_FAILED: AuthorityError = AuthorityError::Cryptography("RSA key generation failed");
const SIGNING_FAILED: AuthorityError = AuthorityError::Cryptography("RSA signature failed");
const KEY_UNREADABLE: AuthorityError = AuthorityError::Cryptography("RSA key cannot be read");

/// An RSA-2048 key that signs certificates, lists or answers with RSASSA-PKCS1-v1_5 and SHA-256; silent in Debug.
pub(crate) struct RsaKey {
    pair: RsaKeyPair,
    spki_der: Vec<u8>,
}

impl RsaKey {
    /// A new key and its PKCS#8 encoding.
    pub(crate) fn generate() -> Result<(Self, Zeroizing<Vec<u8>>), AuthorityError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| GENERATION_FAILED)?;
        let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| GENERATION_FAILED)?;
        let pkcs8 = Zeroizing::new(pkcs8.as_ref().to_vec());
        Ok((Self::new(pair)?, pkcs8))
    }

    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, AuthorityError> {
        Self::new(RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KEY_UNREADABLE)?)
    }

    fn new(pair: RsaKeyPair) -> Result<Self, AuthorityError> {
        let spki_der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key())
            .map_err(|_| KEY_UNREADABLE)?
            .as_ref()
            .to_vec();
        Ok(Self { pair, spki_der })
    }

    pub(crate) fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }

    /// The content of subjectPublicKey: what every key hash is taken over (RFC 5280 §4.2.1.2, RFC 6960 §4.1.1).
    pub(crate) fn public_key_bits(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// Subject key identifier: SHA-1 of the key (RFC 5280 §4.2.1.2, method 1).
    pub(crate) fn key_id(&self) -> Vec<u8> {
        sha1(self.public_key_bits())
    }

    /// SEQUENCE { to-be-signed, algorithm, signature }: the frame of certificates and lists.
    pub(crate) fn sign_frame(&self, to_be_signed: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        let signature = asn1::bit_string(&self.sign(to_be_signed)?);
        Ok(asn1::sequence(&[to_be_signed, &signature_algorithm(), &signature]))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SIGNING_FAILED)?;
        Ok(signature)
    }
}

/// sha256WithRSAEncryption, its parameters NULL (RFC 4055 §5).
pub(crate) fn signature_algorithm() -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(oid::SHA256_WITH_RSA), &asn1::null()])
}

/// SHA-1 as an identifier of keys and names only, where X.509 and OCSP ask for it.
pub(crate) fn sha1(octets: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, octets).as_ref().to_vec()
}
