//! Path and possession.

use enishi_jpki::asn1::{encode, tag};
use enishi_jpki::{CertKind, Challenge, Origin, Profile, SignatureAlgorithm, Token, oid};
use enishi_party::RefusalCode;
use enishi_verify::{AnchorError, Anchors, PathError, ProveError, prove};

use crate::issue::{self, Spec, Who, bits};
use crate::world::{
    RS256, anchors, at, auth_authority, authority, card_signature, challenge, challenge_of, context,
    context_for, good_token, holder_spec, now, prove_token, token,
};

fn error(result: Result<enishi_verify::ProvenHolder, ProveError>) -> ProveError {
    result.map(drop).unwrap_err()
}

fn with_certificate(spec: &Spec) -> ProveError {
    error(prove_token(token(spec.build(), Who::Holder.key(), &challenge())))
}

#[test]
fn the_holder_of_a_genuine_certificate_is_proven() {
    let holder = prove_token(good_token()).unwrap();
    assert_eq!(holder.certificate().der(), holder_spec().build());
    assert_eq!(holder.authority().subject_key_id(), auth_authority().subject_key_id());
    assert_eq!(holder.proof().context(), &context());
    assert_eq!(holder.proof().challenge(), &challenge());
    assert_eq!(holder.proof().proven_at(), now());
    assert_eq!(format!("{holder:?}"), "ProvenHolder(…)");
}

#[test]
fn the_next_generation_with_p384_is_proven() {
    let spec = Spec::holder(CertKind::Authentication, Who::EcAuthority, Who::EcHolder);
    assert!(prove_token(token(spec.build(), Who::EcHolder.key(), &challenge())).is_ok());
}

#[test]
fn another_key_than_the_certificates_proves_nothing() {
    let forged = token(holder_spec().build(), Who::OtherHolder.key(), &challenge());
    let error = error(prove_token(forged));
    assert_eq!((error.refusal(), &error), (RefusalCode::SignatureInvalid, &ProveError::Possession));
}

#[test]
fn somebody_elses_certificate_with_ones_own_signature_proves_nothing() {
    let mut other = holder_spec();
    other.spki = Who::OtherHolder.key().spki();
    let swapped = token(other.build(), Who::Holder.key(), &challenge());
    assert_eq!(error(prove_token(swapped)), ProveError::Possession);
}

#[test]
fn a_signature_over_anything_else_proves_nothing() {
    let key = Who::Holder.key();
    let signed =
        |message: &[u8]| Token::new(holder_spec().build(), RS256, card_signature(key, message)).unwrap();
    let good = challenge().message(RS256);
    for message in [&[][..], &good[..32], &good[32..], challenge().nonce().as_str().as_bytes()] {
        assert_eq!(error(prove_token(signed(message))), ProveError::Possession);
    }
    // The digest signed as it is, as a card signs a foreign DigestInfo's content.
    assert_eq!(
        error(prove_token(signed(&challenge().message(SignatureAlgorithm::Es384)))),
        ProveError::Possession
    );
    for at in [0, 128, 255] {
        let mut signature = good_token().signature().to_vec();
        signature[at] ^= 1;
        let damaged = Token::new(holder_spec().build(), RS256, signature).unwrap();
        assert_eq!(error(prove_token(damaged)), ProveError::Possession);
    }
    for signature in [vec![0; 256], vec![0xff; 256], vec![1], vec![0; 512]] {
        let damaged = Token::new(holder_spec().build(), RS256, signature).unwrap();
        assert_eq!(error(prove_token(damaged)), ProveError::Possession);
    }
}

#[test]
fn the_algorithm_follows_from_the_key_and_not_from_the_token() {
    for claimed in [SignatureAlgorithm::Es256, SignatureAlgorithm::Es384] {
        let token = Token::new(holder_spec().build(), claimed, good_token().signature().to_vec()).unwrap();
        let error = error(prove_token(token));
        assert_eq!(error, ProveError::Algorithm { claimed, key: RS256 });
        assert_eq!(error.refusal(), RefusalCode::SignatureInvalid);
    }
}

#[test]
fn a_proof_for_another_context_origin_or_ticket_is_refused() {
    let attempt = |challenge: &Challenge, context| {
        error(prove(good_token(), challenge, context, &anchors(), &Profile::SANDBOX, now()))
    };
    let mismatch = attempt(&challenge(), context_for("casino"));
    assert_eq!((mismatch.refusal(), mismatch), (RefusalCode::ContextMismatch, ProveError::Context));
    let elsewhere = challenge_of(at(-20), &context_for("casino"));
    assert_eq!(attempt(&elsewhere, context_for("casino")), ProveError::Possession);
    assert_eq!(attempt(&challenge_of(at(-21), &context()), context()), ProveError::Possession);
    let origin = Origin::parse("https://pos.enishi.example").unwrap();
    let channel = Challenge::new(origin, challenge().nonce().clone());
    assert_eq!(attempt(&channel, context()), ProveError::Possession);
}

#[test]
fn a_certificate_of_a_look_alike_authority_is_refused() {
    // The right name and serial, another key: by its own key identifier, then by the pinned one.
    let unknown = Spec::holder(CertKind::Authentication, Who::OtherAuthority, Who::Holder);
    let error = with_certificate(&unknown);
    assert!(matches!(&error, ProveError::Path(PathError::UnknownIssuer { key_id })
        if key_id.as_octets() == Who::OtherAuthority.key().key_id()));
    assert_eq!(error.refusal(), RefusalCode::CertUnknownIssuer);
    let mut posing = holder_spec();
    posing.signer = Who::OtherAuthority.key();
    assert_eq!(with_certificate(&posing), ProveError::Path(PathError::Forged));
}

#[test]
fn a_self_signed_certificate_is_refused() {
    let mut spec = holder_spec();
    spec.signer = Who::Holder.key();
    assert_eq!(with_certificate(&spec), ProveError::Path(PathError::Forged));
}

#[test]
fn a_changed_certificate_is_refused() {
    let original = holder_spec();
    let mut changed = holder_spec();
    changed.serial = vec![tag::INTEGER, 3, 1, 2, 4];
    // The signature of the original under the changed content.
    let der = original.build();
    let signature = enishi_jpki::AuthCertificate::parse(&der, &Profile::SANDBOX).unwrap();
    changed.signature = Some(bits(signature.signature_bytes()));
    assert_eq!(with_certificate(&changed), ProveError::Path(PathError::Forged));
}

#[test]
fn the_issuers_name_and_serial_number_must_be_the_anchors() {
    let mut renamed = holder_spec();
    renamed.issuer = issue::name(&[(oid::COUNTRY_NAME, "JP"), (oid::ORGANIZATION_NAME, "JPKI-SANDBOX")]);
    let key = encode(tag::context_primitive(0), &Who::AuthAuthority.key().key_id());
    renamed.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = encode(tag::SEQUENCE, &key);
    assert_eq!(with_certificate(&renamed), ProveError::Path(PathError::IssuerName));

    let mut renumbered = holder_spec();
    let value = renumbered.ext(oid::AUTHORITY_KEY_IDENTIFIER);
    *value.2.last_mut().unwrap() = 2;
    assert_eq!(with_certificate(&renumbered), ProveError::Path(PathError::IssuerName));
}

#[test]
fn the_other_certificate_and_the_other_authority_are_refused() {
    let signing = Spec::holder(CertKind::Signing, Who::SigningAuthority, Who::Holder);
    assert_eq!(with_certificate(&signing).refusal(), RefusalCode::ProfileInvalid);
    // An authentication certificate that the authority of signing certificates issued.
    let mut crossed = holder_spec();
    crossed.signer = Who::SigningAuthority.key();
    let key = encode(tag::context_primitive(0), &Who::SigningAuthority.key().key_id());
    crossed.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = encode(tag::SEQUENCE, &key);
    assert!(matches!(with_certificate(&crossed), ProveError::Path(PathError::UnknownIssuer { .. })));
}

#[test]
fn an_authority_that_has_expired_vouches_for_nobody() {
    let mut spec = Spec::authority(CertKind::Authentication, Who::AuthAuthority);
    spec.validity = issue::validity("160101000000Z", "260531145959Z");
    let expired = enishi_jpki::CaCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap();
    let anchors = Anchors::new(vec![expired]).unwrap();
    let result = prove(good_token(), &challenge(), context(), &anchors, &Profile::SANDBOX, now());
    assert_eq!(error(result), ProveError::Path(PathError::AuthorityNotValid));
}

#[test]
fn without_anchors_nobody_is_proven() {
    let none = Anchors::default();
    let result = prove(good_token(), &challenge(), context(), &none, &Profile::SANDBOX, now());
    assert!(matches!(error(result), ProveError::Path(PathError::UnknownIssuer { .. })));
}

#[test]
fn anchors_are_told_apart_by_kind_and_key() {
    let twice = Anchors::new(vec![auth_authority(), auth_authority()]).map(drop);
    assert!(matches!(twice, Err(AnchorError::Duplicate { kind: CertKind::Authentication, .. })));
    // One key for both kinds is two anchors, because a certificate's kind chooses.
    let same_key = vec![auth_authority(), authority(CertKind::Signing, Who::AuthAuthority)];
    assert_eq!(Anchors::new(same_key).unwrap().iter().count(), 2);
    let mut damaged = Spec::authority(CertKind::Authentication, Who::AuthAuthority);
    damaged.signer = Who::OtherAuthority.key();
    let damaged = enishi_jpki::CaCertificate::parse(&damaged.build(), &Profile::SANDBOX).unwrap();
    assert!(matches!(Anchors::new(vec![damaged]), Err(AnchorError::Signature { .. })));
}
