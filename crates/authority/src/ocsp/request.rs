//! Reading a request from anyone.

use der::{
    Decode, Encode, Sequence,
    asn1::{Any, Int, Null, ObjectIdentifier, OctetString, OctetStringRef},
};
use enishi_jpki::oid;
use x509_cert::{ext::Extension, spki::AlgorithmIdentifierOwned};

/// The longest request: 16 certificates by SHA-256, a nonce, a requestor's name and a signature fit.
pub const OCSP_REQUEST_MAX_OCTETS: usize = 8_192;
/// The most certificates in one request; ours.
const CERT_IDS_MAX: usize = 16;
/// RFC 9654 §2.1: 1 to 128 octets.
const NONCE_MAX_OCTETS: usize = 128;
/// SHA-256 as the hash of a CertID (RFC 5754 §2.2).
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// The parts of a request that an answer depends on.
pub(crate) struct OcspRequest {
    /// 1 to 16.
    pub(crate) cert_ids: Vec<CertId>,
    /// The nonce extension's value as it came, to be echoed.
    pub(crate) nonce: Option<Vec<u8>>,
}

/// One certificate in question (RFC 6960 §4.1.1).
pub(crate) struct CertId {
    /// As it came, to be echoed.
    pub(crate) der: Vec<u8>,
    pub(crate) hash: HashKind,
    pub(crate) issuer_name_hash: Vec<u8>,
    pub(crate) issuer_key_hash: Vec<u8>,
    /// Content octets of the INTEGER.
    pub(crate) serial: Vec<u8>,
}

/// The hashes that a CertID may use here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HashKind {
    Sha1,
    Sha256,
}

impl OcspRequest {
    /// Reads DER of at most [`OCSP_REQUEST_MAX_OCTETS`]. A signature or a requestor's name changes no answer and is let
    /// be; a critical extension that is unknown makes the request malformed.
    pub(crate) fn parse(octets: &[u8]) -> Option<Self> {
        if octets.len() > OCSP_REQUEST_MAX_OCTETS {
            return None;
        }
        let request = RawRequest::from_der(octets).ok()?.tbs_request;
        if request.version != 0 || !(1..=CERT_IDS_MAX).contains(&request.request_list.len()) {
            return None;
        }
        let mut nonce = None;
        for extension in request.request_extensions.unwrap_or_default() {
            if extension.extn_id == oid::OCSP_NONCE {
                let value = extension.extn_value.as_bytes();
                let inner = <&OctetStringRef>::from_der(value).ok()?;
                if nonce.is_some() || !(1..=NONCE_MAX_OCTETS).contains(&inner.as_bytes().len()) {
                    return None;
                }
                nonce = Some(value.to_vec());
            } else if extension.critical {
                return None;
            }
        }
        let cert_ids = request.request_list.into_iter().map(CertId::from_raw).collect::<Option<_>>()?;
        Some(Self { cert_ids, nonce })
    }
}

impl CertId {
    fn from_raw(raw: RawSingleRequest) -> Option<Self> {
        if raw.extensions.is_some_and(|extensions| extensions.iter().any(|extension| extension.critical)) {
            return None;
        }
        let cert_id = raw.req_cert;
        let algorithm = &cert_id.hash_algorithm;
        if algorithm.parameters.as_ref().is_some_and(|parameters| parameters.decode_as::<Null>().is_err()) {
            return None;
        }
        let (hash, length) = match algorithm.oid {
            oid::SHA1 => (HashKind::Sha1, 20),
            SHA256 => (HashKind::Sha256, 32),
            _ => return None,
        };
        let (name, key) = (cert_id.issuer_name_hash.as_bytes(), cert_id.issuer_key_hash.as_bytes());
        if name.len() != length || key.len() != length {
            return None;
        }
        Some(Self {
            der: cert_id.to_der().ok()?,
            hash,
            issuer_name_hash: name.to_vec(),
            issuer_key_hash: key.to_vec(),
            serial: cert_id.serial_number.as_bytes().to_vec(),
        })
    }
}

/// OCSPRequest (RFC 6960 §4.1.1).
#[derive(Sequence)]
struct RawRequest {
    tbs_request: RawTbsRequest,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    signature: Option<Any>,
}

#[derive(Sequence)]
struct RawTbsRequest {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", default = "Default::default")]
    version: u8,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    requestor_name: Option<Any>,
    request_list: Vec<RawSingleRequest>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    request_extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct RawSingleRequest {
    req_cert: RawCertId,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct RawCertId {
    hash_algorithm: AlgorithmIdentifierOwned,
    issuer_name_hash: OctetString,
    issuer_key_hash: OctetString,
    serial_number: Int,
}
