//! The extensions of the JPKI profile; who lists them decides their order (docs/jpki.md §2).

use der::asn1::ObjectIdentifier;
use enishi_jpki::{CertKind, oid};

use crate::{
    asn1,
    citizen::{CitizenRecord, Municipality, expose_sex},
    name,
};

/// keyCertSign and cRLSign.
const CA_BITS: u8 = 0x06;
/// digitalSignature.
const SIGNATURE_BIT: u8 = 0x80;
/// digitalSignature and nonRepudiation.
const DOCUMENT_BITS: u8 = 0xc0;

fn extension(id: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(id), &asn1::octet_string(value)])
}

fn critical(id: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(id), &asn1::boolean_true(), &asn1::octet_string(value)])
}

pub(crate) fn ca_key_usage() -> Vec<u8> {
    critical(oid::KEY_USAGE, &asn1::named_bits(CA_BITS))
}

pub(crate) fn signature_key_usage() -> Vec<u8> {
    critical(oid::KEY_USAGE, &asn1::named_bits(SIGNATURE_BIT))
}

pub(crate) fn document_key_usage() -> Vec<u8> {
    critical(oid::KEY_USAGE, &asn1::named_bits(DOCUMENT_BITS))
}

pub(crate) fn basic_constraints_of_ca() -> Vec<u8> {
    critical(oid::BASIC_CONSTRAINTS, &asn1::sequence(&[&asn1::boolean_true()]))
}

pub(crate) fn extended_key_usage(purpose: ObjectIdentifier) -> Vec<u8> {
    extension(oid::EXT_KEY_USAGE, &asn1::sequence(&[&asn1::oid(purpose)]))
}

/// One policy with one CPS qualifier.
pub(crate) fn certificate_policies(policy: ObjectIdentifier, cps_uri: &str) -> Vec<u8> {
    let qualifier = asn1::sequence(&[&asn1::oid(oid::CPS_QUALIFIER), &asn1::ia5(cps_uri)]);
    let information = asn1::sequence(&[&asn1::oid(policy), &asn1::sequence(&[&qualifier])]);
    critical(oid::CERTIFICATE_POLICIES, &asn1::sequence(&[&information]))
}

pub(crate) fn subject_alt_name_of_ca(kind: CertKind) -> Vec<u8> {
    extension(oid::SUBJECT_ALT_NAME, &asn1::sequence(&[&directory_name(&name::authority_in_japanese(kind))]))
}

pub(crate) fn issuer_alt_name(kind: CertKind) -> Vec<u8> {
    extension(oid::ISSUER_ALT_NAME, &asn1::sequence(&[&directory_name(&name::authority_in_japanese(kind))]))
}

/// The CA's own list, named by the CA's own name.
pub(crate) fn distribution_point_of_ca(authority: &[u8]) -> Vec<u8> {
    distribution_points(authority)
}

/// The municipality's list; a directory name and no address.
pub(crate) fn distribution_point(kind: CertKind, municipality: &Municipality) -> Vec<u8> {
    distribution_points(&name::distribution_point(kind, municipality))
}

fn distribution_points(point: &[u8]) -> Vec<u8> {
    let full_name = asn1::context(0, &[&directory_name(point)]);
    let point = asn1::sequence(&[&asn1::context(0, &[&full_name])]);
    extension(oid::CRL_DISTRIBUTION_POINTS, &asn1::sequence(&[&point]))
}

/// The one distribution point that a partition is complete for (RFC 5280 §5.2.5).
pub(crate) fn issuing_distribution_point(point: &[u8]) -> Vec<u8> {
    let full_name = asn1::context(0, &[&directory_name(point)]);
    critical(oid::ISSUING_DISTRIBUTION_POINT, &asn1::sequence(&[&asn1::context(0, &[&full_name])]))
}

pub(crate) fn authority_info_access(ocsp_uri: &str) -> Vec<u8> {
    let access =
        asn1::sequence(&[&asn1::oid(oid::OCSP_ACCESS), &asn1::context_primitive(6, ocsp_uri.as_bytes())]);
    extension(oid::AUTHORITY_INFO_ACCESS, &asn1::sequence(&[&access]))
}

/// All three parts: key, issuer's name, issuer's serial.
pub(crate) fn authority_key_identifier(key_id: &[u8], issuer: &[u8], serial: &[u8]) -> Vec<u8> {
    extension(
        oid::AUTHORITY_KEY_IDENTIFIER,
        &asn1::sequence(&[
            &asn1::context_primitive(0, key_id),
            &asn1::context(1, &[&directory_name(issuer)]),
            &asn1::context_primitive(2, &asn1::integer_content(serial)),
        ]),
    )
}

/// The key alone, for lists and responders (RFC 5280 §5.2.1).
pub(crate) fn authority_key_identifier_of_key(key_id: &[u8]) -> Vec<u8> {
    extension(oid::AUTHORITY_KEY_IDENTIFIER, &asn1::sequence(&[&asn1::context_primitive(0, key_id)]))
}

pub(crate) fn subject_key_identifier(key_id: &[u8]) -> Vec<u8> {
    extension(oid::SUBJECT_KEY_IDENTIFIER, &asn1::octet_string(key_id))
}

/// 基本4情報 and the two fields of flags, in J-LIS's order .1 .4 .3 .5 .2 .6.
pub(crate) fn basic_attributes(citizen: &CitizenRecord) -> Vec<u8> {
    let birth_date = citizen.birth_date.expose_text();
    let attributes = [
        (oid::ATTRIBUTE_NAME, citizen.name.expose_text()),
        (oid::ATTRIBUTE_BIRTH_DATE, birth_date.as_str()),
        (oid::ATTRIBUTE_SEX, expose_sex(citizen.sex)),
        (oid::ATTRIBUTE_ADDRESS, citizen.address.expose_text()),
        (oid::ATTRIBUTE_NAME_SUBSTITUTIONS, citizen.name.expose_flags()),
        (oid::ATTRIBUTE_ADDRESS_SUBSTITUTIONS, citizen.address.expose_flags()),
    ];
    let names: Vec<Vec<u8>> = attributes.into_iter().map(|(id, text)| other_name(id, text)).collect();
    let parts: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    extension(oid::SUBJECT_ALT_NAME, &asn1::sequence(&parts))
}

/// otherName [0] IMPLICIT { type, [0] EXPLICIT UTF8String }.
fn other_name(id: ObjectIdentifier, text: &str) -> Vec<u8> {
    asn1::context(0, &[&asn1::oid(id), &asn1::context(0, &[&asn1::utf8(text)])])
}

/// directoryName [4]; explicit, because `Name` is a CHOICE.
fn directory_name(name: &[u8]) -> Vec<u8> {
    asn1::context(4, &[name])
}

pub(crate) fn crl_number(number: u64) -> Vec<u8> {
    extension(oid::CRL_NUMBER, &asn1::unsigned_integer(&number.to_be_bytes()))
}

pub(crate) fn reason_code(code: u8) -> Vec<u8> {
    extension(oid::CRL_REASON, &asn1::enumerated(code))
}

/// The responder's own status need not be asked while its certificate lasts (RFC 6960 §4.2.2.2.1).
pub(crate) fn ocsp_no_check() -> Vec<u8> {
    extension(oid::OCSP_NO_CHECK, &asn1::null())
}

/// `value`: the extension value as it came, echoed.
pub(crate) fn ocsp_nonce(value: &[u8]) -> Vec<u8> {
    extension(oid::OCSP_NONCE, value)
}
