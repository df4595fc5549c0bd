//! Which key signs how. Algorithms are data of the profile, because the next card changes them.

use crate::SignatureAlgorithm;
use crate::asn1::{DerError, Element, Reader, tag};
use crate::oid;

/// Shortest modulus: the ordinance's security basis is factoring 2048 bits (公的個人認証法施行規則 art. 2).
const RSA_BITS_MIN: usize = 2048;
/// Longest modulus: a bound on the work per signature; JPKI's have 2048 bits.
const RSA_BITS_MAX: usize = 4096;
/// 65537 as DER content.
const RSA_EXPONENT: [u8; 3] = [0x01, 0x00, 0x01];

/// A key's algorithm; how it signs follows from it, never from what a token or certificate says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// RSA of 2048 to 4096 bits with exponent 65537.
    Rsa {
        /// Length of the modulus.
        bits: usize,
    },
    /// ECDSA over P-256: OCSP responders only, no card.
    P256,
    /// ECDSA over P-384, announced for the next card.
    P384,
}

/// A key that no profile of ours has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a SubjectPublicKeyInfo.
    #[error(transparent)]
    Der(#[from] DerError),
    /// Neither RSA nor ECDSA over a curve of ours, or with other parameters than the standard's.
    #[error("public key algorithm not of the profile")]
    Algorithm,
    /// Too short or too long.
    #[error("RSA modulus of {bits} bits, {RSA_BITS_MIN} to {RSA_BITS_MAX} expected")]
    RsaBits {
        /// Length of the modulus.
        bits: usize,
    },
    /// Another exponent than 65537, or an even modulus.
    #[error("RSA exponent other than 65537, or even modulus")]
    RsaNumbers,
    /// Not an uncompressed point of the curve's size.
    #[error("public key is no uncompressed point of its curve")]
    Point,
}

impl KeyAlgorithm {
    /// The one algorithm with which such a key signs here.
    #[must_use]
    pub const fn signs_with(self) -> SignatureAlgorithm {
        match self {
            Self::Rsa { .. } => SignatureAlgorithm::Rs256,
            Self::P256 => SignatureAlgorithm::Es256,
            Self::P384 => SignatureAlgorithm::Es384,
        }
    }

    /// Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): its algorithm and the octets of the key itself.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn read<'a>(spki: &Element<'a>) -> Result<(Self, Element<'a>), KeyError> {
        let mut parts = spki.inside();
        let mut identifier = parts.expect(tag::SEQUENCE)?.inside();
        let bits = parts.expect(tag::BIT_STRING)?;
        parts.finish()?;
        let key = bits.whole_octets()?;
        let algorithm = identifier.expect(tag::OID)?.object_identifier()?;
        let parameters = identifier.any()?;
        identifier.finish()?;
        let algorithm = match algorithm {
            // RFC 3279 §2.3.1: the parameters are NULL.
            oid::RSA_ENCRYPTION if parameters.raw() == [tag::NULL, 0] => rsa(key)?,
            oid::EC_PUBLIC_KEY if parameters.tag() == tag::OID => match parameters.object_identifier()? {
                oid::P256 => point(key, 32, Self::P256)?,
                oid::P384 => point(key, 48, Self::P384)?,
                _ => return Err(KeyError::Algorithm),
            },
            _ => return Err(KeyError::Algorithm),
        };
        Ok((algorithm, bits))
    }
}

fn rsa(key: &[u8]) -> Result<KeyAlgorithm, KeyError> {
    let mut numbers = Reader::only(key, tag::SEQUENCE)?.inside();
    let modulus = numbers.expect(tag::INTEGER)?.unsigned_integer()?;
    let exponent = numbers.expect(tag::INTEGER)?.unsigned_integer()?;
    numbers.finish()?;
    let magnitude = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let leading = magnitude.first().map_or(0, |first| first.leading_zeros());
    let bits = (magnitude.len() * 8).saturating_sub(usize::try_from(leading).unwrap_or(0));
    if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
        return Err(KeyError::RsaBits { bits });
    }
    let odd = magnitude.last().is_some_and(|last| last & 1 == 1);
    if exponent == RSA_EXPONENT && odd { Ok(KeyAlgorithm::Rsa { bits }) } else { Err(KeyError::RsaNumbers) }
}

const fn point(key: &[u8], octets: usize, algorithm: KeyAlgorithm) -> Result<KeyAlgorithm, KeyError> {
    // SEC 1 §2.3.3: 04 ‖ x ‖ y. That the point lies on the curve is checked where it is used.
    match key {
        [0x04, coordinates @ ..] if coordinates.len() == octets * 2 => Ok(algorithm),
        _ => Err(KeyError::Point),
    }
}

impl SignatureAlgorithm {
    /// Reads the AlgorithmIdentifier of a signature in certificates, lists and OCSP answers.
    ///
    /// # Errors
    /// Any but sha256WithRSAEncryption with NULL and ecdsa-with-SHA256 or -SHA384 without parameters.
    pub fn read(identifier: &Element<'_>) -> Result<Self, DerError> {
        let mut parts = identifier.inside();
        let algorithm = parts.expect(tag::OID)?.object_identifier()?;
        let parameters = if parts.is_empty() { None } else { Some(parts.any()?) };
        parts.finish()?;
        match (algorithm, parameters.map(|parameters| parameters.raw())) {
            // RFC 4055 §5: the parameters MUST be NULL.
            (oid::SHA256_WITH_RSA, Some([tag::NULL, 0])) => Ok(Self::Rs256),
            // RFC 5758 §3.2: the parameters MUST be absent.
            (oid::ECDSA_WITH_SHA256, None) => Ok(Self::Es256),
            (oid::ECDSA_WITH_SHA384, None) => Ok(Self::Es384),
            _ => Err(identifier.error("signature algorithm not of the profile")),
        }
    }
}
