//! Everything by which a certificate, and so its holder, can be known again.

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use enishi_jpki::Certificate;
use x509_cert::Certificate as Parsed;
use x509_cert::der::{Decode, Encode};

use super::{Item, Needle, SandboxError};

/// Where the modulus stands in an RSAPublicKey of 2048 bits: two headers of four octets, and the sign.
const RSA_2048_MODULUS: std::ops::Range<usize> = 9..265;

/// Needles for a certificate, each under its part's name; without the end of validity, which a card's two certificates
/// share.
pub(crate) fn of_certificate(item: Item, certificate: &Certificate) -> Result<Vec<Needle>, SandboxError> {
    let (der, key) = (certificate.der(), certificate.public_key_octets());
    let hashed = |algorithm: &'static Algorithm, octets: &[u8], of| {
        Needle::octets(item, digest(algorithm, octets).as_ref()).called(of)
    };
    let modulus = key.get(RSA_2048_MODULUS).unwrap_or(key);
    let mut needles = vec![
        Needle::octets(item, der).called("certificate"),
        Needle::octets(item, modulus).called("modulus"),
        hashed(&SHA256, der, "fingerprint"),
        hashed(&SHA1_FOR_LEGACY_USE_ONLY, der, "fingerprint"),
        hashed(&SHA256, certificate.spki_der(), "key fingerprint"),
        hashed(&SHA256, key, "key fingerprint"),
        // RFC 5280 §4.2.1.2 method 1, as the certificate's own subjectKeyIdentifier has it.
        hashed(&SHA1_FOR_LEGACY_USE_ONLY, key, "key id"),
        Needle::octets(item, certificate.signature_bytes()).called("authority's signature"),
    ];
    needles.push(Needle::text(item, &common_name(der)?).called("subject"));
    Ok(needles)
}

/// The last attribute of the subject, which in both of a card's certificates is its common name.
fn common_name(der: &[u8]) -> Result<String, SandboxError> {
    let making = |error: x509_cert::der::Error| SandboxError::Making(error.to_string());
    let parsed = Parsed::from_der(der).map_err(making)?;
    let names = parsed.tbs_certificate().subject().iter().last();
    let name = names.ok_or_else(|| SandboxError::Making("a certificate without a subject".to_owned()))?;
    let value = name.value.to_der().map_err(making)?;
    let text = value.get(2..).unwrap_or_default();
    String::from_utf8(text.to_vec()).map_err(|error| SandboxError::Making(error.to_string()))
}
