//! The authority's own keys: RSA for all it issues, RSA or P-256 for its responders.

use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use enishi_jpki::oid;
use zeroize::Zeroizing;

use crate::{AuthorityError, asn1};

const GENERATION_FAILED: AuthorityError = AuthorityError::Cryptography("RSA key generation failed");
const SIGNING_FAILED: AuthorityError = AuthorityError::Cryptography("RSA signature failed");
const KEY_UNREADABLE: AuthorityError = AuthorityError::Cryptography("RSA key cannot be read");
const EC_GENERATION_FAILED: AuthorityError = AuthorityError::Cryptography("P-256 key generation failed");
const EC_SIGNING_FAILED: AuthorityError = AuthorityError::Cryptography("P-256 signature failed");
const EC_KEY_UNREADABLE: AuthorityError = AuthorityError::Cryptography("P-256 key cannot be read");

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

    /// As [`sign`](Self::sign), of something that was hashed while it was written.
    pub(crate) fn sign_digest(&self, digest: &digest::Digest) -> Result<Vec<u8>, AuthorityError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign_digest(&RSA_PKCS1_SHA256, digest, &mut signature).map_err(|_| SIGNING_FAILED)?;
        Ok(signature)
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SIGNING_FAILED)?;
        Ok(signature)
    }
}

/// A P-256 key that signs answers with ECDSA and SHA-256; silent in Debug.
pub(crate) struct EcKey {
    pair: EcdsaKeyPair,
    spki_der: Vec<u8>,
}

impl EcKey {
    /// A new key and its PKCS#8 encoding.
    pub(crate) fn generate() -> Result<(Self, Zeroizing<Vec<u8>>), AuthorityError> {
        let pair =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| EC_GENERATION_FAILED)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| EC_GENERATION_FAILED)?;
        let pkcs8 = Zeroizing::new(pkcs8.as_ref().to_vec());
        Ok((Self::new(pair)?, pkcs8))
    }

    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, AuthorityError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8);
        Self::new(pair.map_err(|_| EC_KEY_UNREADABLE)?)
    }

    fn new(pair: EcdsaKeyPair) -> Result<Self, AuthorityError> {
        let spki = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).map_err(|_| EC_KEY_UNREADABLE)?;
        Ok(Self { spki_der: spki.as_ref().to_vec(), pair })
    }
}

/// The key of a delegated responder; silent in Debug.
pub(crate) enum ResponderKey {
    Rsa(RsaKey),
    P256(EcKey),
}

impl ResponderKey {
    pub(crate) fn spki_der(&self) -> &[u8] {
        match self {
            Self::Rsa(key) => key.spki_der(),
            Self::P256(key) => &key.spki_der,
        }
    }

    /// As [`RsaKey::key_id`].
    pub(crate) fn key_id(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => key.key_id(),
            Self::P256(key) => sha1(key.pair.public_key().as_ref()),
        }
    }

    /// AlgorithmIdentifier of what it signs.
    pub(crate) fn signature_algorithm(&self) -> Vec<u8> {
        match self {
            Self::Rsa(_) => signature_algorithm(),
            // RFC 5758 §3.2: parameters are absent.
            Self::P256(_) => asn1::sequence(&[&asn1::oid(oid::ECDSA_WITH_SHA256)]),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        match self {
            Self::Rsa(key) => key.sign(message),
            Self::P256(key) => {
                let signature = key.pair.sign(&SystemRandom::new(), message);
                // The library's own value is kilobytes long, whatever it holds.
                signature.map(|its| its.as_ref().to_vec()).map_err(|_| EC_SIGNING_FAILED)
            }
        }
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
