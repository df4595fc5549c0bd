//! The Web eID authentication token that a terminal passes on.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// Largest certificate in a token; JPKI's are under 1,800 octets (docs/jpki.md §2).
const MAX_CERTIFICATE_OCTETS: usize = 4096;
/// Largest signature in a token: RSA-4096.
const MAX_SIGNATURE_OCTETS: usize = 512;
/// Longest name of the application that made a token, in characters.
const MAX_APP_VERSION: usize = 128;
/// The one format: the public specification of Web eID, version 1.
const FORMAT: &str = "web-eid:1.0";

/// How a card signs; it follows from the certificate's key and is never chosen by the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the cards of today.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA P-384 with SHA-384: the next generation of cards.
    #[serde(rename = "ES384")]
    Es384,
}

/// Not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not the JSON object that the format describes.
    #[error("not a token of the format web-eid:1.0")]
    Malformed,
    /// Certificate or signature larger than any card's.
    #[error("certificate over {MAX_CERTIFICATE_OCTETS} or signature over {MAX_SIGNATURE_OCTETS} octets")]
    TooLarge,
}

/// A certificate, not verified yet, and a signature that its holder is said to have made.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    certificate: Arc<[u8]>,
    algorithm: SignatureAlgorithm,
    signature: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields {
    unverified_certificate: String,
    algorithm: SignatureAlgorithm,
    signature: String,
    format: String,
    app_version: String,
}

impl Token {
    /// Makes a token from what a card gave.
    ///
    /// # Errors
    /// Empty or over-long parts.
    pub fn new(
        certificate: Vec<u8>,
        algorithm: SignatureAlgorithm,
        signature: Vec<u8>,
    ) -> Result<Self, TokenError> {
        if certificate.is_empty() || signature.is_empty() {
            return Err(TokenError::Malformed);
        }
        if certificate.len() > MAX_CERTIFICATE_OCTETS || signature.len() > MAX_SIGNATURE_OCTETS {
            return Err(TokenError::TooLarge);
        }
        Ok(Self { certificate: certificate.into(), algorithm, signature })
    }

    /// Reads the JSON form. ECDSA signatures are r ‖ s, as Web eID has them.
    ///
    /// # Errors
    /// [`TokenError`]
    pub fn from_json(value: &serde_json::Value) -> Result<Self, TokenError> {
        let fields = Fields::deserialize(value).map_err(|_| TokenError::Malformed)?;
        if fields.format != FORMAT || fields.app_version.chars().count() > MAX_APP_VERSION {
            return Err(TokenError::Malformed);
        }
        // Four characters carry three octets: a bound before any decoding.
        let too_large = |text: &str, octets: usize| text.len() > octets.div_ceil(3) * 4;
        if too_large(&fields.unverified_certificate, MAX_CERTIFICATE_OCTETS)
            || too_large(&fields.signature, MAX_SIGNATURE_OCTETS)
        {
            return Err(TokenError::TooLarge);
        }
        let certificate =
            STANDARD.decode(&fields.unverified_certificate).map_err(|_| TokenError::Malformed)?;
        let signature = STANDARD.decode(&fields.signature).map_err(|_| TokenError::Malformed)?;
        Self::new(certificate, fields.algorithm, signature)
    }

    /// The JSON form.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "unverifiedCertificate": STANDARD.encode(&self.certificate),
            "algorithm": self.algorithm,
            "signature": STANDARD.encode(&self.signature),
            "format": FORMAT,
            "appVersion": concat!("enishi/", env!("CARGO_PKG_VERSION")),
        })
    }

    /// The certificate's DER, not verified.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    pub(crate) fn shared_certificate(&self) -> Arc<[u8]> {
        Arc::clone(&self.certificate)
    }

    /// The algorithm that the token claims.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The signature, not verified.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

impl std::fmt::Debug for Token {
    /// A token holds a lasting identifier of a person: it prints nothing.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{SignatureAlgorithm, Token, TokenError};

    #[test]
    fn a_token_reads_back_and_prints_nothing() {
        let token = Token::new(vec![0x30; 1500], SignatureAlgorithm::Rs256, vec![7; 256]).unwrap();
        assert_eq!(Token::from_json(&token.to_json()), Ok(token.clone()));
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn another_format_field_or_size_is_refused() {
        let token = Token::new(vec![0x30; 15], SignatureAlgorithm::Rs256, vec![7; 256]).unwrap().to_json();
        let with = |name: &str, value: serde_json::Value| {
            let mut token = token.clone();
            token[name] = value;
            Token::from_json(&token)
        };
        assert_eq!(with("format", "web-eid:1.1".into()), Err(TokenError::Malformed));
        assert_eq!(with("algorithm", "none".into()), Err(TokenError::Malformed));
        assert_eq!(with("extra", 1.into()), Err(TokenError::Malformed));
        assert_eq!(with("signature", "".into()), Err(TokenError::Malformed));
        assert_eq!(with("signature", "*".into()), Err(TokenError::Malformed));
        assert_eq!(with("signature", "A".repeat(10_000).into()), Err(TokenError::TooLarge));
        assert_eq!(with("unverifiedCertificate", "A".repeat(10_000).into()), Err(TokenError::TooLarge));
        assert_eq!(Token::from_json(&serde_json::json!([])), Err(TokenError::Malformed));
    }
}
