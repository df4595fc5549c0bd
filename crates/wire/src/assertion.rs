//! The assertion: what the relay tells one provider about one transaction, and signs.
//!
//! A COSE_Sign1 object (RFC 9052 §4.2) with ES256, made after the holder's choice, for one contract. It never goes to
//! terminal or acquirer.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use coset::{CoseSign1, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use enishi_party::{
    AssertionId, ContractId, CustomerId, InstrumentRef, MerchantId, Money, PairwiseId, PartyUri, PaymentType,
    ProviderId, SlipNumber, SurrogatePan, TerminalId, VerifierModel,
};
use serde::{Deserialize, Serialize};

/// Largest assertion: what DE 126 (LLLVAR) holds.
const MAX_OCTETS: usize = 999;

/// Whom the assertion is about, in the provider's own terms; never a serial number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// 代行: the pairwise ID (変換用ID).
    #[serde(rename = "p")]
    Pairwise(PairwiseId),
    /// 委託: the provider's customer.
    #[serde(rename = "c")]
    Customer(CustomerId),
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject(…)")
    }
}

/// Whether the amount stood under the card's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AmountBinding {
    /// The card signed amount and payee.
    Bound,
    /// The deck's order: the amount came after the proof.
    Unbound,
}

/// How sure the relay is that the holder was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assurance {
    /// The card's PIN was entered, the provider is the verifier (委託).
    #[serde(rename = "urn:relay:acr:aal3-pin")]
    Pin,
    /// The card's PIN was entered; verified by the relay under contract (代行), which is less (slide 17).
    #[serde(rename = "urn:relay:acr:aal3-pin:proxy")]
    PinByProxy,
}

/// How the relay learned that the certificate was not revoked, with an age that is rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RevocationMethod {
    /// A CRL, hours since its thisUpdate.
    #[serde(rename = "crl")]
    Crl {
        /// Rounded up.
        age_h: u32,
    },
    /// OCSP, minutes since its thisUpdate.
    #[serde(rename = "ocsp")]
    Ocsp {
        /// Rounded up.
        age_min: u32,
    },
}

/// What one provider may rely on for one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// Its name.
    #[serde(rename = "id")]
    pub id: AssertionId,
    /// The relay.
    #[serde(rename = "iss")]
    pub issuer: PartyUri,
    /// The one contract it is for.
    #[serde(rename = "aud")]
    pub audience: ContractId,
    /// Seconds since 1970.
    #[serde(rename = "iat")]
    pub issued_at: i64,
    /// Whom.
    #[serde(rename = "sub")]
    pub subject: Subject,
    /// Which instrument.
    #[serde(rename = "ins")]
    pub instrument: InstrumentRef,
    /// At which terminal.
    #[serde(rename = "term")]
    pub terminal: TerminalId,
    /// To whom.
    #[serde(rename = "mer")]
    pub merchant: MerchantId,
    /// Under which slip.
    #[serde(rename = "slip")]
    pub slip: SlipNumber,
    /// How much.
    #[serde(rename = "amt")]
    pub amount: Money,
    /// How paid.
    #[serde(rename = "pay")]
    pub payment_type: PaymentType,
    /// The number over which a PIN block was formed.
    #[serde(rename = "span")]
    pub surrogate_pan: SurrogatePan,
    /// Whether the card signed the amount.
    #[serde(rename = "bind")]
    pub amount_binding: AmountBinding,
    /// How the holder was verified.
    #[serde(rename = "acr")]
    pub assurance: Assurance,
    /// How revocation was looked up.
    #[serde(rename = "rev")]
    pub revocation: RevocationMethod,
    /// The verifier of the law who vouches.
    #[serde(rename = "ver")]
    pub verifier: ProviderId,
    /// Under which model.
    #[serde(rename = "mod")]
    pub model: VerifierModel,
}

/// Why an assertion is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// Larger than the message element that carries it, or not the structure.
    #[error("not a COSE_Sign1 assertion of at most {MAX_OCTETS} octets")]
    Malformed,
    /// Not signed by the relay's key with ES256.
    #[error("the assertion is not signed by this relay")]
    Signature,
    /// The key could not be read or used.
    #[error("the assertion key is not a P-256 key in PKCS#8")]
    Key,
}

/// The relay's key for assertions and receipts.
pub struct AssertionKey(EcdsaKeyPair);

impl std::fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AssertionKey(…)")
    }
}

/// What checks the relay's assertions and receipts: an uncompressed P-256 point, 65 octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey(Vec<u8>);

impl AssertionKey {
    /// Makes a new key and its PKCS#8 form.
    ///
    /// # Errors
    /// The random source failed.
    pub fn generate() -> Result<(Self, Vec<u8>), AssertionError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| AssertionError::Key)?;
        Ok((Self::from_pkcs8(document.as_ref())?, document.as_ref().to_vec()))
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`AssertionError::Key`]
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, AssertionError> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document)
            .map(Self)
            .map_err(|_| AssertionError::Key)
    }

    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.public_key().as_ref().to_vec())
    }

    /// ES256 over octets, r ‖ s.
    ///
    /// # Errors
    /// The random source failed.
    pub fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, AssertionError> {
        let signature = self.0.sign(&SystemRandom::new(), octets).map_err(|_| AssertionError::Key)?;
        Ok(signature.as_ref().to_vec())
    }

    /// Signs an assertion.
    ///
    /// # Errors
    /// The random source failed, or the assertion does not fit its message element.
    pub fn seal(&self, assertion: &Assertion) -> Result<Vec<u8>, AssertionError> {
        let mut payload = Vec::new();
        ciborium::into_writer(assertion, &mut payload).map_err(|_| AssertionError::Malformed)?;
        let header = HeaderBuilder::new().algorithm(iana::Algorithm::ES256).build();
        let sealed = CoseSign1Builder::new()
            .protected(header)
            .payload(payload)
            .try_create_signature(b"", |octets| self.sign(octets))?
            .build()
            .to_tagged_vec()
            .map_err(|_| AssertionError::Malformed)?;
        if sealed.len() > MAX_OCTETS { Err(AssertionError::Malformed) } else { Ok(sealed) }
    }
}

impl VerifyingKey {
    /// Takes an uncompressed point.
    ///
    /// # Errors
    /// Another length or form.
    pub fn from_octets(octets: &[u8]) -> Result<Self, AssertionError> {
        match octets {
            [4, rest @ ..] if rest.len() == 64 => Ok(Self(octets.to_vec())),
            _ => Err(AssertionError::Key),
        }
    }

    /// The 65 octets.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }

    /// Checks ES256 over octets.
    ///
    /// # Errors
    /// [`AssertionError::Signature`]
    pub fn check(&self, octets: &[u8], signature: &[u8]) -> Result<(), AssertionError> {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0)
            .verify(octets, signature)
            .map_err(|_| AssertionError::Signature)
    }

    /// Opens an assertion: signature first, then its contents.
    ///
    /// # Errors
    /// [`AssertionError`]
    pub fn open(&self, sealed: &[u8]) -> Result<Assertion, AssertionError> {
        if sealed.len() > MAX_OCTETS {
            return Err(AssertionError::Malformed);
        }
        let object = CoseSign1::from_tagged_slice(sealed).map_err(|_| AssertionError::Malformed)?;
        // RFC 9052 §3: the algorithm stands in the protected header, and nothing else is understood here.
        let expected = HeaderBuilder::new().algorithm(iana::Algorithm::ES256).build();
        if object.protected.header != expected || !object.unprotected.is_empty() {
            return Err(AssertionError::Malformed);
        }
        object.verify_signature(b"", |signature, octets| self.check(octets, signature))?;
        let payload = object.payload.as_deref().ok_or(AssertionError::Malformed)?;
        ciborium::from_reader(payload).map_err(|_| AssertionError::Malformed)
    }
}

#[cfg(test)]
mod tests;
