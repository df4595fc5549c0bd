//! Certificates that were proven before: what is remembered answers one question, and all others are asked again.

use enishi_jpki::{CertKind, Profile, SignatureAlgorithm, Token};
use enishi_party::Timestamp;
use enishi_verify::{Anchors, ClearError, PathError, ProveError, clear, prove};

use crate::issue::{Spec, Who, bits};
use crate::list::{List, entry};
use crate::world::{
    anchors, at, challenge, challenge_of, context, context_for, good_token, holder_spec, hours, now,
    status_by, token,
};

/// Anchors that proved the holder already, and remember it.
fn having_seen() -> Anchors {
    let anchors = anchors().remembering(1_000);
    assert_eq!(attempt(&anchors, good_token(), now()), Ok(()));
    assert_eq!(attempt(&anchors, good_token(), now()), Ok(()));
    anchors
}

fn attempt(anchors: &Anchors, token: Token, now: Timestamp) -> Result<(), ProveError> {
    prove(token, &challenge(), context(), anchors, &Profile::SANDBOX, now).map(drop)
}

#[test]
fn a_remembered_certificate_expires_to_the_second() {
    let anchors = having_seen();
    let when = |moment: &str| attempt(&anchors, good_token(), moment.parse().unwrap());
    assert_eq!(when("2025-03-31T23:59:59Z"), Err(PathError::NotYetValid.into()));
    assert_eq!(when("2030-04-01T14:59:59Z"), Ok(()));
    assert_eq!(when("2030-04-01T15:00:00Z"), Err(PathError::Expired.into()));
    assert_eq!(attempt(&anchors, good_token(), now()), Ok(()));
}

#[test]
fn a_remembered_certificate_without_its_card_proves_nothing() {
    let anchors = having_seen();
    let foreign = token(holder_spec().build(), Who::OtherHolder.key(), &challenge());
    assert_eq!(attempt(&anchors, foreign, now()), Err(ProveError::Possession));
    let earlier = token(holder_spec().build(), Who::Holder.key(), &challenge_of(at(-60), &context()));
    assert_eq!(attempt(&anchors, earlier, now()), Err(ProveError::Possession));
    let (claimed, key) = (SignatureAlgorithm::Es384, SignatureAlgorithm::Rs256);
    let renamed = Token::new(holder_spec().build(), claimed, good_token().signature().to_vec()).unwrap();
    assert_eq!(attempt(&anchors, renamed, now()), Err(ProveError::Algorithm { claimed, key }));
    let other = challenge_of(at(-20), &context_for("casino"));
    let refused = prove(good_token(), &other, context(), &anchors, &Profile::SANDBOX, now()).map(drop);
    assert_eq!(refused, Err(ProveError::Context));
}

#[test]
fn a_remembered_certificate_is_held_against_the_profile_that_is_asked_for() {
    let anchors = having_seen();
    let elsewhere = prove(good_token(), &challenge(), context(), &anchors, &Profile::PRODUCTION, now());
    assert!(matches!(elsewhere.map(drop), Err(ProveError::Profile(_))));
}

#[test]
fn a_remembered_certificate_that_is_revoked_since_is_not_cleared() {
    let anchors = having_seen();
    let proven = prove(good_token(), &challenge(), context(), &anchors, &Profile::SANDBOX, now()).unwrap();
    let list = List { entries: Some(vec![entry(&[1, 2, 3], hours(-1), 1)]), ..List::new() };
    let cleared = clear(proven, status_by(&list), now()).map(drop);
    assert!(matches!(cleared, Err(ClearError::Revoked { .. })));
}

/// Whatever is presented, in whatever order, those who remember and those who do not say the same.
#[test]
fn memory_changes_no_answer() {
    let remembering = [1, 2, 1_000].map(|room| anchors().remembering(room));
    let without = anchors().remembering(0);
    let next = Spec::holder(CertKind::Authentication, Who::EcAuthority, Who::EcHolder);
    let mut self_signed = holder_spec();
    self_signed.signer = Who::Holder.key();
    let mut other = holder_spec();
    other.spki = Who::OtherHolder.key().spki();
    let mut borrowed = holder_spec();
    borrowed.spki = Who::OtherHolder.key().spki();
    let genuine = enishi_jpki::AuthCertificate::parse(&holder_spec().build(), &Profile::SANDBOX).unwrap();
    borrowed.signature = Some(bits(genuine.signature_bytes()));
    let presented = [
        good_token(),
        token(next.build(), Who::EcHolder.key(), &challenge()),
        token(next.build(), Who::EcHolder.key(), &challenge_of(at(-60), &context())),
        token(self_signed.build(), Who::Holder.key(), &challenge()),
        token(other.build(), Who::OtherHolder.key(), &challenge()),
        token(other.build(), Who::Holder.key(), &challenge()),
        token(borrowed.build(), Who::OtherHolder.key(), &challenge()),
        token(holder_spec().build(), Who::OtherHolder.key(), &challenge()),
    ];
    let expected = presented.clone().map(|token| attempt(&without, token, now()));
    assert_eq!(expected.iter().filter(|answer| answer.is_ok()).count(), 3);
    for anchors in remembering {
        for step in 0..200_usize {
            let which = (step * step + step / 7) % presented.len();
            assert_eq!(attempt(&anchors, presented[which].clone(), now()), expected[which], "{which}");
        }
    }
}

#[test]
fn threads_that_share_a_memory_say_the_same() {
    let anchors = anchors().remembering(1);
    let next = Spec::holder(CertKind::Authentication, Who::EcAuthority, Who::EcHolder);
    let other = token(next.build(), Who::EcHolder.key(), &challenge());
    let foreign = token(holder_spec().build(), Who::OtherHolder.key(), &challenge());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (anchors, other, foreign) = (anchors.clone(), other.clone(), foreign.clone());
            scope.spawn(move || {
                for _ in 0..25 {
                    assert_eq!(attempt(&anchors, good_token(), now()), Ok(()));
                    assert_eq!(attempt(&anchors, other.clone(), now()), Ok(()));
                    assert_eq!(attempt(&anchors, foreign.clone(), now()), Err(ProveError::Possession));
                }
            });
        }
    });
}
