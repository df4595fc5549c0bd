//! One row per rule of the certificate profile, each broken once.

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the crate `verify` uses the rest")]
mod support;

mod fields;
mod kinds;

use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{
    AuthCertificate, CaCertificate, CertKind, CertificateError as E, Profile, SigningCertificate,
};
use fields::FIELDS;
use kinds::{AUTHENTICATION, AUTHORITY, SIGNING};
use support::{Ext, Spec, Who, oid_der};

/// What is broken, how, and the error that must follow.
pub(crate) type Row = (&'static str, fn(&mut Spec), fn(&E) -> bool);

fn authentication() -> Spec {
    Spec::holder(CertKind::Authentication, Who::AuthAuthority, Who::Holder)
}

fn refused(rows: &[Row], make: fn() -> Spec, parse: fn(&[u8]) -> Result<(), E>) {
    assert_eq!(parse(&make().build()), Ok(()), "unchanged");
    for (rule, break_it, is_expected) in rows {
        let mut spec = make();
        break_it(&mut spec);
        match parse(&spec.build()) {
            Err(error) => assert!(is_expected(&error), "{rule}: {error:?}"),
            accepted => assert!(accepted.is_err(), "{rule}: accepted"),
        }
    }
}

pub(crate) fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let modulus = encode_all(tag::INTEGER, &[&[0], modulus]);
    let key = encode_all(tag::SEQUENCE, &[&modulus, &encode(tag::INTEGER, exponent)]);
    let identifier = encode_all(tag::SEQUENCE, &[&oid_der(oid::RSA_ENCRYPTION), &[tag::NULL, 0]]);
    encode_all(tag::SEQUENCE, &[&identifier, &support::bits(&key)])
}

fn parse_authentication(der: &[u8]) -> Result<(), E> {
    AuthCertificate::parse(der, &Profile::SANDBOX).map(drop)
}

fn parse_authority(der: &[u8]) -> Result<(), E> {
    CaCertificate::parse(der, &Profile::SANDBOX).map(drop)
}

#[test]
fn an_authentication_certificate_with_one_rule_broken_is_refused() {
    refused(FIELDS, authentication, parse_authentication);
    refused(AUTHENTICATION, authentication, parse_authentication);
}

#[test]
fn a_signing_certificate_with_one_rule_broken_is_refused() {
    refused(
        SIGNING,
        || Spec::holder(CertKind::Signing, Who::SigningAuthority, Who::Holder),
        |der| SigningCertificate::parse(der, &Profile::SANDBOX).map(drop),
    );
}

#[test]
fn an_authority_with_one_rule_broken_is_refused() {
    let make = || Spec::authority(CertKind::Authentication, Who::AuthAuthority);
    refused(FIELDS, make, parse_authority);
    refused(AUTHORITY, make, parse_authority);
}

#[test]
fn the_next_cards_key_is_data_of_the_environment() {
    let der = Spec::holder(CertKind::Authentication, Who::EcAuthority, Who::EcHolder).build();
    assert!(AuthCertificate::parse(&der, &Profile::SANDBOX).is_ok());
    let only_rsa = Profile { algorithms: Profile::PRODUCTION.algorithms, ..Profile::SANDBOX };
    let refused = AuthCertificate::parse(&der, &only_rsa).map(drop);
    assert_eq!(refused, Err(E::AlgorithmNotAllowed(enishi_jpki::SignatureAlgorithm::Es384)));
}

#[test]
fn rsa_of_3072_and_4096_bits_is_accepted() {
    for octets in [384, 512] {
        let mut spec = authentication();
        spec.spki = rsa_spki(&vec![0xc1; octets], &[1, 0, 1]);
        assert_eq!(parse_authentication(&spec.build()), Ok(()), "{octets}");
    }
}

#[test]
fn dates_from_2050_are_generalized_time() {
    let mut spec = authentication();
    let to = support::generalized_time("20500101000000Z");
    spec.validity = encode_all(tag::SEQUENCE, &[&support::utc_time("491231235959Z"), &to]);
    let certificate = AuthCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap();
    assert_eq!(certificate.not_before().to_string(), "2049-12-31T23:59:59Z");
    assert_eq!(certificate.not_after().to_string(), "2050-01-01T00:00:00Z");
}

#[test]
fn what_nobody_knows_and_nobody_insists_on_is_passed_over() {
    let mut spec = authentication();
    spec.extensions.push(Ext(Oid::new_unwrap("1.3.6.1.4.1.99999.1"), false, vec![5, 0]));
    spec.extensions.push(Ext(oid::ISSUER_ALT_NAME, false, vec![0x30, 0]));
    assert_eq!(parse_authentication(&spec.build()), Ok(()));
}
