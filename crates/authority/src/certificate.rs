//! The three certificates an authority makes: its own, a citizen's, a responder's.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use der::{
    Decode,
    asn1::{AnyRef, BitStringRef, ObjectIdentifier},
};
use enishi_jpki::{Carrier, CertKind, oid};
use jiff::Timestamp;
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfo};

use crate::{
    AuthorityConfig, AuthorityError, CitizenRecord, asn1,
    config::PROFILE,
    extension,
    generation::Generation,
    key::{ResponderKey, RsaKey, sha1, signature_algorithm},
    name, validity,
};

/// RSAPublicKey of 2048 bits with exponent 65537: SEQUENCE { INTEGER (257 octets), INTEGER 01 00 01 }.
const RSA_2048_KEY_OCTETS: usize = 270;
/// An uncompressed point of P-384.
const P384_POINT_OCTETS: usize = 97;
/// What ends every common name of J-LIS; its meaning is not public.
const COMMON_NAME_END: &str = "003A";

/// The fields that differ from certificate to certificate.
struct Fields<'a> {
    serial: &'a [u8],
    issuer: &'a [u8],
    not_before: Timestamp,
    not_after: Timestamp,
    subject: &'a [u8],
    spki_der: &'a [u8],
    extensions: &'a [Vec<u8>],
}

/// TBSCertificate, v3 (RFC 5280 §4.1).
fn to_be_signed(fields: &Fields<'_>) -> Vec<u8> {
    let extensions: Vec<&[u8]> = fields.extensions.iter().map(Vec::as_slice).collect();
    asn1::sequence(&[
        &asn1::context(0, &[&asn1::unsigned_integer(&[2])]),
        &asn1::unsigned_integer(fields.serial),
        &signature_algorithm(),
        fields.issuer,
        &asn1::sequence(&[&asn1::time(fields.not_before), &asn1::time(fields.not_after)]),
        fields.subject,
        fields.spki_der,
        &asn1::context(3, &[&asn1::sequence(&extensions)]),
    ])
}

/// A self-signed authority certificate.
pub(crate) fn authority(
    kind: CertKind,
    key: &RsaKey,
    serial: &[u8],
    not_before: Timestamp,
    not_after: Timestamp,
) -> Result<Vec<u8>, AuthorityError> {
    let authority = name::authority(kind);
    let extensions = [
        extension::ca_key_usage(),
        extension::subject_alt_name_of_ca(kind),
        extension::basic_constraints_of_ca(),
        extension::distribution_point_of_ca(&authority),
        extension::subject_key_identifier(&key.key_id()),
    ];
    key.sign_frame(&to_be_signed(&Fields {
        serial,
        issuer: &authority,
        not_before,
        not_after,
        subject: &authority,
        spki_der: key.spki_der(),
        extensions: &extensions,
    }))
}

/// What a citizen's certificate is made from, beside the citizen.
pub(crate) struct Order<'a> {
    pub(crate) issuer: &'a Generation,
    pub(crate) config: &'a AuthorityConfig,
    pub(crate) carrier: Carrier,
    pub(crate) serial: &'a [u8],
    pub(crate) key: &'a CertifiableKey,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

/// 利用者証明用電子証明書 (docs/jpki.md §2) or 署名用電子証明書 (§2.3), by the issuer's kind.
pub(crate) fn citizens(citizen: &CitizenRecord, order: &Order<'_>) -> Result<Vec<u8>, AuthorityError> {
    let kind = order.issuer.kind;
    let authority = name::authority(kind);
    let policies = extension::certificate_policies(policy(kind, order.carrier)?, &order.config.cps_uri);
    let issuer_alt_name = extension::issuer_alt_name(kind);
    let points = extension::distribution_point(kind, &citizen.municipality);
    let authority_key =
        extension::authority_key_identifier(&order.issuer.key_id, &authority, &order.issuer.serial);
    let subject_key = extension::subject_key_identifier(&order.key.key_id);
    let (subject, extensions) = match kind {
        CertKind::Authentication => (
            name::authentication_subject(&authentication_common_name(citizen)?),
            vec![
                extension::signature_key_usage(),
                extension::extended_key_usage(oid::CLIENT_AUTH),
                policies,
                issuer_alt_name,
                points,
                extension::authority_info_access(&order.config.ocsp_uri),
                authority_key,
                subject_key,
            ],
        ),
        CertKind::Signing => (
            name::signing_subject(&citizen.municipality, &signing_common_name(citizen, order.not_before)?),
            vec![
                extension::document_key_usage(),
                extension::basic_attributes(citizen),
                policies,
                issuer_alt_name,
                points,
                authority_key,
                subject_key,
            ],
        ),
    };
    order.issuer.key.sign_frame(&to_be_signed(&Fields {
        serial: order.serial,
        issuer: &authority,
        not_before: order.not_before,
        not_after: order.not_after,
        subject: &subject,
        spki_der: &order.key.spki_der,
        extensions: &extensions,
    }))
}

/// The profile's policy for one kind in one carrier.
fn policy(kind: CertKind, carrier: Carrier) -> Result<ObjectIdentifier, AuthorityError> {
    PROFILE
        .policies(kind)
        .iter()
        .find(|(_, its)| *its == carrier)
        .map(|(policy, _)| *policy)
        .ok_or(AuthorityError::Inconsistent("the profile has no policy for this carrier"))
}

/// 14 random letters and digits, the municipality's code, the end.
fn authentication_common_name(citizen: &CitizenRecord) -> Result<String, AuthorityError> {
    let start = random_text(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 14)?;
    Ok(format!("{start}{}{COMMON_NAME_END}", citizen.municipality.code()))
}

/// The time of issue in Japan, 5 digits, the municipality's code, the end.
fn signing_common_name(citizen: &CitizenRecord, issued_at: Timestamp) -> Result<String, AuthorityError> {
    let stamp = validity::stamp_in_japan(issued_at);
    let digits = random_text(b"0123456789", 5)?;
    Ok(format!("{stamp}{digits}{}{COMMON_NAME_END}", citizen.municipality.code()))
}

fn random_text(alphabet: &[u8], length: usize) -> Result<String, AuthorityError> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let [octet] = random::<1>()?;
        // 252 = 7 × 36 = the last whole round of 36, and 250 of 10: what is above would favour the first letters.
        let rounds = 256 / alphabet.len() * alphabet.len();
        if let Some(letter) =
            alphabet.get(usize::from(octet) % alphabet.len()).filter(|_| usize::from(octet) < rounds)
        {
            text.push(char::from(*letter));
        }
    }
    Ok(text)
}

/// Octets of the system's cryptographic random source.
pub(crate) fn random<const OCTETS: usize>() -> Result<[u8; OCTETS], AuthorityError> {
    let mut octets = [0; OCTETS];
    SystemRandom::new()
        .fill(&mut octets)
        .map_err(|_| AuthorityError::Cryptography("the random source failed"))?;
    Ok(octets)
}

/// A delegated OCSP responder's certificate (RFC 6960 §4.2.2.2).
pub(crate) fn responder(
    issuer: &Generation,
    responder: &ResponderKey,
    serial: &[u8],
    not_before: Timestamp,
    not_after: Timestamp,
) -> Result<Vec<u8>, AuthorityError> {
    let extensions = [
        extension::signature_key_usage(),
        extension::extended_key_usage(oid::OCSP_SIGNING),
        extension::ocsp_no_check(),
        extension::authority_key_identifier_of_key(&issuer.key_id),
        extension::subject_key_identifier(&responder.key_id()),
    ];
    issuer.key.sign_frame(&to_be_signed(&Fields {
        serial,
        issuer: &name::authority(issuer.kind),
        not_before,
        not_after,
        subject: &name::responder(issuer.kind),
        spki_der: responder.spki_der(),
        extensions: &extensions,
    }))
}

/// A public key of the form that a card has: RSA-2048 with exponent 65537, or P-384 of the next generation.
pub(crate) struct CertifiableKey {
    spki_der: Vec<u8>,
    key_id: Vec<u8>,
}

impl CertifiableKey {
    /// `spki_der`: SubjectPublicKeyInfo. Whether the caller holds the private key is not asked: the sandbox writes both
    /// into the card itself.
    pub(crate) fn parse(spki_der: &[u8]) -> Result<Self, AuthorityError> {
        const REFUSED: AuthorityError =
            AuthorityError::PublicKey("neither RSA-2048 with exponent 65537 nor EC P-384");
        let spki = SubjectPublicKeyInfo::<AnyRef<'_>, BitStringRef<'_>>::from_der(spki_der)
            .map_err(|_| AuthorityError::PublicKey("not a SubjectPublicKeyInfo"))?;
        let bits = spki.subject_public_key.as_bytes().ok_or(REFUSED)?;
        let fits = match spki.algorithm.oid {
            oid::RSA_ENCRYPTION => is_rsa_2048(&spki.algorithm, bits),
            oid::EC_PUBLIC_KEY => is_p384(&spki.algorithm, bits),
            _ => false,
        };
        if fits { Ok(Self { spki_der: spki_der.to_vec(), key_id: sha1(bits) }) } else { Err(REFUSED) }
    }
}

fn is_rsa_2048(algorithm: &AlgorithmIdentifierRef<'_>, bits: &[u8]) -> bool {
    // SEQUENCE of 266 octets, an INTEGER of 257 with its sign octet, a set top bit: exactly 2048 bits.
    let head = [0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00];
    let exponent = [0x02, 0x03, 0x01, 0x00, 0x01];
    algorithm.parameters.is_some_and(|parameters| parameters == AnyRef::NULL)
        && bits.len() == RSA_2048_KEY_OCTETS
        && bits.starts_with(&head)
        && bits.get(head.len()).is_some_and(|octet| *octet >= 0x80)
        && bits.ends_with(&exponent)
}

fn is_p384(algorithm: &AlgorithmIdentifierRef<'_>, bits: &[u8]) -> bool {
    let curve: Option<ObjectIdentifier> =
        algorithm.parameters.as_ref().and_then(|parameters| parameters.decode_as().ok());
    curve == Some(oid::P384)
        && bits.len() == P384_POINT_OCTETS
        && aws_lc_rs::signature::ParsedPublicKey::new(&aws_lc_rs::signature::ECDSA_P384_SHA384_ASN1, bits)
            .is_ok()
}
