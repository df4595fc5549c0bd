//! Documents signed with the signing certificate.

use enishi_jpki::{CertKind, Profile, SigningCertificate};
use enishi_party::RefusalCode;
use enishi_verify::{
    Crl, DocumentError, PathError, RevocationReason, RevocationStatus, StatusMethod, VerifiedSigner,
    check_document, verify_document,
};

use crate::issue::{Spec, Who};
use crate::list::{List, entry};
use crate::world::{
    accept, anchors, card_signature, certificate, hours, limits, now, signing_authority, signing_certificate,
};

const DOCUMENT: &[u8] = "口座開設申込書".as_bytes();

fn status(list: &List) -> RevocationStatus {
    let crl = Crl::accept(list.build(), &signing_authority(), None, &limits(), now()).unwrap();
    RevocationStatus::from_crl(&crl, &signing_certificate(), now()).unwrap()
}

fn verify(document: &[u8], signature: &[u8], list: &List) -> Result<VerifiedSigner, DocumentError> {
    verify_document(document, signature, signing_certificate(), &anchors(), status(list), now())
}

fn signature() -> Vec<u8> {
    card_signature(Who::Holder.key(), DOCUMENT)
}

#[test]
fn a_signed_document_yields_its_signer() {
    let signer = verify(DOCUMENT, &signature(), &List::of_signing()).unwrap();
    assert_eq!(signer.basic_attributes().unwrap().expose_name(), "縁結\u{3000}花子");
    assert_eq!(signer.document_sha256().len(), 32);
    assert!(matches!(signer.status_method(), StatusMethod::Crl { .. }));
    assert_eq!((signer.checked_at(), signer.certificate().kind()), (now(), CertKind::Signing));
    assert_eq!(format!("{signer:?}"), "VerifiedSigner(…)");
}

#[test]
fn another_document_signature_or_key_is_refused() {
    let list = List::of_signing();
    let refused = |document: &[u8], signature: &[u8]| verify(document, signature, &list).map(drop);
    assert_eq!(refused(&DOCUMENT[1..], &signature()), Err(DocumentError::Signature));
    assert_eq!(refused(b"", &signature()), Err(DocumentError::Signature));
    assert_eq!(refused(DOCUMENT, b""), Err(DocumentError::Signature));
    let other = card_signature(Who::OtherHolder.key(), DOCUMENT);
    assert_eq!(refused(DOCUMENT, &other), Err(DocumentError::Signature));
    assert_eq!(DocumentError::Signature.refusal(), RefusalCode::SignatureInvalid);
}

#[test]
fn a_document_over_the_limit_is_refused() {
    let octets = 16 * 1024 * 1024 + 1;
    let refused = verify(&vec![0; octets], &signature(), &List::of_signing()).map(drop);
    assert_eq!(refused, Err(DocumentError::TooLarge { octets }));
}

#[test]
fn a_signer_who_moved_house_is_refused() {
    let list = List::of_signing().with(entry(&[1, 2, 3], hours(-9), 3));
    let error = verify(DOCUMENT, &signature(), &list).map(drop).unwrap_err();
    let reason = RevocationReason::AffiliationChanged;
    assert_eq!(
        (error.refusal(), &error),
        (RefusalCode::CertRevoked, &DocumentError::Revoked { reason, at: hours(-9) })
    );
}

#[test]
fn the_status_of_the_authentication_certificate_says_nothing_about_the_signing_one() {
    let status = RevocationStatus::from_crl(&accept(&List::new()), &certificate(), now()).unwrap();
    let refused =
        verify_document(DOCUMENT, &signature(), signing_certificate(), &anchors(), status, now()).map(drop);
    assert_eq!(refused, Err(DocumentError::OtherCertificate));
}

#[test]
fn a_stale_status_or_another_authority_is_refused() {
    let late = verify_document(
        DOCUMENT,
        &signature(),
        signing_certificate(),
        &anchors(),
        status(&List::of_signing()),
        hours(24),
    );
    assert_eq!(late.map(drop), Err(DocumentError::Stale { fresh_until: hours(23) }));
    let spec = Spec::holder(CertKind::Signing, Who::OtherAuthority, Who::Holder);
    let foreign = SigningCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap();
    let status = status(&List::of_signing());
    let refused = verify_document(DOCUMENT, &signature(), foreign, &anchors(), status, now()).map(drop);
    assert!(matches!(refused, Err(DocumentError::Path(PathError::UnknownIssuer { .. }))));
}

#[test]
fn what_costs_nothing_is_checked_before_a_status_is_needed() {
    let check = |document: &[u8], signature: &[u8], when| {
        check_document(document, signature, signing_certificate(), &anchors(), when).map(drop)
    };
    assert_eq!(check(DOCUMENT, &signature(), now()), Ok(()));
    assert_eq!(check(b"another", &signature(), now()), Err(DocumentError::Signature));
    assert_eq!(check(DOCUMENT, b"", now()), Err(DocumentError::Signature));
    let end = hours(24 * 366 * 11);
    assert_eq!(check(DOCUMENT, &signature(), end), Err(DocumentError::Path(PathError::Expired)));
}

#[test]
fn a_checked_document_is_cleared_by_its_own_good_and_fresh_status_alone() {
    let checked =
        || check_document(DOCUMENT, &signature(), signing_certificate(), &anchors(), now()).unwrap();
    assert_eq!(format!("{:?}", checked()), "SignedDocument(…)");
    assert_eq!(checked().authority().der(), signing_authority().der());
    let list = List::of_signing();
    assert_eq!(checked().clear(status(&list), now()).unwrap().checked_at(), now());
    let revoked = list.with(entry(&[1, 2, 3], hours(-9), 3));
    assert!(matches!(checked().clear(status(&revoked), now()), Err(DocumentError::Revoked { .. })));
    let other = RevocationStatus::from_crl(&accept(&List::new()), &certificate(), now()).unwrap();
    assert_eq!(checked().clear(other, now()).map(drop), Err(DocumentError::OtherCertificate));
    let late = checked().clear(status(&List::of_signing()), hours(24 * 366 * 11)).map(drop);
    assert_eq!(late, Err(DocumentError::Path(PathError::Expired)), "the certificate ended meanwhile");
}
