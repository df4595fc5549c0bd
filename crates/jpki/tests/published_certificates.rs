//! The profile against what J-LIS really issued: its six published authorities and the certificates of a test card.

#[path = "support/published.rs"]
mod published;

use enishi_jpki::{
    AuthCertificate, BirthDay, CaCertificate, Carrier, CertKind, CertificateError, Era, KeyAlgorithm,
    Profile, Sex, SigningCertificate,
};

/// File, kind, key identifier, SHA-256 of the DER (docs/jpki.md §2).
const AUTHORITIES: [(&str, CertKind, &str, &str); 6] = [
    (
        "authca01",
        CertKind::Authentication,
        "9567951b5ca70d84a0fff1d85a87f1aab1340385",
        "4dcfc4ca0aaf9fb2a3081b3f0c991c320b3acc008667a341eeaec5af1d58ca7d",
    ),
    (
        "authca02",
        CertKind::Authentication,
        "8cd5586a891485e559379b7e29d410cfd28b3593",
        "0d98de47fc11b7f67126874b7028b6026a803d2638d6edfe53176953961fade6",
    ),
    (
        "authca03",
        CertKind::Authentication,
        "1ac100f596a3bc8c4b3df195e32699249e9e308a",
        "64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5",
    ),
    (
        "signca01",
        CertKind::Signing,
        "0d034cbb34d0714f45e45a1cafd8fd143fab54a7",
        "19645405a1fe14377434bd55957628ac4038557c542403a2243f21c706fc9355",
    ),
    (
        "signca02",
        CertKind::Signing,
        "4de017de4b7f473dcd867a62d38b134ace83558a",
        "79679c33e4cc9319440f1ad120a597ff1844e2ef217063adb176966fd5e6fbeb",
    ),
    (
        "signca03",
        CertKind::Signing,
        "d21ea55895617e93adbf966b941ab4edf653f08f",
        "d227f6cde11d35c5252178f106f843d24651944975413b539fa2fb68dbfa365f",
    ),
];

const TEST_AUTHORITIES: [(&str, CertKind); 4] = [
    ("certs/test/authca-test-2019.cer", CertKind::Authentication),
    ("certs/test/authca-test-2023.cer", CertKind::Authentication),
    ("certs/test/signca-test-2019.cer", CertKind::Signing),
    ("certs/test/signca-test-2024.cer", CertKind::Signing),
];

#[test]
fn the_six_published_authorities_fit_the_profile() {
    for (file, kind, key_id, fingerprint) in AUTHORITIES {
        let der = published::file(&format!("certs/{file}.cer"));
        let authority = CaCertificate::parse(&der, &Profile::PRODUCTION).expect(file);
        assert_eq!(authority.kind(), kind, "{file}");
        assert_eq!(authority.subject_key_id().to_string(), key_id, "{file}");
        assert_eq!(hex::encode(authority.fingerprint()), fingerprint, "{file}");
        assert_eq!(authority.key_algorithm(), KeyAlgorithm::Rsa { bits: 2048 }, "{file}");
        let elsewhere = CaCertificate::parse(&der, &Profile::JLIS_TEST).map(drop);
        assert_eq!(elsewhere, Err(CertificateError::AuthorityName), "{file}");
    }
}

#[test]
fn the_test_authorities_fit_the_profile_of_the_test_cards_only() {
    for (file, kind) in TEST_AUTHORITIES {
        let der = published::file(file);
        assert_eq!(CaCertificate::parse(&der, &Profile::JLIS_TEST).expect(file).kind(), kind);
        let elsewhere = CaCertificate::parse(&der, &Profile::PRODUCTION).map(drop);
        assert_eq!(elsewhere, Err(CertificateError::AuthorityName), "{file}");
    }
}

#[test]
fn a_test_cards_authentication_certificate_fits_the_profile() {
    let der = published::file("tests/fixtures/jpki-auth-cert.der");
    let certificate = AuthCertificate::parse(&der, &Profile::JLIS_TEST).unwrap();
    assert_eq!(certificate.kind(), CertKind::Authentication);
    assert_eq!(certificate.carrier(), Carrier::Card);
    assert!(certificate.crl_distribution_point().is_some());
    assert!(certificate.authority_key_id().certificate.is_some());
    assert_eq!(certificate.not_after().to_string(), "2030-02-17T14:59:59Z");
    let swapped = SigningCertificate::parse(&der, &Profile::JLIS_TEST).map(drop);
    assert_eq!(swapped, Err(CertificateError::WrongKind(CertKind::Authentication)));
}

#[test]
fn a_test_cards_signing_certificate_fits_the_profile_and_yields_its_attributes() {
    let der = published::file("tests/fixtures/jpki-sign-cert.der");
    let certificate = SigningCertificate::parse(&der, &Profile::JLIS_TEST).unwrap();
    let attributes = certificate.basic_attributes().unwrap();
    assert_eq!(attributes.expose_name().chars().count(), 5);
    assert_eq!(attributes.expose_name_substitutions().len(), 5);
    let birth_date = attributes.expose_birth_date();
    assert!(birth_date.expose_era() == Era::Showa);
    assert!(birth_date.expose_day() == BirthDay::Known(jiff::civil::date(1980, 2, 17)));
    assert!(attributes.expose_sex() != Sex::NotStated);
    let swapped = AuthCertificate::parse(&der, &Profile::JLIS_TEST).map(drop);
    assert_eq!(swapped, Err(CertificateError::WrongKind(CertKind::Signing)));
}
