//! Damaged certificates: no octet of one can be changed without an error or another signed part.

#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the crate `verify` uses the rest; test material of our own making"
)]
mod support;

use std::sync::LazyLock;

use enishi_jpki::{
    AuthCertificate, CaCertificate, CertKind, Profile, ResponderCertificate, SigningCertificate,
};
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};
use support::{Spec, Who};

fn originals() -> [Vec<u8>; 4] {
    static MADE: LazyLock<[Vec<u8>; 4]> = LazyLock::new(|| {
        [
            Spec::holder(CertKind::Authentication, Who::AuthAuthority, Who::Holder).build(),
            Spec::holder(CertKind::Signing, Who::SigningAuthority, Who::Holder).build(),
            Spec::authority(CertKind::Authentication, Who::AuthAuthority).build(),
            Spec::responder(CertKind::Authentication, Who::AuthAuthority, Who::EcResponder).build(),
        ]
    });
    MADE.clone()
}

/// Reads with every parser; returns the octets that a signature stands over and itself, where one accepts.
fn read_all(der: &[u8]) -> Vec<Vec<u8>> {
    let profile = &Profile::SANDBOX;
    let mut accepted = Vec::new();
    if let Ok(read) = AuthCertificate::parse(der, profile) {
        accepted.push([read.tbs_der(), read.signature_bytes()].concat());
    }
    if let Ok(read) = SigningCertificate::parse(der, profile) {
        let _ = read.basic_attributes();
        accepted.push([read.tbs_der(), read.signature_bytes()].concat());
    }
    if let Ok(read) = CaCertificate::parse(der, profile) {
        accepted.push([read.tbs_der(), read.signature_bytes()].concat());
    }
    if let Ok(read) = ResponderCertificate::parse(der) {
        accepted.push([read.tbs_der(), read.signature_bytes()].concat());
    }
    accepted
}

#[test]
fn every_truncation_is_refused() {
    for der in originals() {
        assert_eq!(read_all(&der).len(), 1);
        for length in 0..der.len() {
            assert!(read_all(&der[..length]).is_empty(), "{length}");
        }
    }
}

#[test]
fn a_holders_certificates_print_nothing() {
    let [auth, signing, ..] = originals();
    let auth = AuthCertificate::parse(&auth, &Profile::SANDBOX).unwrap();
    let signing = SigningCertificate::parse(&signing, &Profile::SANDBOX).unwrap();
    assert_eq!(format!("{auth:?} {signing:?}"), "AuthCertificate(…) SigningCertificate(…)");
    assert_eq!(format!("{:?}", **auth), "Certificate(…)");
    assert_eq!(format!("{:?}", *signing), "EndEntity(…)");
}

#[test]
fn ranges_point_at_the_fields() {
    let [auth, ..] = originals();
    let read = AuthCertificate::parse(&auth, &Profile::SANDBOX).unwrap();
    assert_eq!(read.der(), auth);
    assert_eq!(read.spki_der(), Who::Holder.key().spki());
    assert_eq!(read.public_key_octets(), Who::Holder.key().public_key());
    assert_eq!(read.issuer_der(), support::authority_name(CertKind::Authentication, support::SANDBOX));
    assert_eq!(read.signature_bytes().len(), 256);
    assert_eq!(read.issuer_key_id().as_octets(), Who::AuthAuthority.key().key_id());
    assert_eq!(read.crl_distribution_point(), Some(support::municipality("Mihon-shi CRLDP").as_slice()));
}

proptest! {
    /// Outside the signed part there is nothing that could say something: one form for one content.
    #[test]
    fn a_changed_octet_changes_what_is_signed_or_the_signature(which in 0_usize..4, at in 0_usize..2000, flip in 1..=u8::MAX) {
        let mut der = originals()[which].clone();
        let before = read_all(&der);
        let at = at % der.len();
        der[at] ^= flip;
        for after in read_all(&der) {
            prop_assert!(!before.contains(&after));
        }
    }

    #[test]
    fn random_octets_are_no_certificate(octets in prop::collection::vec(any::<u8>(), 0..3000)) {
        prop_assert_eq!(read_all(&octets).len(), 0);
    }
}
