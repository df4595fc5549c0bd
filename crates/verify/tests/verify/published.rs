//! What J-LIS really issued: the published authorities as anchors, a test card's certificates under them.

#[path = "../../../jpki/tests/support/published.rs"]
mod files;

use enishi_jpki::{CaCertificate, CertKind, Profile, SigningCertificate};
use enishi_verify::{
    Anchors, DocumentError, PathError, ProveError, RevocationStatus, prove, verify_document,
};

use crate::list::List;
use crate::world::{accept, certificate, challenge, context, now, token};

fn published() -> Anchors {
    let authorities = ["authca01", "authca02", "authca03", "signca01", "signca02", "signca03"].map(|name| {
        CaCertificate::parse(&files::file(&format!("certs/{name}.cer")), &Profile::PRODUCTION).unwrap()
    });
    Anchors::new(authorities.into()).unwrap()
}

fn test_anchors() -> Anchors {
    let authorities =
        ["authca-test-2019", "authca-test-2023", "signca-test-2019", "signca-test-2024"].map(|name| {
            CaCertificate::parse(&files::file(&format!("certs/test/{name}.cer")), &Profile::JLIS_TEST)
                .unwrap()
        });
    Anchors::new(authorities.into()).unwrap()
}

#[test]
fn the_six_published_authorities_signed_themselves_and_are_told_apart() {
    let anchors = published();
    assert_eq!(anchors.iter().filter(|anchor| anchor.kind() == CertKind::Authentication).count(), 3);
    for anchor in anchors.iter() {
        let found = anchors.by_key_id(anchor.kind(), anchor.subject_key_id()).unwrap();
        assert_eq!(found.der(), anchor.der());
    }
}

/// Nobody here has the test card's key: the path holds, and possession is what fails.
#[test]
fn a_test_cards_authentication_certificate_has_a_path_to_the_test_authority() {
    let der = files::file("tests/fixtures/jpki-auth-cert.der");
    let stolen = token(der, crate::issue::Who::Holder.key(), &challenge());
    let attempt = |anchors: &Anchors, now| {
        prove(stolen.clone(), &challenge(), context(), anchors, &Profile::JLIS_TEST, now)
            .map(drop)
            .unwrap_err()
    };
    assert_eq!(attempt(&test_anchors(), now()), ProveError::Possession);
    let unknown = attempt(&published(), now());
    assert!(matches!(unknown, ProveError::Path(PathError::UnknownIssuer { .. })));
    let late = "2030-02-17T15:00:00Z".parse().unwrap();
    assert_eq!(attempt(&test_anchors(), late), ProveError::Path(PathError::Expired));
}

#[test]
fn a_test_cards_signing_certificate_has_a_path_to_the_test_authority() {
    let der = files::file("tests/fixtures/jpki-sign-cert.der");
    let attempt = |anchors: &Anchors| {
        let certificate_of_card = SigningCertificate::parse(&der, &Profile::JLIS_TEST).unwrap();
        let status = RevocationStatus::from_crl(&accept(&List::new()), &certificate(), now()).unwrap();
        verify_document(b"document", &[0; 256], certificate_of_card, anchors, status, now()).map(drop)
    };
    assert_eq!(attempt(&test_anchors()), Err(DocumentError::Signature));
    assert!(matches!(attempt(&published()), Err(DocumentError::Path(PathError::UnknownIssuer { .. }))));
}
