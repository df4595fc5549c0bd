//! The bare RSA private operation, for what no signing interface offers: padding over arbitrary bytes.
//!
//! aws-lc-rs signs digests only, but a card pads and signs whatever it is given (P1 00) or a bare hash (P1 01).
//! The exponentiation is crypto-bigint's constant-time one, unblinded; the key is a sandbox key in any case.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use der::asn1::{OctetStringRef, UintRef};
use der::{Decode, Sequence};
use x509_cert::spki::AlgorithmIdentifierRef;
use zeroize::{Zeroize, Zeroizing};

use super::RSA_2048_LEN;

/// Modulus and private exponent, big-endian.
pub(super) struct PrivateNumbers {
    modulus: [u8; RSA_2048_LEN],
    params: FixedMontyParams<{ U2048::LIMBS }>,
    exponent: Zeroizing<[u8; RSA_2048_LEN]>,
}

/// PrivateKeyInfo (RFC 5208 §5), without attributes.
#[derive(Sequence)]
struct PrivateKeyInfo<'a> {
    version: u8,
    algorithm: AlgorithmIdentifierRef<'a>,
    private_key: &'a OctetStringRef,
}

/// RSAPrivateKey (RFC 8017 A.1.2) for two primes.
#[derive(Sequence)]
struct RsaPrivateKey<'a> {
    version: u8,
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
    private_exponent: UintRef<'a>,
    prime1: UintRef<'a>,
    prime2: UintRef<'a>,
    exponent1: UintRef<'a>,
    exponent2: UintRef<'a>,
    coefficient: UintRef<'a>,
}

impl PrivateNumbers {
    /// Takes the numbers out of a PKCS #8 key that the library has already checked.
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let info = PrivateKeyInfo::from_der(pkcs8).ok()?;
        let key = RsaPrivateKey::from_der(info.private_key.as_bytes()).ok()?;
        let modulus = widen(key.modulus.as_bytes())?;
        let odd = Odd::new(U2048::from_be_slice(&modulus)).into_option()?;
        Some(Self {
            modulus,
            params: FixedMontyParams::new_vartime(odd),
            exponent: Zeroizing::new(widen(key.private_exponent.as_bytes())?),
        })
    }

    pub(super) fn modulus(&self) -> &[u8; RSA_2048_LEN] {
        &self.modulus
    }

    /// `block` to the power of the private exponent; `block` must be below the modulus, as a padded block is.
    pub(super) fn private_operation(&self, block: &[u8; RSA_2048_LEN]) -> [u8; RSA_2048_LEN] {
        let mut exponent = U2048::from_be_slice(&*self.exponent);
        let power = FixedMontyForm::new(&U2048::from_be_slice(block), &self.params).pow(&exponent);
        exponent.zeroize();
        let mut signature = [0; RSA_2048_LEN];
        signature.copy_from_slice(power.retrieve().to_be_bytes().as_ref());
        signature
    }
}

/// Puts zeros before a big-endian number.
fn widen(number: &[u8]) -> Option<[u8; RSA_2048_LEN]> {
    let zeros = RSA_2048_LEN.checked_sub(number.len())?;
    let mut wide = [0; RSA_2048_LEN];
    wide.get_mut(zeros..)?.copy_from_slice(number);
    Some(wide)
}
