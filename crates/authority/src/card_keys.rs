//! Key pairs for cards and phones of the sandbox.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use zeroize::Zeroizing;

use crate::{AuthorityError, key::RsaKey};

/// A key pair for a card; silent in Debug. An RSA pair costs some 60 ms to make: test populations share a pool.
#[derive(Clone)]
pub struct CardKey {
    pkcs8: Zeroizing<Vec<u8>>,
    spki_der: Vec<u8>,
}

impl CardKey {
    /// Makes a pair for today's cards: RSA-2048.
    ///
    /// # Errors
    /// A failing random source.
    pub fn generate() -> Result<Self, AuthorityError> {
        let (key, pkcs8) = RsaKey::generate()?;
        Ok(Self { pkcs8, spki_der: key.spki_der().to_vec() })
    }

    /// Makes a pair for the next generation of cards: P-384 (docs/jpki.md §1).
    ///
    /// # Errors
    /// A failing random source.
    pub fn generate_p384() -> Result<Self, AuthorityError> {
        const FAILED: AuthorityError = AuthorityError::Cryptography("P-384 key generation failed");
        let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).map_err(|_| FAILED)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| FAILED)?;
        let spki = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).map_err(|_| FAILED)?;
        Ok(Self { pkcs8: Zeroizing::new(pkcs8.as_ref().to_vec()), spki_der: spki.as_ref().to_vec() })
    }

    /// SubjectPublicKeyInfo, to be certified.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }

    /// The private key (PKCS#8), to be put into a software card and nowhere else.
    #[must_use]
    pub fn expose_pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }
}

impl std::fmt::Debug for CardKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CardKey(…)")
    }
}
