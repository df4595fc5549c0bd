//! What stands behind the entries of a list: its extensions (RFC 5280 §5.2), and behind the signed part the signature.

use enishi_jpki::asn1::{DerError, Element, Reader, tag};
use enishi_jpki::{
    AuthorityKeyId, Criticality, Extensions, Issuer, SignatureAlgorithm, directory_name_of_point, oid,
};

use super::{CrlError, CrlNumber, CrlScope, Unsupported};

/// By what the list is signed.
pub(super) struct Seal {
    pub(super) algorithm: SignatureAlgorithm,
    /// The algorithm as it stands there, DER.
    pub(super) algorithm_der: Vec<u8>,
    pub(super) signature: Box<[u8]>,
}

impl Seal {
    /// Reads what stands behind the signed part.
    pub(super) fn read(octets: &[u8]) -> Result<Self, DerError> {
        let mut outer = Reader::new(octets);
        let identifier = outer.expect(tag::SEQUENCE)?;
        let signature = outer.expect(tag::BIT_STRING)?.whole_octets()?.into();
        outer.finish()?;
        let algorithm = SignatureAlgorithm::read(&identifier)?;
        Ok(Self { algorithm, algorithm_der: identifier.raw().to_vec(), signature })
    }
}

/// What the extensions say.
pub(super) struct Claims {
    pub(super) number: CrlNumber,
    pub(super) scope: CrlScope,
}

impl Claims {
    /// Reads the last fields of a list whose signature by `issuer` was verified.
    pub(super) fn read(octets: &[u8], issuer: &Issuer) -> Result<Self, CrlError> {
        let mut fields = Reader::new(octets);
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
        Ok(Self { number, scope })
    }
}

/// issuingDistributionPoint (RFC 5280 §5.2.5): only a directory name, and at most "user certificates only".
fn read_scope(point: &Element<'_>) -> Result<CrlScope, CrlError> {
    // What an issuer says there that says nothing is a fault of its own, not a whole list.
    if point.content().is_empty() {
        return Err(Unsupported::DistributionPoint.into());
    }
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
