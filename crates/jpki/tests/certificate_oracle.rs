//! A second reader (the crate `x509-cert`) sees the same in the same octets.
#![expect(clippy::unwrap_used, reason = "test material of our own making")]

#[path = "support/published.rs"]
mod published;
#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the crate `verify` uses the rest; test material of our own making"
)]
mod support;

use der::{Decode, Encode};
use enishi_jpki::{AuthCertificate, CaCertificate, CertKind, Certificate, Profile, SigningCertificate};
use support::{Spec, Who};
use x509_cert::Certificate as Oracle;

fn compare(ours: &Certificate) {
    let theirs = Oracle::from_der(ours.der()).unwrap();
    let fields = theirs.tbs_certificate();
    assert_eq!(fields.serial_number().as_bytes(), ours.serial().expose_der_content());
    assert_eq!(fields.issuer().to_der().unwrap(), ours.issuer_der());
    assert_eq!(fields.subject_public_key_info().to_der().unwrap(), ours.spki_der());
    assert_eq!(fields.subject_public_key_info().subject_public_key.raw_bytes(), ours.public_key_octets());
    assert_eq!(fields.to_der().unwrap(), ours.tbs_der());
    assert_eq!(theirs.signature().raw_bytes(), ours.signature_bytes());
    let seconds = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap();
    assert_eq!(seconds(fields.validity().not_before), ours.not_before().as_second());
    assert_eq!(seconds(fields.validity().not_after), ours.not_after().as_second());
}

#[test]
fn both_readers_see_the_same_in_our_own_certificates() {
    let auth = Spec::holder(CertKind::Authentication, Who::AuthAuthority, Who::Holder).build();
    compare(&AuthCertificate::parse(&auth, &Profile::SANDBOX).unwrap());
    let elliptic = Spec::holder(CertKind::Authentication, Who::EcAuthority, Who::EcHolder).build();
    compare(&AuthCertificate::parse(&elliptic, &Profile::SANDBOX).unwrap());
    let signing = Spec::holder(CertKind::Signing, Who::SigningAuthority, Who::Holder).build();
    compare(&SigningCertificate::parse(&signing, &Profile::SANDBOX).unwrap());
    let authority = Spec::authority(CertKind::Signing, Who::SigningAuthority).build();
    compare(&CaCertificate::parse(&authority, &Profile::SANDBOX).unwrap());
}

#[test]
fn both_readers_see_the_same_in_what_j_lis_issued() {
    let profile = Profile::JLIS_TEST;
    let auth = published::file("tests/fixtures/jpki-auth-cert.der");
    compare(&AuthCertificate::parse(&auth, &profile).unwrap());
    let signing = published::file("tests/fixtures/jpki-sign-cert.der");
    compare(&SigningCertificate::parse(&signing, &profile).unwrap());
    for name in ["authca01", "authca02", "authca03", "signca01", "signca02", "signca03"] {
        let authority = published::file(&format!("certs/{name}.cer"));
        compare(&CaCertificate::parse(&authority, &Profile::PRODUCTION).unwrap());
    }
}
