//! Names inside extensions: authority key identifiers and distribution points.

use crate::asn1::{DerError, Element, tag};
use crate::key_id::KeyId;
use crate::oid::{self, Oid};
use crate::profile::CertKind;
use crate::serial::Serial;

/// directoryName is choice [4] of GeneralName, EXPLICIT because Name is itself a choice (RFC 5280 §4.2.1.6).
const DIRECTORY_NAME: u8 = tag::context_constructed(4);

/// authorityKeyIdentifier (RFC 5280 §4.2.1.1): which key of the issuer signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityKeyId {
    /// The key.
    pub key_id: KeyId,
    /// Name (DER) and serial number of the issuer's own certificate; JPKI gives both.
    pub certificate: Option<(Vec<u8>, Serial)>,
}

impl AuthorityKeyId {
    /// Reads the extension's SEQUENCE. The key is demanded; name and serial come together or not at all.
    ///
    /// # Errors
    /// Another form.
    pub fn read(value: &Element<'_>) -> Result<Self, DerError> {
        let mut parts = value.inside();
        let key = parts.expect(tag::context_primitive(0))?;
        let key_id = KeyId::from_octets(key.content()).ok_or_else(|| key.error("key identifier"))?;
        let issuer = parts.optional(tag::context_constructed(1))?;
        let serial = parts.optional(tag::context_primitive(2))?;
        parts.finish()?;
        let certificate = match (issuer, serial) {
            (Some(issuer), Some(serial)) => {
                let number = Serial::from_der_content(serial.content())
                    .map_err(|_| serial.error("authority's serial number"))?;
                Some((only_directory_name(&issuer)?.raw().to_vec(), number))
            }
            (None, None) => None,
            _ => return Err(value.error("issuer and serial of an authority come together")),
        };
        Ok(Self { key_id, certificate })
    }
}

/// The one directory name (DER) of a DistributionPointName `[0]` (RFC 5280 §4.2.1.13, §5.2.5).
///
/// # Errors
/// A relative name, several names, a URI: no list of JPKI's is known to have them.
pub fn directory_name_of_point<'a>(point: &Element<'a>) -> Result<Element<'a>, DerError> {
    only_directory_name(&point.only_inside(tag::context_constructed(0))?)
}

/// GeneralNames that consist of one directoryName; returns the Name.
fn only_directory_name<'a>(names: &Element<'a>) -> Result<Element<'a>, DerError> {
    names.only_inside(DIRECTORY_NAME)?.only_inside(tag::SEQUENCE)
}

/// Which of the environment's two authorities bears this name: C=JP, O=organisation, OU=what it is for, then any OU.
pub(super) fn authority_kind(name: &Element<'_>, organisation: &str) -> Result<Option<CertKind>, DerError> {
    let mut attributes = name.inside();
    let mut next = || -> Result<Option<(Oid, Element<'_>)>, DerError> {
        if attributes.is_empty() {
            return Ok(None);
        }
        let mut pair = attributes.expect(tag::SET)?.only_inside(tag::SEQUENCE)?.inside();
        let attribute = pair.expect(tag::OID)?.object_identifier()?;
        let value = pair.any()?;
        pair.finish()?;
        Ok(Some((attribute, value)))
    };
    let is = |found: Option<(Oid, Element<'_>)>, attribute: Oid, text: &str| {
        found.is_some_and(|(oid, value)| oid == attribute && is_text(&value, text))
    };
    if !is(next()?, oid::COUNTRY_NAME, "JP") || !is(next()?, oid::ORGANIZATION_NAME, organisation) {
        return Ok(None);
    }
    let unit = next()?;
    let kind = if is(unit, oid::ORGANIZATIONAL_UNIT_NAME, "JPKI for user authentication") {
        CertKind::Authentication
    } else if is(unit, oid::ORGANIZATIONAL_UNIT_NAME, "JPKI for digital signature") {
        CertKind::Signing
    } else {
        return Ok(None);
    };
    while let Some((attribute, _)) = next()? {
        if attribute != oid::ORGANIZATIONAL_UNIT_NAME {
            return Ok(None);
        }
    }
    Ok(Some(kind))
}

fn is_text(value: &Element<'_>, text: &str) -> bool {
    matches!(value.tag(), tag::UTF8_STRING | tag::PRINTABLE_STRING) && value.content() == text.as_bytes()
}
