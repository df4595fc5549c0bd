//! Lists: the newest one stays, and only while it counts.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use enishi_authority::{GenerationNumber, RevocationReason};
use enishi_jpki::CertKind;
use enishi_linkage::LookupMethod;
use enishi_party::Clock;
use enishi_revocation::{ListError, Renewed, Revocation};
use enishi_verify::{CrlError, Placed, ShelfError, Standing};

use crate::world::{KIND, Raw, World, answering, down, now, raw, seconds};

const CRL: LookupMethod = LookupMethod::Crl;
const LIST: &str = "application/pkix-crl";
const HOUR: i64 = 3600;

/// What became of the list of the card's own issuer.
async fn refresh(world: &World, revocation: &Revocation) -> Result<Option<Placed>, ListError> {
    let all = revocation.refresh().await;
    let of_card = |it: &Renewed| it.kind == KIND && it.key_id == world.key_id();
    all.into_iter().find(of_card).unwrap().outcome
}

#[tokio::test]
async fn a_revocation_counts_from_the_next_list_that_is_fetched() {
    let world = World::new();
    let server = world.honest().await;
    world.authority.publish(seconds(-60)).unwrap();
    let revocation = world.revocation(&server.base);
    let outcomes = revocation.refresh().await;
    assert_eq!(outcomes.len(), 6, "both authorities, three generations each");
    for it in &outcomes {
        assert!(matches!(it.outcome, Ok(Some(Placed::Newer))), "{:?}", it.outcome);
    }
    assert_eq!(world.standing(&revocation, CRL).await, Ok(Standing::Good));
    assert_eq!(server.calls(), 6, "the look-up took the list at hand");

    let reason = RevocationReason::KeyCompromise;
    world.authority.revoke(KIND, world.certificate().serial(), reason, seconds(-10)).unwrap();
    world.authority.publish(now()).unwrap();
    assert_eq!(world.standing(&revocation, CRL).await, Ok(Standing::Good));
    assert!(matches!(refresh(&world, &revocation).await, Ok(Some(Placed::Newer))));
    let revoked = Standing::Revoked { reason, at: seconds(-10) };
    assert_eq!(world.standing(&revocation, CRL).await, Ok(revoked));
    assert!(matches!(refresh(&world, &revocation).await, Ok(Some(Placed::Same))));
}

#[tokio::test]
async fn a_look_up_without_a_list_fetches_one_for_everyone_who_waits() {
    let world = World::new();
    let server = world.honest().await;
    world.authority.publish(now()).unwrap();
    let revocation = world.revocation(&server.base);
    let waiting = std::array::from_fn::<_, 8, _>(|_| world.standing(&revocation, CRL));
    let [a, b, c, d, e, f, g, h] = waiting;
    let (a, b, c, d, e, f, g, h) = tokio::join!(a, b, c, d, e, f, g, h);
    for standing in [a, b, c, d, e, f, g, h] {
        assert_eq!(standing, Ok(Standing::Good));
    }
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn an_older_list_is_refused_and_the_newer_one_stays() {
    let world = World::new();
    world.authority.publish(seconds(-600)).unwrap();
    let before = world.list();
    let reason = RevocationReason::Superseded;
    world.authority.revoke(KIND, world.certificate().serial(), reason, seconds(-300)).unwrap();
    world.authority.publish(seconds(-60)).unwrap();
    let served = Arc::new(Mutex::new(world.list()));
    let shelf = Arc::clone(&served);
    let server = answering(move |_| (StatusCode::OK, LIST, shelf.lock().unwrap().clone())).await;
    let revocation = world.revocation(&server.base);
    assert!(matches!(refresh(&world, &revocation).await, Ok(Some(Placed::Newer))));
    *served.lock().unwrap() = before;
    let refused = refresh(&world, &revocation).await;
    assert!(
        matches!(refused, Err(ListError::List(ShelfError::List(CrlError::RolledBack { .. })))),
        "{refused:?}"
    );
    let revoked = Standing::Revoked { reason, at: seconds(-300) };
    assert_eq!(world.standing(&revocation, CRL).await, Ok(revoked));
}

#[tokio::test]
async fn a_list_serves_until_its_end_and_no_longer() {
    let world = World::new();
    world.authority.publish(now()).unwrap();
    let list = Arc::new(Mutex::new(Some(world.list())));
    let served = Arc::clone(&list);
    let server = answering(move |_| match served.lock().unwrap().clone() {
        Some(list) => (StatusCode::OK, LIST, list),
        None => (StatusCode::SERVICE_UNAVAILABLE, LIST, vec![]),
    })
    .await;
    let revocation = world.revocation(&server.base);
    refresh(&world, &revocation).await.unwrap();
    *list.lock().unwrap() = None;
    // 24 h after thisUpdate, though nextUpdate lies 30 h after it.
    world.clock.set(seconds(24 * HOUR));
    assert!(refresh(&world, &revocation).await.is_err());
    assert_eq!(world.standing(&revocation, CRL).await, Ok(Standing::Good));
    assert_eq!(revocation.fresh_until(KIND, &world.key_id()), Some(seconds(24 * HOUR)));
    world.clock.set(seconds(24 * HOUR + 1));
    assert!(world.standing(&revocation, CRL).await.unwrap_err().contains("503"));
    assert_eq!(revocation.fresh_until(KIND, &world.key_id()), None);
    // The same list again is past its end; a new one helps at once.
    *list.lock().unwrap() = Some(world.list());
    assert!(world.standing(&revocation, CRL).await.unwrap_err().contains("ended"));
    world.authority.publish(world.clock.now()).unwrap();
    *list.lock().unwrap() = Some(world.list());
    assert_eq!(world.standing(&revocation, CRL).await, Ok(Standing::Good));
}

#[tokio::test]
async fn what_is_no_list_of_the_authority_is_no_status() {
    let world = World::new();
    world.authority.publish(now()).unwrap();
    let list = world.list();
    let of = |kind, generation| {
        let all = world.authority.authority_certificates();
        let found = all.into_iter().find(|it| it.kind == kind && it.generation == generation).unwrap();
        world.authority.published_crl(kind, &found.key_id).unwrap().unwrap().der
    };
    let mut flipped = list.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let rows = [
        ("empty", StatusCode::OK, LIST, vec![]),
        ("500", StatusCode::INTERNAL_SERVER_ERROR, LIST, list.clone()),
        ("type", StatusCode::OK, "text/html", list.clone()),
        ("giant", StatusCode::OK, LIST, vec![0x30; 65 * 1024]),
        ("rubbish", StatusCode::OK, LIST, vec![0x30; 900]),
        ("half", StatusCode::OK, LIST, list[..list.len() / 2].to_vec()),
        ("forged", StatusCode::OK, LIST, flipped),
        ("older generation's", StatusCode::OK, LIST, of(KIND, GenerationNumber::Second)),
        ("signing authority's", StatusCode::OK, LIST, of(CertKind::Signing, GenerationNumber::Third)),
    ];
    for (name, status, media_type, body) in rows {
        let server = answering(move |_| (status, media_type, body.clone())).await;
        let revocation = world.revocation(&server.base);
        assert!(world.standing(&revocation, CRL).await.is_err(), "{name}");
        assert!(refresh(&world, &revocation).await.is_err(), "{name}");
    }
    for behaviour in [Raw::Reset, Raw::Closed, Raw::CutShort] {
        let revocation = world.revocation(&raw(behaviour).await);
        assert!(world.standing(&revocation, CRL).await.is_err());
    }
    assert!(world.standing(&world.revocation(&down().await), CRL).await.is_err());
    let silent = world.revocation_in_haste(&raw(Raw::Silent).await);
    assert!(world.standing(&silent, CRL).await.unwrap_err().contains("nothing came within"));
    assert!(matches!(refresh(&world, &silent).await, Err(ListError::TimedOut(_))));
}

#[tokio::test]
async fn a_look_up_that_gave_up_does_not_hinder_the_next() {
    let world = World::new();
    world.authority.publish(now()).unwrap();
    let (list, mute) = (world.list(), Arc::new(Mutex::new(true)));
    let muted = Arc::clone(&mute);
    let router = axum::Router::new().fallback(move || {
        let (list, mute) = (list.clone(), *muted.lock().unwrap());
        async move {
            if mute {
                std::future::pending::<()>().await;
            }
            ([(axum::http::header::CONTENT_TYPE, LIST)], list)
        }
    });
    let server = crate::world::serve(router).await;
    let revocation = world.revocation_in_haste(&server.base);
    assert!(world.standing(&revocation, CRL).await.is_err());
    *mute.lock().unwrap() = false;
    assert_eq!(world.standing(&revocation, CRL).await, Ok(Standing::Good));
}
