//! OCSP: whatever is not a fresh, signed answer to this very question is no status.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::http::StatusCode;
use enishi_authority::{OcspService, RevocationReason};
use enishi_jpki::{CaCertificate, Profile, SigningCertificate};
use enishi_linkage::{LookupMethod, RevocationSource};
use enishi_revocation::Unanswered;
use enishi_verify::{OcspRequest, Standing};

use crate::world::{KIND, Raw, World, answering, down, now, raw, seconds};

const OCSP: LookupMethod = LookupMethod::Ocsp;
const ANSWER: &str = "application/ocsp-response";

#[tokio::test]
async fn an_honest_responder_is_believed_at_once_and_asked_once_each() {
    let world = World::new();
    let server = world.honest().await;
    let revocation = world.revocation(&server.base);
    assert_eq!(world.standing(&revocation, OCSP).await, Ok(Standing::Good));
    assert_eq!(server.calls(), 1);
    let reason = RevocationReason::CertificateHold;
    world.authority.revoke(KIND, world.certificate().serial(), reason, seconds(-1)).unwrap();
    let revoked = Standing::Revoked { reason, at: seconds(-1) };
    assert_eq!(world.standing(&revocation, OCSP).await, Ok(revoked));
    assert_eq!(server.calls(), 2);
}

#[tokio::test]
async fn signing_certificates_are_asked_about_at_their_own_address() {
    let world = World::new();
    let (auth, sign) = (world.honest().await, world.honest().await);
    let mut config = crate::world::config(&auth.base);
    config.ocsp_url.sign = format!("{}/ocsp", sign.base);
    let revocation = world.build(config).unwrap();
    let certificate = world.card.signing.as_ref().unwrap();
    let certificate = SigningCertificate::parse(&certificate.der, &Profile::SANDBOX).unwrap();
    let issuer = CaCertificate::parse(&world.card.sign_ca_der, &Profile::SANDBOX).unwrap();
    let status = revocation.status(&certificate, &issuer, OCSP, now()).await.unwrap();
    assert_eq!(status.standing(), Standing::Good);
    assert_eq!((auth.calls(), sign.calls()), (0, 1));
}

#[tokio::test]
async fn a_responder_that_does_not_answer_is_no_status() {
    let world = World::new();
    let rows = [
        ("down", down().await, "Unreachable"),
        ("reset", raw(Raw::Reset).await, "the connection ended"),
        ("closed", raw(Raw::Closed).await, "the connection ended"),
        ("cut short", raw(Raw::CutShort).await, "not of type"),
    ];
    for (name, base, reason) in rows {
        let refused = world.standing(&world.revocation(&base), OCSP).await.unwrap_err();
        assert!(name == "down" || refused.contains(reason), "{name}: {refused}");
    }
    let silent = raw(Raw::Silent).await;
    let refused = world.standing(&world.revocation_in_haste(&silent), OCSP).await.unwrap_err();
    assert!(refused.contains("nothing came within"), "{refused}");
}

#[tokio::test]
async fn a_responder_that_answers_something_else_is_no_status() {
    let world = World::new();
    let certificate = world.certificate();
    let own = certificate.serial().expose_der_content().to_vec();
    let others = world.other.auth_serial.expose_der_content().to_vec();
    let strange_question = OcspRequest::new(&certificate, &world.issuer(), [9; 32]).to_der();
    let authority = &world.authority;
    let as_of = |moment| {
        let authority = Arc::clone(authority);
        move |question: &[u8]| (StatusCode::OK, ANSWER, authority.answer_ocsp(question, moment))
    };
    let (honest, stale, early) = (as_of(now()), as_of(seconds(-7200)), as_of(seconds(600)));
    let (replayed, swapped, half) = (honest.clone(), honest.clone(), honest.clone());
    type Answer = Box<dyn Fn(&[u8]) -> (StatusCode, &'static str, Vec<u8>) + Send + Sync>;
    let rows: [(&str, Answer, &str); 13] = [
        ("empty", Box::new(|_| (StatusCode::OK, ANSWER, vec![])), "DER"),
        ("500", Box::new(|_| (StatusCode::INTERNAL_SERVER_ERROR, ANSWER, vec![])), "answered 500"),
        ("404", Box::new(|_| (StatusCode::NOT_FOUND, ANSWER, vec![])), "answered 404"),
        ("redirect", Box::new(|_| (StatusCode::FOUND, ANSWER, vec![])), "answered 302"),
        ("type", Box::new(move |q| (StatusCode::OK, "text/html", honest(q).2)), "not of type"),
        ("giant", Box::new(|_| (StatusCode::OK, ANSWER, vec![0x30; 1 << 20])), "larger than"),
        ("try later", Box::new(|_| (StatusCode::OK, ANSWER, vec![0x30, 3, 0x0a, 1, 3])), "tryLater"),
        ("malformed", Box::new(|_| (StatusCode::OK, ANSWER, vec![0x30, 3, 0x0a, 1, 1])), "malformedRequest"),
        ("stale", Box::new(stale), "past its window"),
        ("of the future", Box::new(early), "ahead of now"),
        ("another nonce", Box::new(move |_| replayed(&strange_question)), "nonce"),
        ("another card", Box::new(move |q| swapped(&replace(q, &own, &others))), "another certificate"),
        (
            "half",
            Box::new(move |q| {
                let mut answer = half(q).2;
                answer.truncate(answer.len() / 2);
                (StatusCode::OK, ANSWER, answer)
            }),
            "",
        ),
    ];
    for (name, answer, reason) in rows {
        let answer = Arc::new(answer);
        let server = answering(move |question| answer(question)).await;
        let refused = world.standing(&world.revocation(&server.base), OCSP).await.unwrap_err();
        assert!(reason == "DER" || refused.contains(reason), "{name}: {refused}");
        assert_eq!(server.calls(), 1, "{name}: asked once, whatever comes back");
    }
}

/// A question about another number, under the same nonce.
fn replace(question: &[u8], own: &[u8], others: &[u8]) -> Vec<u8> {
    assert_eq!(own.len(), others.len());
    let at = question.windows(own.len()).position(|window| window == own).unwrap();
    [&question[..at], others, &question[at + own.len()..]].concat()
}

#[tokio::test]
async fn an_answer_older_than_a_known_one_is_refused() {
    let world = World::new();
    let signed_at = Arc::new(AtomicI64::new(now().as_second()));
    let (authority, moment) = (Arc::clone(&world.authority), Arc::clone(&signed_at));
    let server = answering(move |question| {
        let at = enishi_party::Timestamp::from_second(moment.load(Ordering::SeqCst)).unwrap();
        (StatusCode::OK, ANSWER, authority.answer_ocsp(question, at))
    })
    .await;
    let revocation = world.revocation(&server.base);
    assert_eq!(world.standing(&revocation, OCSP).await, Ok(Standing::Good));
    // Before the revocation, with the right nonce, within its age: a responder that was set back.
    signed_at.fetch_sub(60, Ordering::SeqCst);
    let refused = world.standing(&revocation, OCSP).await.unwrap_err();
    assert!(refused.contains("is known"), "{refused}");
    signed_at.fetch_add(61, Ordering::SeqCst);
    assert_eq!(world.standing(&revocation, OCSP).await, Ok(Standing::Good));
}

#[tokio::test]
async fn a_list_stands_in_for_a_responder_that_fails_only_where_the_platform_says_so() {
    let world = World::new();
    let server = world.honest().await;
    world.authority.publish(now()).unwrap();
    world.authority.set_ocsp_service(OcspService::TryLater);
    for (unanswered, expected) in
        [(Unanswered::ListStandsIn, Some(Standing::Good)), (Unanswered::Refused, None)]
    {
        let mut config = crate::world::config(&server.base);
        config.unanswered = unanswered;
        let revocation = world.build(config).unwrap();
        assert!(world.standing(&revocation, OCSP).await.unwrap_err().contains("tryLater"), "no list yet");
        revocation.refresh().await;
        let calls = server.calls();
        let standing = world.standing(&revocation, OCSP).await;
        assert_eq!(standing.clone().ok(), expected, "{unanswered:?}: {standing:?}");
        assert_eq!(server.calls(), calls + 1, "one call, whatever comes back");
    }
}

#[tokio::test]
async fn who_is_revoked_in_a_list_at_hand_stays_so_whatever_the_responder_says() {
    let world = World::new();
    let (certificate, reason) = (world.certificate(), RevocationReason::Superseded);
    world.authority.revoke(KIND, certificate.serial(), reason, seconds(-60)).unwrap();
    world.authority.publish(seconds(-30)).unwrap();
    let list = world.list();
    // The same authority before it revoked.
    let before = World::new();
    let liar = Arc::clone(&before.authority);
    let server = crate::world::serve(
        axum::Router::new()
            .route(
                "/ocsp",
                axum::routing::post(move |question: axum::body::Bytes| async move {
                    ([(axum::http::header::CONTENT_TYPE, ANSWER)], liar.answer_ocsp(&question, now()))
                }),
            )
            .fallback(move || {
                let list = list.clone();
                async move { ([(axum::http::header::CONTENT_TYPE, "application/pkix-crl")], list) }
            }),
    )
    .await;
    let revocation = world.revocation(&server.base);
    revocation.refresh().await;
    let calls = server.calls();
    let revoked = Standing::Revoked { reason, at: seconds(-60) };
    for moment in [seconds(0), seconds(48 * 3600)] {
        world.clock.set(moment);
        for method in [OCSP, LookupMethod::Crl] {
            assert_eq!(world.standing(&revocation, method).await, Ok(revoked), "{moment} {method:?}");
        }
    }
    assert_eq!(server.calls(), calls, "nobody need be asked");
}

#[tokio::test]
async fn a_list_from_before_a_responder_said_revoked_does_not_stand_in_for_it_not_even_after_a_restart() {
    let (world, folder) = (World::new(), tempfile::TempDir::new().unwrap());
    let server = world.honest().await;
    world.authority.publish(seconds(-600)).unwrap();
    let reason = RevocationReason::KeyCompromise;
    let revocation = world.revocation_with_folder(&server.base, folder.path());
    revocation.refresh().await;
    assert_eq!(world.standing(&revocation, LookupMethod::Crl).await, Ok(Standing::Good));
    world.authority.revoke(KIND, world.certificate().serial(), reason, seconds(-60)).unwrap();
    let revoked = Standing::Revoked { reason, at: seconds(-60) };
    assert_eq!(world.standing(&revocation, OCSP).await, Ok(revoked));
    world.authority.set_ocsp_service(OcspService::TryLater);
    let again = world.revocation_with_folder(&down().await, folder.path());
    for revocation in [&revocation, &again] {
        let refused = world.standing(revocation, OCSP).await.unwrap_err();
        assert!(refused.contains("said that a certificate is revoked"), "{refused}");
        // Whoever chose the list has what it says, and no answer that was bought in another's right.
        assert_eq!(world.standing(revocation, LookupMethod::Crl).await, Ok(Standing::Good));
    }
    // The next list says it itself.
    world.authority.publish(now()).unwrap();
    revocation.refresh().await;
    assert_eq!(world.standing(&revocation, LookupMethod::Crl).await, Ok(revoked));
}

#[tokio::test]
async fn another_authority_than_the_certificates_own_is_not_asked() {
    let world = World::new();
    let server = world.honest().await;
    let revocation = world.revocation(&server.base);
    let signing = CaCertificate::parse(&world.card.sign_ca_der, &Profile::SANDBOX).unwrap();
    let stranger = World::new();
    for (certificate, authority) in [
        (world.certificate(), signing),
        (world.certificate(), stranger.issuer()),
        (stranger.certificate(), stranger.issuer()),
    ] {
        for method in [OCSP, LookupMethod::Crl] {
            let refused = revocation.status(&certificate, &authority, method, now()).await;
            assert!(refused.map(drop).unwrap_err().reason.contains("no anchor"));
        }
    }
    assert_eq!(server.calls(), 0);
}
