//! Signatures of bare keys.

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use enishi_jpki::SignatureAlgorithm;
use enishi_jpki::asn1::{Reader, tag};
use enishi_jpki::{KeyAlgorithm, KeyError, oid};

use super::{Fault, SigCase};

/// Verifies. An ECDSA signature is read as DER; one of the fixed length that is none is read as r ‖ s.
pub(super) fn check(case: &SigCase) -> Result<(), Fault> {
    let (own, key) = read_key(&case.key)?;
    if own != case.algorithm {
        return Err(Fault::refused("the key is of another algorithm"));
    }
    let (der, fixed): (&'static dyn VerificationAlgorithm, _) = match own {
        SignatureAlgorithm::Rs256 => (&signature::RSA_PKCS1_2048_8192_SHA256, None),
        SignatureAlgorithm::Es256 => {
            let fixed: &'static dyn VerificationAlgorithm = &signature::ECDSA_P256_SHA256_FIXED;
            (&signature::ECDSA_P256_SHA256_ASN1, Some((64, fixed)))
        }
        SignatureAlgorithm::Es384 => {
            let fixed: &'static dyn VerificationAlgorithm = &signature::ECDSA_P384_SHA384_FIXED;
            (&signature::ECDSA_P384_SHA384_ASN1, Some((96, fixed)))
        }
    };
    let holds =
        |algorithm| UnparsedPublicKey::new(algorithm, key).verify(&case.message, &case.signature).is_ok();
    if holds(der) {
        return Ok(());
    }
    // Web eID tokens and JWS have this form. A DER signature may by chance have the same length, but whichever way
    // it is read, it holds only if the key made it.
    match fixed {
        Some((octets, fixed)) if case.signature.len() == octets && holds(fixed) => Ok(()),
        _ => Err(Fault::refused("the signature is not this key's over this message")),
    }
}

/// The algorithm of a key and its octets: the profile's keys, and RSA with other exponents, which no certificate here has.
fn read_key(spki: &[u8]) -> Result<(SignatureAlgorithm, &[u8]), Fault> {
    let element = Reader::only(spki, tag::SEQUENCE)?;
    match KeyAlgorithm::read(&element) {
        Ok((algorithm, bits)) => Ok((algorithm.signs_with(), bits.whole_octets()?)),
        Err(KeyError::RsaNumbers | KeyError::RsaBits { .. }) => {
            let mut parts = element.inside();
            let algorithm = parts.expect(tag::SEQUENCE)?.inside().expect(tag::OID)?.object_identifier()?;
            let key = parts.expect(tag::BIT_STRING)?.whole_octets()?;
            parts.finish()?;
            if algorithm != oid::RSA_ENCRYPTION {
                return Err(Fault::unsupported("key algorithm"));
            }
            check_rsa(key)?;
            Ok((SignatureAlgorithm::Rs256, key))
        }
        Err(KeyError::Der(error)) => Err(error.into()),
        Err(error) => Err(Fault::unsupported(error)),
    }
}

/// What the library would refuse for the key's own sake is not judged, so that it is not taken for a bad signature.
fn check_rsa(key: &[u8]) -> Result<(), Fault> {
    let mut numbers = Reader::only(key, tag::SEQUENCE)?.inside();
    let modulus = numbers.expect(tag::INTEGER)?.unsigned_integer()?;
    let exponent = numbers.expect(tag::INTEGER)?.unsigned_integer()?;
    numbers.finish()?;
    let octets = modulus.strip_prefix(&[0]).unwrap_or(modulus).len();
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    let fits = (256..=1024).contains(&octets) && odd(modulus) && odd(exponent) && exponent.len() <= 5;
    if fits && exponent != [1] { Ok(()) } else { Err(Fault::unsupported("RSA key of other numbers")) }
}
