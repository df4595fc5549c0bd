//! Certificates and lists of the sandbox's authority, cut anew: under another key, or without an extension.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use enishi_jpki::asn1::{DerError, Element, Reader, encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};

use crate::error::BenchError;

/// A P-384 key that signs in both forms: as an authority (DER) and as a card (r ‖ s).
pub(crate) struct NextKey {
    der: EcdsaKeyPair,
    fixed: EcdsaKeyPair,
}

/// Who signs what was cut.
pub(crate) enum Signer<'a> {
    #[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "only peers ask"))]
    Rsa(&'a RsaKeyPair),
    P384(&'a NextKey),
}

impl NextKey {
    pub(crate) fn generate() -> Result<Self, BenchError> {
        let fixed =
            EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).map_err(BenchError::of("P-384"))?;
        let pkcs8 = fixed.to_pkcs8v1().map_err(BenchError::of("P-384"))?;
        let der = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, pkcs8.as_ref())
            .map_err(BenchError::of("P-384"))?;
        Ok(Self { der, fixed })
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        let identifier = encode_all(tag::SEQUENCE, &[&named(oid::EC_PUBLIC_KEY), &named(oid::P384)]);
        encode_all(tag::SEQUENCE, &[&identifier, &bits(self.fixed.public_key().as_ref())])
    }

    /// As a card signs.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BenchError> {
        sign(&self.fixed, message)
    }

    /// The point, uncompressed.
    pub(crate) fn public(&self) -> &[u8] {
        self.fixed.public_key().as_ref()
    }
}

impl Signer<'_> {
    fn algorithm(&self) -> Vec<u8> {
        match self {
            Self::Rsa(_) => encode_all(tag::SEQUENCE, &[&named(oid::SHA256_WITH_RSA), &[tag::NULL, 0]]),
            Self::P384(_) => encode(tag::SEQUENCE, &named(oid::ECDSA_WITH_SHA384)),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BenchError> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(BenchError::of("RSA"))?;
                Ok(signature)
            }
            Self::P384(key) => sign(&key.der, message),
        }
    }

    fn signed(&self, fields: &[&[u8]]) -> Result<Vec<u8>, BenchError> {
        let body = encode_all(tag::SEQUENCE, fields);
        let signature = bits(&self.sign(&body)?);
        Ok(encode_all(tag::SEQUENCE, &[&body, &self.algorithm(), &signature]))
    }
}

/// The certificate with another key in it, where one is given, without an extension, where one is named, signed anew.
pub(crate) fn certificate(
    der: &[u8],
    spki: Option<&[u8]>,
    without: Option<Oid>,
    signer: &Signer<'_>,
) -> Result<Vec<u8>, BenchError> {
    let fields = fields(der).map_err(BenchError::of("a certificate to be cut anew"))?;
    let [version, serial, _, issuer, validity, subject, own, extensions] = fields.as_slice() else {
        return Err(another_form());
    };
    let extensions = kept(extensions, without).map_err(BenchError::of("a certificate to be cut anew"))?;
    let [version, serial, issuer, validity, subject, own] =
        [version, serial, issuer, validity, subject, own].map(Element::raw);
    let algorithm = signer.algorithm();
    let spki = spki.unwrap_or(own);
    signer.signed(&[version, serial, &algorithm, issuer, validity, subject, spki, &extensions])
}

/// The list, signed anew.
pub(crate) fn list(der: &[u8], signer: &Signer<'_>) -> Result<Vec<u8>, BenchError> {
    let fields = fields(der).map_err(BenchError::of("a list to be cut anew"))?;
    let [version, _, rest @ ..] = fields.as_slice() else { return Err(another_form()) };
    let algorithm = signer.algorithm();
    let mut parts = vec![version.raw(), &algorithm];
    parts.extend(rest.iter().map(Element::raw));
    signer.signed(&parts)
}

fn another_form() -> BenchError {
    BenchError::Failed { what: "cutting anew", why: "another form than the authority's".to_owned() }
}

/// The fields of the signed part.
fn fields(der: &[u8]) -> Result<Vec<Element<'_>>, DerError> {
    let mut body = Reader::only(der, tag::SEQUENCE)?.inside().expect(tag::SEQUENCE)?.inside();
    let mut all = Vec::new();
    while !body.is_empty() {
        all.push(body.any()?);
    }
    Ok(all)
}

fn kept(extensions: &Element<'_>, without: Option<Oid>) -> Result<Vec<u8>, DerError> {
    let mut list = extensions.only_inside(tag::SEQUENCE)?.inside();
    let mut kept = Vec::new();
    while !list.is_empty() {
        let one = list.expect(tag::SEQUENCE)?;
        if Some(one.inside().expect(tag::OID)?.object_identifier()?) != without {
            kept.extend_from_slice(one.raw());
        }
    }
    Ok(encode(tag::context_constructed(3), &encode(tag::SEQUENCE, &kept)))
}

fn sign(key: &EcdsaKeyPair, message: &[u8]) -> Result<Vec<u8>, BenchError> {
    let signature = key.sign(&SystemRandom::new(), message).map_err(BenchError::of("P-384"))?;
    Ok(signature.as_ref().to_vec())
}

fn named(oid: Oid) -> Vec<u8> {
    encode(tag::OID, oid.as_bytes())
}

fn bits(octets: &[u8]) -> Vec<u8> {
    encode_all(tag::BIT_STRING, &[&[0], octets])
}
