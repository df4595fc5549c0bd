//! Reading a request from anyone, in place: nothing of it is copied.

use enishi_jpki::asn1::{DerError, Element, Reader, tag};
use enishi_jpki::oid::{self, Oid};

/// The longest request: 16 certificates by SHA-256, a nonce, a requestor's name and a signature fit.
pub const OCSP_REQUEST_MAX_OCTETS: usize = 8_192;
/// The most certificates in one request; ours.
const CERT_IDS_MAX: usize = 16;
/// RFC 9654 §2.1: 1 to 128 octets.
const NONCE_MAX_OCTETS: usize = 128;
/// SHA-256 as the hash of a CertID (RFC 5754 §2.2).
const SHA256: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.1");

/// The parts of a request that an answer depends on.
pub(crate) struct OcspRequest<'a> {
    /// 1 to 16.
    pub(crate) cert_ids: Vec<CertId<'a>>,
    /// The nonce extension's value as it came, to be echoed.
    pub(crate) nonce: Option<&'a [u8]>,
}

/// One certificate in question (RFC 6960 §4.1.1).
pub(crate) struct CertId<'a> {
    /// As it came, to be echoed.
    pub(crate) der: &'a [u8],
    pub(crate) hash: HashKind,
    pub(crate) issuer_name_hash: &'a [u8],
    pub(crate) issuer_key_hash: &'a [u8],
    /// Content octets of the INTEGER.
    pub(crate) serial: &'a [u8],
}

/// The hashes that a CertID may use here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HashKind {
    Sha1,
    Sha256,
}

/// One extension.
struct Extension<'a> {
    id: &'a [u8],
    critical: bool,
    value: &'a [u8],
}

impl<'a> OcspRequest<'a> {
    /// Reads DER of at most [`OCSP_REQUEST_MAX_OCTETS`]. A signature or a requestor's name changes no answer and is let
    /// be; a critical extension that is unknown makes the request malformed.
    pub(crate) fn parse(octets: &'a [u8]) -> Option<Self> {
        if octets.len() > OCSP_REQUEST_MAX_OCTETS {
            return None;
        }
        Self::read(octets).ok().flatten()
    }

    /// OCSPRequest (RFC 6960 §4.1.1); nothing where the DER holds but the standard's rules do not.
    fn read(octets: &'a [u8]) -> Result<Option<Self>, DerError> {
        let mut outer = Reader::only(octets, tag::SEQUENCE)?.inside();
        let body = outer.expect(tag::SEQUENCE)?;
        if let Some(signature) = outer.optional(tag::context_constructed(0))? {
            signature.only_inside(tag::SEQUENCE)?;
        }
        outer.finish()?;

        let mut fields = body.inside();
        // Version 1 is all there is; DER leaves it out (X.690 §11.5), some clients do not.
        if let Some(version) = fields.optional(tag::context_constructed(0))?
            && version.only_inside(tag::INTEGER)?.content() != [0]
        {
            return Ok(None);
        }
        if let Some(name) = fields.optional(tag::context_constructed(1))? {
            let mut name = name.inside();
            name.any()?;
            name.finish()?;
        }
        let list = fields.expect(tag::SEQUENCE)?;
        let extensions = fields.optional(tag::context_constructed(2))?;
        fields.finish()?;

        let mut cert_ids = Vec::with_capacity(1);
        let mut list = list.inside();
        while !list.is_empty() {
            let single = list.expect(tag::SEQUENCE)?;
            let Some(cert_id) = CertId::read_single(&single)? else { return Ok(None) };
            if cert_ids.len() == CERT_IDS_MAX {
                return Ok(None);
            }
            cert_ids.push(cert_id);
        }
        let nonce = match extensions.map(|extensions| nonce(&extensions)).transpose()? {
            Some(None) => return Ok(None),
            Some(Some(nonce)) => nonce,
            None => None,
        };
        Ok((!cert_ids.is_empty()).then_some(Self { cert_ids, nonce }))
    }
}

/// The nonce among a request's extensions, if there is one; nothing where one of them cannot be let be.
fn nonce<'a>(extensions: &Element<'a>) -> Result<Option<Option<&'a [u8]>>, DerError> {
    let mut nonce = None;
    let mut list = extensions.only_inside(tag::SEQUENCE)?.inside();
    while !list.is_empty() {
        let extension = Extension::read(&list.expect(tag::SEQUENCE)?)?;
        if extension.id == oid::OCSP_NONCE.as_bytes() {
            let inner = Reader::only(extension.value, tag::OCTET_STRING)?;
            if nonce.is_some() || !(1..=NONCE_MAX_OCTETS).contains(&inner.content().len()) {
                return Ok(None);
            }
            nonce = Some(extension.value);
        } else if extension.critical {
            return Ok(None);
        }
    }
    Ok(Some(nonce))
}

impl<'a> Extension<'a> {
    fn read(extension: &Element<'a>) -> Result<Self, DerError> {
        let mut fields = extension.inside();
        let id = fields.expect(tag::OID)?;
        id.object_identifier()?;
        let critical = match fields.optional(tag::BOOLEAN)? {
            // FALSE is the default, which DER leaves out; some clients do not.
            Some(flag) if flag.content() == [0] => false,
            Some(flag) => flag.true_flag().map(|()| true)?,
            None => false,
        };
        let value = fields.expect(tag::OCTET_STRING)?;
        fields.finish()?;
        Ok(Self { id: id.content(), critical, value: value.content() })
    }
}

impl<'a> CertId<'a> {
    /// Request (RFC 6960 §4.1.1).
    fn read_single(single: &Element<'a>) -> Result<Option<Self>, DerError> {
        let mut fields = single.inside();
        let cert_id = Self::read(&fields.expect(tag::SEQUENCE)?)?;
        if let Some(extensions) = fields.optional(tag::context_constructed(0))? {
            let mut list = extensions.only_inside(tag::SEQUENCE)?.inside();
            while !list.is_empty() {
                if Extension::read(&list.expect(tag::SEQUENCE)?)?.critical {
                    return Ok(None);
                }
            }
        }
        fields.finish()?;
        Ok(cert_id)
    }

    fn read(element: &Element<'a>) -> Result<Option<Self>, DerError> {
        let mut fields = element.inside();
        let algorithm = fields.expect(tag::SEQUENCE)?;
        let name = fields.expect(tag::OCTET_STRING)?.content();
        let key = fields.expect(tag::OCTET_STRING)?.content();
        let serial = fields.expect(tag::INTEGER)?.content();
        fields.finish()?;

        let mut algorithm = algorithm.inside();
        let id = algorithm.expect(tag::OID)?.content();
        if algorithm.optional(tag::NULL)?.is_some_and(|null| !null.content().is_empty()) {
            return Ok(None);
        }
        algorithm.finish()?;
        let (hash, length) = match id {
            id if id == oid::SHA1.as_bytes() => (HashKind::Sha1, 20),
            id if id == SHA256.as_bytes() => (HashKind::Sha256, 32),
            _ => return Ok(None),
        };
        let fits = name.len() == length && key.len() == length && is_minimal(serial);
        Ok(fits.then_some(Self {
            der: element.raw(),
            hash,
            issuer_name_hash: name,
            issuer_key_hash: key,
            serial,
        }))
    }
}

/// Whether an INTEGER's content has the fewest octets (X.690 §8.3.2).
fn is_minimal(content: &[u8]) -> bool {
    match content {
        [] => false,
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        _ => true,
    }
}
