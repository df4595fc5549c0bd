//! The list around its entries (RFC 5280 §5.1, §5.2).

use enishi_jpki::asn1::{Element, Reader, tag};
use enishi_jpki::{
    AuthorityKeyId, CaCertificate, Criticality, Extensions, SignatureAlgorithm, directory_name_of_point, oid,
};
use enishi_party::Timestamp;

use super::{CrlError, CrlNumber, CrlScope, Unsupported};

/// version v2(1).
const VERSION_2: [u8; 3] = [tag::INTEGER, 1, 1];

/// What is signed, and the signature; nothing inside was read yet.
pub(super) struct Signed<'a> {
    pub(super) tbs: Element<'a>,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) signature: &'a [u8],
    algorithm_der: &'a [u8],
}

impl<'a> Signed<'a> {
    pub(super) fn read(der: &'a [u8]) -> Result<Self, CrlError> {
        let mut outer = Reader::only(der, tag::SEQUENCE)?.inside();
        let tbs = outer.expect(tag::SEQUENCE)?;
        let identifier = outer.expect(tag::SEQUENCE)?;
        let signature = outer.expect(tag::BIT_STRING)?.whole_octets()?;
        outer.finish()?;
        let algorithm = SignatureAlgorithm::read(&identifier)?;
        Ok(Self { tbs, algorithm, signature, algorithm_der: identifier.raw() })
    }
}

/// Everything but the entries.
pub(super) struct Header<'a> {
    pub(super) this_update: Timestamp,
    pub(super) next_update: Timestamp,
    pub(super) number: CrlNumber,
    pub(super) scope: CrlScope,
    pub(super) entries: Option<Element<'a>>,
}

impl<'a> Header<'a> {
    /// Reads a list whose signature by `issuer` was verified.
    pub(super) fn read(signed: &Signed<'a>, issuer: &CaCertificate) -> Result<Self, CrlError> {
        let mut fields = signed.tbs.inside();
        match fields.optional(tag::INTEGER)? {
            Some(version) if version.raw() == VERSION_2 => {}
            _ => return Err(CrlError::Version),
        }
        if fields.expect(tag::SEQUENCE)?.raw() != signed.algorithm_der {
            return Err(CrlError::AlgorithmsDiffer);
        }
        if fields.expect(tag::SEQUENCE)?.raw() != issuer.subject_der() {
            return Err(CrlError::OtherIssuer);
        }
        let this_update = fields.any()?.x509_time()?;
        let next_update = match fields.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => fields.any()?.x509_time()?,
            _ => return Err(CrlError::NextUpdateMissing),
        };
        if next_update <= this_update {
            return Err(CrlError::WindowReversed);
        }
        let entries = fields.optional(tag::SEQUENCE)?;
        let extensions = fields.expect(tag::context_constructed(0))?;
        fields.finish()?;
        let mut extensions = Extensions::read(&extensions.only_inside(tag::SEQUENCE)?)?;
        // Before anything else: a delta looks like a full list in which almost nobody is revoked.
        if extensions.take(oid::DELTA_CRL_INDICATOR).is_some() {
            return Err(Unsupported::Delta.into());
        }
        let authority = extensions.require(oid::AUTHORITY_KEY_IDENTIFIER, Criticality::NotCritical)?;
        let authority = AuthorityKeyId::read(&authority.value(tag::SEQUENCE)?)?;
        if authority.key_id != *issuer.subject_key_id() {
            return Err(CrlError::OtherIssuer);
        }
        let number = extensions.require(oid::CRL_NUMBER, Criticality::NotCritical)?;
        let number = CrlNumber::read(&number.value(tag::INTEGER)?)?;
        let scope = match extensions.optional(oid::ISSUING_DISTRIBUTION_POINT, Criticality::Critical)? {
            Some(point) => read_scope(&point.value(tag::SEQUENCE)?)?,
            None => CrlScope::Full,
        };
        extensions.finish()?;
        Ok(Self { this_update, next_update, number, scope, entries })
    }
}

/// issuingDistributionPoint (RFC 5280 §5.2.5): only a directory name, and at most "user certificates only".
fn read_scope(point: &Element<'_>) -> Result<CrlScope, CrlError> {
    let mut parts = point.inside();
    let name = parts.optional(tag::context_constructed(0))?;
    if let Some(users) = parts.optional(tag::context_primitive(1))? {
        users.true_flag()?;
    }
    let refused = [
        (tag::context_primitive(2), Unsupported::NotForHolders),
        (tag::context_primitive(3), Unsupported::SomeReasons),
        (tag::context_primitive(4), Unsupported::Indirect),
        (tag::context_primitive(5), Unsupported::NotForHolders),
    ];
    for (field, unsupported) in refused {
        if parts.optional(field)?.is_some() {
            return Err(unsupported.into());
        }
    }
    parts.finish()?;
    match name {
        Some(name) => {
            let name = directory_name_of_point(&name).map_err(|_| Unsupported::DistributionPoint)?;
            Ok(CrlScope::Partition(name.raw().to_vec()))
        }
        None => Ok(CrlScope::Full),
    }
}
