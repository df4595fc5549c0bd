//! Distinguished names of the hierarchy, in J-LIS's order and string types.

use der::asn1::ObjectIdentifier;
use enishi_jpki::{CertKind, oid};

use crate::{asn1, citizen::Municipality, config::PROFILE};

/// J-LIS's own unit of the DN.
const AGENCY: &str = "Japan Agency for Local Authority Information Systems";

/// A `Name` that begins with C=JP (PrintableString) and goes on in UTF8Strings, one attribute per RDN.
fn japanese(attributes: &[(ObjectIdentifier, &str)]) -> Vec<u8> {
    let mut rdns = vec![rdn(oid::COUNTRY_NAME, &asn1::printable("JP"))];
    rdns.extend(attributes.iter().map(|(attribute, text)| rdn(*attribute, &asn1::utf8(text))));
    let parts: Vec<&[u8]> = rdns.iter().map(Vec::as_slice).collect();
    asn1::sequence(&parts)
}

fn rdn(attribute: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    asn1::set_of_one(&asn1::sequence(&[&asn1::oid(attribute), value]))
}

const fn service(kind: CertKind) -> &'static str {
    match kind {
        CertKind::Authentication => "JPKI for user authentication",
        CertKind::Signing => "JPKI for digital signature",
    }
}

/// Issuer and subject of a CA certificate; all generations of a kind share it.
pub(crate) fn authority(kind: CertKind) -> Vec<u8> {
    japanese(&[
        (oid::ORGANIZATION_NAME, PROFILE.organisation),
        (oid::ORGANIZATIONAL_UNIT_NAME, service(kind)),
        (oid::ORGANIZATIONAL_UNIT_NAME, AGENCY),
    ])
}

/// The same authority in Japanese: subjectAltName of the CA, issuerAltName of what it issues.
pub(crate) fn authority_in_japanese(kind: CertKind) -> Vec<u8> {
    japanese(&[
        (oid::ORGANIZATION_NAME, "公的個人認証サービス"),
        (
            oid::ORGANIZATIONAL_UNIT_NAME,
            match kind {
                CertKind::Authentication => "公的個人認証サービス利用者証明用",
                CertKind::Signing => "公的個人認証サービス署名用",
            },
        ),
        (oid::ORGANIZATIONAL_UNIT_NAME, "地方公共団体情報システム機構"),
    ])
}

/// The distribution point of one municipality's list: a name, no address.
pub(crate) fn distribution_point(kind: CertKind, municipality: &Municipality) -> Vec<u8> {
    japanese(&[
        (oid::ORGANIZATION_NAME, PROFILE.organisation),
        (oid::ORGANIZATIONAL_UNIT_NAME, service(kind)),
        (oid::ORGANIZATIONAL_UNIT_NAME, "CRL Distribution Points"),
        (oid::ORGANIZATIONAL_UNIT_NAME, municipality.prefecture_romaji()),
        (oid::COMMON_NAME, &format!("{} CRLDP", municipality.municipality_romaji())),
    ])
}

/// Subject of an authentication certificate: nothing of the person but the municipality's code.
pub(crate) fn authentication_subject(common_name: &str) -> Vec<u8> {
    japanese(&[(oid::COMMON_NAME, common_name)])
}

/// Subject of a signing certificate.
pub(crate) fn signing_subject(municipality: &Municipality, common_name: &str) -> Vec<u8> {
    japanese(&[
        (oid::LOCALITY_NAME, municipality.prefecture_romaji()),
        (oid::LOCALITY_NAME, municipality.municipality_romaji()),
        (oid::COMMON_NAME, common_name),
    ])
}

/// Subject of a delegated OCSP responder.
pub(crate) fn responder(kind: CertKind) -> Vec<u8> {
    japanese(&[
        (oid::ORGANIZATION_NAME, PROFILE.organisation),
        (oid::ORGANIZATIONAL_UNIT_NAME, service(kind)),
        (oid::COMMON_NAME, "OCSP Responder"),
    ])
}
